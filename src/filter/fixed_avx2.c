/*
 * The kernels of filter/fixed.h with vpmaddwd: two 16-bit products and their sum in one
 * instruction, which compilers do not find where the two factors lie in different rows.
 */
#include "filter/fixed.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

/* Two weights next to each other, in every pair of lanes. */
INLINE __m256i weight_pair(const int16_t *weights)
{
    int32_t pair;

    memcpy(&pair, weights, sizeof pair);
    return _mm256_set1_epi32(pair);
}

INLINE __m256i load(const void *from)
{
    return _mm256_loadu_si256(from);
}

/* Sums of 32 bits to samples; within each half of the registers `low` comes first. */
INLINE __m256i scaled_pack(__m256i low, __m256i high, unsigned shift)
{
    const __m128i by = _mm_cvtsi32_si128((int)shift);

    return _mm256_packs_epi32(_mm256_sra_epi32(low, by), _mm256_sra_epi32(high, by));
}

/* 32 samples of two rows, times their weights, on four registers of sums. */
INLINE void add_bytes(__m256i s[4], const uint8_t *const *rows, size_t at, __m256i w)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i a = load(rows[0] + at), b = load(rows[1] + at);
    const __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);

    s[0] = _mm256_add_epi32(s[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), w));
    s[1] = _mm256_add_epi32(s[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), w));
    s[2] = _mm256_add_epi32(s[2], _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), w));
    s[3] = _mm256_add_epi32(s[3], _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), w));
}

INLINE void store_bytes(int16_t *out, const __m256i s[4], unsigned shift)
{
    const __m256i first = scaled_pack(s[0], s[1], shift), second = scaled_pack(s[2], s[3], shift);

    _mm256_storeu_si256((void *)out, _mm256_permute2x128_si256(first, second, 0x20));
    _mm256_storeu_si256((void *)(out + 16), _mm256_permute2x128_si256(first, second, 0x31));
}

/* 32 samples of all rows. */
INLINE void bytes_32(int16_t *out, const uint8_t *const *rows, const struct pp_fixed_sum *sum,
                     size_t at, uint32_t count)
{
    const int16_t *weights = sum->weights, *const end = weights + count;
    const __m256i round = _mm256_set1_epi32(sum->round);
    __m256i s[4] = {round, round, round, round};

    do {
        add_bytes(s, rows, at, weight_pair(weights));
        rows += 2;
        weights += 2;
    } while (weights != end);
    store_bytes(out + at, s, sum->shift);
}

/* Rows end with a block that overlaps the one before. `count` is a constant where it is common. */
INLINE void bytes_row(int16_t *restrict out, const uint8_t *const *rows,
                      const struct pp_fixed_sum *sum, size_t samples, uint32_t count)
{
    for (size_t i = 0; i + 32 <= samples; i += 32)
        bytes_32(out, rows, sum, i, count);
    bytes_32(out, rows, sum, samples - 32, count);
}

/* Rows shorter than a block are left to plain loops. */
AVX2 static void sum_bytes(int16_t *restrict out, const uint8_t *const *rows,
                           const struct pp_fixed_sum *sum, size_t samples)
{
    if (samples < 32)
        pp_fixed_portable()->bytes(out, rows, sum, samples);
    else if (sum->count == 8)
        bytes_row(out, rows, sum, samples, 8);
    else
        bytes_row(out, rows, sum, samples, sum->count);
}

INLINE void samples_32(int16_t *out, const int16_t *const *rows, const struct pp_fixed_sum *sum,
                       size_t at, uint32_t count)
{
    const int16_t *weights = sum->weights, *const end = weights + count;
    const __m256i round = _mm256_set1_epi32(sum->round);
    __m256i s[4] = {round, round, round, round};

    do {
        const __m256i w = weight_pair(weights);
        const int16_t *from = rows[0] + at, *beside = rows[1] + at;
        __m256i a = load(from), b = load(beside);

        s[0] = _mm256_add_epi32(s[0], _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w));
        s[1] = _mm256_add_epi32(s[1], _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w));
        a = load(from + 16);
        b = load(beside + 16);
        s[2] = _mm256_add_epi32(s[2], _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w));
        s[3] = _mm256_add_epi32(s[3], _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w));
        rows += 2;
        weights += 2;
    } while (weights != end);
    _mm256_storeu_si256((void *)(out + at), scaled_pack(s[0], s[1], sum->shift));
    _mm256_storeu_si256((void *)(out + at + 16), scaled_pack(s[2], s[3], sum->shift));
}

INLINE void samples_row(int16_t *restrict out, const int16_t *const *rows,
                        const struct pp_fixed_sum *sum, size_t samples, uint32_t count)
{
    for (size_t i = 0; i + 32 <= samples; i += 32)
        samples_32(out, rows, sum, i, count);
    samples_32(out, rows, sum, samples - 32, count);
}

AVX2 static void sum_samples(int16_t *restrict out, const int16_t *const *rows,
                             const struct pp_fixed_sum *sum, size_t samples)
{
    if (samples < 32)
        pp_fixed_portable()->samples(out, rows, sum, samples);
    else if (sum->count == 8)
        samples_row(out, rows, sum, samples, 8);
    else
        samples_row(out, rows, sum, samples, sum->count);
}

/* `taps` products added up in eight lanes. */
INLINE __m256i dot(const int16_t *in, const int16_t *weights, uint32_t taps)
{
    __m256i sum = _mm256_setzero_si256();
    uint32_t k = 0;

    for (; k + 16 <= taps; k += 16)
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(load(in + k), load(weights + k)));
    if (k < taps) {
        const __m128i rest = _mm_madd_epi16(_mm_loadu_si128((const void *)(in + k)),
                                            _mm_loadu_si128((const void *)(weights + k)));
        sum = _mm256_add_epi32(sum, _mm256_zextsi128_si256(rest));
    }
    return sum;
}

/* Each of four registers added up: sums 0 to 3 of the lower halves, then of the upper ones. */
INLINE __m256i add_up(const __m256i s[4])
{
    return _mm256_hadd_epi32(_mm256_hadd_epi32(s[0], s[1]), _mm256_hadd_epi32(s[2], s[3]));
}

/* Eight outputs of `taps` weights each, a constant at the call. */
INLINE __m256i eight_dots(const int16_t *in, const uint32_t *first, const int16_t *weights,
                          uint32_t taps)
{
    __m256i s[8];

    for (int i = 0; i < 8; i++)
        s[i] = dot(in + first[i], weights + (size_t)i * taps, taps);
    const __m256i a = add_up(s), b = add_up(s + 4);
    return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20),
                            _mm256_permute2x128_si256(a, b, 0x31));
}

/* The same for 8 taps, two outputs to a register. */
INLINE __m256i eight_short_dots(const int16_t *in, const uint32_t *first, const int16_t *weights)
{
    __m256i s[4];

    for (int i = 0; i < 4; i++) {
        const __m128i even = _mm_loadu_si128((const void *)(in + first[2 * i]));
        const __m128i odd = _mm_loadu_si128((const void *)(in + first[2 * i + 1]));
        s[i] = _mm256_madd_epi16(_mm256_set_m128i(odd, even), load(weights + (size_t)i * 16));
    }
    return _mm256_permutevar8x32_epi32(add_up(s), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

INLINE void along_8(int16_t *out, const int16_t *in, const struct pp_fixed_walk *walk, size_t x,
                    uint32_t taps)
{
    const int16_t *weights = walk->sum.weights + x * taps;
    const __m256i sums = taps == 8 ? eight_short_dots(in, walk->first + x, weights)
                                   : eight_dots(in, walk->first + x, weights, taps);
    const __m256i rounded = _mm256_add_epi32(sums, _mm256_set1_epi32(walk->sum.round));
    const __m256i packed = scaled_pack(rounded, rounded, walk->sum.shift);

    _mm_storeu_si128((void *)(out + x),
                     _mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08)));
}

INLINE void along_row(int16_t *out, const int16_t *in, const struct pp_fixed_walk *walk,
                      size_t width, uint32_t taps)
{
    for (size_t x = 0; x + 8 <= width; x += 8)
        along_8(out, in, walk, x, taps);
    along_8(out, in, walk, width - 8, taps);
}

AVX2 static void sum_along(int16_t *restrict out, const int16_t *restrict in,
                           const struct pp_fixed_walk *walk, size_t width)
{
    uint32_t taps = walk->sum.count;

    if (width < 8)
        pp_fixed_portable()->along(out, in, walk, width);
    else if (taps == 8)
        along_row(out, in, walk, width, 8);
    else if (taps == 16)
        along_row(out, in, walk, width, 16);
    else if (taps == 24)
        along_row(out, in, walk, width, 24);
    else
        along_row(out, in, walk, width, taps);
}

static const struct pp_fixed_kernels kernels = {sum_bytes, sum_samples, sum_along};

const struct pp_fixed_kernels *pp_fixed_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? &kernels : NULL;
}

#else

const struct pp_fixed_kernels *pp_fixed_avx2(void)
{
    return NULL;
}

#endif
