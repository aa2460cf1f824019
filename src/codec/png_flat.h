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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_png_flat_piece {
    const uint8_t *data; /* filtered rows */
    size_t size;         /* 1 or more */
    size_t pixel_bytes;  /* 1 for fractions of one */
    size_t row_bytes;    /* with the filter byte */
    unsigned depth;      /* places looked at for a match: the more, the smaller and the slower */
    bool final;          /* it ends the stream */
};

/* Of a thousand bytes those that are zero or like the one before, as far as samples tell. */
size_t pp_png_flatness(const uint8_t *data, size_t size);

/* Bytes of memory that pieces of up to `size` bytes need. */
size_t pp_png_flat_memory(size_t size);

/* Returns the bytes used of `room`, 0 when it is not enough. `memory` is aligned like malloc's and
 * what pp_png_flat_memory() says for the piece's size or a larger. */
size_t pp_png_flat_deflate(const struct pp_png_flat_piece *piece, void *memory, uint8_t *out,
                           size_t room);

#endif
