/*
 * codec/jpeg_luma_inverse.h - coefficients of 8 x 8 samples to fewer samples that stand for them.
 *
 * The inverse DCTs are those by which libjpeg decodes at a half, a quarter and an eighth: after C.
 * Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast 1-D DCT algorithms with 11
 * multiplications", ICASSP 1989, each step of eight samples made one that gives the means of pairs
 * or of fours of them; an eighth is the block's mean. The constants have 13 bits behind the point,
 * what is between the two directions 2 more than a sample. Any thread. Every kernel makes the same
 * samples. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_INVERSE_H
#define PP_CODEC_JPEG_LUMA_INVERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks lie in pairs, so that a row of both fills one register: sample x of row y of block i is at
 * pp_luma_block_at(i) + y * PP_LUMA_BLOCK_ROW + x. */
#define PP_LUMA_BLOCK_ROW 16

static inline size_t pp_luma_block_at(uint32_t i)
{
    return (size_t)i / 2 * 128 + i % 2 * 8;
}

/* No picture of 8 bits has a coefficient, multiplied by its step, beyond this. What decoders make
 * of larger ones depends on how many bits they compute with. */
#define PP_LUMA_COEFFICIENT_MAX 4000

/* Natural order, each row twice as the blocks have it. */
struct pp_luma_steps {
    _Alignas(32) int16_t steps[128];
    _Alignas(32) int16_t largest[128]; /* values, before they are multiplied */
};

/* Where the samples of a block row go. */
struct pp_luma_samples {
    uint8_t *first;
    size_t stride;
};

/* Decode `count` blocks side by side; of an odd number, what comes behind the last one is decoded
 * as well. False when a coefficient is larger than any picture's; the samples are then of no use.
 * `blocks` are aligned to 32 bytes, and no value in them is INT16_MIN. */
typedef bool pp_luma_inverse(const struct pp_luma_steps *steps, const int16_t *blocks,
                             uint32_t count, struct pp_luma_samples samples);

/* Those for a side of 2 and 4 samples. */
struct pp_luma_inverses {
    pp_luma_inverse *two, *four;
};

/* For a side of 1, by the blocks' first coefficients alone. */
pp_luma_inverse pp_luma_inverse_one;

/* `steps` of 0 to 65535 in natural order. */
void pp_luma_steps_set(struct pp_luma_steps *result, const uint16_t steps[64]);

const struct pp_luma_inverses *pp_luma_inverses_portable(void);

/* NULL where the processor has no AVX2. */
const struct pp_luma_inverses *pp_luma_inverses_avx2(void);

#endif
