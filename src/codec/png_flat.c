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
_Static_assert(LENGTH_LEAST >= sizeof(uint32_t), "of a match four bytes are compared first");

/* Symbols that may become a block of their own. */
#define SEGMENT 1024u

struct match {
    unsigned length, distance;
    int worth;
};

static const struct match no_match = {0, 0, WORTH_LEAST};

/* In each byte, and beyond the window from everywhere before it: a piece is far smaller, and what
 * is found in a larger one is compared all the same. */
#define NO_HEAD 0x80

struct matcher {
    const uint8_t *data;
    size_t size;
    uint32_t *heads;  /* by hash, the last position put in; NO_HEAD: none */
    uint16_t *before; /* by position within the window, how far back the one before is; 0: none */
    unsigned shift;   /* of a product, to a hash */
    unsigned depth;   /* places looked at */
    unsigned last, pixel, row; /* distances tried first: the last match's, the picture's */
    unsigned reach;            /* the larger of the latter two */
};

#define INLINE static inline __attribute__((always_inline))

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
INLINE unsigned insert(const struct matcher *matcher, size_t at)
{
    uint64_t product = pp_png_load_64(matcher->data + at) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t *head = &matcher->heads[product >> matcher->shift];
    uint32_t back = (uint32_t)at - *head;

    back &= 0u - (unsigned)(back < PP_PNG_WINDOW); /* no branch: half of them are */
    *head = (uint32_t)at;
    matcher->before[at % PP_PNG_WINDOW] = (uint16_t)back;
    return back;
}

INLINE int distance_cost(unsigned distance)
{
    return DISTANCE_WORTH * (int)pp_log2_floor(distance);
}

/* The shortest match at that distance, or a farther one, that is worth more. */
INLINE unsigned length_worth_more(int worth, unsigned distance)
{
    return (unsigned)(worth + distance_cost(distance)) / BYTE_WORTH + 1;
}

/* One position, and what is known of it. */
struct place {
    const uint8_t *here;
    size_t at;
    unsigned limit;    /* of the bytes that may match */
    struct match last; /* of the position before; its worth is what there is to exceed */
};

/* Take the match at that distance if it is better. */
INLINE void improve(struct match *best, const struct place *place, unsigned distance)
{
    if (length_worth_more(best->worth, distance) > place->limit)
        return;
    unsigned length = distance == place->last.distance
                          ? place->last.length - 1
                          : pp_png_equal_bytes(place->here, place->here - distance, place->limit);
    int worth = BYTE_WORTH * (int)length - distance_cost(distance);
    if (worth > best->worth)
        *best = (struct match){length, distance, worth};
}

/* Whether there may be a match worth anything: they are longer. */
INLINE bool begins_alike(const struct place *place, unsigned distance)
{
    return pp_png_load_32(place->here) == pp_png_load_32(place->here - distance);
}

/* Most positions have no match there, which is found out by one branch. */
INLINE struct match find_near(const struct matcher *matcher, const struct place *place)
{
    struct match best = no_match;
    unsigned last = matcher->last, pixel = matcher->pixel, row = matcher->row;

    if (place->at < matcher->reach) {
        pixel = pixel <= place->at ? pixel : last;
        row = row <= place->at ? row : last;
    }
    bool is_last = begins_alike(place, last), is_pixel = begins_alike(place, pixel);
    bool is_row = begins_alike(place, row);
    if (!(is_last | is_pixel | is_row))
        return best;
    if (is_last && last != matcher->pixel && last != matcher->row)
        improve(&best, place, last);
    if (is_pixel)
        improve(&best, place, pixel);
    if (is_row)
        improve(&best, place, row);
    return best;
}

/* What a match in the table must be like to be worth more than what there is. */
struct wanted {
    int least;            /* worth to exceed */
    unsigned length, end; /* the shortest, and where its last word begins */
    uint64_t first_word, end_word;
};

/* Of matches at that distance or farther; false: the limit is shorter. */
INLINE bool want(struct wanted *wanted, const struct place *place, unsigned distance)
{
    wanted->length = length_worth_more(wanted->least, distance);
    if (wanted->length > place->limit)
        return false;
    wanted->end = wanted->length > PP_PNG_WORD ? wanted->length - PP_PNG_WORD : 0;
    wanted->first_word = pp_png_load_64(place->here);
    wanted->end_word = pp_png_load_64(place->here + wanted->end);
    return true;
}

/* 0 if there may be one at that distance. */
INLINE uint64_t unlike(const struct wanted *wanted, const struct place *place, unsigned distance)
{
    const uint8_t *there = place->here - distance;

    return (pp_png_load_64(there + wanted->end) ^ wanted->end_word) |
           (pp_png_load_64(there) ^ wanted->first_word);
}

INLINE unsigned before(const struct matcher *matcher, const struct place *place, unsigned distance)
{
    return matcher->before[(place->at - distance) % PP_PNG_WINDOW];
}

/* Whether the first one in the table begins alike, or there are more. Mostly neither, which cannot
 * be foreseen one by one and is found out by one branch. `back` 0 is none. */
INLINE bool is_worth_a_look(const struct matcher *matcher, const struct place *place, unsigned back)
{
    unsigned alike = 0u - (unsigned)(pp_png_unlike(place->here, place->here - back, 0) == 0);

    return ((alike & back) | before(matcher, place, back)) != 0;
}

/*
 * The best match of those in the table, if it is better than `best`. They come by rising distance,
 * so that a longer one is wanted each time. Where a near match is longer than what is wanted,
 * places must be as long as that by one byte: a rule of thumb that saves most comparisons.
 */
INLINE struct match find_far(const struct matcher *matcher, const struct place *place,
                             struct match best)
{
    unsigned back = insert(matcher, place->at), distance = 0;
    unsigned depth = best.length >= GOOD_LENGTH ? GOOD_DEPTH : matcher->depth;
    struct wanted wanted = {.least =
                                best.worth > place->last.worth ? best.worth : place->last.worth};

    if (!is_worth_a_look(matcher, place, back))
        return best;
    if (length_worth_more(wanted.least, back) <= best.length)
        wanted.least = best.worth;
    if (!want(&wanted, place, back))
        return best;
    do {
        distance += back;
        if (distance >= PP_PNG_WINDOW)
            break;
        back = before(matcher, place, distance);
        if (unlike(&wanted, place, distance) != 0 ||
            place->here[best.length] != *(place->here - distance + best.length))
            continue;
        improve(&best, place, distance);
        if (best.length == place->limit)
            break;
        if (best.worth <= wanted.least)
            continue;
        wanted.least = best.worth;
        if (!want(&wanted, place, distance))
            break;
    } while (--depth > 0 && back != 0);
    return best;
}

/* The best match at `at`, where that may be worth more than `last`. */
INLINE struct match find_within(const struct matcher *matcher, size_t at, struct match last,
                                unsigned limit)
{
    const struct place place = {.here = matcher->data + at, .at = at, .limit = limit, .last = last};

    struct match best = find_near(matcher, &place);
    return best.length == place.limit ? best : find_far(matcher, &place, best);
}

/* Nearly always as many bytes are left as a match has at most, which then is a constant. */
INLINE struct match find(const struct matcher *matcher, size_t at, struct match last)
{
    size_t left = matcher->size - at;

    if (left >= PP_PNG_MATCH_MAX)
        return find_within(matcher, at, last, PP_PNG_MATCH_MAX);
    return left < PP_PNG_WORD ? no_match : find_within(matcher, at, last, (unsigned)left);
}

/* The inside of a match, from `at`, which is put in as far as that pays. */
INLINE void insert_inside(const struct matcher *matcher, size_t at, size_t end)
{
    if (end - at > INSIDE_MAX)
        at = end - INSIDE_END;
    if (end + PP_PNG_WORD > matcher->size)
        return;
    for (; at < end; at++)
        insert(matcher, at);
}

/* A match is put off by a literal as long as the next is worth as much. */
static void match_all(struct matcher matcher, struct pp_png_blocks *blocks)
{
    size_t at = 1, written = 0;

    if (matcher.size >= PP_PNG_WORD)
        insert(&matcher, 0);
    while (at < matcher.size) {
        struct match now = find(&matcher, at, no_match), next = no_match;
        if (now.length == 0) {
            at++;
            continue;
        }
        size_t inside = at + 1;
        while (now.length < PP_PNG_MATCH_MAX) {
            const struct match last = {now.length, now.distance, now.worth - 1};
            next = find(&matcher, inside++, last);
            if (next.worth < now.worth)
                break;
            at++;
            now = next;
        }
        pp_png_blocks_literals(blocks, at - written);
        pp_png_blocks_match(blocks, now.length, now.distance);
        matcher.last = now.distance;
        insert_inside(&matcher, inside, at + now.length);
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
                              .last = 1,
                              .pixel = 1,
                              .row = 1};

    if (rows->pixel_bytes <= PP_PNG_WINDOW)
        matcher.pixel = (unsigned)rows->pixel_bytes;
    if (rows->row_bytes <= PP_PNG_WINDOW)
        matcher.row = (unsigned)rows->row_bytes;
    matcher.heads = (uint32_t *)(void *)next;
    next += heads * sizeof(uint32_t);
    uint32_t *items = (uint32_t *)(void *)next;
    matcher.before = (uint16_t *)(void *)(next + pp_png_blocks_memory(rows->size));
    matcher.reach = matcher.pixel > matcher.row ? matcher.pixel : matcher.row;
    memset(matcher.heads, NO_HEAD, heads * sizeof(uint32_t));
    pp_png_blocks_begin(blocks, rows->data, SEGMENT, items, out, room);
    match_all(matcher, blocks);
    return pp_png_blocks_end(blocks, rows->final);
}
