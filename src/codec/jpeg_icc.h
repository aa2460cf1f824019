/*
 * codec/jpeg_icc.h - an ICC profile put together from its APP2 markers (ICC.1:2010, B.4).
 *
 * A profile too long for one marker comes in up to 255 chunks, numbered from 1, in any order.
 */
#ifndef PP_CODEC_JPEG_ICC_H
#define PP_CODEC_JPEG_ICC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "image/metadata.h"

/* The signature with its NUL, the chunk's number, the number of chunks. */
#define PP_JPEG_ICC_SIGNATURE "ICC_PROFILE"
#define PP_JPEG_ICC_HEADER    14u
#define PP_JPEG_ICC_CHUNKS    255u

struct pp_jpeg_icc {
    bool seen, broken;
    uint8_t total; /* chunks the profile is said to have */
    struct {
        uint8_t *data; /* owned; NULL while missing */
        size_t size;
    } chunks[PP_JPEG_ICC_CHUNKS];
};

/* Take in one marker's payload, which begins with PP_JPEG_ICC_SIGNATURE and has at least
 * PP_JPEG_ICC_HEADER bytes. What contradicts the earlier ones marks the set broken.
 * Errors: PP_E_NO_MEMORY. */
enum pp_status pp_jpeg_icc_take(struct pp_jpeg_icc *icc, const uint8_t *payload, size_t size,
                                struct pp_error *err) PP_MUST_CHECK;

/* Append the profile to `metadata`; *complete tells whether there was a whole one. Call it when
 * icc->seen. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_jpeg_icc_finish(const struct pp_jpeg_icc *icc, struct pp_metadata *metadata,
                                  bool *complete, struct pp_error *err) PP_MUST_CHECK;

/* Free the chunks; a zeroed struct is allowed. */
void pp_jpeg_icc_release(struct pp_jpeg_icc *icc);

#endif
