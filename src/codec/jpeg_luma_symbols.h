/*
 * codec/jpeg_luma_symbols.h - AC symbols with the coefficients they tell, one at a look.
 *
 * Pure; any thread. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_SYMBOLS_H
#define PP_CODEC_JPEG_LUMA_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_huffman.h"

/* Address bits of the table of symbols. */
#define PP_LUMA_SYMBOL_BITS 12

/*
 * An entry of the table of symbols: bits to consume, 8 bits; coefficients to advance, 7, or
 * PP_LUMA_END where the block ends, whatever it is at; whether it is LONG, too long for the table;
 * the coefficient's size, 15; whether it is negative. One that is LONG has its category in place of
 * the size, or consumes nothing when already its code is too long. The sum of a block's entries
 * has, in its lower 15 bits, the bits consumed and the coefficient's number.
 */
#define PP_LUMA_END      64u
#define PP_LUMA_LONG     0x8000u
#define PP_LUMA_NEGATIVE 0x80000000u

struct pp_luma_symbols {
    const struct pp_luma_codes *codes;
    uint32_t entries[1 << PP_LUMA_SYMBOL_BITS];
};

/* `codes` are used as long as the symbols are. */
void pp_luma_symbols_fill(struct pp_luma_symbols *symbols, const struct pp_luma_codes *codes);

/* The entry of what the bits begin with, which is sound, where the table's is LONG. */
uint32_t pp_luma_symbols_find(const struct pp_luma_symbols *symbols, uint32_t entry, uint64_t bits);

/* ---- taking them, two without a refill ------------------------------------------------------ */

_Static_assert(7 + 2 * (PP_LUMA_CODE_BITS + PP_LUMA_AC_MAX) < 64,
               "two symbols go without a refill");

#define PP_LUMA_CONSUMED(entry) ((entry)&63u)

struct pp_luma_source {
    uint64_t bits; /* the next one uppermost */
    const uint8_t *at;
    uint32_t sum; /* of entries; bits are consumed since `at` */
};

PP_LUMA_INLINE void pp_luma_refill(struct pp_luma_source *source)
{
    const uint64_t more = pp_luma_load(source->at + 8) >> 1;

    source->bits |= more >> (~source->sum & 63);
    source->at += source->sum >> 3 & 31;
    source->sum &= ~0xF8u;
}

/* Begin with bit `at` of `data`, behind which PP_LUMA_GUARD bytes may be read. */
PP_LUMA_INLINE void pp_luma_seek(struct pp_luma_source *source, const uint8_t *data, size_t at)
{
    source->at = data + (at >> 3);
    source->sum = at & 7;
    source->bits = pp_luma_load(source->at) << (at & 7);
    pp_luma_refill(source);
}

#endif
