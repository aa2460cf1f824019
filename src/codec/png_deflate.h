/*
 * codec/png_deflate.h - a piece of a deflate stream (RFC 1951) made without regard to the others.
 *
 * Pieces are made in any order, by any thread, and follow each other in the stream: each ends at a
 * whole byte, the final one with the stream's last block, every other with an empty stored block,
 * as zlib's Z_SYNC_FLUSH leaves it. No piece refers back into another.
 */
#ifndef PP_CODEC_PNG_DEFLATE_H
#define PP_CODEC_PNG_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libdeflate.h>

/* Bytes a piece of `size` bytes takes at most, whatever the level. */
size_t pp_png_deflate_bound(size_t size);

/* Bytes that libdeflate_alloc_compressor() allocates for a level from 1 to 12. */
uint64_t pp_png_compressor_bytes(int level);

/* A piece from `size` bytes, 1 or more; `compressor` NULL stores them. `out` has the bytes that the
 * bound says. Returns how many were used. */
size_t pp_png_deflate(struct libdeflate_compressor *compressor, const uint8_t *data, size_t size,
                      bool final, uint8_t *out);

/* The Adler-32 (RFC 1950) of one piece of data followed by another of `size` bytes, from theirs. */
uint32_t pp_png_adler_joined(uint32_t first, uint32_t second, uint64_t size);

#endif
