/*
 * codec/jpeg_luma_reduce.h - luma's blocks decoded at a fraction of their size.
 *
 * Lines of blocks come in, rows of samples are gathered in a strip that is as high as a row of
 * MCUs. One thread at a time. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_REDUCE_H
#define PP_CODEC_JPEG_LUMA_REDUCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_inverse.h"
#include "codec/jpeg_luma_means.h"
#include "codec/jpeg_luma_symbols.h"

struct pp_luma_reduce {
    unsigned eighths; /* the side of a block's samples: 1, 2 or 4 */
    bool beyond;      /* a coefficient was larger than any picture's */
    pp_luma_inverse *inverse;
    struct pp_luma_steps steps;
    struct pp_luma_symbols symbols; /* with values of two's complement, but for LONG ones */
    _Alignas(32) int16_t blocks[64 * PP_LUMA_LINE];
    size_t stride;
    _Alignas(32) uint8_t strip[]; /* rows of samples */
};

/* What one for a picture so many blocks wide has in bytes, with `v` rows of blocks in an MCU. */
size_t pp_luma_reduce_size(uint32_t columns, unsigned v, unsigned eighths);

/* Begin a scan. `ac`, the source's codes of AC coefficients, is used as long as this is; `steps`
 * are in natural order. */
void pp_luma_reduce_begin(struct pp_luma_reduce *reduce, uint32_t columns, unsigned eighths,
                          const struct pp_luma_codes *ac, const uint16_t steps[64]);

/* Decode the blocks to row of blocks `y` of the strip, from block `x` on. */
void pp_luma_reduce_line(struct pp_luma_reduce *reduce, const struct pp_luma_line *line, uint32_t x,
                         unsigned y);

#endif
