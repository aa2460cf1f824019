/*
 * codec/png_match.h - bytes that are equal, by the word: what the matchers share.
 */
#ifndef PP_CODEC_PNG_MATCH_H
#define PP_CODEC_PNG_MATCH_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define PP_PNG_WORD 8u

/* The first byte is the lowest on every processor. */
static inline uint64_t pp_png_load_64(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

static inline uint32_t pp_png_load_32(const uint8_t *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof(word));
    return word;
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

/* From byte `i` on, by the word. */
static inline unsigned pp_png_equal_words(const uint8_t *a, const uint8_t *b, unsigned i,
                                          unsigned limit)
{
    for (; i + PP_PNG_WORD <= limit; i += PP_PNG_WORD) {
        uint64_t unlike = pp_png_unlike(a, b, i);
        if (unlike != 0)
            return i + pp_png_first_set(unlike);
    }
    while (i < limit && a[i] == b[i])
        i++;
    return i;
}

#if defined(__SSE2__)

/* By the byte, a bit for each of 16 that is not equal. */
static inline unsigned pp_png_unlike_16(const uint8_t *a, const uint8_t *b, unsigned at)
{
    __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128((const void *)(a + at)),
                                   _mm_loadu_si128((const void *)(b + at)));

    return (unsigned)_mm_movemask_epi8(equal) ^ 0xFFFF;
}

/* Of `limit` bytes, how many at the begin are equal. Long runs are common, and so are none. */
static inline unsigned pp_png_equal_bytes(const uint8_t *a, const uint8_t *b, unsigned limit)
{
    unsigned i = 0;

    if (limit < 16)
        return pp_png_equal_words(a, b, 0, limit);
    for (; i + 32 <= limit; i += 32) {
        unsigned unlike = pp_png_unlike_16(a, b, i) | pp_png_unlike_16(a, b, i + 16) << 16;
        if (unlike != 0)
            return i + (unsigned)__builtin_ctz(unlike);
    }
    for (; i < limit; i += 16) { /* the last 16 bytes may begin among those that are equal */
        unsigned at = i + 16 <= limit ? i : limit - 16, unlike = pp_png_unlike_16(a, b, at);
        if (unlike != 0)
            return at + (unsigned)__builtin_ctz(unlike);
    }
    return limit;
}

#else

static inline unsigned pp_png_equal_bytes(const uint8_t *a, const uint8_t *b, unsigned limit)
{
    return pp_png_equal_words(a, b, 0, limit);
}

#endif

#endif
