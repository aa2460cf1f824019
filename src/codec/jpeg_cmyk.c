#include "codec/jpeg.h"

/*
 * The naive conversion, without profiles: R = (1 - C)(1 - K). libjpeg delivers the samples as they
 * are stored. Adobe's programs store them inverted, and say so by an APP14 marker; then the product
 * of the stored values is the colour. A file without that marker holds amounts of ink, as JPEG's
 * users before Adobe meant it. Where the marker is present the result equals Pillow's to the bit;
 * Pillow takes every file for an inverted one.
 */

/* a x b / 255, rounded; there are no ties since 255 is odd. */
static uint8_t multiply(unsigned a, unsigned b)
{
    return (uint8_t)((a * b + 127) / 255);
}

void pp_jpeg_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, uint32_t width, bool inverted)
{
    unsigned flip = inverted ? 0 : 255;

    for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        unsigned light = cmyk[3] ^ flip;
        rgb[0] = multiply(cmyk[0] ^ flip, light);
        rgb[1] = multiply(cmyk[1] ^ flip, light);
        rgb[2] = multiply(cmyk[2] ^ flip, light);
    }
}
