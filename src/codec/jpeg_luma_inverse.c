#include "codec/jpeg_luma_inverse.h"

#include <stdlib.h>

/*
 * Sums wrap and are cut to 16 bits where vector instructions do so, which is where libjpeg's
 * vectorised ones do: a few coefficients each of which may be a picture's can add up to what no
 * picture has.
 */

void pp_luma_steps_set(struct pp_luma_steps *result, const uint16_t steps[64])
{
    for (unsigned i = 0; i < 64; i++) {
        const unsigned at = i / 8 * PP_LUMA_BLOCK_ROW + i % 8;
        const int largest = steps[i] > 0 ? PP_LUMA_COEFFICIENT_MAX / steps[i] : INT16_MAX;
        result->steps[at] = result->steps[at + 8] = (int16_t)steps[i];
        result->largest[at] = result->largest[at + 8] = (int16_t)largest;
    }
}

static int32_t cut(int32_t value, int32_t least, int32_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

/* sum / 2^by rounded. */
static int32_t scaled(uint32_t sum, unsigned by)
{
    return (int32_t)(sum + (1u << (by - 1))) >> by;
}

static int16_t between(uint32_t sum, unsigned by)
{
    return (int16_t)cut(scaled(sum, by), INT16_MIN, INT16_MAX);
}

static uint8_t sample(uint32_t sum, unsigned by)
{
    return (uint8_t)(cut(scaled(sum, by), -128, 127) + 128);
}

static uint32_t times(int16_t value, int32_t constant)
{
    return (uint32_t)(value * constant);
}

/* A block's coefficients. False when one is too large. */
static bool multiply(const struct pp_luma_steps *steps, const int16_t *block, int16_t out[64])
{
    bool sound = true;

    for (unsigned i = 0; i < 64; i++) {
        const unsigned at = i / 8 * PP_LUMA_BLOCK_ROW + i % 8;
        sound = sound && abs(block[at]) <= steps->largest[at];
        out[i] = (int16_t)(block[at] * steps->steps[at]);
    }
    return sound;
}

/* ---- a half --------------------------------------------------------------------------------- */

/* Eight coefficients `step` apart to four sums. */
static void four_of(const int16_t *in, unsigned step, uint32_t sums[4])
{
    const uint32_t even = (uint32_t)in[0] << 14;
    const uint32_t turn = times(in[2 * step], 15137) + times(in[6 * step], -6270);
    const uint32_t outer = times(in[3 * step], 7373) + times(in[step], 20995) +
                           times(in[7 * step], -4176) + times(in[5 * step], -4926);
    const uint32_t inner = times(in[3 * step], -17799) + times(in[step], 8697) +
                           times(in[7 * step], -1730) + times(in[5 * step], 11893);

    sums[0] = even + turn + outer;
    sums[1] = even - turn + inner;
    sums[2] = even - turn - inner;
    sums[3] = even + turn - outer;
}

static void block_of_four(const int16_t in[64], struct pp_luma_samples samples)
{
    int16_t rows[4][8];
    uint32_t sums[4];

    for (unsigned x = 0; x < 8; x++) {
        four_of(in + x, 8, sums);
        for (unsigned y = 0; y < 4; y++)
            rows[y][x] = between(sums[y], 12);
    }
    for (unsigned y = 0; y < 4; y++) {
        four_of(rows[y], 1, sums);
        for (unsigned x = 0; x < 4; x++)
            samples.first[y * samples.stride + x] = sample(sums[x], 19);
    }
}

/* ---- a quarter ------------------------------------------------------------------------------ */

static void two_of(const int16_t *in, unsigned step, uint32_t sums[2])
{
    const uint32_t even = (uint32_t)in[0] << 15;
    const uint32_t odd = times(in[3 * step], -10426) + times(in[step], 29692) +
                         times(in[7 * step], -5906) + times(in[5 * step], 6967);

    sums[0] = even + odd;
    sums[1] = even - odd;
}

static void block_of_two(const int16_t in[64], struct pp_luma_samples samples)
{
    int16_t rows[2][8];
    uint32_t sums[2];

    for (unsigned x = 0; x < 8; x++) {
        two_of(in + x, 8, sums);
        for (unsigned y = 0; y < 2; y++)
            rows[y][x] = between(sums[y], 13);
    }
    for (unsigned y = 0; y < 2; y++) {
        two_of(rows[y], 1, sums);
        for (unsigned x = 0; x < 2; x++)
            samples.first[y * samples.stride + x] = sample(sums[x], 20);
    }
}

/* ---- an eighth ------------------------------------------------------------------------------ */

bool pp_luma_inverse_one(const struct pp_luma_steps *steps, const int16_t *blocks, uint32_t count,
                         struct pp_luma_samples samples)
{
    bool sound = true;

    for (uint32_t i = 0; i < count; i++) {
        const int16_t mean = blocks[pp_luma_block_at(i)];
        sound &= abs(mean) <= steps->largest[0];
        samples.first[i] = sample(times(mean, steps->steps[0]), 3);
    }
    return sound;
}

/* ---- blocks --------------------------------------------------------------------------------- */

static bool all(const struct pp_luma_steps *steps, const int16_t *blocks, uint32_t count,
                struct pp_luma_samples samples, unsigned side,
                void (*inverse)(const int16_t *, struct pp_luma_samples))
{
    int16_t block[64];
    bool sound = true;

    for (uint32_t i = 0; i < count; i++) {
        sound &= multiply(steps, blocks + pp_luma_block_at(i), block);
        inverse(block, samples);
        samples.first += side;
    }
    return sound;
}

static bool two(const struct pp_luma_steps *steps, const int16_t *blocks, uint32_t count,
                struct pp_luma_samples samples)
{
    return all(steps, blocks, count, samples, 2, block_of_two);
}

static bool four(const struct pp_luma_steps *steps, const int16_t *blocks, uint32_t count,
                 struct pp_luma_samples samples)
{
    return all(steps, blocks, count, samples, 4, block_of_four);
}

const struct pp_luma_inverses *pp_luma_inverses_portable(void)
{
    static const struct pp_luma_inverses inverses = {two, four};

    return &inverses;
}
