#include "support_png.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>
#include <png.h>

static void append(struct test_file *file, const void *data, size_t size)
{
    file->data = realloc(file->data, file->size + size + 1);
    assert_non_null(file->data);
    if (size > 0)
        memcpy(file->data + file->size, data, size);
    file->size += size;
}

static void append_32(struct test_file *file, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};

    append(file, bytes, sizeof(bytes));
}

size_t test_png_row_bytes(const struct test_png_form *form)
{
    static const uint8_t channels[7] = {1, 0, 3, 1, 2, 0, 4};

    return ((size_t)form->width * form->depth * channels[form->type] + 7) / 8;
}

void test_png_add(struct test_file *file, const char *name, const void *data, size_t size)
{
    append_32(file, (uint32_t)size);
    size_t begin = file->size;
    append(file, name, 4);
    append(file, data, size);
    append_32(file, libdeflate_crc32(0, file->data + begin, size + 4));
}

struct test_file test_png_begin(const struct test_png_form *form, int colors, int alphas)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    struct test_file file = {NULL, 0}, header = {NULL, 0};
    uint8_t palette[256 * 3], alpha[256];

    append(&file, signature, sizeof(signature));
    append_32(&header, form->width);
    append_32(&header, form->height);
    append(&header, (uint8_t[]){form->depth, form->type, 0, 0, 0}, 5);
    test_png_add(&file, "IHDR", header.data, header.size);
    test_file_release(&header);
    for (int i = 0; i < 256; i++) {
        palette[3 * i] = (uint8_t)(i * 7);
        palette[3 * i + 1] = (uint8_t)(255 - i);
        palette[3 * i + 2] = (uint8_t)(i * i);
        alpha[i] = (uint8_t)(i * 31);
    }
    if (colors > 0)
        test_png_add(&file, "PLTE", palette, (size_t)colors * 3);
    if (alphas > 0)
        test_png_add(&file, "tRNS", alpha, (size_t)alphas);
    return file;
}

struct test_file test_png_raw(const struct test_png_form *form, uint32_t seed)
{
    size_t row = test_png_row_bytes(form) + 1;
    struct test_file raw = {malloc(row * form->height), row * form->height};

    assert_non_null(raw.data);
    for (size_t i = 0; i < raw.size; i++) {
        seed = seed * 1664525 + 1013904223; /* Numerical Recipes, 7.1 */
        unsigned value = seed >> 24;
        /* Runs and small numbers too: something to match, and every case of Paeth. */
        raw.data[i] = (uint8_t)(seed & 0x3000 ? value : value & 3);
        if (i % row == 0)
            raw.data[i] = (uint8_t)((i / row + seed / 65536 % 2) % 5);
    }
    return raw;
}

struct test_file test_png_deflate(const struct test_file *raw)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    size_t most = libdeflate_zlib_compress_bound(compressor, raw->size);
    struct test_file stream = {malloc(most), 0};

    assert_non_null(stream.data);
    stream.size = libdeflate_zlib_compress(compressor, raw->data, raw->size, stream.data, most);
    assert_true(stream.size > 0);
    libdeflate_free_compressor(compressor);
    return stream;
}

struct test_file test_png_file(const struct test_png_form *form, const struct test_file *stream,
                               size_t piece)
{
    int colors = form->type == PNG_COLOR_TYPE_PALETTE ? 1 << form->depth : 0;
    struct test_file file = test_png_begin(form, colors, 0);

    if (piece == 0)
        piece = stream->size;
    for (size_t at = 0; at < stream->size; at += piece)
        test_png_add(&file, "IDAT", stream->data + at,
                     stream->size - at < piece ? stream->size - at : piece);
    test_png_add(&file, "IEND", NULL, 0);
    return file;
}
