#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"
#include "filter/shades.h"

enum { COLOR, STRENGTH };

static const struct pp_param params[] = {
    [COLOR] = {.name = "color",
               .type = PP_PARAM_COLOR,
               .summary = "the colour whose shades the picture gets",
               .required = true},
    [STRENGTH] = {.name = "strength",
                  .type = PP_PARAM_NUMBER,
                  .summary = "how much of it: 0 leaves the colours, 1 replaces them",
                  .min = 0,
                  .max = 1,
                  .fallback = 1,
                  .default_text = "1"},
    {.name = NULL},
};

static bool luma_suffices(const struct pp_value *args)
{
    return args[STRENGTH].number == 1;
}

/* The shade of a colour that has luma `luma`: black, then the colour where its own luma is, then
 * white, and on straight lines between. Luma is linear, so every shade has its own. */
static double shade_at(double luma, double own, double color, double max)
{
    if (luma < own)
        return color * luma / own;
    return own < max ? color + (max - color) * (luma - own) / (max - own) : color;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_shades_init(state, in, out, args[STRENGTH].number, err);
    uint32_t max = pp_sample_max(in->depth), color[4];

    if (status != PP_OK)
        return status;
    pp_color_samples(&args[COLOR].color, out, color);
    double own = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
    for (uint32_t luma = 0; luma <= max; luma++) {
        double rgb[3];
        for (int c = 0; c < 3; c++)
            rgb[c] = shade_at(luma, own, color[c], max);
        pp_shades_set(state, luma, rgb);
    }
    return PP_OK;
}

const struct pp_filter pp_filter_tint = {
    .name = "tint",
    .summary = "shades of one colour, as light as the picture was; gray becomes RGB",
    .source = "rec.601 luma of encoded values as gray=rec601 has it becomes a colour on the "
              "straight lines from black to the colour at its own luma and on to white, so luma "
              "is kept; mixed with the picture by strength. The colour's alpha does not matter.",
    .params = params,
    .state_size = sizeof(struct pp_shades),
    .luma_suffices = luma_suffices,
    .prepare = prepare,
    .release = pp_shades_release,
    .is_identity = pp_shades_is_identity,
    .render = pp_shades_render,
};
