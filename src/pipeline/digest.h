/*
 * pipeline/digest.h - what a finished picture is, in two numbers: one of its bytes, one of what a
 * decoder makes of them.
 *
 * Both are SHA-256 (FIPS 180-4), so that sha256sum(1) can tell the first too. The second is that of
 * ten bytes, width and height in four each, channels and depth in one each, and then the samples in
 * the order of the rows, with nothing between them; numbers and samples of 16 bits are big-endian,
 * straight alpha comes last. Pictures that differ in how they are coded alone have it in common.
 */
#ifndef PP_PIPELINE_DIGEST_H
#define PP_PIPELINE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "image/raster.h"

#define PP_DIGEST_BYTES 32

struct pp_digest {
    bool taken; /* what follows is filled */
    uint8_t pixels[PP_DIGEST_BYTES];
    uint8_t bytes[PP_DIGEST_BYTES];
};

/*
 * Take both of the regular file behind `fd`, which must be readable: all of it, wherever its offset
 * stands, which is left at the end. Decodes within settings->limits, but for the scans, and asks
 * settings->hooks.memory, as a conversion does. One thread; a worker. Errors: those of reading and
 * decoding; *digest is then not taken.
 */
enum pp_status pp_digest_fd(int fd, const struct pp_convert_settings *settings,
                            struct pp_digest *digest, struct pp_error *err) PP_MUST_CHECK;

/* The digest of a picture's pixels, in memory. Any process, one thread. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_digest_raster(const struct pp_raster *raster, uint8_t digest[PP_DIGEST_BYTES],
                                struct pp_error *err) PP_MUST_CHECK;

/* "nettle 3.8", whose SHA-256 it is. */
const char *pp_digest_library(void);

#endif
