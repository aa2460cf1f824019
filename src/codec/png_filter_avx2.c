/*
 * Filters by 32 bytes, their sums taken along the way. What is left of a part is done with bytes
 * before it, which become what they were and do not count again.
 */
#include "codec/png_filter_part.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "codec/png_filter.h"

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))
#define BLOCK  32u

/* The bytes to the left, above, and left above. */
typedef __m256i prediction(__m256i a, __m256i b, __m256i c);

INLINE __m256i load(const uint8_t *from)
{
    return _mm256_loadu_si256((const void *)from);
}

INLINE __m256i left(__m256i a, __m256i b, __m256i c)
{
    (void)b;
    (void)c;
    return a;
}

INLINE __m256i above(__m256i a, __m256i b, __m256i c)
{
    (void)a;
    (void)c;
    return b;
}

/* vpavgb rounds up, the filter down. */
INLINE __m256i average(__m256i a, __m256i b, __m256i c)
{
    const __m256i odd = _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_set1_epi8(1));

    (void)c;
    return _mm256_sub_epi8(_mm256_avg_epu8(a, b), odd);
}

/* Of two bytes |a - b|; *less tells which are the same or less than the other. */
INLINE __m256i difference(__m256i a, __m256i b, __m256i *less)
{
    const __m256i up = _mm256_subs_epu8(a, b);

    *less = _mm256_cmpeq_epi8(up, _mm256_setzero_si256());
    return _mm256_or_si256(up, _mm256_subs_epu8(b, a));
}

/* PNG-3, 9.4, in bytes. The distance from c is that from a and that from b added, or taken from
 * each other where c lies between a and b; a sum that is cut off at 255 is no less than either. */
INLINE __m256i paeth(__m256i a, __m256i b, __m256i c)
{
    __m256i a_less, b_less;
    const __m256i from_a = difference(b, c, &b_less), from_b = difference(a, c, &a_less);
    const __m256i more = _mm256_max_epu8(from_a, from_b), less = _mm256_min_epu8(from_a, from_b);
    const __m256i from_c =
        _mm256_blendv_epi8(_mm256_adds_epu8(from_a, from_b), _mm256_sub_epi8(more, less),
                           _mm256_xor_si256(a_less, b_less));
    const __m256i least = _mm256_min_epu8(less, from_c);
    const __m256i other = _mm256_blendv_epi8(c, b, _mm256_cmpeq_epi8(from_b, least));

    return _mm256_blendv_epi8(other, a, _mm256_cmpeq_epi8(from_a, least));
}

/* Four sums of eight bytes; 128 is the absolute value of -128 here as well. */
INLINE __m256i sums_of(__m256i bytes)
{
    return _mm256_sad_epu8(_mm256_abs_epi8(bytes), _mm256_setzero_si256());
}

INLINE uint64_t total_of(__m256i sums)
{
    const __m128i two =
        _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));

    return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(two, _mm_srli_si128(two, 8)));
}

/* All but the last `count` bytes become zero. */
INLINE __m256i last_bytes(__m256i bytes, size_t count)
{
    static const uint8_t masks[2 * BLOCK] = {
        [BLOCK] = 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF,           0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF,           0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

    return _mm256_and_si256(bytes, load(masks + count));
}

INLINE __m256i filtered(const struct pp_png_unfiltered *row, prediction *predict, size_t at,
                        uint8_t *out)
{
    const uint8_t *x = row->here + at, *b = row->above + at;
    const __m256i bytes =
        _mm256_sub_epi8(load(x), predict(load(x - row->pixel), load(b), load(b - row->pixel)));

    _mm256_storeu_si256((void *)(out + at), bytes);
    return bytes;
}

INLINE uint64_t filter_part(const struct pp_png_unfiltered *row, prediction *predict, size_t from,
                            size_t to, uint8_t *out)
{
    __m256i sums = _mm256_setzero_si256();
    size_t i = from;

    for (; i + BLOCK <= to; i += BLOCK)
        sums = _mm256_add_epi64(sums, sums_of(filtered(row, predict, i, out)));
    if (i < to) {
        const __m256i bytes = filtered(row, predict, to - BLOCK, out);
        sums = _mm256_add_epi64(sums, sums_of(last_bytes(bytes, to - i)));
    }
    return total_of(sums);
}

INLINE uint64_t sum_part(const uint8_t *bytes, size_t from, size_t to)
{
    __m256i sums = _mm256_setzero_si256();
    size_t i = from;

    for (; i + BLOCK <= to; i += BLOCK)
        sums = _mm256_add_epi64(sums, sums_of(load(bytes + i)));
    if (i < to)
        sums = _mm256_add_epi64(sums, sums_of(last_bytes(load(bytes + to - BLOCK), to - i)));
    return total_of(sums);
}

AVX2 static uint64_t kernel(const struct pp_png_unfiltered *row, unsigned filter, size_t from,
                            size_t to, uint8_t *out)
{
    const size_t first = filter == PP_PNG_NONE ? 0 : row->pixel;

    if (to < first + BLOCK)
        return pp_png_part_portable()(row, filter, from, to, out);
    switch (filter) {
    case PP_PNG_SUB:
        return filter_part(row, left, from, to, out);
    case PP_PNG_UP:
        return filter_part(row, above, from, to, out);
    case PP_PNG_AVERAGE:
        return filter_part(row, average, from, to, out);
    case PP_PNG_PAETH:
        return filter_part(row, paeth, from, to, out);
    default:
        return sum_part(row->here, from, to);
    }
}

pp_png_part_kernel *pp_png_part_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? kernel : NULL;
}

#else

pp_png_part_kernel *pp_png_part_avx2(void)
{
    return NULL;
}

#endif
