/*
 * codec/support_png.h - PNG files put together chunk by chunk, sound or not.
 */
#ifndef PP_TESTS_CODEC_SUPPORT_PNG_H
#define PP_TESTS_CODEC_SUPPORT_PNG_H

#include "support.h"

/* What the header says, but for the interlacing: there is none. */
struct test_png_form {
    uint32_t width, height;
    uint8_t depth, type; /* PNG_COLOR_TYPE_* */
};

/* Bytes of a row without its filter's type. */
size_t test_png_row_bytes(const struct test_png_form *form);

/* Append a chunk with its checksum. */
void test_png_add(struct test_file *file, const char *name, const void *data, size_t size);

/* Signature and header; with `colors` a palette of so many entries, and with `alphas` their
 * transparency. */
struct test_file test_png_begin(const struct test_png_form *form, int colors, int alphas);

/* Rows of every filter in turn, of bytes from `seed`; its size is rows x (row bytes + 1). */
struct test_file test_png_raw(const struct test_png_form *form, uint32_t seed);
/* A zlib stream of it. */
struct test_file test_png_deflate(const struct test_file *raw);

/* A whole file of a stream, in IDAT chunks of `piece` bytes; 0: in one. */
struct test_file test_png_file(const struct test_png_form *form, const struct test_file *stream,
                               size_t piece);

#endif
