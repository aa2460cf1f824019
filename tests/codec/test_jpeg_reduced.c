/* Reading JPEG at a fraction of its size, and luma behind the extractor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "codec/jpeg_reader.h"
#include "support.h"

static const struct test_jpeg kinds[] = {
    {JCS_YCbCr, 80, 1, 1, .restart_rows = 0},
    {JCS_YCbCr, 80, 2, 1, .restart_rows = 1},
    {JCS_YCbCr, 80, 2, 2, .restart_rows = 0},
    {JCS_YCbCr, 80, 2, 2, .progressive = true},
    {JCS_YCbCr, 80, 2, 2, .arithmetic = true},
    {JCS_YCbCr, 80, 2, 1, .interleaved_off = true},
    {JCS_YCbCr, 80, 1, 2, .progressive = true, .restart_rows = 1},
    {JCS_RGB, 80, 1, 1, .restart_rows = 0},
    {JCS_GRAYSCALE, 80, 1, 1, .restart_rows = 0},
    {JCS_CMYK, 80, 1, 1, .no_adobe = false},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define LUMA  7 /* so many of them have luma of their own */

static struct test_file make(uint32_t width, uint32_t height, const struct test_jpeg *how)
{
    uint8_t channels = how->color_space == JCS_GRAYSCALE ? 1 : how->color_space == JCS_CMYK ? 4 : 3;
    struct test_picture picture = test_picture_new(width, height, channels, 8);
    struct test_file file = test_libjpeg_encode(&picture, how);

    test_picture_release(&picture);
    return file;
}

/* A reading by hand, with pixels in one piece. */
struct reading {
    struct pp_input in;
    struct pp_reader *reader;
    struct pp_error err;
    enum pp_status status;
    unsigned eighths;
    uint8_t *pixels;
    size_t size;
};

static struct reading read_reduced(const struct test_file *file,
                                   const struct pp_read_settings *settings, uint32_t min_width,
                                   uint32_t min_height)
{
    struct reading r = {.eighths = 8};

    pp_input_init_memory(&r.in, file->data, file->size);
    r.status = pp_codec_jpeg.open_reader(&r.in, settings, &r.reader, &r.err);
    if (r.status != PP_OK)
        return r;
    r.eighths = pp_codec_jpeg.reduce(r.reader, min_width, min_height);
    const struct pp_geometry *geometry = &r.reader->geometry;
    size_t row = pp_geometry_row_bytes(geometry);
    r.size = row * geometry->height;
    r.pixels = malloc(r.size);
    assert_non_null(r.pixels);
    r.status = pp_codec_jpeg.start(r.reader, &r.err);
    for (uint32_t y = 0; r.status == PP_OK && y < geometry->height;) {
        uint32_t left = geometry->height - y, count = left < 11 ? left : 11;
        r.status = pp_codec_jpeg.read_rows(r.reader, r.pixels + y * row, row, count, &r.err);
        y += count;
    }
    if (r.status == PP_OK)
        r.status = pp_codec_jpeg.finish_reader(r.reader, &r.err);
    return r;
}

static void release(struct reading *r)
{
    pp_codec_jpeg.close_reader(r->reader);
    pp_input_release(&r->in);
    free(r->pixels);
}

/* ---- a fraction ---------------------------------------------------------------------------- */

static void the_smallest_fraction_with_sides_no_smaller_is_taken(void **state)
{
    static const struct {
        uint32_t width, height;
        unsigned eighths;
    } cases[] = {{1, 1, 1},   {11, 8, 1}, {12, 1, 2},  {1, 9, 2},  {21, 16, 2},
                 {22, 1, 4},  {1, 17, 4}, {42, 31, 4}, {43, 1, 8}, {1, 32, 8},
                 {83, 61, 8}, {84, 1, 8}, {500, 9, 8}, {11, 31, 4}};
    struct test_file file = make(83, 61, &kinds[2]);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading r =
            read_reduced(&file, &(struct pp_read_settings){0}, cases[i].width, cases[i].height);
        assert_string_equal(r.err.text, "");
        assert_int_equal(r.eighths, cases[i].eighths);
        assert_int_equal(r.reader->geometry.width, (83 * r.eighths + 7) / 8);
        assert_int_equal(r.reader->geometry.height, (61 * r.eighths + 7) / 8);
        release(&r);
    }
    test_file_release(&file);
}

/* What libjpeg makes of the file at that size; colours as the reader delivers them. */
static struct test_file expected_of(const struct test_file *file, int color_space, unsigned eighths)
{
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct test_file result = {0};

    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&cinfo);
    jpeg_mem_src(&cinfo, file->data, file->size);
    jpeg_read_header(&cinfo, TRUE);
    cinfo.out_color_space = (J_COLOR_SPACE)color_space;
    cinfo.scale_num = eighths;
    cinfo.scale_denom = 8;
    jpeg_start_decompress(&cinfo);
    size_t row = (size_t)cinfo.output_width * (size_t)cinfo.output_components;
    result.size = row * cinfo.output_height;
    result.data = malloc(result.size);
    assert_non_null(result.data);
    while (cinfo.output_scanline < cinfo.output_height) {
        JSAMPROW place = result.data + row * cinfo.output_scanline;
        jpeg_read_scanlines(&cinfo, &place, 1);
    }
    jpeg_destroy_decompress(&cinfo);
    return result;
}

static void compare(const struct reading *r, const struct test_file *file, int color_space)
{
    struct test_file expected = expected_of(file, color_space, r->eighths);

    assert_string_equal(r->err.text, "");
    /* that it goes by a formula */
    assert_int_equal(r->reader->warnings, color_space == JCS_CMYK);
    if (color_space == JCS_CMYK) {
        assert_int_equal(r->size, expected.size / 4 * 3);
        for (size_t i = 0; i < r->size; i++) /* red, green or blue: less than its lack of ink */
            assert_true(r->pixels[i] <= expected.data[i / 3 * 4 + i % 3]);
    } else {
        assert_int_equal(r->size, expected.size);
        assert_memory_equal(r->pixels, expected.data, expected.size);
    }
    test_file_release(&expected);
}

static void reduced_rows_equal_those_of_libjpeg(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct test_file file = make(83, 61, &kinds[i]);
        for (uint32_t width = 5; width < 50; width *= 2) {
            struct reading r = read_reduced(&file, &(struct pp_read_settings){0}, width, 1);
            int space = kinds[i].color_space == JCS_YCbCr ? JCS_RGB : kinds[i].color_space;
            compare(&r, &file, space);
            release(&r);
        }
        test_file_release(&file);
    }
}

static void memory_shrinks_with_the_rows(void **state)
{
    struct test_file file = make(4000, 40, &kinds[0]);
    struct reading whole = read_reduced(&file, &(struct pp_read_settings){0}, 4000, 1);
    struct reading small = read_reduced(&file, &(struct pp_read_settings){0}, 1, 1);

    (void)state;
    assert_int_equal(small.eighths, 1);
    assert_true(whole.reader->memory - small.reader->memory > 4000 * 3 * 12);
    release(&small);
    release(&whole);
    test_file_release(&file);
}

/* ---- the extractor in front ---------------------------------------------------------------- */

static const struct pp_read_settings luma = {.luma = true},
                                     trusting = {.luma = true, .rewinds = true};

static void luma_behind_the_extractor_is_the_same_at_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < LUMA; i++) {
        struct test_file file = make(83, 61, &kinds[i]);
        for (uint32_t width = 5; width < 100; width *= 2) {
            struct reading r = read_reduced(&file, &trusting, width, 1);
            assert_true(r.reader->luma);
            assert_false(r.reader->gave_up);
            compare(&r, &file, JCS_GRAYSCALE);
            release(&r);
        }
        test_file_release(&file);
    }
}

static void traits_stay_those_of_the_file(void **state)
{
    struct test_file file = make(83, 61, &kinds[3]);
    struct reading r = read_reduced(&file, &trusting, 83, 61);
    struct reading plain = read_reduced(&file, &luma, 83, 61);

    (void)state;
    assert_int_equal(r.reader->jpeg.components, 3);
    assert_memory_equal(&r.reader->jpeg, &plain.reader->jpeg, sizeof(r.reader->jpeg));
    release(&plain);
    release(&r);
    test_file_release(&file);
}

static void of_several_scans_luma_alone_is_held(void **state)
{
    struct test_picture picture = test_picture_new(1024, 1024, 3, 8);

    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        struct test_jpeg how = {
            JCS_YCbCr, 80, 1, 1, .progressive = progressive, .interleaved_off = !progressive};
        struct test_file file = test_libjpeg_encode(&picture, &how);
        struct reading all = read_reduced(&file, &luma, 1024, 1),
                       only = read_reduced(&file, &trusting, 1024, 1);
        uint64_t pixels = 1024 * 1024;
        assert_in_range(all.reader->memory, 6 * pixels, 7 * pixels);
        assert_in_range(only.reader->memory, progressive ? 2 * pixels : 0,
                        progressive ? 3 * pixels : pixels);
        release(&all);
        release(&only);
        test_file_release(&file);
    }
    test_picture_release(&picture);
}

/* Files that the extractor stands in front of, and widths that are asked for. */
static const struct {
    const struct test_jpeg *how;
    uint32_t width;
    bool decodes; /* the extractor does, in place of libjpeg */
} trusted[] = {{&kinds[3], 83, false}, {&kinds[2], 42, true}, {&kinds[1], 21, true},
               {&kinds[0], 11, true},  {&kinds[8], 42, true}, {&kinds[5], 42, false}};
#define TRUSTED (sizeof(trusted) / sizeof(trusted[0]))

static void a_file_of_one_scan_is_reduced_without_libjpeg(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRUSTED; i++) {
        struct test_file file = make(83, 61, trusted[i].how);
        struct reading r = read_reduced(&file, &trusting, trusted[i].width, 1);
        struct reading plain = read_reduced(&file, &luma, trusted[i].width, 1);
        assert_int_equal(r.status, PP_OK);
        assert_true(pp_jpeg_reader_of(r.reader)->reduced.chosen == trusted[i].decodes);
        assert_false(pp_jpeg_reader_of(plain.reader)->reduced.chosen);
        compare(&r, &file, JCS_GRAYSCALE);
        release(&plain);
        release(&r);
        test_file_release(&file);
    }
}

/* Without the end mark alone a file still has all of its data. */
static void check_cut(const struct test_file *file, uint32_t width)
{
    for (size_t size = file->size / 2; size + 2 < file->size; size += 13) {
        struct test_file part = {file->data, size};
        struct reading r = read_reduced(&part, &trusting, width, 1);
        struct reading plain = read_reduced(&part, &luma, width, 1);
        assert_int_equal(r.status, PP_E_CORRUPT);
        assert_true(r.reader->gave_up);
        assert_int_equal(plain.status, PP_E_CORRUPT);
        assert_non_null(strstr(plain.err.text, "file ends early"));
        assert_false(plain.reader->gave_up);
        release(&plain);
        release(&r);
    }
}

static void a_file_that_is_not_in_order_is_left_to_a_reader_that_trusts_less(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRUSTED; i++) {
        struct test_file file = make(83, 61, trusted[i].how);
        check_cut(&file, trusted[i].width);
        test_file_release(&file);
    }
}

/* The file's first scans and an end mark. */
static struct test_file with_scans(const struct test_file *file, unsigned scans)
{
    struct test_file part = test_file_insert(file, 0, "", 0);
    size_t i = 2;

    for (scans++; scans > 0; i++)
        scans -= part.data[i] == 0xFF && (part.data[i + 1] == 0xDA || part.data[i + 1] == 0xD9);
    part.data[i] = 0xD9;
    part.size = i + 1;
    return part;
}

/* libjpeg smooths blocks whose detail has not come. */
static void a_file_that_leaves_detail_out_is_decoded_as_libjpeg_does(void **state)
{
    struct test_file file = make(83, 61, &kinds[3]);

    (void)state;
    for (unsigned scans = 1; scans <= 10; scans++) {
        struct test_file part = with_scans(&file, scans);
        struct reading r = read_reduced(&part, &trusting, 83, 61);
        assert_true(r.status == PP_OK || r.reader->gave_up);
        assert_true(r.status == PP_OK || scans < 10);
        if (r.status == PP_OK)
            compare(&r, &part, JCS_GRAYSCALE);
        release(&r);
        test_file_release(&part);
    }
    test_file_release(&file);
}

/* With the extractor or without it: the same pixels, or it gives up. Returns whether it did not. */
static bool check_damaged(const struct test_file *damaged, uint32_t width)
{
    struct pp_read_settings with = trusting, without = luma;

    with.limits = without.limits = (struct pp_limits){.max_pixels = 100000, .max_scans = 50};
    struct reading r = read_reduced(damaged, &with, width, 1);
    struct reading plain = read_reduced(damaged, &without, width, 1);
    const bool done = r.status == PP_OK;
    if (!done && r.reader && !r.reader->gave_up) /* the damage made it another kind of file */
        assert_false(pp_jpeg_reader_of(r.reader)->reduced.chosen ||
                     pp_jpeg_reader_of(r.reader)->extracts);
    if (done) {
        assert_int_equal(plain.status, PP_OK);
        assert_int_equal(r.size, plain.size);
        assert_memory_equal(r.pixels, plain.pixels, r.size);
    }
    release(&plain);
    release(&r);
    return done;
}

static void damage_is_never_decoded_otherwise_than_by_libjpeg(void **state)
{
    uint32_t random = 7;

    (void)state;
    for (size_t k = 0; k < TRUSTED; k++) {
        struct test_file file = make(83, 61, trusted[k].how);
        unsigned same = 0, rounds = k == 0 ? 1000 : 300;
        for (unsigned i = 0; i < rounds; i++) {
            struct test_file damaged = test_file_insert(&file, 0, "", 0);
            random = random * 1664525 + 1013904223;
            damaged.data[(random >> 8) % damaged.size] ^= (uint8_t)(1u << (random & 7));
            same += check_damaged(&damaged, trusted[k].width);
            test_file_release(&damaged);
        }
        assert_in_range(same, rounds / 20, rounds - rounds / 20);
        test_file_release(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_fraction_with_sides_no_smaller_is_taken),
        cmocka_unit_test(reduced_rows_equal_those_of_libjpeg),
        cmocka_unit_test(memory_shrinks_with_the_rows),
        cmocka_unit_test(luma_behind_the_extractor_is_the_same_at_every_size),
        cmocka_unit_test(traits_stay_those_of_the_file),
        cmocka_unit_test(of_several_scans_luma_alone_is_held),
        cmocka_unit_test(a_file_of_one_scan_is_reduced_without_libjpeg),
        cmocka_unit_test(a_file_that_is_not_in_order_is_left_to_a_reader_that_trusts_less),
        cmocka_unit_test(a_file_that_leaves_detail_out_is_decoded_as_libjpeg_does),
        cmocka_unit_test(damage_is_never_decoded_otherwise_than_by_libjpeg),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
