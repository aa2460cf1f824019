#include "codec/jpeg_quality.h"

#include <stddef.h>

#define STEPS        64
#define BASELINE_MAX 255   /* a step of 8 bits */
#define EXTENDED_MAX 32767 /* libjpeg's largest of 16 bits */

/* ITU-T T.81, tables K.1 and K.2, in zigzag order. */
static const uint8_t luma_steps[STEPS] = {
    16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
    26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
    56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
};
static const uint8_t chroma_steps[STEPS] = {
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
};

/* The sum of differences from the steps at that quality, none above `most`. */
static uint32_t distance(const uint16_t *steps, const uint8_t *standard, int quality, uint32_t most)
{
    uint32_t scale = (uint32_t)(quality < 50 ? 5000 / quality : 200 - 2 * quality), sum = 0;

    for (size_t i = 0; steps && i < STEPS; i++) {
        uint32_t step = (standard[i] * scale + 50) / 100;

        step = step < 1 ? 1 : step > most ? most : step;
        sum += steps[i] > step ? steps[i] - step : step - steps[i];
    }
    return sum;
}

int pp_jpeg_quality(const uint16_t *luma, const uint16_t *chroma, bool *exact)
{
    static const uint32_t limits[] = {BASELINE_MAX, EXTENDED_MAX};
    uint32_t least = UINT32_MAX;
    int nearest = 0;

    for (int quality = 100; quality >= 1; quality--)
        for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
            uint32_t sum = distance(luma, luma_steps, quality, limits[i]) +
                           distance(chroma, chroma_steps, quality, limits[i]);

            if (sum >= least)
                continue;
            least = sum;
            nearest = quality;
        }
    *exact = least == 0;
    return nearest;
}
