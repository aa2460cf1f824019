/*
 * filter/luma.h - weighted sums of red, green and blue, of 8 bits each.
 *
 * Pure; any thread; the rows do not overlap.
 */
#ifndef PP_FILTER_LUMA_H
#define PP_FILTER_LUMA_H

#include <stddef.h>
#include <stdint.h>

/* Shares of 65,536, which is their sum; red and blue are below 32,768. */
struct pp_luma {
    uint16_t r, g, b;
};

/* As in pp_luma601(). */
#define PP_LUMA_601 ((struct pp_luma){19595, 38470, 7471})

/* (r R + g G + b B + 32768) >> 16 for each pixel of 3 or 4 channels; of 4, alpha follows the sum.
 */
typedef void pp_luma_kernel(uint8_t *restrict out, const uint8_t *restrict in, size_t pixels,
                            unsigned channels, struct pp_luma luma);

/* By the fastest way this processor has. */
void pp_luma_row(uint8_t *restrict out, const uint8_t *restrict in, size_t pixels,
                 unsigned channels, struct pp_luma luma);

/* The portable one, and the one for AVX2: NULL where there is none. */
pp_luma_kernel *pp_luma_portable(void);
pp_luma_kernel *pp_luma_avx2(void);

#endif
