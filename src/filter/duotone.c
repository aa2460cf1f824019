#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"
#include "filter/shades.h"

enum { SHADOW, LIGHT };

static const struct pp_param params[] = {
    [SHADOW] = {.name = "shadow",
                .type = PP_PARAM_COLOR,
                .summary = "what black becomes",
                .required = true},
    [LIGHT] = {.name = "light",
               .type = PP_PARAM_COLOR,
               .summary = "what white becomes",
               .default_text = "white"},
    {.name = NULL},
};

static bool luma_suffices(const struct pp_value *args)
{
    (void)args;
    return true;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_shades_init(state, in, out, 1, err);
    uint32_t max = pp_sample_max(in->depth), from[4], to[4];

    if (status != PP_OK)
        return status;
    pp_color_samples(&args[SHADOW].color, out, from);
    pp_color_samples(&args[LIGHT].color, out, to);
    for (uint32_t luma = 0; luma <= max; luma++) {
        double rgb[3];
        for (int c = 0; c < 3; c++)
            rgb[c] = from[c] + ((double)to[c] - from[c]) * luma / max;
        pp_shades_set(state, luma, rgb);
    }
    return PP_OK;
}

const struct pp_filter pp_filter_duotone = {
    .name = "duotone",
    .summary = "shades between two colours instead of black to white; gray becomes RGB",
    .source = "out = shadow + (light - shadow) x luma, rec.601 luma of encoded values as "
              "gray=rec601 has it: ImageOps.colorize of Pillow without a middle, and a gradient "
              "map of two stops. The colours' own alpha does not matter.",
    .params = params,
    .state_size = sizeof(struct pp_shades),
    .luma_suffices = luma_suffices,
    .prepare = prepare,
    .release = pp_shades_release,
    .render = pp_shades_render,
};
