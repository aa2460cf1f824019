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

#define BLOCK 256 /* pixels at a time: their sums stay in the L1 cache */

struct sums {
    float weight[BLOCK], color[3][BLOCK]; /* colour: of differences from the middle pixel */
};

/* Beyond it a weight is next to nothing, and exponents end at 126. */
#define EXPONENT_MOST 100.0f

/* 2 to the power -u, for u from 0 to EXPONENT_MOST: e^z for the rest z after a whole exponent, by
 * the first seven terms of its series; the relative error is below 3e-7. */
PP_INLINE float power(float u)
{
    const int32_t whole = (int32_t)(u + 0.5f);
    const float z = ((float)whole - u) * 0.69314718f; /* within half of ln 2 */
    const int32_t bits = (127 - whole) * (1 << 23);
    float scale, p = 1 + z * (1.0f / 6);

    memcpy(&scale, &bits, sizeof scale);
    p = 1 + z * (1.0f / 5) * p;
    p = 1 + z * (1.0f / 4) * p;
    p = 1 + z * (1.0f / 3) * p;
    p = 1 + z * (1.0f / 2) * p;
    return (1 + z * p) * scale;
}

/* What one neighbour is to each of a block's pixels. */
struct tap {
    const float *middle[3], *other[4];
    float space, range;
    size_t count;
};

/* The exponents of a neighbour's weights. A loop of its own: compilers would make the limit a
 * branch around what follows. */
PP_INLINE void measure(float *restrict exponents, const struct tap *tap, unsigned colors)
{
    const float *restrict a = tap->middle[0], *restrict b = tap->middle[1];
    const float *restrict c = tap->middle[2], *restrict d = tap->other[0];
    const float *restrict e = tap->other[1], *restrict f = tap->other[2];
    const float space = tap->space, range = tap->range;

    for (size_t i = 0; i < tap->count; i++) {
        float square = (d[i] - a[i]) * (d[i] - a[i]);
        if (colors == 3)
            square = square + (e[i] - b[i]) * (e[i] - b[i]) + (f[i] - c[i]) * (f[i] - c[i]);
        float exponent = square * range + space;
        exponents[i] = exponent > EXPONENT_MOST ? EXPONENT_MOST : exponent;
    }
}

PP_INLINE void add_tap(struct sums *restrict sums, const struct tap *tap, unsigned colors,
                       bool alpha)
{
    const float *restrict opaque = tap->other[colors];
    float weights[BLOCK];

    measure(weights, tap, colors);
    for (size_t i = 0; i < tap->count; i++)
        weights[i] = alpha ? power(weights[i]) * opaque[i] : power(weights[i]);
    for (size_t i = 0; i < tap->count; i++)
        sums->weight[i] += weights[i];
    for (unsigned c = 0; c < colors; c++) {
        const float *restrict middle = tap->middle[c], *restrict other = tap->other[c];
        float *restrict color = sums->color[c];
        for (size_t i = 0; i < tap->count; i++)
            color[i] += weights[i] * (other[i] - middle[i]);
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

/* Pixels [first, first + count) of row `y`. */
struct block {
    const struct planes *planes;
    uint32_t y;
    size_t first, count;
};

static void sum_block(struct sums *sums, const struct block *block)
{
    const struct planes *planes = block->planes;
    const struct bilateral *bilateral = planes->bilateral;
    const size_t first = block->first;
    const unsigned channels = bilateral->geometry.channels;
    const int64_t radius = bilateral->radius;
    struct tap tap = {.range = bilateral->range, .count = block->count};

    memset(sums, 0, sizeof *sums);
    for (unsigned c = 0; c < channels && c < 3; c++)
        tap.middle[c] = plane(planes, block->y, c) + first + radius;
    for (int64_t dy = -radius; dy <= radius; dy++)
        for (int64_t dx = -radius; dx <= radius; dx++) {
            for (unsigned c = 0; c < channels; c++)
                tap.other[c] = plane(planes, block->y + dy, c) + first + (size_t)(dx + radius);
            tap.space = bilateral->space * (float)(dx * dx + dy * dy);
            add_tap_of(sums, &tap, channels);
        }
}

/* What is wholly transparent stays as it is. */
static void store_block(const struct sums *sums, const struct block *block, uint8_t *out)
{
    const struct bilateral *bilateral = block->planes->bilateral;
    const struct pp_geometry *geometry = &bilateral->geometry;
    const unsigned channels = geometry->channels, colors = pp_geometry_color_channels(geometry);
    const size_t first = block->first + bilateral->radius;

    for (unsigned c = 0; c < channels; c++) {
        const float *middle = plane(block->planes, block->y, c) + first;
        const float *opaque = plane(block->planes, block->y, channels - 1) + first;
        for (size_t i = 0; i < block->count; i++) {
            bool stays = c == colors || (colors < channels && opaque[i] == 0);
            float v = middle[i] + (stays ? 0 : sums->color[c][i] / sums->weight[i]);
            pp_sample_set(out, (block->first + i) * channels + c, geometry->depth,
                          (uint32_t)(int32_t)(v + 0.5f));
        }
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct bilateral *bilateral = state;
    const struct planes planes = {bilateral, scratch};
    const int64_t radius = bilateral->radius;
    const size_t width = bilateral->geometry.width;

    for (int64_t y = out->first - radius; y < out->first + radius; y++)
        load_row(&planes, in, y);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        load_row(&planes, in, y + radius);
        for (size_t x = 0; x < width; x += BLOCK) {
            struct sums sums;
            struct block block = {&planes, y, x, width - x < BLOCK ? width - x : BLOCK};
            sum_block(&sums, &block);
            store_block(&sums, &block, pp_band_row(out, y));
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
