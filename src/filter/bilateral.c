/*
 * Each pixel becomes the mean of those around it, by weights that fall with the distance and with
 * the difference in colour. Both fall-offs are powers of two added up in the exponent, so that a
 * neighbour takes one power; pixels are worked on side by side, from planes of floating point.
 * Means are added up as differences from the middle pixel, which keeps them small.
 */
#include <math.h>

#include "base/memory.h"
#include "filter/edges.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { SIGMA, RANGE };

static const struct pp_param params[] = {
    [SIGMA] = {.name = "sigma",
               .type = PP_PARAM_NUMBER,
               .summary = "standard deviation of the Gaussian over distances in pixels",
               .min = 0.3,
               .max = 20,
               .fallback = 2,
               .default_text = "2"},
    [RANGE] = {.name = "range",
               .type = PP_PARAM_NUMBER,
               .summary = "standard deviation of the Gaussian over differences in colour, of 255",
               .min = 0.1,
               .max = 1000,
               .fallback = 25,
               .default_text = "25"},
    {.name = NULL},
};

struct bilateral {
    struct pp_geometry geometry;
    uint32_t radius;
    float space, range; /* exponents of 2 for one square pixel, and for one square sample */
};

#define LOG2_E 1.4426950408889634

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct bilateral *bilateral = state;
    double sigma = args[SIGMA].number, range = args[RANGE].number * (in->depth == 8 ? 1 : 257);

    (void)out;
    (void)err;
    bilateral->geometry = *in;
    bilateral->radius = (uint32_t)ceil(2 * sigma);
    bilateral->space = (float)(LOG2_E / (2 * sigma * sigma));
    bilateral->range = (float)(LOG2_E / (2 * range * range));
    return PP_OK;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    const struct bilateral *bilateral = state;

    pp_edge_rows_needed(bilateral->radius, bilateral->geometry.height, (uint32_t[]){first, last},
                        in_first, in_last);
}

static uint32_t band_rows(const void *state)
{
    return 4 * ((const struct bilateral *)state)->radius;
}

/* ---- planes: of the rows around one, each channel by itself ---------------------------------- */

static size_t plane_bytes(const struct bilateral *bilateral)
{
    return pp_size_aligned((bilateral->geometry.width + 2 * (size_t)bilateral->radius) *
                           sizeof(float));
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    const struct bilateral *bilateral = state;

    (void)rows;
    return plane_bytes(bilateral) * bilateral->geometry.channels * (2 * bilateral->radius + 1);
}

/* The planes go round: row y of the picture is at y modulo their number of rows. */
struct planes {
    const struct bilateral *bilateral;
    uint8_t *memory;
};

/* Row `y`, which may lie outside of the picture; column `x` 0 is the first repeated one. */
static float *plane(const struct planes *planes, int64_t y, unsigned channel)
{
    const struct bilateral *bilateral = planes->bilateral;
    const uint32_t side = 2 * bilateral->radius + 1;
    size_t row = (size_t)(y + bilateral->radius) % side;

    return (void *)(planes->memory +
                    (row * bilateral->geometry.channels + channel) * plane_bytes(bilateral));
}

static void load_row(const struct planes *planes, const struct pp_band *in, int64_t y)
{
    const struct bilateral *bilateral = planes->bilateral;
    const struct pp_geometry *geometry = &bilateral->geometry;
    const uint8_t *row = pp_edge_row(in, y, geometry->height);

    for (unsigned c = 0; c < geometry->channels; c++) {
        float *to = plane(planes, y, c), *at = to + bilateral->radius;
        for (size_t x = 0; x < geometry->width; x++)
            at[x] = (float)(int32_t)pp_sample(row, x * geometry->channels + c, geometry->depth);
        pp_edge_repeat(to, geometry->width, sizeof *to, bilateral->radius);
    }
}

/* ---- sums ---------------------------------------------------------------------------------- */

#define RADIUS_MOST 40
#define BLOCK       256 /* pixels at a time: their sums stay in the L1 cache */

/* The rows around one: where their planes begin. */
struct square {
    const struct bilateral *bilateral;
    const float *rows[2 * RADIUS_MOST + 1][4];
};

struct sums {
    float weight[BLOCK], color[3][BLOCK]; /* colour: of differences from the middle pixel */
};

/* 2^-u, for u from 0 on: e^z for the rest z after a whole exponent, by the first seven terms of its
 * series, with a relative error below 3e-7. Below 2^-126 it is 0. */
PP_INLINE float power(float u)
{
    const int32_t exponent = (int32_t)(u + 0.5f), biased = 127 - exponent;
    const int32_t bits = (biased < 0 ? 0 : biased) * (1 << 23);
    const float z = ((float)exponent - u) * 0.69314718f, square = z * z;
    const float high = (1.0f / 24 + z * (1.0f / 120)) + square * (1.0f / 720);
    float scale;

    memcpy(&scale, &bits, sizeof scale);
    return ((1 + z) + square * ((0.5f + z * (1.0f / 6)) + square * high)) * scale;
}

/* What one neighbour is to each of a block's pixels. */
struct tap {
    const float *middle[3], *other[4];
    float space, range;
    size_t count;
};

PP_INLINE void add_tap(struct sums *restrict sums, const struct tap *tap, unsigned colors,
                       bool alpha)
{
    const float *restrict a = tap->middle[0], *restrict d = tap->other[0];
    const float *restrict b = tap->middle[colors / 2], *restrict e = tap->other[colors / 2];
    const float *restrict c = tap->middle[colors - 1], *restrict f = tap->other[colors - 1];
    const float *restrict opaque = tap->other[alpha ? colors : 0];
    const float space = tap->space, range = tap->range;

    for (size_t i = 0; i < tap->count; i++) {
        float x = d[i] - a[i], y = e[i] - b[i], z = f[i] - c[i];
        float weight = power((colors == 3 ? x * x + y * y + z * z : x * x) * range + space);
        weight = alpha ? weight * opaque[i] : weight;
        sums->weight[i] += weight;
        sums->color[0][i] += weight * x;
        if (colors == 3) {
            sums->color[1][i] += weight * y;
            sums->color[2][i] += weight * z;
        }
    }
}

PP_HOT static void add_tap_of(struct sums *sums, const struct tap *tap, unsigned channels)
{
    switch (channels) {
    case 1:
        add_tap(sums, tap, 1, false);
        break;
    case 2:
        add_tap(sums, tap, 1, true);
        break;
    case 3:
        add_tap(sums, tap, 3, false);
        break;
    default:
        add_tap(sums, tap, 3, true);
        break;
    }
}

/* The sums of pixels [first, first + count) of the row in the middle. */
static void sum_block(struct sums *sums, const struct square *square, size_t first, size_t count)
{
    const struct bilateral *bilateral = square->bilateral;
    const unsigned channels = bilateral->geometry.channels;
    const int32_t radius = (int32_t)bilateral->radius;
    struct tap tap = {.range = bilateral->range, .count = count};

    memset(sums, 0, sizeof *sums);
    for (unsigned c = 0; c < channels && c < 3; c++)
        tap.middle[c] = square->rows[radius][c] + first + radius;
    for (int32_t down = -radius; down <= radius; down++)
        for (int32_t right = -radius; right <= radius; right++) {
            for (unsigned c = 0; c < channels; c++)
                tap.other[c] = square->rows[radius + down][c] + first + radius + right;
            tap.space = bilateral->space * (float)(right * right + down * down);
            add_tap_of(sums, &tap, channels);
        }
}

PP_HOT static void store_block(const struct sums *sums, const struct square *square, size_t first,
                               size_t count, uint8_t *out)
{
    const struct bilateral *bilateral = square->bilateral;
    const struct pp_geometry *geometry = &bilateral->geometry;
    const unsigned channels = geometry->channels, colors = pp_geometry_color_channels(geometry);
    const float *const *middle = square->rows[bilateral->radius];
    const size_t at = first + bilateral->radius;

    for (unsigned c = 0; c < channels; c++)
        for (size_t i = 0; i < count; i++) {
            /* what is wholly transparent stays as it is */
            bool stays = c == colors || (colors < channels && middle[colors][at + i] == 0);
            float v = middle[c][at + i] + (stays ? 0 : sums->color[c][i] / sums->weight[i]);
            pp_sample_set(out, (first + i) * channels + c, geometry->depth,
                          (uint32_t)(int32_t)(v + 0.5f));
        }
}

static void find_rows(struct square *square, const struct planes *planes, uint32_t y)
{
    const struct bilateral *bilateral = planes->bilateral;

    square->bilateral = bilateral;
    for (uint32_t k = 0; k <= 2 * bilateral->radius; k++)
        for (unsigned c = 0; c < bilateral->geometry.channels; c++)
            square->rows[k][c] = plane(planes, (int64_t)y + k - bilateral->radius, c);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct bilateral *bilateral = state;
    const struct planes planes = {bilateral, scratch};
    const int64_t radius = bilateral->radius;
    const size_t width = bilateral->geometry.width;
    struct square square;
    struct sums sums;

    for (int64_t y = out->first - radius; y < out->first + radius; y++)
        load_row(&planes, in, y);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        load_row(&planes, in, y + radius);
        find_rows(&square, &planes, y);
        for (size_t x = 0; x < width; x += BLOCK) {
            const size_t count = width - x < BLOCK ? width - x : BLOCK;
            sum_block(&sums, &square, x, count);
            store_block(&sums, &square, x, count, pp_band_row(out, y));
        }
    }
}

const struct pp_filter pp_filter_bilateral = {
    .name = "bilateral",
    .summary = "smooth surfaces and keep edges; alpha stays",
    .source = "C. Tomasi and R. Manduchi, \"Bilateral filtering for gray and color images\", ICCV "
              "1998: weights exp(-d^2 / (2 sigma^2)) exp(-|c - c0|^2 / (2 range^2)) over the "
              "square of radius ceil(2 sigma), |c - c0| between colours in RGB, on encoded values; "
              "the edges are repeated outwards, and neighbours count by their alpha.",
    .params = params,
    .state_size = sizeof(struct bilateral),
    .prepare = prepare,
    .rows_needed = rows_needed,
    .band_rows = band_rows,
    .scratch_size = scratch_size,
    .render = render,
};
