#include "filter/luma.h"

#include "filter/samples.h"

PP_INLINE uint8_t luma_of(const uint8_t *p, struct pp_luma luma)
{
    return (uint8_t)(((uint32_t)luma.r * p[0] + (uint32_t)luma.g * p[1] + (uint32_t)luma.b * p[2] +
                      32768) >>
                     16);
}

PP_HOT static void sum_pixels(uint8_t *restrict out, const uint8_t *restrict in, size_t pixels,
                              unsigned channels, struct pp_luma luma)
{
    if (channels == 3) {
        for (size_t x = 0; x < pixels; x++)
            out[x] = luma_of(in + 3 * x, luma);
        return;
    }
    for (size_t x = 0; x < pixels; x++) {
        out[2 * x] = luma_of(in + 4 * x, luma);
        out[2 * x + 1] = in[4 * x + 3];
    }
}

static void portable(uint8_t *restrict out, const uint8_t *restrict in, size_t pixels,
                     unsigned channels, struct pp_luma luma)
{
    sum_pixels(out, in, pixels, channels, luma);
}

pp_luma_kernel *pp_luma_portable(void)
{
    return portable;
}

void pp_luma_row(uint8_t *restrict out, const uint8_t *restrict in, size_t pixels,
                 unsigned channels, struct pp_luma luma)
{
    pp_luma_kernel *avx2 = pp_luma_avx2();

    (avx2 ? avx2 : portable)(out, in, pixels, channels, luma);
}
