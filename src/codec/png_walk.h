/*
 * codec/png_walk.h - where the last block of a deflate stream (RFC 1951) begins, and where it ends.
 *
 * libdeflate ends each stream it makes with a block marked as the final one, at any bit. To put
 * another stream behind it that mark has to be taken back, and to find the mark all the blocks
 * have to be walked through: their symbols are followed, nothing is decoded, and several literals
 * are stepped over at once.
 *
 * Any thread. Meant for streams of this program's own making, yet nothing is read out of bounds
 * whatever the bytes.
 */
#ifndef PP_CODEC_PNG_WALK_H
#define PP_CODEC_PNG_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In bits from the stream's first; bit n is bit n % 8, counted from the lowest, of byte n / 8. */
struct pp_png_last_block {
    uint64_t begin; /* the bit that says that it is the last, 1 */
    uint64_t end;   /* behind its last bit */
};

/* False when the bytes are no whole deflate stream. */
bool pp_png_find_last_block(const uint8_t *data, size_t size, struct pp_png_last_block *last);

#endif
