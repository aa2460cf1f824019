/*
 * With vpmaddwd: red and green make one pair of 16-bit factors, green and blue another. Green's
 * share, which does not fit 15 bits, is divided among the two, and so nothing is lost.
 */
#include "filter/luma.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

struct shares {
    __m256i red_green, green_blue;
};

INLINE struct shares shares_of(struct pp_luma luma)
{
    const int32_t half = luma.g / 2, rest = luma.g - half;

    return (struct shares){_mm256_set1_epi32(luma.r | half << 16),
                           _mm256_set1_epi32(rest | luma.b << 16)};
}

/* Which bytes become the pairs of four pixels, `stride` bytes apart and the first of them at `at`:
 * channels `channel` and the one after it. */
INLINE __m128i pairs_at(int at, int stride, int channel)
{
    const int a = at + channel, b = a + stride, c = b + stride, d = c + stride;

    return _mm_setr_epi8((char)a, -1, (char)(a + 1), -1, (char)b, -1, (char)(b + 1), -1, (char)c,
                         -1, (char)(c + 1), -1, (char)d, -1, (char)(d + 1), -1);
}

/* Eight pixels as sums of 32 bits; two shuffles make the pairs. */
INLINE __m256i sums_of(__m256i v, __m256i red_green, __m256i green_blue, const struct shares *by)
{
    const __m256i first = _mm256_madd_epi16(_mm256_shuffle_epi8(v, red_green), by->red_green);
    const __m256i second = _mm256_madd_epi16(_mm256_shuffle_epi8(v, green_blue), by->green_blue);
    const __m256i half = _mm256_set1_epi32(32768);

    return _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(first, second), half), 16);
}

INLINE __m256i two_halves(const uint8_t *low, const uint8_t *high)
{
    return _mm256_set_m128i(_mm_loadu_si128((const void *)high),
                            _mm_loadu_si128((const void *)low));
}

/* 32 pixels of 3 bytes: the halves of a register hold four each, 16 pixels apart, and packing then
 * leaves them in order. The last four are read from 4 bytes before, as nothing may follow them. */
INLINE void rgb_32(uint8_t *out, const uint8_t *in, const struct shares *by)
{
    const __m128i rg = pairs_at(0, 3, 0), gb = pairs_at(0, 3, 1);
    const __m256i red_green = _mm256_broadcastsi128_si256(rg);
    const __m256i green_blue = _mm256_broadcastsi128_si256(gb);
    __m256i sums[4];

    for (int i = 0; i < 3; i++)
        sums[i] = sums_of(two_halves(in + 12 * i, in + 48 + 12 * i), red_green, green_blue, by);
    sums[3] = sums_of(two_halves(in + 36, in + 80), _mm256_set_m128i(pairs_at(4, 3, 0), rg),
                      _mm256_set_m128i(pairs_at(4, 3, 1), gb), by);
    const __m256i first = _mm256_packus_epi32(sums[0], sums[1]);
    const __m256i second = _mm256_packus_epi32(sums[2], sums[3]);
    _mm256_storeu_si256((void *)out, _mm256_packus_epi16(first, second));
}

/* 16 pixels of 4 bytes to pairs of sum and alpha. */
INLINE void rgba_16(uint8_t *out, const uint8_t *in, const struct shares *by)
{
    const __m256i red_green = _mm256_broadcastsi128_si256(pairs_at(0, 4, 0));
    const __m256i green_blue = _mm256_broadcastsi128_si256(pairs_at(0, 4, 1));
    const __m256i alpha = _mm256_set1_epi32(0xFF00);
    __m256i pairs[2];

    for (int i = 0; i < 2; i++) {
        const __m256i v = two_halves(in + 16 * i, in + 32 + 16 * i);
        pairs[i] = _mm256_or_si256(sums_of(v, red_green, green_blue, by),
                                   _mm256_and_si256(_mm256_srli_epi32(v, 16), alpha));
    }
    _mm256_storeu_si256((void *)out, _mm256_packus_epi32(pairs[0], pairs[1]));
}

/* Rows end with a block that overlaps the one before; shorter ones are left to the plain loop. */
AVX2 static void sum_pixels(uint8_t *restrict out, const uint8_t *restrict in, size_t pixels,
                            unsigned channels, struct pp_luma luma)
{
    const struct shares shares = shares_of(luma);

    if (pixels < 32) {
        pp_luma_portable()(out, in, pixels, channels, luma);
        return;
    }
    if (channels == 3) {
        for (size_t x = 0; x + 32 <= pixels; x += 32)
            rgb_32(out + x, in + 3 * x, &shares);
        rgb_32(out + pixels - 32, in + 3 * (pixels - 32), &shares);
        return;
    }
    for (size_t x = 0; x + 16 <= pixels; x += 16)
        rgba_16(out + 2 * x, in + 4 * x, &shares);
    rgba_16(out + 2 * (pixels - 16), in + 4 * (pixels - 16), &shares);
}

pp_luma_kernel *pp_luma_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? sum_pixels : NULL;
}

#else

pp_luma_kernel *pp_luma_avx2(void)
{
    return NULL;
}

#endif
