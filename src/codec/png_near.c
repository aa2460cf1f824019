#include "codec/png_near.h"

#include <string.h>

#include "base/hot.h"
#include "base/log2.h"
#include "base/memory.h"
#include "codec/png_match.h"

#define DISTANCES 3u
/* The shortest match. */
#define LEAST 5u
#define ALL   ((1u << DISTANCES) - 1)
/* What a match is worth, in halves of a bit: about so much for each of its bytes, less the bits
 * that tell its distance. Measured over photographs and gradients. */
#define BYTE_WORTH     2
#define DISTANCE_WORTH 2
#define WORTH_LEAST    12

/* Positions looked at in one go, and what is looked at behind them. */
#define AHEAD 4096u
#define EXTRA (LEAST - 1)
/* Symbols that may become a block of their own. */
#define SEGMENT 4096u

struct match {
    unsigned length, which; /* of the distances */
    int worth;
};

struct matcher {
    const uint8_t *data;
    size_t size;
    unsigned distances[DISTANCES], count;
    int cost[DISTANCES];
    size_t begin, end;                   /* positions that `starts` tells of */
    uint8_t equal[AHEAD + EXTRA];        /* a bit for each distance at which the byte is the same */
    uint8_t starts[AHEAD + PP_PNG_WORD]; /* the same for LEAST bytes; zeroes behind */
};

size_t pp_png_near_memory(size_t size)
{
    return pp_size_aligned(sizeof(struct pp_png_blocks)) + pp_size_aligned(sizeof(struct matcher)) +
           pp_png_blocks_memory(size);
}

/* ---- where matches begin -------------------------------------------------------------------- */

PP_HOT static void mark_equal(const uint8_t *restrict here, const uint8_t *restrict there,
                              size_t count, uint8_t bit, uint8_t *restrict marks)
{
    for (size_t i = 0; i < count; i++)
        marks[i] |= here[i] == there[i] ? bit : 0;
}

PP_HOT static void mark_starts(const uint8_t *restrict equal, size_t count,
                               uint8_t *restrict starts)
{
    for (size_t i = 0; i < count; i++)
        starts[i] = equal[i] & equal[i + 1] & equal[i + 2] & equal[i + 3] & equal[i + 4];
}

/* Tell of the positions from `at` on. */
static void look_ahead(struct matcher *matcher, size_t at)
{
    size_t left = matcher->size - at, count = left < AHEAD ? left : AHEAD;
    size_t seen = left < AHEAD + EXTRA ? left : AHEAD + EXTRA;

    memset(matcher->equal, 0, sizeof(matcher->equal));
    for (unsigned k = 0; k < matcher->count; k++) {
        size_t distance = matcher->distances[k];
        size_t skip = at < distance ? distance - at : 0;
        if (skip < seen)
            mark_equal(matcher->data + at + skip, matcher->data + at + skip - distance, seen - skip,
                       (uint8_t)(1u << k), matcher->equal + skip);
    }
    mark_starts(matcher->equal, count, matcher->starts);
    memset(matcher->starts + count, 0, PP_PNG_WORD);
    matcher->begin = at;
    matcher->end = at + count;
}

/* The first position from `at` on where a match may begin; `size` when there is none. */
static size_t next_start(struct matcher *matcher, size_t at)
{
    while (at < matcher->size) {
        if (at >= matcher->end)
            look_ahead(matcher, at);
        for (; at < matcher->end; at += PP_PNG_WORD) {
            uint64_t word = pp_png_load_64(matcher->starts + (at - matcher->begin));
            if (word != 0)
                return at + pp_png_first_set(word);
        }
        at = matcher->end;
    }
    return matcher->size;
}

/* ---- matches -------------------------------------------------------------------------------- */

/* The best of those that begin at `at`, at one of the distances in `which`, if it is worth more. */
static inline struct match find(const struct matcher *matcher, size_t at, unsigned which, int worth)
{
    size_t left = matcher->size - at;
    unsigned limit = left < PP_PNG_MATCH_MAX ? (unsigned)left : PP_PNG_MATCH_MAX;
    unsigned starts = matcher->starts[at - matcher->begin] & which;
    const uint8_t *here = matcher->data + at;
    struct match best = {.worth = worth};

    for (; starts != 0; starts &= starts - 1) {
        unsigned k = (unsigned)__builtin_ctz(starts);
        unsigned length = pp_png_equal_bytes(here, here - matcher->distances[k], limit);
        int now = BYTE_WORTH * (int)length - matcher->cost[k];
        if (now > best.worth)
            best = (struct match){length, k, now};
    }
    return best;
}

/* A match is put off by a literal as long as the next is worth more. */
static void match_all(struct matcher *matcher, struct pp_png_blocks *blocks)
{
    size_t at = 0, written = 0;

    while ((at = next_start(matcher, at)) < matcher->size) {
        struct match now = find(matcher, at, ALL, WORTH_LEAST), next = now;
        if (now.length == 0) {
            at++;
            continue;
        }
        while (at + 1 < matcher->end) { /* at the same distance the next is shorter */
            next = find(matcher, at + 1, ALL & ~(1u << now.which), now.worth);
            if (next.length == 0)
                break;
            at++;
            now = next;
        }
        pp_png_blocks_literals(blocks, at - written);
        pp_png_blocks_match(blocks, now.length, matcher->distances[now.which]);
        at += now.length;
        written = at;
    }
    pp_png_blocks_literals(blocks, matcher->size - written);
}

static void add_distance(struct matcher *matcher, size_t distance)
{
    for (unsigned i = 0; i < matcher->count; i++) {
        if (matcher->distances[i] == distance)
            return;
    }
    if (distance > PP_PNG_WINDOW)
        return;
    matcher->cost[matcher->count] = DISTANCE_WORTH * (int)pp_log2_floor(distance);
    matcher->distances[matcher->count++] = (unsigned)distance;
}

size_t pp_png_near_deflate(const struct pp_png_filtered *rows, void *memory, uint8_t *out,
                           size_t room)
{
    struct pp_png_blocks *blocks = memory;
    uint8_t *next = (uint8_t *)memory + pp_size_aligned(sizeof(*blocks));
    struct matcher *matcher = (struct matcher *)(void *)next;
    uint32_t *items = (uint32_t *)(void *)(next + pp_size_aligned(sizeof(*matcher)));

    matcher->data = rows->data;
    matcher->size = rows->size;
    matcher->begin = matcher->end = 0;
    matcher->count = 0;
    add_distance(matcher, 1);
    add_distance(matcher, rows->pixel_bytes);
    add_distance(matcher, rows->row_bytes);
    pp_png_blocks_begin(blocks, rows->data, SEGMENT, items, out, room);
    match_all(matcher, blocks);
    return pp_png_blocks_end(blocks, rows->final);
}
