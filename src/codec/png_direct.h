/*
 * codec/png_direct.h - the rows of a PNG straight from its IDAT chunks, without libpng.
 *
 * libpng reads what stands before the pixels and behind them; in between, where the picture is not
 * interlaced and needs no more than png_expand.h does, this code inflates, unfilters and expands in
 * one go, and refuses what libpng refuses. Memory is a window and three rows. One thread at a time.
 */
#ifndef PP_CODEC_PNG_DIRECT_H
#define PP_CODEC_PNG_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <png.h>

#include <pixpool/error.h>

#include "base/stream.h"
#include "codec/message.h"

struct pp_png_direct;

/*
 * A direct reader for a picture of which libpng has read all up to the header of the first IDAT,
 * `size` being that chunk's, and where *direct is NULL one it cannot read: libpng will have to.
 * Nothing is consumed from `in`, which must outlive the reader, yet. Errors: PP_E_READ,
 * PP_E_NO_MEMORY.
 */
enum pp_status pp_png_direct_open(struct pp_png_direct **direct, const png_struct *png,
                                  png_info *info, struct pp_input *in, uint32_t size,
                                  struct pp_error *err) PP_MUST_CHECK;
void pp_png_direct_close(struct pp_png_direct *direct);

/* The next `count` rows, as codec.h says; no more than there are. With the last one the stream's
 * end is checked and the input left behind the last IDAT that belongs to it. What libpng warns of
 * is added to `warnings`. Errors: PP_E_READ, PP_E_CORRUPT. */
enum pp_status pp_png_direct_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                  uint32_t count, const struct pp_warnings *warnings,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
