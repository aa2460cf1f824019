#include "codec/png_expand.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

static void take_palette(struct pp_png_expand *expand, const png_struct *png, png_info *info)
{
    png_color *colors = NULL;
    png_byte *alpha = NULL;
    int count = 0, alphas = 0;

    png_get_PLTE(png, info, &colors, &count);
    expand->channels = png_get_tRNS(png, info, &alpha, &alphas, NULL) ? 4 : 3;
    for (int i = 0; i < 256; i++) {
        uint8_t *entry = expand->palette[i];
        const png_color color = i < count ? colors[i] : (png_color){0};
        entry[0] = color.red;
        entry[1] = color.green;
        entry[2] = color.blue;
        entry[3] = i < alphas ? alpha[i] : 255;
    }
}

bool pp_png_expand_init(struct pp_png_expand *expand, const png_struct *png, png_info *info)
{
    bool palette = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE;

    if (!palette && png_get_valid(png, info, PNG_INFO_tRNS))
        return false;
    expand->width = png_get_image_width(png, info);
    expand->bits = png_get_bit_depth(png, info);
    expand->samples = expand->bits == 16 ? png_get_rowbytes(png, info) / 2 : 0;
    expand->plain = expand->bits == 8 && !palette;
    expand->channels = 0;
    if (palette)
        take_palette(expand, png, info);
    return true;
}

/* Sample `x` of a row of samples of under 16 bits, the first in a byte's high bits. */
INLINE unsigned sample(const uint8_t *row, size_t x, unsigned bits)
{
    unsigned per_byte = 8 / bits;

    return (unsigned)row[x / per_byte] >> (8 - bits - x % per_byte * bits) & ((1u << bits) - 1);
}

INLINE void gray(const uint8_t *restrict in, uint8_t *restrict out, size_t width, unsigned bits)
{
    for (size_t x = 0; x < width; x++)
        out[x] = (uint8_t)(sample(in, x, bits) * (255 / ((1u << bits) - 1)));
}

/* Pixels that are looked at together: drawings have many that are the same. They are so many bytes
 * as a sample has bits. */
#define GROUP 8u

INLINE bool all_same(const uint8_t *group, unsigned bits)
{
    const unsigned first = sample(group, 0, bits);
    uint8_t same[GROUP];

    memset(same, (int)(first * (255 / ((1u << bits) - 1))), bits);
    return memcmp(group, same, bits) == 0;
}

/* Of three bytes the last one is written with a fourth. */
INLINE void color_group(const struct pp_png_expand *expand, const uint8_t *restrict group,
                        uint8_t *restrict out, unsigned bits, unsigned channels)
{
    uint32_t color;

    if (!all_same(group, bits)) {
        for (unsigned i = 0; i < GROUP; i++)
            memcpy(out + i * channels, expand->palette[sample(group, i, bits)], 4);
        return;
    }
    memcpy(&color, expand->palette[sample(group, 0, bits)], sizeof(color));
    for (unsigned i = 0; i < GROUP; i++)
        memcpy(out + i * channels, &color, sizeof(color));
}

INLINE void color_pixels(const struct pp_png_expand *expand, const uint8_t *restrict in,
                         uint8_t *restrict out, size_t count, unsigned bits, unsigned channels)
{
    size_t x = 0;

    for (; x + GROUP <= count; x += GROUP)
        color_group(expand, in + x / GROUP * bits, out + x * channels, bits, channels);
    for (; x < count; x++)
        memcpy(out + x * channels, expand->palette[sample(in, x, bits)], 4);
}

INLINE void colors(const struct pp_png_expand *expand, const uint8_t *in, uint8_t *out,
                   unsigned bits)
{
    const size_t last = expand->width - 1u;

    if (expand->channels == 4) {
        color_pixels(expand, in, out, expand->width, bits, 4);
        return;
    }
    /* The fourth byte is the next pixel's. */
    color_pixels(expand, in, out, last, bits, 3);
    memcpy(out + last * 3, expand->palette[sample(in, last, bits)], 3);
}

static void grays(const struct pp_png_expand *expand, const uint8_t *in, uint8_t *out)
{
    if (expand->bits == 1)
        gray(in, out, expand->width, 1);
    else if (expand->bits == 2)
        gray(in, out, expand->width, 2);
    else
        gray(in, out, expand->width, 4);
}

static void words(const uint8_t *restrict in, uint8_t *restrict out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t value = (uint16_t)(in[2 * i] << 8 | in[2 * i + 1]);
        memcpy(out + 2 * i, &value, sizeof(value));
    }
}

void pp_png_expand_row(const struct pp_png_expand *expand, const uint8_t *in, uint8_t *out)
{
    if (expand->samples > 0)
        words(in, out, expand->samples);
    else if (expand->channels == 0)
        grays(expand, in, out);
    else if (expand->bits == 1)
        colors(expand, in, out, 1);
    else if (expand->bits == 2)
        colors(expand, in, out, 2);
    else if (expand->bits == 4)
        colors(expand, in, out, 4);
    else
        colors(expand, in, out, 8);
}

/* Rec.601 luma as the gray filter has it (ITU-R BT.601-7, 2.5.1), in 16-bit fixed point. */
static unsigned luma(const png_color *color)
{
    return (19595u * color->red + 38470u * color->green + 7471u * color->blue + 32768u) >> 16;
}

unsigned pp_png_gray_bits(const png_struct *png, png_info *info)
{
    int type = png_get_color_type(png, info), count = 0;
    unsigned depth = png_get_bit_depth(png, info), bits = 1;
    png_color *colors = NULL;

    if (png_get_valid(png, info, PNG_INFO_tRNS))
        return 8;
    if (type == PNG_COLOR_TYPE_GRAY)
        return depth < 8 ? depth : 8;
    if (type != PNG_COLOR_TYPE_PALETTE || !png_get_PLTE(png, info, &colors, &count))
        return 8;
    for (int i = 0; i < count && bits < 8; i++) {
        while (bits < 8 && luma(&colors[i]) % (255 / ((1u << bits) - 1)) != 0)
            bits *= 2;
    }
    return bits;
}
