#include "filter/gaussian.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/exact_math.h"

enum pp_status pp_gaussian_init(struct pp_gaussian *gaussian, const struct pp_geometry *geometry,
                                double sigma, double least, struct pp_error *err)
{
    uint32_t radius = (uint32_t)fmax(1, ceil(3 * sigma));
    void *weights = NULL;
    double sum = 1;
    enum pp_status status =
        pp_memory_new(&weights, 2 * (size_t)radius + 1, sizeof(double), "blur weights", err);

    gaussian->geometry = *geometry;
    gaussian->radius = radius;
    gaussian->weights = weights;
    gaussian->least = least;
    if (status != PP_OK)
        return status;
    gaussian->weights[radius] = 1;
    for (uint32_t k = 1; k <= radius; k++) {
        double distance = k / sigma, weight = pp_exp(-0.5 * distance * distance);
        gaussian->weights[radius - k] = gaussian->weights[radius + k] = weight;
        sum += 2 * weight;
    }
    for (uint32_t k = 0; k <= 2 * radius; k++)
        gaussian->weights[k] /= sum;
    return PP_OK;
}

void pp_gaussian_release(struct pp_gaussian *gaussian)
{
    free(gaussian->weights);
    gaussian->weights = NULL;
}

void pp_gaussian_rows_needed(const struct pp_gaussian *gaussian, uint32_t first, uint32_t last,
                             uint32_t *in_first, uint32_t *in_last)
{
    uint32_t radius = gaussian->radius, height = gaussian->geometry.height;

    *in_first = first > radius ? first - radius : 0;
    *in_last = height - last > radius ? last + radius : height;
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

size_t pp_gaussian_scratch(const struct pp_gaussian *gaussian)
{
    return scratch_layout(gaussian).total;
}

/* Repeat the first and the last of `width` pixels of `pixel` bytes `radius` times outwards; they
 * begin after the room for the first's repetitions. */
static void repeat_edges(uint8_t *row, size_t width, size_t pixel, size_t radius)
{
    const uint8_t *first = row + radius * pixel, *last = first + (width - 1) * pixel;
    uint8_t *end = row + (radius + width) * pixel;

    for (size_t i = 0; i < radius; i++) {
        memcpy(row + i * pixel, first, pixel);
        memcpy(end + i * pixel, last, pixel);
    }
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
        pp_sum_rows_alpha((double *)padded + before, in, &taps, geometry);
        repeat_edges(padded, geometry->width, channels * sizeof(double), gaussian->radius);
        pp_sum_shifted_alpha(smoothed, padded, samples, channels, &taps);
        pp_sum_straighten(straight, smoothed, geometry, gaussian->least);
        return straight;
    }
    pp_sum_rows((float *)padded + before, in, &taps, samples, geometry->depth);
    repeat_edges(padded, geometry->width, channels * sizeof(float), gaussian->radius);
    pp_sum_shifted(smoothed, padded, samples, channels, &taps);
    return smoothed;
}
