/* Reading JPEG: colour spaces, the luma shortcut, the end of the file, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support.h"

static struct test_file make(uint8_t channels, const struct test_jpeg *how)
{
    struct test_picture picture = test_picture_new(83, 61, channels, 8);
    struct test_file file = test_libjpeg_encode(&picture, how);

    test_picture_release(&picture);
    return file;
}

static const struct test_jpeg samplings[] = {
    {JCS_YCbCr, 80, 1, 1, .restart_rows = 0},  {JCS_YCbCr, 80, 2, 1, .restart_rows = 1},
    {JCS_YCbCr, 80, 2, 2, .restart_rows = 0},  {JCS_YCbCr, 80, 1, 2, .restart_rows = 0},
    {JCS_YCbCr, 80, 4, 1, .restart_rows = 2},  {JCS_YCbCr, 80, 2, 2, .progressive = true},
    {JCS_YCbCr, 80, 2, 2, .arithmetic = true}, {JCS_YCbCr, 80, 2, 1, .interleaved_off = true},
    {JCS_RGB, 80, 1, 1, .restart_rows = 0},
};
#define SAMPLINGS (sizeof(samplings) / sizeof(samplings[0]))

static void compare(const struct test_file *file, bool luma, int color_space, uint8_t channels)
{
    struct pp_read_settings settings = {.luma = luma};
    struct test_decoding decoding = test_decode(file, &settings);
    struct test_file expected = test_libjpeg_decode(file, color_space);

    assert_string_equal(decoding.err.text, "");
    assert_int_equal(decoding.reader->warnings, 0);
    assert_int_equal(decoding.reader->geometry.channels, channels);
    assert_int_equal(decoding.size, expected.size);
    assert_memory_equal(decoding.pixels, expected.data, expected.size);
    test_file_release(&expected);
    test_decoding_release(&decoding);
}

static void colour_rows_equal_those_of_libjpeg(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLINGS; i++) {
        struct test_file file = make(3, &samplings[i]);
        compare(&file, false, JCS_RGB, 3);
        test_file_release(&file);
    }
}

static void luma_is_taken_from_ycbcr_and_never_from_rgb(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLINGS; i++) {
        struct test_file file = make(3, &samplings[i]);
        bool ycbcr = samplings[i].color_space == JCS_YCbCr;
        compare(&file, true, ycbcr ? JCS_GRAYSCALE : JCS_RGB, ycbcr ? 1 : 3);
        test_file_release(&file);
    }
}

static void a_gray_file_has_one_channel_and_needs_no_shortcut(void **state)
{
    struct test_file file = make(1, &(struct test_jpeg){JCS_GRAYSCALE, 90, .h = 2, .v = 2});
    struct pp_read_settings settings = {.luma = true};

    (void)state;
    compare(&file, false, JCS_GRAYSCALE, 1);
    struct test_decoding decoding = test_decode(&file, &settings);
    assert_false(decoding.reader->luma);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static unsigned times(unsigned a, unsigned b)
{
    return (2 * a * b + 255) / 510;
}

static void cmyk_becomes_rgb_by_the_sense_its_marker_states(void **state)
{
    static const struct test_jpeg kinds[] = {{JCS_CMYK, 90, .no_adobe = false},
                                             {JCS_CMYK, 90, .no_adobe = true},
                                             {JCS_YCCK, 90, .no_adobe = false}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct test_file file = make(4, &kinds[i]);
        struct test_decoding decoding =
            test_decode(&file, &(struct pp_read_settings){.luma = true});
        struct test_file cmyk = test_libjpeg_decode(&file, JCS_CMYK);
        unsigned flip = kinds[i].no_adobe ? 255 : 0;
        assert_string_equal(decoding.err.text, "");
        assert_int_equal(decoding.reader->geometry.channels, 3);
        for (size_t p = 0; p < cmyk.size / 4; p++) {
            for (size_t c = 0; c < 3; c++)
                assert_int_equal(decoding.pixels[3 * p + c],
                                 times(cmyk.data[4 * p + c] ^ flip, cmyk.data[4 * p + 3] ^ flip));
        }
        test_file_release(&cmyk);
        test_decoding_release(&decoding);
        test_file_release(&file);
    }
}

static struct test_decoding decode_part(const struct test_file *file, size_t size)
{
    struct test_file part = {malloc(size), size};

    assert_non_null(part.data);
    memcpy(part.data, file->data, size);
    struct test_decoding decoding = test_decode(&part, NULL);
    test_file_release(&part);
    return decoding;
}

static void a_truncated_file_is_refused_wherever_it_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLINGS; i++) {
        struct test_file file = make(3, &samplings[i]);
        for (size_t size = 3; size + 3 < file.size; size += size < 30 ? 1 : 41) {
            struct test_decoding decoding = decode_part(&file, size);
            if (decoding.status != PP_E_CORRUPT || !strstr(decoding.err.text, "file ends early"))
                fail_msg("kind %zu, %zu of %zu bytes: %s", i, size, file.size, decoding.err.text);
            test_decoding_release(&decoding);
        }
        test_file_release(&file);
    }
}

static void a_single_scan_that_lacks_only_its_end_mark_is_a_warning(void **state)
{
    struct test_file file = make(3, &samplings[0]);
    struct test_decoding whole = test_decode(&file, NULL);
    struct test_decoding decoding = decode_part(&file, file.size - 2);

    (void)state;
    assert_string_equal(decoding.err.text, "");
    assert_int_equal(decoding.reader->warnings, 1);
    assert_string_equal(decoding.reader->warning, "premature end of JPEG file");
    assert_memory_equal(decoding.pixels, whole.pixels, whole.size);
    test_decoding_release(&decoding);
    test_decoding_release(&whole);
    test_file_release(&file);
}

static void several_scans_without_the_end_mark_are_refused(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .progressive = true});
    struct test_decoding decoding = decode_part(&file, file.size - 2);

    (void)state;
    assert_int_equal(decoding.status, PP_E_CORRUPT);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void set_height(struct test_file *file, uint8_t high, uint8_t low)
{
    for (size_t i = 0; i + 8 < file->size; i++) {
        uint8_t marker = file->data[i + 1];
        if (file->data[i] == 0xFF && (marker == 0xC0 || marker == 0xC2)) {
            file->data[i + 5] = high;
            file->data[i + 6] = low;
            return;
        }
    }
    fail_msg("no frame header");
}

static void assert_ends_early(const struct test_file *file, bool luma, const char *text)
{
    struct test_decoding decoding = test_decode(file, &(struct pp_read_settings){.luma = luma});

    assert_int_equal(decoding.status, PP_E_CORRUPT);
    assert_string_equal(decoding.err.text, text);
    test_decoding_release(&decoding);
}

static const char *end_text(const struct test_jpeg *how)
{
    return how->progressive || how->interleaved_off ? "file ends early: its scans are incomplete"
                                                    : "file ends early";
}

static void a_frame_taller_than_its_data_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLINGS; i++) {
        if (samplings[i].arithmetic)
            continue; /* zeros may be left out at such data's end: nobody can tell how many */
        struct test_file file = make(3, &samplings[i]);
        set_height(&file, 0, 122);
        assert_ends_early(&file, false, end_text(&samplings[i]));
        assert_ends_early(&file, true, end_text(&samplings[i]));
        test_file_release(&file);
    }
}

/* The first bytes of a file, then an end mark. */
static struct test_file closed_at(const struct test_file *file, size_t size)
{
    struct test_file part = {malloc(size + 2), size + 2};

    assert_non_null(part.data);
    memcpy(part.data, file->data, size);
    part.data[size] = 0xFF;
    part.data[size + 1] = 0xD9;
    return part;
}

static void an_end_mark_put_into_the_data_is_no_excuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLINGS; i++) {
        if (samplings[i].arithmetic || samplings[i].progressive)
            continue; /* between its scans a progressive file may end anywhere */
        struct test_file file = make(3, &samplings[i]);
        for (size_t tenths = 4; tenths < 10; tenths++) {
            struct test_file part = closed_at(&file, file.size * tenths / 10);
            assert_ends_early(&part, false, end_text(&samplings[i]));
            test_file_release(&part);
        }
        test_file_release(&file);
    }
}

/* Where the nth marker of that kind stands. */
static size_t find_marker(const struct test_file *file, uint8_t marker, unsigned nth)
{
    for (size_t i = 2; i + 1 < file->size; i++) {
        if (file->data[i] == 0xFF && file->data[i + 1] == marker && nth-- == 0)
            return i;
    }
    fail_msg("no marker %02x", marker);
    return 0;
}

static void a_component_without_a_scan_is_refused(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .interleaved_off = true});
    struct test_file part = closed_at(&file, find_marker(&file, 0xDA, 2));

    (void)state;
    assert_ends_early(&part, false, "file ends early: its scans are incomplete");
    assert_ends_early(&part, true, "file ends early: its scans are incomplete");
    test_file_release(&part);
    test_file_release(&file);
}

static void a_progressive_file_closed_before_its_last_scan_is_a_picture(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .progressive = true});
    struct test_file part = closed_at(&file, find_marker(&file, 0xDA, 9));
    struct test_decoding decoding = test_decode(&part, NULL);

    (void)state;
    assert_string_equal(decoding.err.text, "");
    test_decoding_release(&decoding);
    test_file_release(&part);
    test_file_release(&file);
}

static void detail_cut_out_of_a_progressive_scan_is_a_warning(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .progressive = true});
    size_t scan = find_marker(&file, 0xDA, 1); /* the first after that of the mean values */
    size_t data = scan + 10, left = 12, next = data + left;

    (void)state;
    while (file.data[next] != 0xFF || file.data[next + 1] == 0)
        next++;
    memmove(file.data + data + left, file.data + next, file.size - next);
    file.size -= next - data - left;
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_string_equal(decoding.err.text, "");
    assert_true(decoding.reader->warnings > 0);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void damaged_data_within_the_file_is_a_warning(void **state)
{
    struct test_file file = make(3, &samplings[1]);

    (void)state;
    file.data[file.size / 2] = 0xFF; /* a marker that has no business there */
    file.data[file.size / 2 + 1] = 0xD9 - 8;
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_string_equal(decoding.err.text, "");
    assert_true(decoding.reader->warnings > 0);
    assert_true(decoding.reader->warning[0] != '\0');
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void too_many_scans_are_refused(void **state)
{
    struct test_file file = make(3, &(struct test_jpeg){JCS_YCbCr, 80, .progressive = true});
    struct pp_read_settings few = {.limits = {.max_scans = 9}},
                            enough = {.limits = {.max_scans = 10}};

    (void)state;
    struct test_decoding decoding = test_decode(&file, &few);
    assert_int_equal(decoding.status, PP_E_LIMIT);
    assert_string_equal(decoding.err.text,
                        "cannot decode: more than the 9 scans that --max-scans allows");
    test_decoding_release(&decoding);
    decoding = test_decode(&file, &enough);
    assert_int_equal(decoding.status, PP_OK);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void limits_and_odd_headers_are_refused_before_decoding(void **state)
{
    struct test_file file = make(3, &samplings[0]);

    (void)state;
    set_height(&file, 0xF0, 0);
    struct pp_read_settings small = {.limits = {.max_pixels = 1000000}};
    struct test_decoding decoding = test_decode(&file, &small);
    assert_int_equal(decoding.status, PP_E_LIMIT);
    assert_non_null(strstr(decoding.err.text, "--max-pixels"));
    test_decoding_release(&decoding);
    set_height(&file, 0, 0); /* left to a DNL marker */
    decoding = test_decode(&file, NULL);
    assert_int_equal(decoding.status, PP_E_UNSUPPORTED);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void memory_grows_with_the_height_only_for_several_scans(void **state)
{
    struct test_picture low = test_picture_new(64, 64, 3, 8),
                        high = test_picture_new(64, 640, 3, 8);

    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        struct test_jpeg how = {JCS_YCbCr, 80, 1, 1, .progressive = progressive};
        struct test_file a = test_libjpeg_encode(&low, &how), b = test_libjpeg_encode(&high, &how);
        struct test_decoding x = test_decode(&a, NULL), y = test_decode(&b, NULL);
        uint64_t more = y.reader->memory - x.reader->memory;
        assert_in_range(more, progressive ? 64 * 576 * 6 : 0, progressive ? 64 * 576 * 7 : 0);
        test_decoding_release(&x);
        test_decoding_release(&y);
        test_file_release(&a);
        test_file_release(&b);
    }
    test_picture_release(&low);
    test_picture_release(&high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_rows_equal_those_of_libjpeg),
        cmocka_unit_test(luma_is_taken_from_ycbcr_and_never_from_rgb),
        cmocka_unit_test(a_gray_file_has_one_channel_and_needs_no_shortcut),
        cmocka_unit_test(cmyk_becomes_rgb_by_the_sense_its_marker_states),
        cmocka_unit_test(a_truncated_file_is_refused_wherever_it_ends),
        cmocka_unit_test(a_single_scan_that_lacks_only_its_end_mark_is_a_warning),
        cmocka_unit_test(several_scans_without_the_end_mark_are_refused),
        cmocka_unit_test(a_frame_taller_than_its_data_is_refused),
        cmocka_unit_test(an_end_mark_put_into_the_data_is_no_excuse),
        cmocka_unit_test(a_component_without_a_scan_is_refused),
        cmocka_unit_test(a_progressive_file_closed_before_its_last_scan_is_a_picture),
        cmocka_unit_test(detail_cut_out_of_a_progressive_scan_is_a_warning),
        cmocka_unit_test(damaged_data_within_the_file_is_a_warning),
        cmocka_unit_test(too_many_scans_are_refused),
        cmocka_unit_test(limits_and_odd_headers_are_refused_before_decoding),
        cmocka_unit_test(memory_grows_with_the_height_only_for_several_scans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
