/* Rows of samples made, told apart by channel, and turned back into bytes. */
#include "filter/fixed.h"
#include "filter/samples.h"

/* (sample + half a unit) >> fraction, in two steps: 16 bits hold all of it. */
PP_INLINE uint8_t byte_of(int16_t sample, unsigned fraction)
{
    int16_t halves = (int16_t)(sample >> (fraction - 1));
    int16_t v = (int16_t)((int16_t)((int16_t)(halves + 1) >> 1) + 128);

    v = v < 0 ? 0 : v;
    return (uint8_t)(v > 255 ? 255 : v);
}

PP_HOT static void store(uint8_t *restrict out, const int16_t *restrict in, size_t samples,
                         unsigned fraction)
{
    for (size_t i = 0; i < samples; i++)
        out[i] = byte_of(in[i], fraction);
}

PP_HOT static void load(int16_t *restrict out, const uint8_t *restrict in, size_t samples,
                        unsigned fraction)
{
    const int16_t unit = (int16_t)(1 << fraction);

    for (size_t i = 0; i < samples; i++)
        out[i] = (int16_t)((in[i] - 128) * unit);
}

PP_HOT static void split(int16_t *restrict r, int16_t *restrict g, int16_t *restrict b,
                         const int16_t *restrict in, size_t pixels)
{
    for (size_t x = 0; x < pixels; x++) {
        r[x] = in[3 * x];
        g[x] = in[3 * x + 1];
        b[x] = in[3 * x + 2];
    }
}

PP_HOT static void merge(uint8_t *restrict out, const int16_t *restrict in, size_t plane,
                         size_t pixels, unsigned fraction)
{
    const int16_t *restrict r = in, *restrict g = in + plane, *restrict b = in + 2 * plane;

    for (size_t x = 0; x < pixels; x++) {
        out[3 * x] = byte_of(r[x], fraction);
        out[3 * x + 1] = byte_of(g[x], fraction);
        out[3 * x + 2] = byte_of(b[x], fraction);
    }
}

void pp_fixed_store(uint8_t *restrict out, const int16_t *restrict in, size_t samples,
                    unsigned fraction)
{
    store(out, in, samples, fraction);
}

void pp_fixed_load(int16_t *restrict out, const uint8_t *restrict in, size_t samples,
                   unsigned fraction)
{
    load(out, in, samples, fraction);
}

void pp_fixed_split(int16_t *restrict out, size_t plane, const int16_t *restrict in, size_t pixels)
{
    split(out, out + plane, out + 2 * plane, in, pixels);
}

void pp_fixed_merge(uint8_t *restrict out, const int16_t *restrict in, size_t plane, size_t pixels,
                    unsigned fraction)
{
    merge(out, in, plane, pixels, fraction);
}
