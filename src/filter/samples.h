/*
 * filter/samples.h - samples of 8 and 16 bits read and written by one piece of code.
 *
 * A kernel is written once as a PP_INLINE function with `channels` and `depth` as parameters and
 * called with constants: each call becomes a loop of its own in which neither is looked at.
 */
#ifndef PP_FILTER_SAMPLES_H
#define PP_FILTER_SAMPLES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hot.h"
#include "image/band.h"

#define PP_INLINE static inline __attribute__((always_inline))

/* The largest sample: 255 or 65535. */
PP_INLINE uint32_t pp_sample_max(unsigned depth)
{
    return depth == 8 ? 255 : 65535;
}

/* Sample number `i` of a row. */
PP_INLINE uint32_t pp_sample(const uint8_t *row, size_t i, unsigned depth)
{
    return depth == 8 ? row[i] : ((const uint16_t *)(const void *)row)[i];
}

PP_INLINE void pp_sample_set(uint8_t *row, size_t i, unsigned depth, uint32_t value)
{
    if (depth == 8)
        row[i] = (uint8_t)value;
    else
        ((uint16_t *)(void *)row)[i] = (uint16_t)value;
}

/* Rec.601 luma as libjpeg and Pillow have it: 0.299, 0.587 and 0.114 (ITU-R BT.601-7, 2.5.1) in
 * 16-bit fixed point. White at 16 bits is 65535 x 65536 + 32768, just inside 32 bits. */
PP_INLINE uint32_t pp_luma601(uint32_t r, uint32_t g, uint32_t b)
{
    return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
}

/* One row through a filter that works pixel by pixel; the rows do not overlap. */
typedef void pp_row_kernel(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                           size_t width);

/* Every row of `out` from the row of the same number in `in`. */
static inline void pp_render_rows(pp_row_kernel *kernel, const void *state,
                                  const struct pp_band *in, const struct pp_band *out, size_t width)
{
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        kernel(state, pp_band_row(in, y), pp_band_row(out, y), width);
}

/* Every row of `out` as it is in `in`. */
static inline void pp_copy_rows(const struct pp_band *in, const struct pp_band *out, size_t bytes)
{
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        memcpy(pp_band_row(out, y), pp_band_row(in, y), bytes);
}

#endif
