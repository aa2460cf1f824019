#include "filter/samples.h"
#include "pipeline/colors.h"

struct stage {
    const struct pp_transform *transform; /* the cache's */
    uint32_t width;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct stage *stage = state;

    (void)args;
    (void)out;
    (void)err;
    stage->width = in->width;
    return PP_OK;
}

void pp_colors_stage_set(void *state, const struct pp_transform *transform)
{
    ((struct stage *)state)->transform = transform;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct stage *stage = state;

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        pp_transform_row(stage->transform, pp_band_row(in, y), pp_band_row(out, y), stage->width);
}

static const struct pp_param no_params[] = {{.name = NULL}};

const struct pp_filter pp_filter_colors = {
    .name = "profile",
    .summary = "colours from one profile's space to another's",
    .source = "ICC.1:2010, by lcms2.",
    .params = no_params,
    .state_size = sizeof(struct stage),
    .prepare = prepare,
    .render = render,
};
