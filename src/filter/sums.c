#include "filter/sums.h"

/* Samples worked on at a time: the sums of one block stay in the L1 cache over all taps. */
#define BLOCK 1024

/* Four taps a pass, so that the sums are loaded and stored once for four products. Missing ones
 * have weight 0 and repeat another's row. */
#define QUAD 4

struct quad {
    const uint8_t *row[QUAD];
    float weight[QUAD];
};

static const uint8_t *tap_row(const struct pp_band *in, const struct pp_taps *taps, uint32_t tap)
{
    int64_t y = taps->first + tap;

    if (y < 0)
        y = 0;
    if (y >= taps->height)
        y = (int64_t)taps->height - 1;
    return pp_band_row(in, (uint32_t)y);
}

static struct quad make_quad(const struct pp_band *in, const struct pp_taps *taps, uint32_t tap)
{
    struct quad quad;

    for (uint32_t i = 0; i < QUAD; i++) {
        bool exists = tap + i < taps->count;
        quad.row[i] = tap_row(in, taps, exists ? tap + i : tap);
        quad.weight[i] = exists ? (float)taps->weights[tap + i] : 0;
    }
    return quad;
}

PP_INLINE float value(const uint8_t *row, size_t i, unsigned depth)
{
    return (float)(int)pp_sample(row, i, depth);
}

/* acc[i] for samples [from, from + count) of the rows; `acc` points at the first of them. */
PP_INLINE void add_quad(float *restrict acc, const struct quad *quad, size_t from, size_t count,
                        unsigned depth)
{
    const uint8_t *restrict a = quad->row[0] + from * depth / 8;
    const uint8_t *restrict b = quad->row[1] + from * depth / 8;
    const uint8_t *restrict c = quad->row[2] + from * depth / 8;
    const uint8_t *restrict d = quad->row[3] + from * depth / 8;
    const float wa = quad->weight[0], wb = quad->weight[1];
    const float wc = quad->weight[2], wd = quad->weight[3];

    for (size_t i = 0; i < count; i++)
        acc[i] += (wa * value(a, i, depth) + wb * value(b, i, depth)) +
                  (wc * value(c, i, depth) + wd * value(d, i, depth));
}

PP_HOT static void hot_rows(float *restrict acc, const struct pp_band *in,
                            const struct pp_taps *taps, size_t samples, unsigned depth)
{
    for (size_t from = 0; from < samples; from += BLOCK) {
        size_t count = samples - from < BLOCK ? samples - from : BLOCK;

        memset(acc + from, 0, count * sizeof *acc);
        for (uint32_t tap = 0; tap < taps->count; tap += QUAD) {
            const struct quad quad = make_quad(in, taps, tap);
            if (depth == 8)
                add_quad(acc + from, &quad, from, count, 8);
            else
                add_quad(acc + from, &quad, from, count, 16);
        }
    }
}

PP_INLINE void add_alpha(double *restrict acc, const uint8_t *restrict row, size_t pixels,
                         double weight, unsigned layout)
{
    unsigned channels = layout / 100, depth = layout % 100;

    for (size_t x = 0; x < pixels; x++) {
        size_t i = x * channels;
        double opaque = weight * (int)pp_sample(row, i + channels - 1, depth);

        /* alpha's own factor is 1; it is not told apart, so that all channels are one vector */
        for (unsigned c = 0; c < channels; c++)
            acc[i + c] +=
                opaque * (c + 1 == channels ? 1 : (double)(int)pp_sample(row, i + c, depth));
    }
}

PP_HOT static void hot_rows_alpha(double *restrict acc, const struct pp_band *in,
                                  const struct pp_taps *taps, const struct pp_geometry *geometry)
{
    size_t channels = geometry->channels, pixel = channels * geometry->depth / 8;
    bool eight = geometry->depth == 8;

    for (size_t from = 0; from < geometry->width; from += BLOCK / 4) {
        size_t pixels = geometry->width - from < BLOCK / 4 ? geometry->width - from : BLOCK / 4;
        double *restrict to = acc + from * channels;

        memset(to, 0, pixels * channels * sizeof *to);
        for (uint32_t tap = 0; tap < taps->count; tap++) {
            const uint8_t *row = tap_row(in, taps, tap) + from * pixel;
            double weight = taps->weights[tap];
            if (channels == 2)
                eight ? add_alpha(to, row, pixels, weight, 208)
                      : add_alpha(to, row, pixels, weight, 216);
            else
                eight ? add_alpha(to, row, pixels, weight, 408)
                      : add_alpha(to, row, pixels, weight, 416);
        }
    }
}

PP_HOT static void hot_shifted(float *restrict out, const float *restrict in, size_t samples,
                               size_t step, const struct pp_taps *taps)
{
    const double *w = taps->weights;

    for (size_t from = 0; from < samples; from += BLOCK) {
        size_t count = samples - from < BLOCK ? samples - from : BLOCK;
        float *restrict acc = out + from;
        uint32_t tap = 0;

        memset(acc, 0, count * sizeof *acc);
        for (; tap + QUAD <= taps->count; tap += QUAD) {
            const float *restrict a = in + from + tap * step;
            const float wa = (float)w[tap], wb = (float)w[tap + 1];
            const float wc = (float)w[tap + 2], wd = (float)w[tap + 3];
            for (size_t i = 0; i < count; i++)
                acc[i] +=
                    (wa * a[i] + wb * a[i + step]) + (wc * a[i + 2 * step] + wd * a[i + 3 * step]);
        }
        for (; tap < taps->count; tap++) {
            const float *restrict a = in + from + tap * step;
            const float wa = (float)w[tap];
            for (size_t i = 0; i < count; i++)
                acc[i] += wa * a[i];
        }
    }
}

PP_HOT static void hot_shifted_alpha(double *restrict out, const double *restrict in,
                                     size_t samples, size_t step, const struct pp_taps *taps)
{
    const double *w = taps->weights;

    for (size_t from = 0; from < samples; from += BLOCK) {
        size_t count = samples - from < BLOCK ? samples - from : BLOCK;
        double *restrict acc = out + from;
        uint32_t tap = 0;

        memset(acc, 0, count * sizeof *acc);
        for (; tap + QUAD <= taps->count; tap += QUAD) {
            const double *restrict a = in + from + tap * step;
            const double wa = w[tap], wb = w[tap + 1], wc = w[tap + 2], wd = w[tap + 3];
            for (size_t i = 0; i < count; i++)
                acc[i] +=
                    (wa * a[i] + wb * a[i + step]) + (wc * a[i + 2 * step] + wd * a[i + 3 * step]);
        }
        for (; tap < taps->count; tap++) {
            const double *restrict a = in + from + tap * step;
            const double wa = w[tap];
            for (size_t i = 0; i < count; i++)
                acc[i] += wa * a[i];
        }
    }
}

PP_HOT static void hot_straighten(float *restrict out, const double *restrict in,
                                  const struct pp_geometry *geometry, double least)
{
    size_t channels = geometry->channels;

    for (size_t x = 0; x < geometry->width; x++, in += channels, out += channels) {
        double alpha = in[channels - 1];
        for (size_t c = 0; c + 1 < channels; c++)
            out[c] = alpha >= least ? (float)(in[c] / alpha) : 0;
        out[channels - 1] = (float)alpha;
    }
}

PP_INLINE void store(uint8_t *restrict out, const float *restrict in, size_t samples,
                     unsigned depth)
{
    const float max = (float)pp_sample_max(depth);

    for (size_t i = 0; i < samples; i++) {
        float v = in[i] < 0 ? 0 : in[i];
        v = v > max ? max : v;
        pp_sample_set(out, i, depth, (uint32_t)(int)(v + 0.5f));
    }
}

PP_HOT static void hot_store(uint8_t *restrict out, const float *restrict in, size_t samples,
                             unsigned depth)
{
    if (depth == 8)
        store(out, in, samples, 8);
    else
        store(out, in, samples, 16);
}

/* Doors to the clones, which have to be static. */

void pp_sum_rows(float *restrict acc, const struct pp_band *in, const struct pp_taps *taps,
                 size_t samples, unsigned depth)
{
    hot_rows(acc, in, taps, samples, depth);
}

void pp_sum_rows_alpha(double *restrict acc, const struct pp_band *in, const struct pp_taps *taps,
                       const struct pp_geometry *geometry)
{
    hot_rows_alpha(acc, in, taps, geometry);
}

void pp_sum_shifted(float *restrict out, const float *restrict in, size_t samples, size_t step,
                    const struct pp_taps *taps)
{
    hot_shifted(out, in, samples, step, taps);
}

void pp_sum_shifted_alpha(double *restrict out, const double *restrict in, size_t samples,
                          size_t step, const struct pp_taps *taps)
{
    hot_shifted_alpha(out, in, samples, step, taps);
}

void pp_sum_straighten(float *restrict out, const double *restrict in,
                       const struct pp_geometry *geometry, double least)
{
    hot_straighten(out, in, geometry, least);
}

void pp_sum_store(uint8_t *restrict out, const float *restrict in, size_t samples, unsigned depth)
{
    hot_store(out, in, samples, depth);
}
