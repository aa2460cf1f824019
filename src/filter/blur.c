#include "filter/filter.h"
#include "filter/gaussian.h"
#include "filter/registry.h"

static const struct pp_param params[] = {
    {.name = "sigma",
     .type = PP_PARAM_NUMBER,
     .summary = "standard deviation of the Gaussian in pixels",
     .min = 0.1,
     .max = 250,
     .required = true},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    (void)out;
    return pp_gaussian_init(state, in, args[0].number, PP_SUM_TRANSPARENT, err);
}

static void release(void *state)
{
    pp_gaussian_release(state);
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    pp_gaussian_rows_needed(state, first, last, in_first, in_last);
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    (void)rows;
    return pp_gaussian_scratch(state);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct pp_gaussian *gaussian = state;
    const struct pp_geometry *geometry = &gaussian->geometry;
    size_t samples = (size_t)geometry->width * geometry->channels;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        uint8_t *row = pp_band_row(out, y);
        if (gaussian->fixed)
            pp_fixed_store(row, pp_gaussian_fixed_row(gaussian, in, y, scratch), samples,
                           PP_GAUSSIAN_FRACTION);
        else
            pp_sum_store(row, pp_gaussian_row(gaussian, in, y, scratch), samples, geometry->depth);
    }
}

const struct pp_filter pp_filter_blur = {
    .name = "blur",
    .summary = "smooth with a Gaussian",
    .source = "Separable convolution with exp(-x^2 / (2 sigma^2)), cut at ceil(3 sigma) and scaled "
              "to a sum of 1; the edges are repeated outwards. On encoded values, colour "
              "premultiplied by alpha.",
    .params = params,
    .state_size = sizeof(struct pp_gaussian),
    .averages_pixels = true,
    .prepare = prepare,
    .release = release,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
