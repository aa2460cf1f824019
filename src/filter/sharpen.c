#include <math.h>

#include "filter/filter.h"
#include "filter/gaussian.h"
#include "filter/registry.h"

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

struct sharpen {
    struct pp_gaussian gaussian;
    float amount, threshold; /* threshold in the picture's own samples */

    int16_t fixed_amount; /* of 2^amount_bits */
    unsigned amount_bits;
    int16_t fixed_threshold; /* of 2^PP_GAUSSIAN_FRACTION */
};

/* Alpha is not smoothed away: whatever is opaque in the least has a smoothed colour. */
#define ANY_ALPHA 1e-9

/* As many bits as 16 hold. From 8 to 10 that leaves amounts off by 2^-12, and results by 0.06. */
static void set_fixed_amount(struct sharpen *sharpen, double amount)
{
    unsigned bits = 15;

    while (ldexp(amount, (int)bits) > 32766)
        bits--;
    sharpen->fixed_amount = (int16_t)(ldexp(amount, (int)bits) + 0.5);
    sharpen->amount_bits = bits;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct sharpen *sharpen = state;

    (void)out;
    sharpen->amount = (float)args[AMOUNT].number;
    sharpen->threshold = (float)(args[THRESHOLD].number * (in->depth == 8 ? 1 : 257));
    set_fixed_amount(sharpen, args[AMOUNT].number);
    sharpen->fixed_threshold =
        (int16_t)(int)ceil(args[THRESHOLD].number * (1 << PP_GAUSSIAN_FRACTION));
    return pp_gaussian_init(&sharpen->gaussian, in, args[SIGMA].number, ANY_ALPHA, err);
}

static void release(void *state)
{
    pp_gaussian_release(&((struct sharpen *)state)->gaussian);
}

static bool is_identity(const void *state)
{
    return ((const struct sharpen *)state)->amount == 0;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    pp_gaussian_rows_needed(&((const struct sharpen *)state)->gaussian, first, last, in_first,
                            in_last);
}

static size_t smoothed_size(const struct sharpen *sharpen)
{
    return pp_gaussian_scratch(&sharpen->gaussian);
}

static size_t row_size(const struct sharpen *sharpen)
{
    const struct pp_geometry *geometry = &sharpen->gaussian.geometry;

    return (size_t)geometry->width * geometry->channels * sizeof(float);
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    const struct sharpen *sharpen = state;

    (void)rows;
    return smoothed_size(sharpen) + (sharpen->gaussian.fixed ? 0 : row_size(sharpen));
}

PP_INLINE void add_difference(const struct sharpen *sharpen, const uint8_t *restrict in,
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
PP_INLINE void keep_alpha(const struct sharpen *sharpen, const uint8_t *restrict in,
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

PP_HOT static void sharpen_row(const struct sharpen *sharpen, const uint8_t *in,
                               const float *smoothed, float *sharp)
{
    bool eight = sharpen->gaussian.geometry.depth == 8;

    eight ? add_difference(sharpen, in, smoothed, sharp, 8)
          : add_difference(sharpen, in, smoothed, sharp, 16);
    if (pp_geometry_has_alpha(&sharpen->gaussian.geometry))
        eight ? keep_alpha(sharpen, in, sharp, 8) : keep_alpha(sharpen, in, sharp, 16);
}

PP_HOT static void sharpen_fixed_row(const struct sharpen *sharpen, const uint8_t *restrict in,
                                     const int16_t *restrict smoothed, uint8_t *restrict out,
                                     size_t samples)
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

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct sharpen *sharpen = state;
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

const struct pp_filter pp_filter_sharpen = {
    .name = "sharpen",
    .summary = "sharpen by unsharp masking; alpha stays",
    .source = "out = in + amount (in - smoothed) where the two differ by the threshold or more, "
              "smoothed as blur does; on encoded values.",
    .params = params,
    .state_size = sizeof(struct sharpen),
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
