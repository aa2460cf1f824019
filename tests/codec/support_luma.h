/*
 * codec/support_luma.h - luma extracted, and what libjpeg says of it. Without cmocka, so that
 * fuzzing has it too.
 */
#ifndef PP_TESTS_CODEC_SUPPORT_LUMA_H
#define PP_TESTS_CODEC_SUPPORT_LUMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "codec/jpeg_luma.h"

/* A gray picture by libjpeg: all of the picture when `data` is not NULL. */
struct luma_picture {
    uint8_t *data; /* owned */
    size_t size;
    uint32_t width, height;
    int components; /* of the file */
    bool several_scans, progressive;
    unsigned eighths; /* of both sides, the samples are */
    long warnings;
};

/* Decode to JCS_GRAYSCALE with JDCT_ISLOW. */
struct luma_picture luma_decode(const uint8_t *data, size_t size);
/* The same at 1, 2, 4 or 8 eighths of both sides. */
struct luma_picture luma_decode_reduced(const uint8_t *data, size_t size, unsigned eighths);
/* The first component's coefficients instead of samples, 64 of two bytes a block. */
struct luma_picture luma_read_coefficients(const uint8_t *data, size_t size);
/* Only what the header tells; without data. */
struct luma_picture luma_decode_header(const uint8_t *data, size_t size);
bool luma_is_same(const struct luma_picture *a, const struct luma_picture *b);

/* An extraction as far as it came. */
struct luma_file {
    enum pp_status status;
    struct pp_error err;
    uint8_t *data; /* owned */
    size_t size;
};

struct luma_file luma_extract(struct pp_input *in, const struct pp_jpeg_luma_settings *settings);
struct luma_file luma_extract_memory(const uint8_t *data, size_t size,
                                     const struct pp_jpeg_luma_settings *settings);

/* What the extractor decodes with settings->eighths, into a picture; without data when the status
 * is not PP_OK. */
struct luma_picture luma_rows_memory(const uint8_t *data, size_t size,
                                     const struct pp_jpeg_luma_settings *settings,
                                     enum pp_status *status);

/* How luma_encode() makes a file; zeros are ordinary. */
struct luma_recipe {
    uint32_t width, height;
    int quality;           /* 0: 85 */
    int h[3], v[3];        /* sampling factors; 0: 1 */
    unsigned restart_mcus; /* restart interval; 0: none */
    bool gray, optimised, extended;
    const jpeg_scan_info *scans; /* NULL: one scan */
    int scan_count;
};

/* A JPEG of YCbCr (or gray) noise and shapes by libjpeg; free() the data. */
struct luma_file luma_encode(const struct luma_recipe *recipe);

#endif
