/* Rows read without libpng: every kind of picture, in portions of every size, as libpng has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "support_png.h"

struct kind {
    uint8_t type, depth;
};

static const struct kind kinds[] = {
    {PNG_COLOR_TYPE_GRAY, 1},        {PNG_COLOR_TYPE_GRAY, 2},       {PNG_COLOR_TYPE_GRAY, 4},
    {PNG_COLOR_TYPE_GRAY, 8},        {PNG_COLOR_TYPE_GRAY, 16},      {PNG_COLOR_TYPE_GRAY_ALPHA, 8},
    {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB, 8},        {PNG_COLOR_TYPE_RGB, 16},
    {PNG_COLOR_TYPE_RGB_ALPHA, 8},   {PNG_COLOR_TYPE_RGB_ALPHA, 16}, {PNG_COLOR_TYPE_PALETTE, 1},
    {PNG_COLOR_TYPE_PALETTE, 2},     {PNG_COLOR_TYPE_PALETTE, 4},    {PNG_COLOR_TYPE_PALETTE, 8},
};

static void assert_as_libpng(const struct test_file *file, const char *what, size_t number)
{
    struct test_decoding decoding = test_decode(file, NULL);
    struct test_file expected = test_libpng_decode(file);

    assert_string_equal(decoding.err.text, "");
    assert_int_equal(decoding.size, expected.size);
    if (memcmp(decoding.pixels, expected.data, expected.size) != 0)
        fail_msg("%s %zu: pixels differ", what, number);
    test_file_release(&expected);
    test_decoding_release(&decoding);
}

static void try_kind(const struct kind *kind, uint32_t width)
{
    struct test_png_form form = {width, 11, kind->depth, kind->type};
    struct test_file raw = test_png_raw(&form, width * 77 + kind->depth);
    struct test_file stream = test_png_deflate(&raw);
    struct test_file file = test_png_file(&form, &stream, 0);

    assert_as_libpng(&file, "width", width);
    test_file_release(&file);
    test_file_release(&stream);
    test_file_release(&raw);
}

static void every_kind_of_picture_is_read_at_every_width(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        for (uint32_t width = 1; width <= 70; width++)
            try_kind(&kinds[i], width);
    }
}

/* Rows of a palette's indices, the same for `length` bytes, of which some have not all samples the
 * same; unfiltered. */
static void try_runs(const struct kind *kind, uint32_t width, size_t length)
{
    struct test_png_form form = {width, 11, kind->depth, kind->type};
    struct test_file raw = test_png_raw(&form, width);
    size_t row = raw.size / form.height;

    for (size_t i = 0; i < raw.size; i++) {
        size_t run = i / length;
        raw.data[i] = i % row == 0 ? 0 : (uint8_t)(run % 3 == 0 ? run * 37 : run % 2 * 0xFF);
    }
    struct test_file stream = test_png_deflate(&raw);
    struct test_file file = test_png_file(&form, &stream, 0);
    assert_as_libpng(&file, "runs, width", width);
    test_file_release(&file);
    test_file_release(&stream);
    test_file_release(&raw);
}

static void runs_of_one_colour_are_read_at_every_width(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        for (uint32_t width = 1; kinds[i].type == PNG_COLOR_TYPE_PALETTE && width <= 70; width++) {
            try_runs(&kinds[i], width, 1 + width % 3);
            try_runs(&kinds[i], width, 11);
        }
    }
}

/* Fewer colours than the indices say, and transparency for none, some or all of them. */
static void indices_beyond_the_palette_are_black_and_opaque(void **state)
{
    static const int counts[][2] = {{1, 0}, {1, 1}, {2, 1}, {3, 3}, {100, 50}, {256, 256}};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct test_png_form form = {50, 9, 8, PNG_COLOR_TYPE_PALETTE};
        struct test_file raw = test_png_raw(&form, (uint32_t)i);
        struct test_file stream = test_png_deflate(&raw);
        struct test_file file = test_png_begin(&form, counts[i][0], counts[i][1]);
        test_png_add(&file, "IDAT", stream.data, stream.size);
        test_png_add(&file, "IEND", NULL, 0);
        assert_as_libpng(&file, "palette", i);
        test_file_release(&file);
        test_file_release(&stream);
        test_file_release(&raw);
    }
}

/* Read `count` rows at a time into a place that is overwritten in between. */
static void check_portions(const struct test_file *file, const struct test_file *expected,
                           uint32_t count)
{
    struct pp_read_settings settings = {.limits.max_pixels = 1000000};
    struct pp_reader *reader = NULL;
    struct pp_input in;

    pp_input_init_memory(&in, file->data, file->size);
    assert_int_equal(pp_codec_png.open_reader(&in, &settings, &reader, NULL), PP_OK);
    assert_int_equal(pp_codec_png.start(reader, NULL), PP_OK);
    size_t row = pp_geometry_row_bytes(&reader->geometry), stride = row + 13;
    uint8_t *place = malloc(stride * count);
    assert_non_null(place);
    for (uint32_t y = 0, part; y < reader->geometry.height; y += part) {
        part = reader->geometry.height - y < count ? reader->geometry.height - y : count;
        memset(place, 0xEE, stride * count);
        assert_int_equal(pp_codec_png.read_rows(reader, place, stride, part, NULL), PP_OK);
        for (uint32_t i = 0; i < part; i++) {
            assert_memory_equal(place + i * stride, expected->data + (y + i) * row, row);
            if (i + 1 < count)
                assert_int_equal(place[i * stride + row], 0xEE);
        }
    }
    assert_int_equal(pp_codec_png.read_rows(reader, place, stride, 1, NULL), PP_E_INTERNAL);
    assert_int_equal(pp_codec_png.read_rows(reader, place, stride, 0, NULL), PP_OK);
    assert_int_equal(pp_codec_png.finish_reader(reader, NULL), PP_OK);
    pp_codec_png.close_reader(reader);
    free(place);
}

static void rows_may_be_asked_for_in_any_portions_and_overwritten(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct test_png_form form = {37, 41, kinds[i].depth, kinds[i].type};
        struct test_file raw = test_png_raw(&form, (uint32_t)i);
        struct test_file stream = test_png_deflate(&raw);
        struct test_file file = test_png_file(&form, &stream, 0);
        struct test_file expected = test_libpng_decode(&file);
        for (uint32_t count = 1; count <= 45; count += count < 5 ? 1 : 8)
            check_portions(&file, &expected, count);
        test_file_release(&expected);
        test_file_release(&file);
        test_file_release(&stream);
        test_file_release(&raw);
    }
}

/* Larger than the inflater's window, many times, and with rows larger than it too. */
static void a_picture_larger_than_the_window_streams_through_it(void **state)
{
    static const uint32_t sizes[][2] = {{1000, 700}, {60000, 20}, {20000, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct test_png_form form = {sizes[i][0], sizes[i][1], 8, PNG_COLOR_TYPE_RGB_ALPHA};
        struct test_file raw = test_png_raw(&form, (uint32_t)i);
        struct test_file stream = test_png_deflate(&raw);
        struct test_file file = test_png_file(&form, &stream, 8192);
        assert_as_libpng(&file, "size", i);
        test_file_release(&file);
        test_file_release(&stream);
        test_file_release(&raw);
    }
}

static unsigned gray_bits_of(const struct test_file *file)
{
    struct test_decoding decoding = test_decode(file, NULL);

    assert_int_equal(decoding.status, PP_OK);
    unsigned bits = decoding.reader->gray_bits;
    test_decoding_release(&decoding);
    return bits;
}

static void gray_of_few_bits_is_announced_as_such(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct test_png_form form = {8, 3, kinds[i].depth, kinds[i].type};
        struct test_file raw = test_png_raw(&form, 1), stream = test_png_deflate(&raw);
        struct test_file file = test_png_file(&form, &stream, 0);
        bool few = form.type == PNG_COLOR_TYPE_GRAY && form.depth < 8;
        assert_int_equal(gray_bits_of(&file), few ? form.depth : 8);
        test_file_release(&file);
        test_file_release(&stream);
        test_file_release(&raw);
    }
}

static void palettes_tell_how_many_bits_their_gray_needs(void **state)
{
    static const struct {
        uint8_t colors[9];
        int alphas;
        unsigned bits;
    } cases[] = {
        {{0, 0, 0, 255, 255, 255, 0, 0, 0}, 0, 1},    {{0, 0, 0, 85, 85, 85, 255, 255, 255}, 0, 2},
        {{0, 0, 0, 255, 255, 255, 34, 34, 34}, 0, 4}, {{0, 0, 0, 255, 255, 255, 35, 35, 35}, 0, 8},
        {{0, 0, 0, 255, 255, 255, 255, 0, 0}, 0, 8}, /* red: 76 */
        {{0, 0, 0, 255, 255, 255, 57, 0, 0}, 0, 4},  /* a dark red: 17 */
        {{0, 0, 0, 255, 255, 255, 0, 0, 0}, 1, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct test_png_form form = {5, 5, 2, PNG_COLOR_TYPE_PALETTE};
        struct test_file raw = test_png_raw(&form, 1), stream = test_png_deflate(&raw);
        struct test_file file = test_png_begin(&form, 0, 0);
        test_png_add(&file, "PLTE", cases[i].colors, sizeof(cases[i].colors));
        if (cases[i].alphas > 0)
            test_png_add(&file, "tRNS", "\x80", 1);
        test_png_add(&file, "IDAT", stream.data, stream.size);
        test_png_add(&file, "IEND", NULL, 0);
        assert_int_equal(gray_bits_of(&file), cases[i].bits);
        test_file_release(&file);
        test_file_release(&stream);
        test_file_release(&raw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_picture_is_read_at_every_width),
        cmocka_unit_test(runs_of_one_colour_are_read_at_every_width),
        cmocka_unit_test(indices_beyond_the_palette_are_black_and_opaque),
        cmocka_unit_test(rows_may_be_asked_for_in_any_portions_and_overwritten),
        cmocka_unit_test(a_picture_larger_than_the_window_streams_through_it),
        cmocka_unit_test(gray_of_few_bits_is_announced_as_such),
        cmocka_unit_test(palettes_tell_how_many_bits_their_gray_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
