/*
 * codec/png_inflate_tables.h - Huffman codes as tables that are looked up by the next bits.
 *
 * The first level is indexed by as many bits as the longest code has, at most those named here;
 * longer codes go on in a second level behind it. An entry is 32 bits:
 *
 *   0-7    bits to use: the code's (in the second level those it adds) and the extra ones
 *   8-11   a literal entry: how many literals, 1 or 2; a pointer: bits of the second level;
 *          else: the code's part of bits 0-7
 *   12-15  what it is, PP_ENTRY_*; none of them: a length or a distance
 *   16-31  one or two literals, the first in the low byte; the index of the second level; the base
 *          of the length or distance; the symbol of the code for code lengths
 */
#ifndef PP_CODEC_PNG_INFLATE_TABLES_H
#define PP_CODEC_PNG_INFLATE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#define PP_ENTRY_LITERAL 0x8000u
#define PP_ENTRY_EXCEPTIONAL                                                                       \
    0x4000u /* with one of the next two, or the code stands for nothing                            \
             */
#define PP_ENTRY_END     0x2000u
#define PP_ENTRY_POINTER 0x1000u

#define PP_LENGTH_BITS   11
#define PP_DISTANCE_BITS 8
#define PP_PRECODE_BITS  7

/* RFC 1951, 3.2.5 to 3.2.7. */
#define PP_LENGTH_SYMBOLS   288
#define PP_DISTANCE_SYMBOLS 32
#define PP_PRECODE_SYMBOLS  19
#define PP_CODE_BITS_MAX    15

/* The most entries that both levels take, by zlib's examples/enough.c: enough 288 11 15, and
 * enough 32 8 15. */
#define PP_LENGTH_ENTRIES   2342
#define PP_DISTANCE_ENTRIES 402

struct pp_inflate_tables {
    bool fixed; /* they hold the fixed codes */
    unsigned length_bits, distance_bits;
    uint32_t lengths[PP_LENGTH_ENTRIES]; /* literals, lengths, end of block */
    uint32_t distances[PP_DISTANCE_ENTRIES];
};

/* The number of bits an entry says to use, and the value that it and those bits stand for. */
static inline unsigned pp_entry_bits(uint32_t entry)
{
    return entry & 0xFF;
}

static inline uint32_t pp_entry_value(uint32_t entry, uint64_t bits)
{
    uint64_t used = bits & ((UINT64_C(1) << pp_entry_bits(entry)) - 1);

    return (entry >> 16) + (uint32_t)(used >> (entry >> 8 & 15));
}

/*
 * Tables from code lengths, 0 where a symbol has no code. False when the lengths are no code: too
 * many for the bits, or too few; as zlib has it, too few is allowed to lengths and distances when
 * no code is longer than one bit.
 */
bool pp_inflate_build_precode(uint32_t *table, const uint8_t *sizes);
bool pp_inflate_build_lengths(struct pp_inflate_tables *tables, const uint8_t *sizes,
                              unsigned count);
bool pp_inflate_build_distances(struct pp_inflate_tables *tables, const uint8_t *sizes,
                                unsigned count);
/* Both tables of RFC 1951, 3.2.6. */
void pp_inflate_build_fixed(struct pp_inflate_tables *tables);

#endif
