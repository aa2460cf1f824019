/*
 * codec/png_near.h - deflate (RFC 1951) for photographs, gradients and whatever repeats only what
 * is next to it.
 *
 * Filtered rows of such pictures hold no strings: what a general matcher finds far back costs more
 * bits than the literals it stands for. Here matches are looked for at the pixel before and at the
 * row above alone, where 32 bytes a step are compared; all else are literals.
 *
 * The stream can be begun anywhere and joined at a whole byte: see codec/png_deflate.h. Any thread;
 * the same bytes on every processor, whatever the memory held before.
 */
#ifndef PP_CODEC_PNG_NEAR_H
#define PP_CODEC_PNG_NEAR_H

#include "codec/png_block.h"

/* Bytes of memory that rows of up to `size` bytes need. */
size_t pp_png_near_memory(size_t size);

/* Returns the bytes used of `room`, 0 when it is not enough. `memory` is aligned like malloc's and
 * what pp_png_near_memory() says for the rows' size or a larger. */
size_t pp_png_near_deflate(const struct pp_png_filtered *rows, void *memory, uint8_t *out,
                           size_t room);

#endif
