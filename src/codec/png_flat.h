/*
 * codec/png_flat.h - deflate (RFC 1951) for flat pictures: drawings, icons, what is transparent.
 *
 * Their filtered rows are mostly runs of one byte or pixel and repeats of the row above. A general
 * matcher puts each position of them into its tables; this one looks for such runs first, takes
 * long ones without a look into a table, and puts only their ends into it.
 *
 * The stream can be begun anywhere and joined at a whole byte: see codec/png_deflate.h. Any thread;
 * the same bytes on every processor, whatever the memory held before.
 */
#ifndef PP_CODEC_PNG_FLAT_H
#define PP_CODEC_PNG_FLAT_H

#include "codec/png_block.h"

/* Bytes of memory that rows of up to `size` bytes need. */
size_t pp_png_flat_memory(size_t size);

/* `depth` is how many places are looked at for a match: the more, the smaller and the slower.
 * Returns the bytes used of `room`, 0 when it is not enough. `memory` is aligned like malloc's and
 * what pp_png_flat_memory() says for the rows' size or a larger. */
size_t pp_png_flat_deflate(const struct pp_png_filtered *rows, unsigned depth, void *memory,
                           uint8_t *out, size_t room);

#endif
