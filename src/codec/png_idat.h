/*
 * codec/png_idat.h - the data of a PNG's IDAT chunks as one stream (PNG-3, 11.2.3).
 *
 * Begins behind the first chunk's header and reads on over headers and checksums, which it checks.
 * One thread at a time.
 */
#ifndef PP_CODEC_PNG_IDAT_H
#define PP_CODEC_PNG_IDAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/stream.h"

struct pp_png_idat {
    struct pp_input *in;
    uint64_t portions; /* in the chunks before */
    uint32_t size;     /* of the chunk at hand */
    uint32_t left;     /* bytes of it not yet handed out */
    uint32_t checksum; /* CRC-32 of its type and what was handed out */
    bool checked;      /* the chunk's checksum was consumed too */
    bool by_portion;   /* pieces do not go beyond a portion: see pp_png_idat_portion() */
};

/* `size` is the first chunk's, whose header was just consumed. */
void pp_png_idat_init(struct pp_png_idat *idat, struct pp_input *in, uint32_t size);

/* The next piece, valid until the next call or another use of the input; *size 0 when a chunk of
 * another type follows, which is left in the input. A struct pp_inflate_source. Errors: PP_E_READ,
 * PP_E_CORRUPT. */
enum pp_status pp_png_idat_next(void *idat, const uint8_t **data, size_t *size,
                                struct pp_error *err);

/* Pass over the rest of the chunk and check it: the input is behind it. Errors: as next(). */
enum pp_status pp_png_idat_finish(struct pp_png_idat *idat, struct pp_error *err) PP_MUST_CHECK;

/*
 * libpng gives data to zlib in portions of a fixed size, beginning anew with each chunk: the number
 * of the one that the last byte consumed is from, `unused` bytes of the last piece being not
 * consumed. What libpng makes of a fault behind the last row depends on that.
 */
uint64_t pp_png_idat_portion(const struct pp_png_idat *idat, size_t unused);

#endif
