#include "filter/gaussian.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/edges.h"
#include "filter/exact_math.h"

/* With few taps it is the samples between the passes that should be fine, with many the weights. */
#define FEW_TAPS      64
#define FRACTION_FEW  7
#define FRACTION_MANY 4

static void fill(struct pp_gaussian *gaussian, double sigma)
{
    uint32_t radius = gaussian->radius;
    double *weights = gaussian->weights, sum = 1;

    weights[radius] = 1;
    for (uint32_t k = 1; k <= radius; k++) {
        double distance = k / sigma, weight = pp_exp(-0.5 * distance * distance);
        weights[radius - k] = weights[radius + k] = weight;
        sum += 2 * weight;
    }
    for (uint32_t k = 0; k <= 2 * radius; k++)
        weights[k] /= sum;
}

/* No weight is below 0: samples between the passes are within their range, 128 either way. */
static enum pp_status make_fixed(struct pp_gaussian *gaussian, struct pp_error *err)
{
    uint32_t taps = 2 * gaussian->radius + 1;
    struct pp_fixed_lines lines = {1, taps, gaussian->weights, NULL, 255};

    gaussian->fraction = taps <= FEW_TAPS ? FRACTION_FEW : FRACTION_MANY;
    enum pp_status status = pp_fixed_weights_init(&gaussian->down, &lines, err);
    lines.largest = UINT32_C(128) << gaussian->fraction;
    if (status == PP_OK)
        status = pp_fixed_weights_init(&gaussian->across, &lines, err);
    return status;
}

enum pp_status pp_gaussian_init(struct pp_gaussian *gaussian, const struct pp_geometry *geometry,
                                double sigma, double least, struct pp_error *err)
{
    uint32_t radius = (uint32_t)fmax(1, ceil(3 * sigma));
    void *weights = NULL;
    enum pp_status status =
        pp_memory_new(&weights, 2 * (size_t)radius + 1, sizeof(double), "blur weights", err);

    gaussian->geometry = *geometry;
    gaussian->radius = radius;
    gaussian->weights = weights;
    gaussian->least = least;
    gaussian->fixed = geometry->depth == 8 && !pp_geometry_has_alpha(geometry);
    if (status != PP_OK)
        return status;
    fill(gaussian, sigma);
    return gaussian->fixed ? make_fixed(gaussian, err) : PP_OK;
}

void pp_gaussian_use_light(struct pp_gaussian *gaussian, const struct pp_light *light)
{
    gaussian->light = light;
    gaussian->fixed = false;
}

void pp_gaussian_release(struct pp_gaussian *gaussian)
{
    free(gaussian->weights);
    gaussian->weights = NULL;
    pp_fixed_weights_release(&gaussian->down);
    pp_fixed_weights_release(&gaussian->across);
}

void pp_gaussian_rows_needed(const struct pp_gaussian *gaussian, uint32_t first, uint32_t last,
                             uint32_t *in_first, uint32_t *in_last)
{
    pp_edge_rows_needed(gaussian->radius, gaussian->geometry.height, (uint32_t[]){first, last},
                        in_first, in_last);
}

/* A row with the repeated edges, a smoothed row, and with alpha the same row straightened. */
struct layout {
    size_t padded, smoothed, total; /* bytes */
};

static struct layout scratch_layout(const struct pp_gaussian *gaussian)
{
    const struct pp_geometry *geometry = &gaussian->geometry;
    bool alpha = pp_geometry_has_alpha(geometry);
    size_t size = (alpha ? sizeof(double) : sizeof(float)) * geometry->channels;
    struct layout layout;

    layout.padded = pp_size_aligned((geometry->width + 2 * (size_t)gaussian->radius) * size);
    layout.smoothed = pp_size_aligned(geometry->width * size);
    layout.total = layout.padded + layout.smoothed;
    if (alpha)
        layout.total +=
            pp_size_aligned((size_t)geometry->width * geometry->channels * sizeof(float));
    return layout;
}

/* Integers: a pointer for each tap, a row with the repeated edges, a smoothed row. */
static struct layout fixed_layout(const struct pp_gaussian *gaussian)
{
    const size_t pixel = gaussian->geometry.channels * sizeof(int16_t);
    struct layout layout;

    layout.padded = pp_size_aligned(gaussian->down.taps * sizeof(void *));
    layout.smoothed =
        layout.padded +
        pp_size_aligned((gaussian->geometry.width + 2 * (size_t)gaussian->radius) * pixel);
    layout.total = layout.smoothed + pp_size_aligned(gaussian->geometry.width * pixel);
    return layout;
}

size_t pp_gaussian_scratch(const struct pp_gaussian *gaussian)
{
    return gaussian->fixed ? fixed_layout(gaussian).total : scratch_layout(gaussian).total;
}

const int16_t *pp_gaussian_fixed_row(const struct pp_gaussian *gaussian, const struct pp_band *in,
                                     uint32_t y, void *scratch)
{
    const struct pp_fixed_kernels *kernels = pp_fixed_kernels();
    const struct layout layout = fixed_layout(gaussian);
    const uint32_t radius = gaussian->radius, taps = 2 * radius + 1;
    const size_t channels = gaussian->geometry.channels, width = gaussian->geometry.width;
    struct pp_fixed_sum sum = pp_fixed_from_bytes(&gaussian->down, 0, gaussian->fraction);
    int16_t *padded = (void *)((uint8_t *)scratch + layout.padded);
    int16_t *smoothed = (void *)((uint8_t *)scratch + layout.smoothed);
    const uint8_t **rows = scratch;
    const int16_t **shifted = scratch;

    /* an even number of taps: the last one again, with weight 0 */
    for (uint32_t k = 0; k <= taps; k++)
        rows[k] = pp_edge_row(in, (int64_t)y + (k < taps ? k : k - 1) - radius,
                              gaussian->geometry.height);
    sum.count = taps + 1;
    kernels->bytes(padded + radius * channels, rows, &sum, width * channels);
    pp_edge_repeat(padded, width, channels * sizeof *padded, radius);
    for (uint32_t k = 0; k <= taps; k++)
        shifted[k] = padded + (k < taps ? k : k - 1) * channels;
    sum = pp_fixed_between(&gaussian->across, 0, gaussian->fraction, PP_GAUSSIAN_FRACTION);
    sum.count = taps + 1;
    kernels->samples(smoothed, shifted, &sum, width * channels);
    return smoothed;
}

static void sum_rows(const struct pp_gaussian *gaussian, const struct pp_band *in,
                     const struct pp_taps *taps, void *sums)
{
    const struct pp_geometry *geometry = &gaussian->geometry;
    const size_t samples = (size_t)geometry->width * geometry->channels;

    if (pp_geometry_has_alpha(geometry) && gaussian->light)
        pp_light_sum_rows_alpha(sums, in, taps, geometry, gaussian->light);
    else if (pp_geometry_has_alpha(geometry))
        pp_sum_rows_alpha(sums, in, taps, geometry);
    else if (gaussian->light)
        pp_light_sum_rows(sums, in, taps, samples, gaussian->light);
    else
        pp_sum_rows(sums, in, taps, samples, geometry->depth);
}

const float *pp_gaussian_row(const struct pp_gaussian *gaussian, const struct pp_band *in,
                             uint32_t y, void *scratch)
{
    const struct pp_geometry *geometry = &gaussian->geometry;
    const struct layout layout = scratch_layout(gaussian);
    const struct pp_taps taps = {(int64_t)y - gaussian->radius, 2 * gaussian->radius + 1,
                                 geometry->height, gaussian->weights};
    size_t channels = geometry->channels, samples = geometry->width * channels;
    size_t before = gaussian->radius * channels;
    void *padded = scratch, *smoothed = (uint8_t *)scratch + layout.padded;
    void *straight = (uint8_t *)smoothed + layout.smoothed;

    if (pp_geometry_has_alpha(geometry)) {
        sum_rows(gaussian, in, &taps, (double *)padded + before);
        pp_edge_repeat(padded, geometry->width, channels * sizeof(double), gaussian->radius);
        pp_sum_shifted_alpha(smoothed, padded, samples, channels, &taps);
        pp_sum_straighten(straight, smoothed, geometry, gaussian->least);
        return straight;
    }
    sum_rows(gaussian, in, &taps, (float *)padded + before);
    pp_edge_repeat(padded, geometry->width, channels * sizeof(float), gaussian->radius);
    pp_sum_shifted(smoothed, padded, samples, channels, &taps);
    return smoothed;
}
