/*
 * filter/light.h - samples as the light they stand for, for resize and blur with linear=1.
 *
 * The curve is sRGB's (IEC 61966-2-1:1999, 5.2); white is 1. Weighted sums of rows are as in
 * filter/sums.h, over light instead of samples; alpha is no light and stays in samples. The error
 * after encoding is below 0.15 of 65535. Making the tables belongs to one thread, using them to
 * any.
 */
#ifndef PP_FILTER_LIGHT_H
#define PP_FILTER_LIGHT_H

#include <pixpool/error.h>

#include "filter/sums.h"

struct pp_light {
    unsigned depth;
    float *decoded; /* [v]: the light that sample v stands for; owned */
    float *encoded; /* sample / largest, by the light's square root in steps of equal size; owned */
};

/* Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_light_init(struct pp_light *light, unsigned depth,
                             struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_light_release(struct pp_light *light);

/* acc[i] = the sum over taps of weight x light i, for pictures without alpha. */
void pp_light_sum_rows(float *restrict acc, const struct pp_band *in, const struct pp_taps *taps,
                       size_t samples, const struct pp_light *light);
/* The same with light multiplied by alpha, in samples, for 2 or 4 channels; `geometry` is the
 * input's. */
void pp_light_sum_rows_alpha(double *restrict acc, const struct pp_band *in,
                             const struct pp_taps *taps, const struct pp_geometry *geometry,
                             const struct pp_light *light);

/* Light to the nearest samples; straight alpha, in samples, is only rounded. */
void pp_light_store(uint8_t *restrict out, const float *restrict in,
                    const struct pp_geometry *geometry, const struct pp_light *light);

#endif
