/*
 * codec/support_coefficients.h - the quantised coefficients of a JPEG, and jpegtran.
 */
#ifndef PP_TESTS_CODEC_SUPPORT_COEFFICIENTS_H
#define PP_TESTS_CODEC_SUPPORT_COEFFICIENTS_H

#include "support.h"

struct test_plane {
    uint32_t width, height; /* in blocks */
    int h, v;               /* sampling factors */
    uint16_t quant[64];
    int16_t *blocks; /* owned; 64 coefficients each, natural order, row by row */
};

struct test_coefficients {
    uint32_t width, height; /* in pixels */
    int components, color_space, restart_interval;
    bool progressive, adobe;
    struct test_plane planes[4];
};

/* By libjpeg alone. Fails the test when it reports an error. */
struct test_coefficients test_coefficients_read(const struct test_file *file);
void test_coefficients_release(struct test_coefficients *coefficients);
/* Coefficient k of block (x, y). */
int test_coefficient(const struct test_plane *plane, uint32_t x, uint32_t y, unsigned k);
/* Fails the test unless sizes, tables and all coefficients of all components are the same. */
void test_assert_coefficients(const struct test_file *file, const struct test_file *expected);

/* What jpegtran makes of a file; `arguments` ends with NULL and has at most 6 before it. data is
 * NULL when jpegtran fails, *installed is false when there is none. */
struct test_file test_jpegtran(const struct test_file *file, const char *const *arguments,
                               bool *installed);

#endif
