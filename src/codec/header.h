/*
 * codec/header.h - a file's header read piece by piece, for pp_codec.describe.
 *
 * One thread. A header that ends early is PP_E_CORRUPT, one of more than PP_HEADER_MAX bytes
 * PP_E_LIMIT: a file of nothing but metadata is no reason to read all of it.
 */
#ifndef PP_CODEC_HEADER_H
#define PP_CODEC_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/stream.h"

#define PP_HEADER_MAX ((uint64_t)64 * 1024 * 1024)

struct pp_header {
    struct pp_input *in;
    const char *name; /* of the format, for errors: "JPEG" */
    uint64_t taken;
};

/* The next `size` bytes. Errors: PP_E_READ, PP_E_CORRUPT, PP_E_LIMIT. */
enum pp_status pp_header_take(struct pp_header *header, void *to, size_t size,
                              struct pp_error *err) PP_MUST_CHECK;
/* Pass over them. The same errors. */
enum pp_status pp_header_skip(struct pp_header *header, size_t size,
                              struct pp_error *err) PP_MUST_CHECK;

/* `bytes` as a number, the highest first. */
uint32_t pp_header_16(const uint8_t *bytes);
uint32_t pp_header_32(const uint8_t *bytes);

#endif
