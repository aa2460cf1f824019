/*
 * codec/png_codes.h - the codes of a block of deflate (RFC 1951, 3.2.6 and 3.2.7), from how often
 * each symbol occurs in it, and what it takes in them.
 *
 * Any thread. Integers alone: the same codes on every processor.
 */
#ifndef PP_CODEC_PNG_CODES_H
#define PP_CODEC_PNG_CODES_H

#include <stdint.h>

#include "codec/png_code.h"

/* RFC 1951, 3.2.5 and 3.2.7. */
#define PP_PNG_LITERALS       286u
#define PP_PNG_DISTANCES      30u
#define PP_PNG_END_SYMBOL     256u
#define PP_PNG_LENGTH_SYMBOLS 19u
/* Bits of a literal, a length or a distance: one less than allowed, so that four literals fill no
 * more than 56 bits. */
#define PP_PNG_CODE_LIMIT 14u
/* Fields of a head at most: three counts, the lengths of its own code, those of the others. */
#define PP_PNG_HEAD_FIELDS (3 + PP_PNG_LENGTH_SYMBOLS + PP_PNG_LITERALS + PP_PNG_DISTANCES)

/* How often each symbol occurs. */
struct pp_png_tally {
    uint32_t literals[PP_PNG_LITERALS];
    uint32_t distances[PP_PNG_DISTANCES];
};

/* Bits to be written, 14 at most. */
struct pp_png_field {
    uint16_t bits;
    uint16_t width;
};

struct pp_png_codes {
    struct pp_png_code literals, distances;
    struct pp_png_field head[PP_PNG_HEAD_FIELDS]; /* that tells them; none for the fixed codes */
    unsigned fields;
};

/* Codes of a block's own, the end of a block among its symbols. */
void pp_png_codes_make(struct pp_png_codes *codes, const struct pp_png_tally *tally);

/* Those that need not be told (RFC 1951, 3.2.6). */
void pp_png_codes_make_fixed(struct pp_png_codes *codes);

/* Bits that the symbols take, with the bits behind lengths and distances, and the head. */
uint64_t pp_png_codes_cost(const struct pp_png_codes *codes, const struct pp_png_tally *tally);

/* The same in the fixed codes, which need not be made for it. */
uint64_t pp_png_codes_fixed_cost(const struct pp_png_tally *tally);

/* Bits behind a length's code, by the code from 0; and behind a distance's. */
static inline unsigned pp_png_length_extra(unsigned code)
{
    return code < 8 || code == 28 ? 0 : code / 4 - 1;
}

static inline unsigned pp_png_distance_extra(unsigned code)
{
    return code < 4 ? 0 : code / 2 - 1;
}

#endif
