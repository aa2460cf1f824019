/*
 * codec/png_inflate.h - a zlib stream (RFC 1950, RFC 1951) inflated piece by piece.
 *
 * Made for what a PNG needs: compressed bytes are pulled from a source in pieces of any size, the
 * bytes come out in a window of fixed size, and rows are taken from it where they lie. zlib
 * streams too but takes three times as long; libdeflate is as fast but wants all of the picture at
 * once. What zlib refuses is refused. One thread at a time.
 */
#ifndef PP_CODEC_PNG_INFLATE_H
#define PP_CODEC_PNG_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <pixpool/error.h>

#include "codec/png_inflate_tables.h"

/* How far back a match may reach (RFC 1951, 2). */
#define PP_INFLATE_HISTORY ((size_t)32768)
/* Bytes behind the window's limit that a symbol begun before it may still write. */
#define PP_INFLATE_SLOP ((size_t)512)

/* Where compressed bytes come from: the next piece, valid until the next call, and *size 0 when
 * there is no more. */
struct pp_inflate_source {
    enum pp_status (*next)(void *user, const uint8_t **data, size_t *size, struct pp_error *err);
    void *user;
};

enum pp_inflate_stage {
    PP_INFLATE_HEADER,
    PP_INFLATE_BLOCK,  /* a block's header is next */
    PP_INFLATE_STORED, /* inside a stored block */
    PP_INFLATE_CODED,  /* inside a block of Huffman codes */
    PP_INFLATE_CHECK,  /* the Adler-32 is next */
    PP_INFLATE_END
};

struct pp_inflate {
    struct pp_inflate_source source;
    const uint8_t *in, *in_end; /* of the piece at hand, not yet consumed */
    uint64_t bits;              /* consumed and not yet used, the next in the lowest bit */
    unsigned bit_count;         /* how many: between two symbols under 8 */
    enum pp_inflate_stage stage;
    bool last_block;
    bool starved;          /* ended with an error: the source has no more */
    const char *fault;     /* ended with an error because of this, in zlib's words; else NULL */
    struct pp_error error; /* what it ended with, or the source */
    unsigned stored_left;  /* bytes of the stored block to come */
    uint8_t *window;       /* owned: history, then what was not yet taken */
    size_t limit;          /* the window's size without the slop */
    size_t read, write;    /* offsets of what was not yet taken */
    size_t summed;         /* offset up to which `adler` counts */
    uint32_t adler;        /* Adler-32 of all that came out */
    uint64_t dropped;      /* bytes that came out and left the window */
    uint64_t expected;     /* bytes wanted in all */
    size_t most;           /* bytes wanted at once: a row */
    size_t reach;          /* how far back matches may go by the header */
    uint64_t piece_begin; /* bytes that had come out when zlib would have begun the piece at hand */
    uint64_t piece_end;   /* and when its last byte was used */
    struct pp_inflate_tables tables;
};

/*
 * Begin a stream of which `expected` bytes are wanted, `most` of them at a time. The window's size
 * follows from both; beyond `expected` nothing comes out unless pp_inflate_rest() asks for it.
 * Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_inflate_init(struct pp_inflate *inflate, const struct pp_inflate_source *source,
                               uint64_t expected, size_t most, struct pp_error *err) PP_MUST_CHECK;
void pp_inflate_release(struct pp_inflate *inflate);

/*
 * The next `size` bytes (at most what init() was told) in one piece, valid until the next call.
 * What stands in front of a fault can be had. Errors: PP_E_CORRUPT with `fault` or `starved` set,
 * or because the stream ended; those of the source.
 */
enum pp_status pp_inflate_take(struct pp_inflate *inflate, size_t size, const uint8_t **data,
                               struct pp_error *err) PP_MUST_CHECK;

/*
 * Go on to the stream's end and past its check, the stage then being PP_INFLATE_END, or until more
 * than `most` bytes have come out in all. What comes out is dropped. Errors: as take().
 */
enum pp_status pp_inflate_rest(struct pp_inflate *inflate, uint64_t most,
                               struct pp_error *err) PP_MUST_CHECK;

/* Bytes that came out so far, taken or not. */
static inline uint64_t pp_inflate_total(const struct pp_inflate *inflate)
{
    return inflate->dropped + inflate->write;
}

/* Eight bytes of the same two or four again and again. */
static inline uint64_t pp_inflate_repeated(const uint8_t *from, size_t count)
{
    uint16_t two;
    uint32_t four;

    if (count == 2) {
        memcpy(&two, from, sizeof(two));
        return two * UINT64_C(0x0001000100010001);
    }
    memcpy(&four, from, sizeof(four));
    return four * UINT64_C(0x0000000100000001);
}

/* Copy a match: `length` bytes from `distance` before, which may overlap what they make. Up to 31
 * bytes behind them are overwritten. */
static inline void pp_inflate_copy(uint8_t *to, size_t distance, size_t length)
{
    const uint8_t *from = to - distance, *end = to + length;

    if (distance >= 16) {
        memcpy(to, from, 16);
        memcpy(to + 16, from + 16, 16);
        for (to += 32, from += 32; to < end; to += 16, from += 16)
            memcpy(to, from, 16);
    } else if (distance == 1) {
        const uint8_t value = *from;
        memset(to, value, 16);
        memset(to + 16, value, 16);
        for (to += 32; to < end; to += 16)
            memset(to, value, 16);
    } else if (distance == 2 || distance == 4) { /* pixels of drawings */
        const uint64_t word = pp_inflate_repeated(from, distance);
        do {
            memcpy(to, &word, sizeof(word));
            memcpy(to + 8, &word, sizeof(word));
            to += 16;
        } while (to < end);
    } else {
        /* Each step makes `distance` bytes that are right, and some that the next one makes. */
        const size_t stride = distance < 8 ? distance : 8;
        do {
            uint64_t word;
            memcpy(&word, from, sizeof(word));
            memcpy(to, &word, sizeof(word));
            to += stride;
            from += stride;
        } while (to < end);
    }
}

/* png_inflate_loop.c: symbols of a coded block as long as the piece at hand has plenty of bytes and
 * the window stays below `limit`. Sets `fault`, or the stage behind the block. */
void pp_inflate_loop(struct pp_inflate *inflate, size_t limit);

/* png_inflate_block.c: read a block's header, tables and all. False: fault, starved or error. */
bool pp_inflate_begin_block(struct pp_inflate *inflate);

/* png_inflate.c: how much of a match at offset `write` zlib lets come out: less than `length` only
 * beyond `reach`. */
size_t pp_inflate_reachable(const struct pp_inflate *inflate, size_t write, size_t distance,
                            size_t length);

/* png_inflate_bits.c: have `count` bits (at most 48), byte by byte. False: starved or error. */
bool pp_inflate_need(struct pp_inflate *inflate, unsigned count);
/* The next piece from the source. False: starved or error. */
bool pp_inflate_next_piece(struct pp_inflate *inflate);
/* To be told of it when bytes of the piece were used, before what they make comes out. */
static inline void pp_inflate_used(struct pp_inflate *inflate)
{
    if (inflate->in == inflate->in_end)
        inflate->piece_end = pp_inflate_total(inflate);
}

/* Use `count` bits that are there. */
static inline unsigned pp_inflate_bits(struct pp_inflate *inflate, unsigned count)
{
    unsigned value = (unsigned)(inflate->bits & ((UINT64_C(1) << count) - 1));

    inflate->bits >>= count;
    inflate->bit_count -= count;
    return value;
}

/* The entry of the next symbol, its bits at hand, both of the code and extra, and not yet used. An
 * entry of the second level counts the bits of the first too. False: starved or error. */
bool pp_inflate_symbol(struct pp_inflate *inflate, const uint32_t *table, unsigned table_bits,
                       uint32_t *entry);

#endif
