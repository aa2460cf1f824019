/*
 * filter/gaussian.h - rows smoothed by a Gaussian in both directions, for blur and sharpen.
 *
 * The kernel ends at three times sigma; the picture's edges are repeated outwards; colour is
 * premultiplied by alpha meanwhile. Pictures of 8 bits without alpha are worked on in integers, all
 * others in floating point. Either way a row takes two passes of 6 sigma + 1 taps each: the time
 * for a sample grows with sigma, about 2 ns a unit of sigma in integers with 256-bit vectors.
 * Preparing belongs to one thread, all else to any.
 */
#ifndef PP_FILTER_GAUSSIAN_H
#define PP_FILTER_GAUSSIAN_H

#include <pixpool/error.h>

#include "filter/fixed.h"
#include "filter/light.h"
#include "filter/sums.h"

struct pp_gaussian {
    struct pp_geometry geometry;
    uint32_t radius;              /* taps on either side of the middle one */
    double *weights;              /* 2 radius + 1, adding up to 1; owned */
    double least;                 /* alpha below which there is no colour */
    const struct pp_light *light; /* set: light is added up, not samples */

    bool fixed;                           /* integers */
    unsigned fraction;                    /* of samples between the two passes */
    struct pp_fixed_weights down, across; /* owned; one line each */
};

/* Fraction bits of a row smoothed in integers. */
#define PP_GAUSSIAN_FRACTION 7

/* `sigma` in pixels. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_gaussian_init(struct pp_gaussian *gaussian, const struct pp_geometry *geometry,
                                double sigma, double least, struct pp_error *err) PP_MUST_CHECK;
/* From now on let it add up light, by tables that must outlive it: rows are then light, not yet
 * encoded, and `fixed` is not set. */
void pp_gaussian_use_light(struct pp_gaussian *gaussian, const struct pp_light *light);
/* A zeroed struct is allowed. */
void pp_gaussian_release(struct pp_gaussian *gaussian);

void pp_gaussian_rows_needed(const struct pp_gaussian *gaussian, uint32_t first, uint32_t last,
                             uint32_t *in_first, uint32_t *in_last);
/* Bytes that smoothing a row wants. */
size_t pp_gaussian_scratch(const struct pp_gaussian *gaussian);
/* Row `y` smoothed, where `fixed` is set; the samples lie in `scratch`. The error is below 0.1 of
 * 255 but for sigmas beyond 60, where it may reach 0.4. */
const int16_t *pp_gaussian_fixed_row(const struct pp_gaussian *gaussian, const struct pp_band *in,
                                     uint32_t y, void *scratch);
/* Row `y` smoothed, where it is not: straight samples, alpha too, not rounded; they lie in
 * `scratch`. */
const float *pp_gaussian_row(const struct pp_gaussian *gaussian, const struct pp_band *in,
                             uint32_t y, void *scratch);

#endif
