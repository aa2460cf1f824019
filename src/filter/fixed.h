/*
 * filter/fixed.h - weighted sums of 8-bit samples in integers, for two passes in a row.
 *
 * Between passes a sample is held as (value - 128) x 2^fraction in 16 bits: signed, so that one
 * multiplication of 16-bit pairs serves, and off centre, which gains a bit. Weights are 16-bit with
 * as many fraction bits as their sums leave room for in 32 bits, and each line of them adds up to 1
 * exactly, so that what is flat stays flat. A pass rounds once, to the nearest. Sums of integers
 * have no order: every version of a kernel gives the same bytes. Preparing belongs to one thread;
 * everything else is pure.
 */
#ifndef PP_FILTER_FIXED_H
#define PP_FILTER_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

/* A line of weights has a multiple of this many; those without a tap are 0. */
#define PP_FIXED_GROUP 8

struct pp_fixed_weights {
    int16_t *weights; /* [lines x taps]; owned */
    uint32_t taps;    /* of a line, rounded up */
    unsigned bits;    /* a line adds up to 2^bits */
};

/* Lines of weights to turn into integers; each adds up to 1. */
struct pp_fixed_lines {
    uint32_t lines, stride; /* doubles from line to line */
    const double *weights;
    const uint32_t *counts; /* [lines]; NULL: stride each */
    uint32_t largest;       /* no sample they are multiplied with is further from 0 */
};

/* Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_fixed_weights_init(struct pp_fixed_weights *fixed,
                                     const struct pp_fixed_lines *lines,
                                     struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_fixed_weights_release(struct pp_fixed_weights *fixed);

/* One line of weights and how its sums are scaled back: (sum + round) >> shift, then cut to 16 bits
 * where it does not fit. */
struct pp_fixed_sum {
    const int16_t *weights;
    uint32_t count; /* even, 2 or more */
    int32_t round;
    unsigned shift; /* 1 or more */
};

/* From bytes to samples of `fraction` bits. */
struct pp_fixed_sum pp_fixed_from_bytes(const struct pp_fixed_weights *fixed, uint32_t line,
                                        unsigned fraction);
/* From samples of `from` fraction bits to samples of `to`. */
struct pp_fixed_sum pp_fixed_between(const struct pp_fixed_weights *fixed, uint32_t line,
                                     unsigned from, unsigned to);

/* Outputs along a row, each with a line of its own: from in[first[x]] on, as many samples as a line
 * has weights; `in` has so many beyond its end, too. */
struct pp_fixed_walk {
    const uint32_t *first;
    struct pp_fixed_sum sum; /* weights: of the first output; count: a multiple of the group */
};

struct pp_fixed_kernels {
    /* out[i] = the sum over k of weights[k] x rows[k][i], i < samples */
    void (*bytes)(int16_t *restrict out, const uint8_t *const *rows, const struct pp_fixed_sum *sum,
                  size_t samples);
    void (*samples)(int16_t *restrict out, const int16_t *const *rows,
                    const struct pp_fixed_sum *sum, size_t samples);
    /* out[x] = the sum over k of weights[x x count + k] x in[first[x] + k], x < width */
    void (*along)(int16_t *restrict out, const int16_t *restrict in,
                  const struct pp_fixed_walk *walk, size_t width);
};

/* The fastest this processor has, the portable ones, and those for AVX2: NULL where there are none.
 */
const struct pp_fixed_kernels *pp_fixed_kernels(void);
const struct pp_fixed_kernels *pp_fixed_portable(void);
const struct pp_fixed_kernels *pp_fixed_avx2(void);

/* Samples of `fraction` bits (2 or more) back to bytes: rounded, kept within 0 and 255. */
void pp_fixed_store(uint8_t *restrict out, const int16_t *restrict in, size_t samples,
                    unsigned fraction);
/* Bytes as samples. */
void pp_fixed_load(int16_t *restrict out, const uint8_t *restrict in, size_t samples,
                   unsigned fraction);

/* RGB to three planes `plane` samples apart, and three planes back to bytes. */
void pp_fixed_split(int16_t *restrict out, size_t plane, const int16_t *restrict in, size_t pixels);
void pp_fixed_merge(uint8_t *restrict out, const int16_t *restrict in, size_t plane, size_t pixels,
                    unsigned fraction);

#endif
