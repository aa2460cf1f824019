#include "filter/filter.h"
#include "filter/gaussian.h"
#include "filter/registry.h"

enum { SIGMA, LINEAR };

static const struct pp_param params[] = {
    [SIGMA] = {.name = "sigma",
               .type = PP_PARAM_NUMBER,
               .summary = "standard deviation of the Gaussian in pixels",
               .min = 0.1,
               .max = 250,
               .required = true},
    [LINEAR] = {.name = "linear",
                .type = PP_PARAM_SWITCH,
                .summary = "whether light is averaged, not the samples as they are stored",
                .fallback = 0,
                .default_text = "0"},
    {.name = NULL},
};

struct blur {
    struct pp_gaussian gaussian;
    struct pp_light light; /* tables only where light is averaged */
};

static bool averages_light(const struct pp_value *args)
{
    return args[LINEAR].number != 0;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct blur *blur = state;
    enum pp_status status =
        pp_gaussian_init(&blur->gaussian, in, args[SIGMA].number, PP_SUM_TRANSPARENT, err);

    (void)out;
    if (status != PP_OK || !averages_light(args))
        return status;
    pp_gaussian_use_light(&blur->gaussian, &blur->light);
    return pp_light_init(&blur->light, in->depth, err);
}

static void release(void *state)
{
    struct blur *blur = state;

    pp_gaussian_release(&blur->gaussian);
    pp_light_release(&blur->light);
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    pp_gaussian_rows_needed(&((const struct blur *)state)->gaussian, first, last, in_first,
                            in_last);
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    (void)rows;
    return pp_gaussian_scratch(&((const struct blur *)state)->gaussian);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct pp_gaussian *gaussian = &((const struct blur *)state)->gaussian;
    const struct pp_geometry *geometry = &gaussian->geometry;
    size_t samples = (size_t)geometry->width * geometry->channels;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        uint8_t *row = pp_band_row(out, y);
        if (gaussian->fixed)
            pp_fixed_store(row, pp_gaussian_fixed_row(gaussian, in, y, scratch), samples,
                           PP_GAUSSIAN_FRACTION);
        else if (gaussian->light)
            pp_light_store(row, pp_gaussian_row(gaussian, in, y, scratch), geometry,
                           gaussian->light);
        else
            pp_sum_store(row, pp_gaussian_row(gaussian, in, y, scratch), samples, geometry->depth);
    }
}

const struct pp_filter pp_filter_blur = {
    .name = "blur",
    .summary = "smooth with a Gaussian",
    .source = "Separable convolution with exp(-x^2 / (2 sigma^2)), cut at ceil(3 sigma) and scaled "
              "to a sum of 1; the edges are repeated outwards. On encoded values, or with "
              "linear=1 on light by the sRGB curve (IEC 61966-2-1:1999); colour premultiplied by "
              "alpha.",
    .params = params,
    .state_size = sizeof(struct blur),
    .averages_pixels = true,
    .averages_light = averages_light,
    .prepare = prepare,
    .release = release,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
