#include "filter/sharpening.h"

#include <math.h>

/* Alpha is not smoothed away: whatever is opaque in the least has a smoothed colour. */
#define ANY_ALPHA 1e-9

/* As many bits as 16 hold. From 8 to 10 that leaves amounts off by 2^-12, and results by 0.06. */
static void set_fixed_amount(struct pp_sharpening *sharpen, double amount)
{
    unsigned bits = 15;

    while (ldexp(amount, (int)bits) > 32766)
        bits--;
    sharpen->fixed_amount = (int16_t)(ldexp(amount, (int)bits) + 0.5);
    sharpen->amount_bits = bits;
}

/* The least difference that counts. */
static void set_threshold(struct pp_sharpening *sharpen, double threshold, bool beyond)
{
    double fixed = threshold * (1 << PP_GAUSSIAN_FRACTION);

    threshold *= sharpen->gaussian.geometry.depth == 8 ? 1 : 257;
    sharpen->threshold = beyond ? nextafterf((float)threshold, INFINITY) : (float)threshold;
    sharpen->fixed_threshold = (int16_t)(int)(beyond ? floor(fixed) + 1 : ceil(fixed));
}

enum pp_status pp_sharpening_init(struct pp_sharpening *sharpen, const struct pp_geometry *geometry,
                                  const struct pp_sharpening_settings *settings,
                                  struct pp_error *err)
{
    enum pp_status status =
        pp_gaussian_init(&sharpen->gaussian, geometry, settings->sigma, ANY_ALPHA, err);

    sharpen->amount = (float)settings->amount;
    set_fixed_amount(sharpen, settings->amount);
    set_threshold(sharpen, settings->threshold, settings->beyond);
    return status;
}

void pp_sharpening_release(void *state)
{
    pp_gaussian_release(&((struct pp_sharpening *)state)->gaussian);
}

bool pp_sharpening_is_identity(const void *state)
{
    return ((const struct pp_sharpening *)state)->amount == 0;
}

void pp_sharpening_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                               uint32_t *in_last)
{
    pp_gaussian_rows_needed(&((const struct pp_sharpening *)state)->gaussian, first, last, in_first,
                            in_last);
}

static size_t smoothed_size(const struct pp_sharpening *sharpen)
{
    return pp_gaussian_scratch(&sharpen->gaussian);
}

static size_t row_size(const struct pp_sharpening *sharpen)
{
    const struct pp_geometry *geometry = &sharpen->gaussian.geometry;

    return (size_t)geometry->width * geometry->channels * sizeof(float);
}

size_t pp_sharpening_scratch_size(const void *state, uint32_t rows)
{
    const struct pp_sharpening *sharpen = state;

    (void)rows;
    return smoothed_size(sharpen) + (sharpen->gaussian.fixed ? 0 : row_size(sharpen));
}

PP_INLINE void add_difference(const struct pp_sharpening *sharpen, const uint8_t *restrict in,
                              const float *restrict smoothed, float *restrict sharp, unsigned depth)
{
    const float amount = sharpen->amount, threshold = sharpen->threshold;
    const struct pp_geometry *geometry = &sharpen->gaussian.geometry;
    size_t samples = (size_t)geometry->width * geometry->channels;

    for (size_t i = 0; i < samples; i++) {
        float v = (float)(int)pp_sample(in, i, depth), difference = v - smoothed[i];
        float size = difference < 0 ? -difference : difference;
        sharp[i] = size < threshold ? v : v + amount * difference;
    }
}

/* Alpha as it was, and the colour of what cannot be seen too. */
PP_INLINE void keep_alpha(const struct pp_sharpening *sharpen, const uint8_t *restrict in,
                          float *restrict sharp, unsigned depth)
{
    size_t channels = sharpen->gaussian.geometry.channels;

    for (size_t x = 0; x < sharpen->gaussian.geometry.width; x++) {
        size_t i = x * channels, last = i + channels - 1;
        bool hidden = pp_sample(in, last, depth) == 0;

        sharp[last] = (float)(int)pp_sample(in, last, depth);
        for (; hidden && i < last; i++)
            sharp[i] = (float)(int)pp_sample(in, i, depth);
    }
}

PP_HOT static void sharpen_row(const struct pp_sharpening *sharpen, const uint8_t *in,
                               const float *smoothed, float *sharp)
{
    bool eight = sharpen->gaussian.geometry.depth == 8;

    eight ? add_difference(sharpen, in, smoothed, sharp, 8)
          : add_difference(sharpen, in, smoothed, sharp, 16);
    if (pp_geometry_has_alpha(&sharpen->gaussian.geometry))
        eight ? keep_alpha(sharpen, in, sharp, 8) : keep_alpha(sharpen, in, sharp, 16);
}

PP_HOT static void sharpen_fixed_row(const struct pp_sharpening *sharpen,
                                     const uint8_t *restrict in, const int16_t *restrict smoothed,
                                     uint8_t *restrict out, size_t samples)
{
    const int16_t amount = sharpen->fixed_amount;
    const int16_t threshold = sharpen->fixed_threshold;
    const unsigned shift = sharpen->amount_bits + PP_GAUSSIAN_FRACTION;

    for (size_t i = 0; i < samples; i++) {
        int16_t difference =
            (int16_t)((int16_t)((in[i] - 128) * (1 << PP_GAUSSIAN_FRACTION)) - smoothed[i]);
        int16_t size = (int16_t)(difference < 0 ? -difference : difference);
        int16_t added = (int16_t)((difference * amount + (1 << (shift - 1))) >> shift);
        int16_t v = (int16_t)(in[i] + (size < threshold ? 0 : added));
        v = (int16_t)(v < 0 ? 0 : v);
        out[i] = (uint8_t)(v > 255 ? 255 : v);
    }
}

void pp_sharpening_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                          void *scratch)
{
    const struct pp_sharpening *sharpen = state;
    const struct pp_gaussian *gaussian = &sharpen->gaussian;
    size_t samples = (size_t)gaussian->geometry.width * gaussian->geometry.channels;
    void *sharp = (uint8_t *)scratch + smoothed_size(sharpen);

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        const uint8_t *from = pp_band_row(in, y);
        uint8_t *to = pp_band_row(out, y);
        if (gaussian->fixed) {
            sharpen_fixed_row(sharpen, from, pp_gaussian_fixed_row(gaussian, in, y, scratch), to,
                              samples);
            continue;
        }
        sharpen_row(sharpen, from, pp_gaussian_row(gaussian, in, y, scratch), sharp);
        pp_sum_store(to, sharp, samples, gaussian->geometry.depth);
    }
}
