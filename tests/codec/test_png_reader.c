/* PNG read: what libpng expands comes back bit for bit, and broken files are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "support.h"

static const struct pp_write_settings plain = {0};

static void put(png_struct *png, png_byte *data, size_t size)
{
    struct pp_output *out = png_get_io_ptr(png);

    assert_int_equal(pp_output_write(out, data, size, NULL), PP_OK);
}

/* A file by libpng directly: 4-bit palette with transparency or 2-bit gray, maybe interlaced. */
static struct test_file libpng_file(bool palette, bool interlaced)
{
    struct pp_output out;
    png_struct *png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_info *info = png_create_info_struct(png);
    png_color colors[16];
    png_byte alpha[3] = {0, 100, 200}, data[16 * 8], *rows[16];

    pp_output_init_memory(&out);
    png_set_write_fn(png, &out, put, NULL);
    png_set_IHDR(png, info, 16, 16, palette ? 4 : 2,
                 palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    for (int i = 0; i < 16; i++)
        colors[i] = (png_color){(png_byte)(i * 16), (png_byte)(255 - i), (png_byte)(i * i)};
    if (palette) {
        png_set_PLTE(png, info, colors, 16);
        png_set_tRNS(png, info, alpha, 3, NULL);
    }
    for (int y = 0; y < 16; y++) {
        rows[y] = data + y * 8;
        for (int x = 0; x < 8; x++)
            rows[y][x] = (png_byte)(x * 37 + y * 29);
    }
    png_set_rows(png, info, rows);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
    return (struct test_file){out.buffer, out.used};
}

static void palettes_and_small_depths_expand_interlaced_or_not(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct test_file file = libpng_file(i & 1, i & 2);
        struct test_decoding decoding = test_decode(&file, NULL);
        struct test_file expected = test_libpng_decode(&file);
        assert_int_equal(decoding.status, PP_OK);
        assert_int_equal(decoding.reader->geometry.channels, i & 1 ? 4 : 1);
        assert_int_equal(decoding.size, expected.size);
        assert_memory_equal(decoding.pixels, expected.data, expected.size);
        test_file_release(&expected);
        test_decoding_release(&decoding);
        test_file_release(&file);
    }
}

static void an_interlaced_picture_is_announced_as_held_whole(void **state)
{
    struct test_file rows = libpng_file(true, false), passes = libpng_file(true, true);
    struct test_decoding a = test_decode(&rows, NULL), b = test_decode(&passes, NULL);

    (void)state;
    assert_true(b.reader->memory >= a.reader->memory + 12 * 16 * 4);
    test_decoding_release(&a);
    test_decoding_release(&b);
    test_file_release(&rows);
    test_file_release(&passes);
}

static void refuse_all_truncations(const struct test_file *file)
{
    for (size_t size = 8; size < file->size; size += size < 200 ? 1 : 97) {
        struct test_file part = {malloc(size), size};
        assert_non_null(part.data);
        memcpy(part.data, file->data, size);
        struct test_decoding decoding = test_decode(&part, NULL);
        if (decoding.status != PP_E_CORRUPT || !strstr(decoding.err.text, "file ends early"))
            fail_msg("%zu of %zu bytes: %s", size, file->size, decoding.err.text);
        test_decoding_release(&decoding);
        test_file_release(&part);
    }
}

static void a_truncated_file_is_refused_wherever_it_ends(void **state)
{
    struct test_picture picture = test_picture_new(90, 70, 4, 8);
    struct test_file file = test_encode(&pp_codec_png, &picture, &plain);
    struct test_file interlaced = libpng_file(false, true);

    (void)state;
    refuse_all_truncations(&file);
    refuse_all_truncations(&interlaced);
    test_file_release(&interlaced);
    test_file_release(&file);
    test_picture_release(&picture);
}

static void a_damaged_byte_of_the_pixels_is_refused(void **state)
{
    struct test_picture picture = test_picture_new(90, 70, 3, 8);
    struct test_file file = test_encode(&pp_codec_png, &picture, &plain);

    (void)state;
    file.data[file.size / 2] ^= 0x10;
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_int_equal(decoding.status, PP_E_CORRUPT);
    test_decoding_release(&decoding);
    test_file_release(&file);
    test_picture_release(&picture);
}

/* A header that claims 60000 x 60000 pixels, its checksum right. */
static void a_picture_over_the_limit_is_refused_from_its_header(void **state)
{
    static const uint8_t bomb[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0,    0, 0,    13,
                                   'I',  'H', 'D', 'R', 0,    0,    0xEA, 0x60, 0,    0, 0xEA, 0x60,
                                   8,    6,   0,   0,   0,    0x80, 0xD2, 0x75, 0x42, 0, 0,    0,
                                   0,    'I', 'D', 'A', 'T',  0x35, 0xAF, 0x06, 0x1E};
    struct test_file file = {(uint8_t *)(uintptr_t)bomb, sizeof(bomb)};

    (void)state;
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_int_equal(decoding.status, PP_E_LIMIT);
    assert_non_null(strstr(decoding.err.text, "--max-pixels"));
    test_decoding_release(&decoding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(palettes_and_small_depths_expand_interlaced_or_not),
        cmocka_unit_test(an_interlaced_picture_is_announced_as_held_whole),
        cmocka_unit_test(a_truncated_file_is_refused_wherever_it_ends),
        cmocka_unit_test(a_damaged_byte_of_the_pixels_is_refused),
        cmocka_unit_test(a_picture_over_the_limit_is_refused_from_its_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
