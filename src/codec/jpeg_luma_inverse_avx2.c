/*
 * The inverse DCTs of jpeg_luma_inverse.h, a pair of blocks at a time, one in each half of the
 * registers. Down the columns first, eight at once; then across, the four rows of a block at once.
 */
#include "codec/jpeg_luma_inverse.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

/* Rows of a pair, of which 4 is not needed. */
struct rows {
    __m256i at[8];
};

INLINE __m256i load(const int16_t *from)
{
    return _mm256_load_si256((const void *)from);
}

/* One row times its steps; what is too large sets bits in *beyond. */
INLINE __m256i multiplied(const struct pp_luma_steps *steps, const int16_t *pair, unsigned y,
                          __m256i *beyond)
{
    const size_t at = y * PP_LUMA_BLOCK_ROW;
    const __m256i values = load(pair + at);
    const __m256i over = _mm256_cmpgt_epi16(_mm256_abs_epi16(values), load(steps->largest + at));

    *beyond = _mm256_or_si256(*beyond, over);
    return _mm256_mullo_epi16(values, load(steps->steps + at));
}

/* The weights of two 16-bit values that lie side by side, the first one lower. */
INLINE __m256i weights(int first, int second)
{
    return _mm256_set1_epi32((int)((unsigned)second << 16 | ((unsigned)first & 0xFFFF)));
}

/* The pairs of values that a step of one direction needs, 32 bits each. */
struct inputs {
    __m256i first; /* value 0 in the upper half, nothing in the lower one */
    __m256i v26, v31, v75;
};

struct four {
    __m256i sums[4];
};

/* `round` is half of what the sums are going to be divided by. */
INLINE struct four four_of(const struct inputs *in, int round)
{
    const __m256i even =
        _mm256_add_epi32(_mm256_srai_epi32(in->first, 2), _mm256_set1_epi32(round));
    const __m256i turn = _mm256_madd_epi16(in->v26, weights(15137, -6270));
    const __m256i outer = _mm256_add_epi32(_mm256_madd_epi16(in->v31, weights(7373, 20995)),
                                           _mm256_madd_epi16(in->v75, weights(-4176, -4926)));
    const __m256i inner = _mm256_add_epi32(_mm256_madd_epi16(in->v31, weights(-17799, 8697)),
                                           _mm256_madd_epi16(in->v75, weights(-1730, 11893)));
    const __m256i more = _mm256_add_epi32(even, turn), less = _mm256_sub_epi32(even, turn);

    return (struct four){{_mm256_add_epi32(more, outer), _mm256_add_epi32(less, inner),
                          _mm256_sub_epi32(less, inner), _mm256_sub_epi32(more, outer)}};
}

INLINE struct inputs lower_columns(const struct rows *rows)
{
    const __m256i *r = rows->at;

    return (struct inputs){_mm256_unpacklo_epi16(_mm256_setzero_si256(), r[0]),
                           _mm256_unpacklo_epi16(r[2], r[6]), _mm256_unpacklo_epi16(r[3], r[1]),
                           _mm256_unpacklo_epi16(r[7], r[5])};
}

INLINE struct inputs upper_columns(const struct rows *rows)
{
    const __m256i *r = rows->at;

    return (struct inputs){_mm256_unpackhi_epi16(_mm256_setzero_si256(), r[0]),
                           _mm256_unpackhi_epi16(r[2], r[6]), _mm256_unpackhi_epi16(r[3], r[1]),
                           _mm256_unpackhi_epi16(r[7], r[5])};
}

/* The columns of four rows of eight values, as inputs. */
INLINE struct inputs turned(const __m256i rows[4])
{
    const __m256i a = _mm256_unpacklo_epi16(rows[0], rows[1]);
    const __m256i b = _mm256_unpackhi_epi16(rows[0], rows[1]);
    const __m256i c = _mm256_unpacklo_epi16(rows[2], rows[3]);
    const __m256i d = _mm256_unpackhi_epi16(rows[2], rows[3]);
    const __m256i v01 = _mm256_unpacklo_epi32(a, c), v23 = _mm256_unpackhi_epi32(a, c);
    const __m256i v45 = _mm256_unpacklo_epi32(b, d), v67 = _mm256_unpackhi_epi32(b, d);

    return (struct inputs){_mm256_unpacklo_epi16(_mm256_setzero_si256(), v01),
                           _mm256_unpacklo_epi16(v23, v67), _mm256_unpackhi_epi16(v23, v01),
                           _mm256_unpackhi_epi16(v67, v45)};
}

INLINE __m256i packed(__m256i low, __m256i high, int by)
{
    return _mm256_packs_epi32(_mm256_srai_epi32(low, by), _mm256_srai_epi32(high, by));
}

/* From columns of four sums to rows of four samples, the first block's beside the second's. */
INLINE void store_four(const struct four *columns, struct pp_luma_samples samples)
{
    const __m256i even = packed(columns->sums[0], columns->sums[2], 19);
    const __m256i odd = packed(columns->sums[1], columns->sums[3], 19);
    const __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
    const __m256i bytes = _mm256_xor_si256(
        _mm256_packs_epi16(_mm256_unpacklo_epi32(low, high), _mm256_unpackhi_epi32(low, high)),
        _mm256_set1_epi8(-128));
    const __m128i a = _mm256_castsi256_si128(bytes), b = _mm256_extracti128_si256(bytes, 1);
    const __m128i upper = _mm_unpacklo_epi32(a, b), lower = _mm_unpackhi_epi32(a, b);

    _mm_storel_epi64((void *)samples.first, upper);
    _mm_storel_epi64((void *)(samples.first + samples.stride), _mm_unpackhi_epi64(upper, upper));
    _mm_storel_epi64((void *)(samples.first + 2 * samples.stride), lower);
    _mm_storel_epi64((void *)(samples.first + 3 * samples.stride),
                     _mm_unpackhi_epi64(lower, lower));
}

AVX2 static bool four(const struct pp_luma_steps *steps, const int16_t *blocks, uint32_t count,
                      struct pp_luma_samples samples)
{
    __m256i beyond = _mm256_setzero_si256();
    struct rows rows = {{beyond}};

    for (uint32_t i = 0; i < count; i += 2, blocks += 128, samples.first += 8) {
        for (unsigned y = 0; y < 8; y++)
            rows.at[y] = multiplied(steps, blocks, y, &beyond);
        const struct inputs lower = lower_columns(&rows), upper = upper_columns(&rows);
        const struct four low = four_of(&lower, 1 << 11), high = four_of(&upper, 1 << 11);
        __m256i between[4];
        for (unsigned y = 0; y < 4; y++)
            between[y] = packed(low.sums[y], high.sums[y], 12);
        const struct inputs across = turned(between);
        const struct four columns = four_of(&across, 1 << 18);
        store_four(&columns, samples);
    }
    return _mm256_testz_si256(beyond, beyond);
}

/* ---- a quarter ------------------------------------------------------------------------------ */

struct two {
    __m256i sums[2];
};

INLINE struct two two_of(const struct inputs *in)
{
    const __m256i even =
        _mm256_add_epi32(_mm256_srai_epi32(in->first, 1), _mm256_set1_epi32(1 << 12));
    const __m256i odd = _mm256_add_epi32(_mm256_madd_epi16(in->v31, weights(-10426, 29692)),
                                         _mm256_madd_epi16(in->v75, weights(-5906, 6967)));

    return (struct two){{_mm256_add_epi32(even, odd), _mm256_sub_epi32(even, odd)}};
}

/* Both samples of both rows of each block, from what is between the directions. */
INLINE __m256i two_across(__m256i upper, __m256i lower)
{
    const __m256i by = _mm256_set_epi16(-5906, 0, 6967, 0, -10426, 0, 29692, 0, -5906, 0, 6967, 0,
                                        -10426, 0, 29692, 0);
    const __m256i turns = _mm256_set_epi32(-1, 0, -1, 0, -1, 0, -1, 0);
    const __m256i parts =
        _mm256_hadd_epi32(_mm256_madd_epi16(upper, by), _mm256_madd_epi16(lower, by));
    const __m256i odd = _mm256_add_epi32(parts, _mm256_shuffle_epi32(parts, 0xB1));
    const __m256i firsts =
        _mm256_unpacklo_epi64(_mm256_shuffle_epi32(upper, 0), _mm256_shuffle_epi32(lower, 0));
    const __m256i even = _mm256_srai_epi32(_mm256_slli_epi32(firsts, 16), 1);
    const __m256i signed_odd = _mm256_sub_epi32(_mm256_xor_si256(odd, turns), turns);

    return _mm256_add_epi32(_mm256_add_epi32(even, _mm256_set1_epi32(1 << 19)), signed_odd);
}

INLINE void store_two(__m256i sums, struct pp_luma_samples samples)
{
    const __m256i scaled = _mm256_srai_epi32(sums, 20);
    const __m128i values =
        _mm_packs_epi32(_mm256_castsi256_si128(scaled), _mm256_extracti128_si256(scaled, 1));
    const __m128i bytes = _mm_xor_si128(_mm_packs_epi16(values, values), _mm_set1_epi8(-128));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(bytes);

    for (unsigned i = 0; i < 4; i++) {
        samples.first[i % 2 * samples.stride + i / 2 * 2] = (uint8_t)(both >> (16 * i));
        samples.first[i % 2 * samples.stride + i / 2 * 2 + 1] = (uint8_t)(both >> (16 * i + 8));
    }
}

AVX2 static bool two(const struct pp_luma_steps *steps, const int16_t *blocks, uint32_t count,
                     struct pp_luma_samples samples)
{
    __m256i beyond = _mm256_setzero_si256();
    struct rows rows = {{beyond}};

    for (uint32_t i = 0; i < count; i += 2, blocks += 128, samples.first += 4) {
        for (unsigned y = 0; y < 8; y++)
            rows.at[y] = multiplied(steps, blocks, y, &beyond);
        const struct inputs lower = lower_columns(&rows), upper = upper_columns(&rows);
        const struct two low = two_of(&lower), high = two_of(&upper);
        store_two(two_across(packed(low.sums[0], high.sums[0], 13),
                             packed(low.sums[1], high.sums[1], 13)),
                  samples);
    }
    return _mm256_testz_si256(beyond, beyond);
}

const struct pp_luma_inverses *pp_luma_inverses_avx2(void)
{
    static const struct pp_luma_inverses inverses = {two, four};

    return __builtin_cpu_supports("avx2") ? &inverses : NULL;
}

#else

const struct pp_luma_inverses *pp_luma_inverses_avx2(void)
{
    return NULL;
}

#endif
