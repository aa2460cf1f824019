#include "codec/png_flat.h"

#include <string.h>

#include "base/log2.h"
#include "base/memory.h"
#include "codec/png_match.h"

/* Bytes compared and hashed at once. Shorter matches are found at the near distances alone: in flat
 * data literals are cheap, and a short match far away costs more than they. */
#define HEADS_MIN 256u
#define HEADS_MAX 4096u
/* After a match so long only so many places are looked at for a better one. */
#define GOOD_LENGTH 32u
#define GOOD_DEPTH  2u
/* Of a longer match only so many positions at its end go into the table. */
#define INSIDE_MAX 12u
#define INSIDE_END 4u

/* What a match is worth, in halves of a bit: about so much for each of its bytes, less the bits
 * that tell its distance; below the least it is none. Measured over icons and drawings. */
#define BYTE_WORTH     3
#define DISTANCE_WORTH 2
#define WORTH_LEAST    12
#define LENGTH_LEAST   (WORTH_LEAST / BYTE_WORTH + 1)

/* Symbols that may become a block of their own. */
#define SEGMENT 1024u

struct match {
    unsigned length, distance;
    int worth;
};

static const struct match no_match = {0, 0, WORTH_LEAST};

struct matcher {
    const uint8_t *data;
    size_t size;
    uint32_t *heads;  /* by hash, the last position put in, plus 1 */
    uint16_t *before; /* by position within the window, how far back the one before is; 0: none */
    unsigned shift;   /* of a product, to a hash */
    unsigned depth;   /* places looked at */
    unsigned near[3]; /* distances tried first: the last match's, the pixel's, the row's */
    unsigned near_begin; /* 1 when the first is one of the others */
};

/* ---- memory --------------------------------------------------------------------------------- */

static unsigned heads_of(size_t size)
{
    unsigned heads = HEADS_MIN;

    while (heads < HEADS_MAX && heads < size / 4)
        heads *= 2;
    return heads;
}

static size_t window_of(size_t size)
{
    return size < PP_PNG_WINDOW ? size : PP_PNG_WINDOW;
}

size_t pp_png_flat_memory(size_t size)
{
    return pp_size_aligned(sizeof(struct pp_png_blocks)) + heads_of(size) * sizeof(uint32_t) +
           pp_png_blocks_memory(size) + window_of(size) * sizeof(uint16_t);
}

/* ---- matches -------------------------------------------------------------------------------- */

/* Put a position with a word of bytes behind it into the table; returns how far back the one before
 * it with the same hash is, 0 when there is none in the window. */
static inline unsigned insert(struct matcher *matcher, size_t at)
{
    uint64_t product = pp_png_load_64(matcher->data + at) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t *head = &matcher->heads[product >> matcher->shift];
    size_t back = at + 1 - *head;

    if (back >= PP_PNG_WINDOW || *head == 0)
        back = 0;
    *head = (uint32_t)at + 1;
    matcher->before[at % PP_PNG_WINDOW] = (uint16_t)back;
    return (unsigned)back;
}

/* Take the match at that distance if it is better. */
static inline void improve(struct match *best, const uint8_t *here, unsigned distance,
                           unsigned limit)
{
    unsigned length = pp_png_equal_bytes(here, here - distance, limit);
    int worth = BYTE_WORTH * (int)length - DISTANCE_WORTH * (int)pp_log2_floor(distance);

    if (worth > best->worth)
        *best = (struct match){length, distance, worth};
}

static inline struct match find_near(const struct matcher *matcher, size_t at, unsigned limit)
{
    const uint8_t *here = matcher->data + at;
    struct match best = no_match;
    uint64_t first = pp_png_load_64(here) << (64 - 8 * LENGTH_LEAST);

    for (unsigned i = matcher->near_begin; i < 3; i++) {
        unsigned distance = matcher->near[i];
        if (distance <= at && pp_png_load_64(here - distance) << (64 - 8 * LENGTH_LEAST) == first)
            improve(&best, here, distance, limit);
    }
    return best;
}

/* The best match of those in the table, if it is better than `best`. */
static inline struct match find_far(struct matcher *matcher, size_t at, unsigned limit,
                                    struct match best)
{
    const uint8_t *here = matcher->data + at;
    unsigned back = insert(matcher, at), distance = 0;
    uint64_t first = pp_png_load_64(here);
    unsigned depth = best.length >= GOOD_LENGTH ? GOOD_DEPTH : matcher->depth;

    for (; depth > 0 && back != 0; depth--) {
        distance += back;
        if (distance >= PP_PNG_WINDOW)
            break;
        const uint8_t *there = here - distance;
        back = matcher->before[(at - distance) % PP_PNG_WINDOW];
        if (there[best.length] != here[best.length] || pp_png_load_64(there) != first)
            continue;
        improve(&best, here, distance, limit);
        if (best.length == limit)
            break;
    }
    return best;
}

static inline struct match find(struct matcher *matcher, size_t at)
{
    size_t left = matcher->size - at;
    unsigned limit = left < PP_PNG_MATCH_MAX ? (unsigned)left : PP_PNG_MATCH_MAX;

    if (limit < PP_PNG_WORD)
        return no_match;
    struct match best = find_near(matcher, at, limit);
    return best.length == limit ? best : find_far(matcher, at, limit, best);
}

/* The inside of a match, from `at`, which is put in as far as that pays. */
static inline void insert_inside(struct matcher *matcher, size_t at, size_t end)
{
    if (end - at > INSIDE_MAX)
        at = end - INSIDE_END;
    if (end + PP_PNG_WORD > matcher->size)
        return;
    for (; at < end; at++)
        insert(matcher, at);
}

/* Add the match at `at`, of whose positions those before `inside` are in the table. */
static inline void take(struct matcher *matcher, struct pp_png_blocks *blocks, size_t at,
                        struct match match, size_t inside)
{
    unsigned *near = matcher->near;

    pp_png_blocks_match(blocks, match.length, match.distance);
    near[0] = match.distance;
    matcher->near_begin = near[0] == near[1] || near[0] == near[2];
    insert_inside(matcher, inside, at + match.length);
}

/* A match is put off by a literal as long as the next is worth as much. */
static void match_all(struct matcher *matcher, struct pp_png_blocks *blocks)
{
    size_t at = 0, written = 0;

    while (at < matcher->size) {
        struct match now = find(matcher, at), next = no_match;
        if (now.length == 0) {
            at++;
            continue;
        }
        size_t inside = at + 1;
        while (now.length < PP_PNG_MATCH_MAX) {
            next = find(matcher, inside++);
            if (next.length == 0 || next.worth < now.worth)
                break;
            at++;
            now = next;
        }
        pp_png_blocks_literals(blocks, at - written);
        take(matcher, blocks, at, now, inside);
        at += now.length;
        written = at;
    }
    pp_png_blocks_literals(blocks, at - written);
}

size_t pp_png_flat_deflate(const struct pp_png_filtered *rows, unsigned depth, void *memory,
                           uint8_t *out, size_t room)
{
    unsigned heads = heads_of(rows->size);
    struct pp_png_blocks *blocks = memory;
    uint8_t *next = (uint8_t *)memory + pp_size_aligned(sizeof(*blocks));
    struct matcher matcher = {.data = rows->data,
                              .size = rows->size,
                              .shift = 64 - pp_log2_floor(heads),
                              .depth = depth,
                              .near = {1, 1, 1}};

    if (rows->pixel_bytes <= PP_PNG_WINDOW)
        matcher.near[1] = (unsigned)rows->pixel_bytes;
    if (rows->row_bytes <= PP_PNG_WINDOW)
        matcher.near[2] = (unsigned)rows->row_bytes;
    matcher.heads = (uint32_t *)(void *)next;
    next += heads * sizeof(uint32_t);
    uint32_t *items = (uint32_t *)(void *)next;
    matcher.before = (uint16_t *)(void *)(next + pp_png_blocks_memory(rows->size));
    memset(matcher.heads, 0, heads * sizeof(uint32_t));
    pp_png_blocks_begin(blocks, rows->data, SEGMENT, items, out, room);
    match_all(&matcher, blocks);
    return pp_png_blocks_end(blocks, rows->final);
}
