/*
 * codec/png_match.h - bytes that are equal, by the word: what the matchers share.
 */
#ifndef PP_CODEC_PNG_MATCH_H
#define PP_CODEC_PNG_MATCH_H

#include <stdint.h>
#include <string.h>

#define PP_PNG_WORD 8u

/* The first byte is the lowest on every processor. */
static inline uint64_t pp_png_load_64(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

/* Of a word that is not 0, the first byte that is not. */
static inline unsigned pp_png_first_set(uint64_t word)
{
    return (unsigned)__builtin_ctzll(word) / 8;
}

static inline uint64_t pp_png_unlike(const uint8_t *a, const uint8_t *b, unsigned at)
{
    return pp_png_load_64(a + at) ^ pp_png_load_64(b + at);
}

/* Of `limit` bytes, how many at the begin are equal. Long runs are common, and so are none. */
static inline unsigned pp_png_equal_bytes(const uint8_t *a, const uint8_t *b, unsigned limit)
{
    unsigned i = 0;

    if (limit >= PP_PNG_WORD) {
        uint64_t unlike = pp_png_unlike(a, b, 0);
        if (unlike != 0)
            return pp_png_first_set(unlike);
        i = PP_PNG_WORD;
    }
    while (i + 4 * PP_PNG_WORD <= limit &&
           (pp_png_unlike(a, b, i) | pp_png_unlike(a, b, i + PP_PNG_WORD) |
            pp_png_unlike(a, b, i + 2 * PP_PNG_WORD) | pp_png_unlike(a, b, i + 3 * PP_PNG_WORD)) ==
               0)
        i += 4 * PP_PNG_WORD;
    for (; i + PP_PNG_WORD <= limit; i += PP_PNG_WORD) {
        uint64_t unlike = pp_png_unlike(a, b, i);
        if (unlike != 0)
            return i + pp_png_first_set(unlike);
    }
    while (i < limit && a[i] == b[i])
        i++;
    return i;
}

#endif
