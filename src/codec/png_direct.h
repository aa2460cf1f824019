/*
 * codec/png_direct.h - the rows of a PNG straight from its IDAT chunks, without libpng.
 *
 * libpng reads what stands before the pixels and behind them; in between, where the picture is not
 * interlaced and needs no more than png_expand.h does, this code inflates, unfilters and expands in
 * one go, and refuses what libpng refuses. Memory is a window and three rows, and two batches of
 * rows where others may inflate ahead. It belongs to the thread that leads the team.
 */
#ifndef PP_CODEC_PNG_DIRECT_H
#define PP_CODEC_PNG_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <png.h>

#include <pixpool/error.h>

#include "base/stream.h"
#include "base/team.h"
#include "codec/message.h"

struct pp_png_direct;

/* What a direct reader is to know beside libpng's structures. */
struct pp_png_direct_source {
    struct pp_input *in;  /* behind the header of the first IDAT */
    uint32_t size;        /* of that chunk */
    unsigned threads_max; /* as in struct pp_read_settings */
    struct pp_team *team;
};

/*
 * A direct reader for a picture of which libpng has read all up to there, and where *direct is NULL
 * one it cannot read: libpng will have to. Nothing is consumed from the input, which must outlive
 * the reader like the team, yet. Errors: PP_E_READ, PP_E_NO_MEMORY.
 */
enum pp_status pp_png_direct_open(struct pp_png_direct **direct, const png_struct *png,
                                  png_info *info, const struct pp_png_direct_source *source,
                                  struct pp_error *err) PP_MUST_CHECK;
void pp_png_direct_close(struct pp_png_direct *direct);

/* The next `count` rows, as codec.h says; no more than there are. With the last one the stream's
 * end is checked and the input left behind the last IDAT that belongs to it. What libpng warns of
 * is added to `warnings`. Errors: PP_E_READ, PP_E_CORRUPT. */
enum pp_status pp_png_direct_rows(struct pp_png_direct *direct, uint8_t *rows, size_t stride,
                                  uint32_t count, const struct pp_warnings *warnings,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
