#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/sharpening.h"

enum { RADIUS, PERCENT, THRESHOLD };

static const struct pp_param params[] = {
    [RADIUS] = {.name = "radius",
                .type = PP_PARAM_NUMBER,
                .summary = "standard deviation of the smoothing Gaussian in pixels",
                .min = 0.1,
                .max = 250,
                .fallback = 2,
                .default_text = "2"},
    [PERCENT] = {.name = "percent",
                 .type = PP_PARAM_NUMBER,
                 .summary = "how much of the difference from the smoothed picture is added, in "
                            "percent",
                 .min = 0,
                 .max = 1000,
                 .fallback = 150,
                 .default_text = "150"},
    [THRESHOLD] = {.name = "threshold",
                   .type = PP_PARAM_NUMBER,
                   .summary = "differences up to it, of 255, are left alone",
                   .min = 0,
                   .max = 255,
                   .fallback = 3,
                   .default_text = "3"},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    const struct pp_sharpening_settings settings = {
        .sigma = args[RADIUS].number,
        .amount = args[PERCENT].number / 100,
        .threshold = args[THRESHOLD].number,
        .beyond = true,
    };

    (void)out;
    return pp_sharpening_init(state, in, &settings, err);
}

const struct pp_filter pp_filter_unsharp = {
    .name = "unsharp",
    .summary = "sharpen by unsharp masking, by Pillow's parameters; alpha stays",
    .source = "Parameters and defaults of Pillow's ImageFilter.UnsharpMask: out = in + percent / "
              "100 (in - smoothed) where the two differ by more than the threshold. Smoothed as "
              "blur does, by a true Gaussian (Pillow takes three box filters), and rounded once "
              "at the end. On encoded values.",
    .params = params,
    .state_size = sizeof(struct pp_sharpening),
    .prepare = prepare,
    .release = pp_sharpening_release,
    .is_identity = pp_sharpening_is_identity,
    .rows_needed = pp_sharpening_rows_needed,
    .scratch_size = pp_sharpening_scratch_size,
    .render = pp_sharpening_render,
};
