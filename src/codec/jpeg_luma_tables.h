/*
 * codec/jpeg_luma_tables.h - tables that tell where a block ends, several symbols at a look.
 *
 * A look takes the next bits of the data, as many as the table has address bits, and learns how
 * many bits the symbols take that these begin with (codes with the extra bits that follow them) and
 * how many coefficients they advance. A block begins with its first table, which has the DC
 * difference in front of AC symbols, and goes on with the one of AC symbols alone.
 *
 * A block's state is the number of its coefficients that are done with, modulo 256: 0 where it
 * begins, 1 to 63 within it. An entry's upper byte is added to it, and its lower byte is the number
 * of bits, so that one addition serves for both. The end-of-block symbol adds 128 as well, whose
 * bit then says that the block has ended. PP_LUMA_ODD is set in the sum when the block became full,
 * when symbols went over its end, or when the look has no entry, since a code is longer than it or
 * there is no such symbol: then symbols have to be taken one by one.
 *
 * Pure; any thread. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_TABLES_H
#define PP_CODEC_JPEG_LUMA_TABLES_H

#include <stdint.h>

#include "codec/jpeg_luma_huffman.h"

/* The most address bits of a table. */
#define PP_LUMA_LOOK_MAX 13

#define PP_LUMA_FULL  64
#define PP_LUMA_ODD   64
#define PP_LUMA_ENDED 128

/* By an entry's upper byte every state gets odd. */
#define PP_LUMA_NO_ENTRY (PP_LUMA_ODD << 8)

/* One table of AC symbols and those of all fewer address bits it is made from: the one of n bits is
 * at entry 2^n. */
struct pp_luma_ac_table {
    uint16_t entries[2 << PP_LUMA_LOOK_MAX];
};

struct pp_luma_first_table {
    uint16_t entries[1 << PP_LUMA_LOOK_MAX];
};

/* For symbols of AC coefficients in sequential coding (F.1.2.2). */
void pp_luma_ac_table_build(struct pp_luma_ac_table *table, const struct pp_luma_codes *ac,
                            unsigned look);

/* For a DC difference and, when `ac` is not NULL, AC symbols after it; else it is all of a block.
 * `ac` must be of the same or more address bits. */
void pp_luma_first_table_build(struct pp_luma_first_table *table, const struct pp_luma_codes *dc,
                               const struct pp_luma_ac_table *ac, unsigned look);

/* For blocks of one bit. */
void pp_luma_bit_table_build(struct pp_luma_first_table *table, unsigned look);

/* What one symbol does, as an entry; 0 when the standard has no such symbol. `length` is the bits
 * of its code. */
uint16_t pp_luma_ac_entry(unsigned symbol, unsigned length);
uint16_t pp_luma_dc_entry(unsigned category, unsigned length, bool ends);

#endif
