/*
 * Columns first, as in rescale_fixed.c and for the same reasons.
 */
#include "base/memory.h"
#include "filter/rescale.h"
#include "filter/sums.h"

/* With alpha: a row of sums and a row of quotients, both double, then the straight row. Without: a
 * row of sums and the straight row. */
struct layout {
    size_t sums, resampled, total; /* bytes */
};

static struct layout scratch_layout(const struct pp_rescale *rescale)
{
    bool alpha = pp_geometry_has_alpha(&rescale->in);
    size_t size = alpha ? sizeof(double) : sizeof(float), channels = rescale->in.channels;
    struct layout layout;

    layout.sums = pp_size_aligned(rescale->in.width * channels * size);
    layout.resampled = alpha ? pp_size_aligned(rescale->out.width * channels * size) : 0;
    layout.total = layout.sums + layout.resampled +
                   pp_size_aligned(rescale->out.width * channels * sizeof(float));
    return layout;
}

/* Even and odd taps are added up apart, which halves the wait for each other's result. */
PP_INLINE void across_row(const struct pp_resample *across, const float *restrict in,
                          float *restrict out, size_t width, unsigned channels)
{
    for (size_t x = 0; x < width; x++) {
        const double *weights = across->weights + x * across->taps;
        const float *from = in + (size_t)across->first[x] * channels;
        uint32_t count = across->count[x], k = 0;
        float even[3] = {0}, odd[3] = {0};

        for (; k + 2 <= count; k += 2)
            for (unsigned c = 0; c < channels; c++) {
                even[c] += (float)weights[k] * from[k * channels + c];
                odd[c] += (float)weights[k + 1] * from[(k + 1) * channels + c];
            }
        for (unsigned c = 0; c < channels; c++) {
            if (k < count)
                even[c] += (float)weights[k] * from[k * channels + c];
            out[x * channels + c] = even[c] + odd[c];
        }
    }
}

PP_INLINE void across_row_alpha(const struct pp_resample *across, const double *restrict in,
                                double *restrict out, size_t width, unsigned channels)
{
    for (size_t x = 0; x < width; x++) {
        const double *weights = across->weights + x * across->taps;
        const double *from = in + (size_t)across->first[x] * channels;
        double sums[4] = {0};

        for (uint32_t k = 0; k < across->count[x]; k++)
            for (unsigned c = 0; c < channels; c++)
                sums[c] += weights[k] * from[k * channels + c];
        for (unsigned c = 0; c < channels; c++)
            out[x * channels + c] = sums[c];
    }
}

/* The straight, not yet rounded samples of output row `y`. */
PP_HOT static const float *resample_row(const struct pp_rescale *rescale, const struct pp_band *in,
                                        uint32_t y, void *scratch)
{
    const struct layout layout = scratch_layout(rescale);
    const struct pp_resample *down = &rescale->down;
    const struct pp_taps taps = {down->first[y], down->count[y], rescale->in.height,
                                 down->weights + (size_t)y * down->taps};
    void *sums = scratch, *resampled = (uint8_t *)scratch + layout.sums;
    void *straight = (uint8_t *)resampled + layout.resampled;
    size_t width = rescale->out.width;
    unsigned channels = rescale->in.channels;

    if (channels % 2 == 0) {
        if (rescale->light)
            pp_light_sum_rows_alpha(sums, in, &taps, &rescale->in, rescale->light);
        else
            pp_sum_rows_alpha(sums, in, &taps, &rescale->in);
        if (channels == 2)
            across_row_alpha(&rescale->across, sums, resampled, width, 2);
        else
            across_row_alpha(&rescale->across, sums, resampled, width, 4);
        pp_sum_straighten(straight, resampled, &rescale->out, PP_SUM_TRANSPARENT);
        return straight;
    }
    if (rescale->light)
        pp_light_sum_rows(sums, in, &taps, (size_t)rescale->in.width * channels, rescale->light);
    else
        pp_sum_rows(sums, in, &taps, (size_t)rescale->in.width * channels, rescale->in.depth);
    if (channels == 1)
        across_row(&rescale->across, sums, straight, width, 1);
    else
        across_row(&rescale->across, sums, straight, width, 3);
    return straight;
}

size_t pp_rescale_float_scratch(const struct pp_rescale *rescale)
{
    return scratch_layout(rescale).total;
}

void pp_rescale_float_rows(const struct pp_rescale *rescale, const struct pp_band *in,
                           const struct pp_band *out, void *scratch)
{
    const size_t samples = (size_t)rescale->out.width * rescale->out.channels;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        const float *row = resample_row(rescale, in, y, scratch);
        if (rescale->light)
            pp_light_store(pp_band_row(out, y), row, &rescale->out, rescale->light);
        else
            pp_sum_store(pp_band_row(out, y), row, samples, rescale->out.depth);
    }
}
