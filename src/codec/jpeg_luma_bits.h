/*
 * codec/jpeg_luma_bits.h - bits of entropy-coded data, most significant first (ITU-T T.81, C.3).
 *
 * Pure; any thread. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_BITS_H
#define PP_CODEC_JPEG_LUMA_BITS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PP_LUMA_INLINE static inline __attribute__((always_inline))

/* A static function with a hot loop of shifts: where the C library can choose at load time it is
 * compiled as well for processors whose variable shifts leave the flags alone. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define PP_LUMA_HOT __attribute__((target_clones("bmi2", "default")))
#else
#define PP_LUMA_HOT
#endif

/* A run of at most so many bytes may be read behind the end of what is read by bits. */
#define PP_LUMA_GUARD 64

#if defined(__x86_64__)

/* `a` unless `test` is 0, else `b`, without a jump, which a compiler may prefer: it cannot know
 * that the test follows no pattern. */
PP_LUMA_INLINE uint64_t pp_luma_choose(uint32_t test, uint64_t a, uint64_t b)
{
    __asm__("test %1, %1\n\tcmovne %2, %0" : "+r"(b) : "r"(test), "r"(a) : "cc");
    return b;
}

#else

PP_LUMA_INLINE uint64_t pp_luma_choose(uint32_t test, uint64_t a, uint64_t b)
{
    return b ^ ((a ^ b) & (UINT64_C(0) - (test != 0)));
}

#endif

/* The next 64 bits from a byte on. */
PP_LUMA_INLINE uint64_t pp_luma_load(const uint8_t *from)
{
    uint64_t bits;

    memcpy(&bits, from, sizeof(bits));
    return be64toh(bits);
}

PP_LUMA_INLINE void pp_luma_store(uint8_t *to, uint64_t bits)
{
    bits = htobe64(bits);
    memcpy(to, &bits, sizeof(bits));
}

/* The bits from bit `at` on, at least 57 of them, the first one uppermost. */
PP_LUMA_INLINE uint64_t pp_luma_peek(const uint8_t *data, size_t at)
{
    return pp_luma_load(data + (at >> 3)) << (at & 7);
}

/* Shifted by 1 to 64. */
PP_LUMA_INLINE uint64_t pp_luma_left(uint64_t bits, unsigned by)
{
    return (bits << 1) << (by - 1);
}

/* The first 0 to 63 bits. */
PP_LUMA_INLINE uint64_t pp_luma_top(uint64_t bits, unsigned count)
{
    return (bits >> 1) >> (63 - count);
}

#endif
