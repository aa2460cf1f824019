/*
 * codec/jpeg_luma_walk.h - where the blocks of a scan end.
 *
 * Sequential coding (ITU-T T.81, F.2.2) and the first and later DC scans of progressive coding
 * (G.1.2.1) are walked through without decoding more than lengths. One thread at a time. Private
 * to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_WALK_H
#define PP_CODEC_JPEG_LUMA_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_tables.h"

/* The most blocks of one walk, and of an MCU (B.2.3). */
#define PP_LUMA_BLOCKS     4096
#define PP_LUMA_ENDS       (PP_LUMA_BLOCKS + 4) /* entries for where they end */
#define PP_LUMA_MCU_BLOCKS 10

/* A component's tables in a scan. */
struct pp_luma_coding {
    struct pp_luma_codes dc, ac;
    struct pp_luma_first_table first;
    struct pp_luma_ac_table rest;
};

/* A block's place within the MCU. */
struct pp_luma_place {
    const uint16_t *rest;       /* for looks within the block */
    const uint16_t *next_first; /* for the first look at the block after it */
    const struct pp_luma_place *next;
    const struct pp_luma_coding *coding;
};

struct pp_luma_walk {
    unsigned look;   /* address bits of the tables */
    bool dc_alone;   /* a block is a DC difference, or its next bit */
    unsigned blocks; /* places of the MCU */
    size_t mean;     /* bits of a block, as they were lately */
    uint32_t *other; /* PP_LUMA_ENDS entries for the walk's own use */
    struct pp_luma_place places[PP_LUMA_MCU_BLOCKS];
};

/* Data without stuffing; PP_LUMA_GUARD bytes behind it may be read. */
struct pp_luma_span {
    const uint8_t *data;
    size_t begin, end; /* bits: the first block's first one, and that behind the last one */
    bool last;         /* no data follows */
};

/* Set the places up: `codings[i]` is that of block i. `look` and `dc_alone` are set. */
void pp_luma_walk_begin(struct pp_luma_walk *walk, const struct pp_luma_coding *const codings[],
                        unsigned blocks, uint32_t *other);

/*
 * Walk through at most `wanted` blocks, a multiple of the MCU's and at most PP_LUMA_BLOCKS, from
 * the first of an MCU on. ends[i + 1] becomes where block i ends, in bits; ends[0] is span->begin,
 * and PP_LUMA_ENDS entries are there. Returns how many blocks of whole MCUs lie within the data;
 * fewer than wanted when it does not suffice. *sound is false when what follows them is nothing
 * that more data could mend.
 */
size_t pp_luma_walk(struct pp_luma_walk *walk, const struct pp_luma_span *span, size_t wanted,
                    uint32_t *ends, bool *sound);

#endif
