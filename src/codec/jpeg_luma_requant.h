/*
 * codec/jpeg_luma_requant.h - luma's blocks with coarser or finer steps, from coefficient to code.
 *
 * A coefficient that stands for value times its source's step becomes the nearest multiple of the
 * output's step, halves away from zero; it is neither transformed nor clipped in between. What
 * results is coded by the tables of ITU-T T.81, K.3.3.1 and K.3.3.2, which have a code for
 * everything. One thread at a time. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_REQUANT_H
#define PP_CODEC_JPEG_LUMA_REQUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_emit.h"
#include "codec/jpeg_luma_huffman.h"
#include "codec/jpeg_luma_symbols.h"

/* A step's ratio to another one, in 2^-32. */
#define PP_LUMA_RATIO_BITS 32

/*
 * What a coefficient becomes: its size, 16 bits; its number, 8; whether it is negative. A mean is
 * number 0, a block's end is number PP_LUMA_END_NUMBER. A number less one less that before it then
 * tells what is to be written: up to 62 are the zeros in front of a coefficient; from
 * PP_LUMA_FULL_ROW on it is an end, without a code there since the block is full; from a block's
 * end to the next one's mean it is PP_LUMA_MEAN_ROW, modulo 256.
 */
#define PP_LUMA_END_NUMBER 127u
#define PP_LUMA_FULL_ROW   (PP_LUMA_END_NUMBER - 64)
#define PP_LUMA_MEAN_ROW   128u

/* An entry of the table of writes: bits << 6 | their number; or this, where zeros come first that
 * do not fit. */
#define PP_LUMA_TOO_LONG (UINT64_C(1) << 63)

/* The largest values that there are codes for (tables F.1 and F.2). The one of means keeps the
 * difference of any two within its largest category. */
#define PP_LUMA_AC_LARGEST   1023u
#define PP_LUMA_MEAN_LARGEST 1023u

/* Places for what one becomes: its mean, its coefficients, its end, and one more. */
#define PP_LUMA_VALUES (64 + 2)

struct pp_luma_requant {
    uint64_t ratios[64];                            /* by zigzag order */
    struct pp_luma_symbols symbols;                 /* the source's */
    uint64_t writes[256 * 16];                      /* by what is written, and its category */
    uint32_t zeros;                                 /* the code of 16 zeros << 8 | its bits */
    uint8_t categories[2 << PP_LUMA_AC_MAX];        /* by size */
    uint32_t values[PP_LUMA_LINE * PP_LUMA_VALUES]; /* what blocks become */
};

/* Steps from 0 to 65535 to steps from 1 to 65535. */
static inline uint64_t pp_luma_ratio(unsigned from, unsigned to)
{
    return (((uint64_t)from << PP_LUMA_RATIO_BITS) + to - 1) / to;
}

/*
 * size * from / to, rounded to the nearest, halves up; exact for a size of up to 2^15. The ratio is
 * too large by less than 2^-32 and makes the product too large by less than 2^-17, while what is
 * not rounded up is at least 2^-17 below it, since steps have 16 bits.
 */
static inline uint64_t pp_luma_scaled(uint64_t ratio, uint64_t size)
{
    return (size * ratio + (UINT64_C(1) << (PP_LUMA_RATIO_BITS - 1))) >> PP_LUMA_RATIO_BITS;
}

/* jpeg_luma_requant_tables.c */

/* From some steps to others, in zigzag order. */
void pp_luma_requant_set_steps(struct pp_luma_requant *requant, const uint16_t from[64],
                               const uint16_t to[64]);
/* Begin a scan, after that. `ac`, the source's codes of AC coefficients, is used as long as this
 * is. */
void pp_luma_requant_begin(struct pp_luma_requant *requant, const struct pp_luma_codes *ac);

/* jpeg_luma_requant.c */

/* Append the blocks to the row, which has room for PP_LUMA_BLOCK_BYTES each and a guard. */
void pp_luma_requant_append(struct pp_luma_requant *requant, const struct pp_luma_line *line,
                            struct pp_luma_row *row);

#endif
