/*
 * 32 look-ups in one instruction: vpshufb looks up 16 entries by an index's lower four bits, or
 * gives 0 where its top bit is set. The table is cut into 16 pieces, each held as the difference
 * (exclusive or) from the one before. Going up the pieces, 16 is taken from the index each time:
 * the index of a sample stays at 0 or above, and the sum of differences grows, until its own piece
 * is reached. That works within 128 values; the upper half is the same with the top bit turned.
 */
#include "filter/lookup.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

#define PIECES 16

INLINE void cut(__m256i pieces[PIECES], const uint8_t *table)
{
    __m128i before = _mm_setzero_si128();

    for (int i = 0; i < PIECES; i++) {
        const __m128i piece = _mm_loadu_si128((const void *)(table + 16 * i));
        if (i == PIECES / 2)
            before = _mm_setzero_si128();
        pieces[i] = _mm256_broadcastsi128_si256(_mm_xor_si128(piece, before));
        before = piece;
    }
}

/* Two registers of samples, since a piece has to be loaded for each use. Subtraction saturates: an
 * index below 0 stays there. */
INLINE void look_up_half(__m256i found[2], const __m256i *pieces, __m256i first, __m256i second)
{
    const __m256i step = _mm256_set1_epi8(16);

    for (int i = 0; i < PIECES / 2; i++) {
        found[0] = _mm256_xor_si256(found[0], _mm256_shuffle_epi8(pieces[i], first));
        found[1] = _mm256_xor_si256(found[1], _mm256_shuffle_epi8(pieces[i], second));
        first = _mm256_subs_epi8(first, step);
        second = _mm256_subs_epi8(second, step);
    }
}

/* Where `alpha` has its bits set the sample is copied. */
INLINE void look_up_64(uint8_t *out, const uint8_t *in, const __m256i *pieces, __m256i alpha)
{
    const __m256i first = _mm256_loadu_si256((const void *)in);
    const __m256i second = _mm256_loadu_si256((const void *)(in + 32));
    const __m256i top = _mm256_set1_epi8(INT8_MIN);
    __m256i found[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};

    look_up_half(found, pieces, first, second);
    look_up_half(found, pieces + PIECES / 2, _mm256_xor_si256(first, top),
                 _mm256_xor_si256(second, top));
    _mm256_storeu_si256((void *)out, _mm256_blendv_epi8(found[0], first, alpha));
    _mm256_storeu_si256((void *)(out + 32), _mm256_blendv_epi8(found[1], second, alpha));
}

/* Rows end with a block that overlaps the one before; shorter ones are left to the plain loop. */
AVX2 static void look_up(uint8_t *restrict out, const uint8_t *restrict in, size_t samples,
                         unsigned channels, const uint8_t *table)
{
    __m256i pieces[PIECES], alpha = _mm256_setzero_si256();

    if (samples < 96) {
        pp_lookup_portable()(out, in, samples, channels, table);
        return;
    }
    if (channels == 2)
        alpha = _mm256_set1_epi16((int16_t)0xFF00);
    if (channels == 4)
        alpha = _mm256_set1_epi32((int32_t)0xFF000000);
    cut(pieces, table);
    for (size_t i = 0; i + 64 <= samples; i += 64)
        look_up_64(out + i, in + i, pieces, alpha);
    look_up_64(out + samples - 64, in + samples - 64, pieces, alpha);
}

pp_lookup_kernel *pp_lookup_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? look_up : NULL;
}

#else

pp_lookup_kernel *pp_lookup_avx2(void)
{
    return NULL;
}

#endif
