/*
 * codec/jpeg_luma_symbols.h - AC symbols with the coefficients they tell, one at a look.
 *
 * Pure; any thread. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_SYMBOLS_H
#define PP_CODEC_JPEG_LUMA_SYMBOLS_H

#include <stdint.h>

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

#endif
