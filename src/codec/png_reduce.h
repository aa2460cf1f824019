/*
 * codec/png_reduce.h - a picture in fewer bytes without a loss: no alpha where all of it is opaque,
 * gray of 8 bits in 1, 2 or 4 where its samples allow (PNG-3, 12.4 and 13.12: a sample of so few
 * bits stands for its multiple of 255, 85 or 17).
 *
 * Any thread.
 */
#ifndef PP_CODEC_PNG_REDUCE_H
#define PP_CODEC_PNG_REDUCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/image.h>

/* How a picture stands in the file. {0, 0} is: no alpha dropped, depth taken from the geometry. */
struct pp_png_form {
    bool drop_alpha;
    uint8_t gray_bits; /* 1, 2, 4; anything else: the samples' own */
};

/* Whether every pixel of a row has the largest alpha; true without alpha. */
bool pp_png_row_is_opaque(const struct pp_geometry *geometry, const uint8_t *row);
/* The fewest of 1, 2, 4 and 8 bits that hold the gray samples of a row of one or two channels of 8
 * bits exactly. */
unsigned pp_png_row_gray_bits(const struct pp_geometry *geometry, const uint8_t *row);
/* Whether gray_bits may be asked at all: what remains is one channel of 8 bits. */
bool pp_png_may_have_bits(const struct pp_geometry *geometry, bool drop_alpha);

/* Of the file: bits of a sample, channels, bytes of a packed row. */
unsigned pp_png_form_depth(const struct pp_geometry *geometry, const struct pp_png_form *form);
unsigned pp_png_form_channels(const struct pp_geometry *geometry, const struct pp_png_form *form);
size_t pp_png_form_row_bytes(const struct pp_geometry *geometry, const struct pp_png_form *form);

/* A row as the file has it: reduced, samples of 16 bits big-endian. `out` has the bytes that
 * pp_png_form_row_bytes() says and does not overlap `row`. */
void pp_png_pack_row(const struct pp_geometry *geometry, const struct pp_png_form *form,
                     const uint8_t *row, uint8_t *out);

#endif
