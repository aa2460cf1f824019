/*
 * codec/png_expand.h - unfiltered rows of a PNG as the samples this program works on.
 *
 * Palettes become RGB, or RGBA where they have tRNS; gray of 1, 2 and 4 bits becomes 8 bits; 16
 * bits get the machine's byte order. Any thread.
 */
#ifndef PP_CODEC_PNG_EXPAND_H
#define PP_CODEC_PNG_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <png.h>

struct pp_png_expand {
    uint32_t width;
    unsigned bits;           /* of a sample in the file */
    unsigned channels;       /* of a palette's pixel, 3 or 4; 0: no palette */
    bool plain;              /* rows are right as they are */
    size_t samples;          /* of 16 bits in a row; 0 when they have fewer */
    uint8_t palette[256][4]; /* RGBA; black and opaque beyond the file's; unset without one */
};

/* How rows of the picture are expanded. False where this code cannot: a colour that stands for
 * transparency. */
bool pp_png_expand_init(struct pp_png_expand *expand, const png_struct *png, png_info *info);
/* One row; neither plain, nor do `in` and `out` overlap. */
void pp_png_expand_row(const struct pp_png_expand *expand, const uint8_t *in, uint8_t *out);

/* The bits that gray samples made of the picture need: 1, 2 or 4 when those of the file's palette
 * or depth are exact in so many, else 8. */
unsigned pp_png_gray_bits(const png_struct *png, png_info *info);

#endif
