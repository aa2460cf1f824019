/*
 * codec/png_block.h - literals and matches made blocks of deflate (RFC 1951, 3.2.3).
 *
 * What is written comes in segments of so many symbols. A segment that is unlike those before it
 * begins a block of its own; each block is stored, in the fixed codes or in codes of its own,
 * whichever is smallest.
 *
 * One thread at a time. Nothing is written beyond the room there is.
 */
#ifndef PP_CODEC_PNG_BLOCK_H
#define PP_CODEC_PNG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/png_codes.h"

/* RFC 1951, 3.2.5. */
#define PP_PNG_MATCH_MIN 3u
#define PP_PNG_MATCH_MAX 258u
#define PP_PNG_WINDOW    32768u

/* Symbols of a block at most; a segment's divide it. */
#define PP_PNG_BLOCK_SYMBOLS 16384u

/* Filtered rows, to be deflated by themselves. */
struct pp_png_filtered {
    const uint8_t *data;
    size_t size;        /* 1 or more */
    size_t pixel_bytes; /* 1 for fractions of one */
    size_t row_bytes;   /* with the filter byte */
    bool final;         /* they end the stream */
};

struct pp_png_blocks {
    uint32_t *items;        /* runs of literals, by their number; matches, packed as below */
    unsigned count;         /* of the items */
    unsigned segment_begin; /* the first item of the segment */
    unsigned block_symbols, segment_symbols, segment_symbols_max;
    struct pp_png_tally block, segment; /* of the items before `segment_begin`, and behind it */
    const uint8_t *data;                /* what the items stand for, from the block's first */
    size_t block_size, segment_size;    /* bytes of data */
    uint8_t *out;
    size_t used, room;
    uint64_t bits;  /* that are not written yet, the first is the lowest */
    unsigned width; /* how many, 7 at most between calls */
    bool full;      /* the room did not suffice; nothing is written any more */
};

/* Room for the items of a piece of so many bytes, in bytes. */
size_t pp_png_blocks_memory(size_t size);

/* Begin a stream of what is at `data`, in segments of that many symbols; `items` has the room that
 * pp_png_blocks_memory() says. */
void pp_png_blocks_begin(struct pp_png_blocks *blocks, const uint8_t *data, unsigned segment,
                         uint32_t *items, uint8_t *out, size_t room);

/* The next `size` bytes of the data, each by itself. */
void pp_png_blocks_literals(struct pp_png_blocks *blocks, size_t size);

/* For when a segment is full; called by the two below. */
void pp_png_blocks_end_segment(struct pp_png_blocks *blocks);

/*
 * The last block. A final one is marked as such, another is followed by an empty stored block, so
 * that either ends at a whole byte. Returns the stream's size, 0 when it did not fit.
 */
size_t pp_png_blocks_end(struct pp_png_blocks *blocks, bool final);

/* The code of a length less 3 (RFC 1951, 3.2.5), from 0: eight of one length each, then four for
 * each power of two; 258 has one of its own. */
static inline unsigned pp_png_length_code(unsigned length)
{
    if (length < 8)
        return length;
    if (length == PP_PNG_MATCH_MAX - PP_PNG_MATCH_MIN)
        return 28;
    unsigned power = 31 - (unsigned)__builtin_clz(length);
    return 4 * (power - 1) + (length >> (power - 2) & 3);
}

/* The code of a distance less 1: four of one distance each, then two for each power of two. */
static inline unsigned pp_png_distance_code(unsigned distance)
{
    if (distance < 4)
        return distance;
    unsigned power = 31 - (unsigned)__builtin_clz(distance);
    return 2 * power + (distance >> (power - 1) & 1);
}

/* A match packed: its length less 3, its distance less 1, and a mark. */
#define PP_PNG_ITEM_MATCH          0x80000000u
#define PP_PNG_ITEM_DISTANCE_SHIFT 8u

/* The next bytes of the data, which are like those so far back. */
static inline void pp_png_blocks_match(struct pp_png_blocks *blocks, unsigned length,
                                       unsigned distance)
{
    unsigned l = length - PP_PNG_MATCH_MIN, d = distance - 1;

    blocks->segment.literals[PP_PNG_END_SYMBOL + 1 + pp_png_length_code(l)]++;
    blocks->segment.distances[pp_png_distance_code(d)]++;
    blocks->items[blocks->count++] = PP_PNG_ITEM_MATCH | d << PP_PNG_ITEM_DISTANCE_SHIFT | l;
    blocks->segment_size += length;
    if (++blocks->segment_symbols == blocks->segment_symbols_max)
        pp_png_blocks_end_segment(blocks);
}

#endif
