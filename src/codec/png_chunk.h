/*
 * codec/png_chunk.h - a chunk of a PNG (PNG-3, 5.3): length, type, data, checksum.
 */
#ifndef PP_CODEC_PNG_CHUNK_H
#define PP_CODEC_PNG_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/stream.h"

struct pp_png_part {
    const uint8_t *data;
    size_t size;
};

/*
 * Write the parts one behind the other as the data of as few chunks of the type, four letters, as
 * can hold them; one if there is nothing. Errors: those of pp_output_write().
 */
enum pp_status pp_png_write_chunks(struct pp_output *out, const char *type,
                                   const struct pp_png_part *parts, size_t count,
                                   struct pp_error *err) PP_MUST_CHECK;

/* `number` as the four bytes of a PNG, the highest first. */
void pp_png_put_32(uint8_t *bytes, uint32_t number);

#endif
