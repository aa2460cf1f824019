/*
 * filter/sums.h - weighted sums of rows in floating point, the work under resize, blur and sharpen
 * for pictures of 16 bits or with alpha; filter/fixed.h is for the others.
 *
 * Without alpha sums are float: each product and sum is rounded to 24 bits, which leaves 16-bit
 * samples well within half a unit. With alpha they are double, over premultiplied samples: colour
 * is later a quotient of two sums, and of small ones where little is opaque. Every sum is added up
 * in one order that depends on the number of taps alone, whatever the vector width. Pure; any
 * thread.
 */
#ifndef PP_FILTER_SUMS_H
#define PP_FILTER_SUMS_H

#include "filter/samples.h"

/* Which rows of a band, and how much of each. */
struct pp_taps {
    int64_t first;         /* row of the first tap; rows outside [0, height) repeat the edge */
    uint32_t count;        /* 1 or more */
    uint32_t height;       /* rows of the picture */
    const double *weights; /* one a tap */
};

/* acc[i] = the sum over taps of weight x sample i, for pictures without alpha. */
void pp_sum_rows(float *restrict acc, const struct pp_band *in, const struct pp_taps *taps,
                 size_t samples, unsigned depth);

/* The same with colour premultiplied by alpha, for 2 or 4 channels; `geometry` is the input's. */
void pp_sum_rows_alpha(double *restrict acc, const struct pp_band *in, const struct pp_taps *taps,
                       const struct pp_geometry *geometry);

/* out[i] = the sum over k < count of weights[k] x in[i + k x step], i < samples. */
void pp_sum_shifted(float *restrict out, const float *restrict in, size_t samples, size_t step,
                    const struct pp_taps *taps);
void pp_sum_shifted_alpha(double *restrict out, const double *restrict in, size_t samples,
                          size_t step, const struct pp_taps *taps);

/* Alpha below half a unit will be stored as 0. */
#define PP_SUM_TRANSPARENT 0.5

/* Divide colour by alpha again: straight samples, not yet rounded or clamped. Where alpha is below
 * `least` (above 0) there is no colour: 0. */
void pp_sum_straighten(float *restrict out, const double *restrict in,
                       const struct pp_geometry *geometry, double least);

/* Round to the nearest sample, kept within 0 and the largest. */
void pp_sum_store(uint8_t *restrict out, const float *restrict in, size_t samples, unsigned depth);

#endif
