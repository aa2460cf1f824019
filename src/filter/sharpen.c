#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/sharpening.h"

enum { AMOUNT, SIGMA, THRESHOLD };

static const struct pp_param params[] = {
    [AMOUNT] = {.name = "amount",
                .type = PP_PARAM_NUMBER,
                .summary = "how much of the difference from the smoothed picture is added",
                .min = 0,
                .max = 10,
                .fallback = 0.5,
                .default_text = "0.5"},
    [SIGMA] = {.name = "sigma",
               .type = PP_PARAM_NUMBER,
               .summary = "standard deviation of the smoothing Gaussian in pixels",
               .min = 0.1,
               .max = 250,
               .fallback = 1,
               .default_text = "1"},
    [THRESHOLD] = {.name = "threshold",
                   .type = PP_PARAM_NUMBER,
                   .summary = "smaller differences, of 255, are left alone",
                   .min = 0,
                   .max = 255,
                   .fallback = 0,
                   .default_text = "0"},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    const struct pp_sharpening_settings settings = {
        .sigma = args[SIGMA].number,
        .amount = args[AMOUNT].number,
        .threshold = args[THRESHOLD].number,
    };

    (void)out;
    return pp_sharpening_init(state, in, &settings, err);
}

const struct pp_filter pp_filter_sharpen = {
    .name = "sharpen",
    .summary = "sharpen by unsharp masking; alpha stays",
    .source = "out = in + amount (in - smoothed) where the two differ by the threshold or more, "
              "smoothed as blur does; on encoded values.",
    .params = params,
    .state_size = sizeof(struct pp_sharpening),
    .prepare = prepare,
    .release = pp_sharpening_release,
    .is_identity = pp_sharpening_is_identity,
    .rows_needed = pp_sharpening_rows_needed,
    .scratch_size = pp_sharpening_scratch_size,
    .render = pp_sharpening_render,
};
