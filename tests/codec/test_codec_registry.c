/* Formats are told by their first bytes; names only by their extensions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

static const struct pp_codec *sniff(const void *bytes, size_t size)
{
    struct pp_input in;
    const struct pp_codec *codec = NULL;

    pp_input_init_memory(&in, bytes, size);
    assert_int_equal(pp_codec_sniff(&in, &codec, NULL), PP_OK);
    assert_int_equal(in.size, size);
    return codec;
}

static void contents_are_recognised_by_their_first_bytes(void **state)
{
    (void)state;
    assert_ptr_equal(sniff("\xFF\xD8\xFF\xE0", 4), &pp_codec_jpeg);
    assert_ptr_equal(sniff("\x89PNG\r\n\x1A\n----------", 18), &pp_codec_png);
    assert_null(sniff("GIF89a----------", 16));
}

static void short_inputs_are_of_no_format(void **state)
{
    (void)state;
    for (size_t size = 0; size < 3; size++)
        assert_null(sniff("\xFF\xD8\xFF", size));
    for (size_t size = 0; size < 8; size++)
        assert_null(sniff("\x89PNG\r\n\x1A\n", size));
}

static void names_stand_for_formats_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(pp_format_from_name("a/b.c/photo.JPG"), PP_FORMAT_JPEG);
    assert_int_equal(pp_format_from_name("x.jpeg"), PP_FORMAT_JPEG);
    assert_int_equal(pp_format_from_name("x.Png"), PP_FORMAT_PNG);
    assert_int_equal(pp_format_from_name("x.png.txt"), PP_FORMAT_KEEP);
    assert_int_equal(pp_format_from_name("dir.png/x"), PP_FORMAT_KEEP);
    assert_int_equal(pp_format_from_name("png"), PP_FORMAT_KEEP);
    assert_int_equal(pp_format_from_name(""), PP_FORMAT_KEEP);
    assert_int_equal(pp_format_from_name("x.jp"), PP_FORMAT_KEEP);
}

static void formats_have_names_and_extensions(void **state)
{
    (void)state;
    assert_string_equal(pp_format_name(PP_FORMAT_JPEG), "jpeg");
    assert_string_equal(pp_format_name(PP_FORMAT_PNG), "png");
    assert_string_equal(pp_format_name(PP_FORMAT_KEEP), "keep");
    assert_string_equal(pp_format_extension(PP_FORMAT_JPEG), "jpg");
    assert_string_equal(pp_format_extension(PP_FORMAT_PNG), "png");
    assert_string_equal(pp_format_extension(PP_FORMAT_KEEP), "");
}

static void the_registry_ends(void **state)
{
    size_t count = 0;

    (void)state;
    while (pp_codec_at(count))
        count++;
    assert_int_equal(count, 2);
    assert_null(pp_codec_at(count + 5));
    assert_null(pp_codec_for(PP_FORMAT_KEEP));
    assert_ptr_equal(pp_codec_for(PP_FORMAT_PNG), &pp_codec_png);
}

static void the_pixel_limit_is_inclusive_and_names_its_option(void **state)
{
    struct pp_limits limits = {.max_pixels = 100};
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_codec_check_pixels(10, 10, &limits, &err), PP_OK);
    assert_int_equal(pp_codec_check_pixels(101, 1, &limits, &err), PP_E_LIMIT);
    assert_non_null(strstr(err.text, "--max-pixels"));
    limits.max_pixels = UINT64_C(1) << 32;
    assert_int_equal(pp_codec_check_pixels(UINT32_MAX, UINT32_MAX, &limits, NULL), PP_E_LIMIT);
    limits.max_pixels = 0;
    assert_int_equal(pp_codec_check_pixels(UINT32_MAX, UINT32_MAX, &limits, NULL), PP_OK);
}

static void jpeg_takes_the_nearest_geometry_it_can_hold(void **state)
{
    struct pp_geometry rgba = {5, 6, 4, 16, 3}, gray = {5, 6, 2, 8, 1};

    (void)state;
    pp_codec_jpeg.fit_geometry(&rgba);
    test_assert_geometry(&rgba, &(struct pp_geometry){5, 6, 3, 8, 3});
    pp_codec_jpeg.fit_geometry(&gray);
    assert_int_equal(gray.channels, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_are_recognised_by_their_first_bytes),
        cmocka_unit_test(short_inputs_are_of_no_format),
        cmocka_unit_test(names_stand_for_formats_in_any_case),
        cmocka_unit_test(formats_have_names_and_extensions),
        cmocka_unit_test(the_registry_ends),
        cmocka_unit_test(the_pixel_limit_is_inclusive_and_names_its_option),
        cmocka_unit_test(jpeg_takes_the_nearest_geometry_it_can_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
