#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support_picture.h"

/* The definition, independent of the filter: Rec. 601 in 16-bit fixed point. */
static unsigned gray_of(const struct picture *picture, uint32_t x, uint32_t y)
{
    return (unsigned)((19595u * picture_sample(picture, x, y, 0) +
                       38470u * picture_sample(picture, x, y, 1) +
                       7471u * picture_sample(picture, x, y, 2) + 32768u) >>
                      16);
}

static void assert_gray(const struct picture *in, const struct picture *out)
{
    bool alpha = in->geometry.channels == 4;

    assert_int_equal(out->geometry.channels, alpha ? 2 : 1);
    assert_int_equal(out->geometry.depth, in->geometry.depth);
    for (uint32_t y = 0; y < in->geometry.height; y++) {
        for (uint32_t x = 0; x < in->geometry.width; x++) {
            assert_int_equal(picture_sample(out, x, y, 0), gray_of(in, x, y));
            if (alpha)
                assert_int_equal(picture_sample(out, x, y, 1), picture_sample(in, x, y, 3));
        }
    }
}

static void gray_of_a_png_is_the_formula_to_the_bit_at_any_depth_and_with_alpha(void **state)
{
    (void)state;
    for (uint8_t channels = 3; channels <= 4; channels++) {
        for (uint8_t depth = 8; depth <= 16; depth += 8) {
            struct picture in = picture_new(131, 97, channels, depth);
            struct picture out = convert_picture("gray", &in, 1);
            assert_gray(&in, &out);
            picture_free(&in);
            picture_free(&out);
        }
    }
}

static void moves_that_undo_each_other_give_the_picture_back(void **state)
{
    (void)state;
    static const char *const chains[] = {"flip,flip", "flop,flop", "rotate=90,rotate=270",
                                         "rotate=180,flip,flop", "invert,flip,invert,flip"};
    struct picture in = picture_new(613, 1201, 3, 8);

    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct picture out = convert_picture(chains[i], &in, 2);
        picture_assert_equal(&in, &out);
        picture_free(&out);
    }
    picture_free(&in);
}

static void a_crop_is_the_rows_and_columns_it_names_wherever_it_lies(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        uint32_t x, y, width, height;
    } crops[] = {{"crop=7x1:0:0", 0, 0, 7, 1},
                 {"crop=100x30:50:1170", 50, 1170, 100, 30},
                 {"crop=1x700:612:300", 612, 300, 1, 700}};
    struct picture in = picture_new(613, 1201, 4, 16);

    for (size_t i = 0; i < sizeof crops / sizeof *crops; i++) {
        struct picture out = convert_picture(crops[i].filter, &in, 1);
        assert_int_equal(out.geometry.width, crops[i].width);
        assert_int_equal(out.geometry.height, crops[i].height);
        for (uint32_t y = 0; y < crops[i].height; y++)
            for (uint32_t x = 0; x < crops[i].width; x++)
                for (unsigned c = 0; c < 4; c++)
                    assert_int_equal(picture_sample(&out, x, y, c),
                                     picture_sample(&in, crops[i].x + x, crops[i].y + y, c));
        picture_free(&out);
    }
    picture_free(&in);
}

static void bytes_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    static const char *const chains[] = {
        "gray", "sepia,contrast=0.3,gamma=1.4,invert", "blur=3,resize=40%,sharpen=0.8,crop=100x100",
        "autocontrast,gray=linear,threshold=otsu,flip", "resize=300x900:fit=cover,rotate=90"};
    struct picture in = picture_new(701, 1501, 3, 8);
    struct encoded source = picture_encode(&in, PP_FORMAT_PNG);

    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct pp_convert_settings one = {.threads = 1}, many = {.threads = 5};
        struct encoded a = convert(chains[i], &source, &one, NULL);
        struct encoded b = convert(chains[i], &source, &many, NULL);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.bytes, b.bytes, a.size);
        free(a.bytes);
        free(b.bytes);
    }
    free(source.bytes);
    picture_free(&in);
}

static void a_chain_equals_its_filters_one_after_another(void **state)
{
    (void)state;
    static const char *const filters[] = {"blur=2",       "resize=55%", "autocontrast",
                                          "crop=90%:0:5", "sharpen=1",  "flip"};
    struct picture in = picture_new(301, 800, 4, 16);
    struct picture whole =
        convert_picture("blur=2,resize=55%,autocontrast,crop=90%:0:5,sharpen=1,flip", &in, 2);

    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct picture next = convert_picture(filters[i], &in, 1);
        picture_free(&in);
        in = next;
    }
    picture_assert_equal(&whole, &in);
    picture_free(&whole);
    picture_free(&in);
}

static void a_jpeg_gets_no_alpha_and_eight_bits(void **state)
{
    (void)state;
    struct picture in = picture_new(64, 48, 4, 16);
    struct encoded source = picture_encode(&in, PP_FORMAT_PNG);
    struct pp_convert_settings settings = {.encode = {.format = PP_FORMAT_JPEG}};
    struct pp_convert_report report;
    struct encoded out = convert("invert", &source, &settings, &report);

    assert_int_equal(report.in_format, PP_FORMAT_PNG);
    assert_int_equal(report.out_format, PP_FORMAT_JPEG);
    assert_int_equal(report.in.channels, 4);
    assert_int_equal(report.out.channels, 3);
    assert_int_equal(report.out.depth, 8);
    assert_int_equal(report.bytes_in, source.size);
    assert_int_equal(report.bytes_out, out.size);
    assert_string_equal(report.path, "full");
    free(out.bytes);
    free(source.bytes);
    picture_free(&in);
}

static void luma_is_decoded_alone_where_only_moves_come_before_gray(void **state)
{
    (void)state;
    static const struct {
        const char *filters, *path;
    } cases[] = {{"flip,gray", "luma"},
                 {"orient,flip,gray", "luma"},
                 {"gray,blur=1", "luma"},
                 {"blur=1,gray", "luma"},
                 {"invert,gray", "full"},
                 {"gray=rec709", "full"},
                 {"invert", "full"},
                 {"flop", "full"},
                 {"crop=10x10,threshold", "luma"}};
    struct picture in = picture_new(64, 48, 3, 8);
    struct encoded source = picture_encode(&in, PP_FORMAT_JPEG);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_convert_settings settings = {.encode = {.quality = 90}};
        struct pp_convert_report report;
        struct encoded out = convert(cases[i].filters, &source, &settings, &report);
        assert_string_equal(report.path, cases[i].path);
        free(out.bytes);
    }
    free(source.bytes);
    picture_free(&in);
}

static void the_memory_predicted_does_not_grow_with_the_height(void **state)
{
    (void)state;
    uint64_t memory[2];

    for (uint32_t i = 0; i < 2; i++) {
        struct picture in = picture_new(500, 4000 + 3000 * i, 3, 8);
        struct encoded source = picture_encode(&in, PP_FORMAT_PNG);
        struct pp_convert_settings settings = {0};
        struct pp_convert_report report;
        struct encoded out = convert("gray,blur=2", &source, &settings, &report);
        memory[i] = report.memory;
        free(out.bytes);
        free(source.bytes);
        picture_free(&in);
    }
    assert_int_equal(memory[0], memory[1]);
    assert_true(memory[0] < 8 << 20);
}

static enum pp_status refuse_memory(void *user, uint64_t bytes, struct pp_error *err)
{
    *(uint64_t *)user = bytes;
    return pp_error_set(err, PP_E_LIMIT, "no");
}

static void limits_are_told_with_their_option_before_anything_is_decoded(void **state)
{
    (void)state;
    struct picture in = picture_new(400, 300, 3, 8);
    struct encoded source = picture_encode(&in, PP_FORMAT_PNG);
    struct pp_convert_settings pixels = {.limits = {.max_pixels = 119999}};
    struct pp_convert_settings stage = {.limits = {.max_pixels = 120000}};
    struct pp_convert_settings memory = {.limits = {.max_memory = 1000}};
    uint64_t asked = 0;
    struct pp_convert_settings hook = {.hooks = {.user = &asked, .memory = refuse_memory}};

    struct pp_error err = convert_fails("gray", source.bytes, source.size, &pixels, PP_E_LIMIT);
    assert_non_null(strstr(err.text, "--max-pixels"));
    err = convert_fails("resize=200%:enlarge=1", source.bytes, source.size, &stage, PP_E_LIMIT);
    assert_string_equal(err.text, "filter \"resize\": 800 x 600 pixels exceed the limit of 120000 "
                                  "(--max-pixels)");
    err = convert_fails("gray", source.bytes, source.size, &memory, PP_E_LIMIT);
    assert_non_null(strstr(err.text, "--memory"));
    err = convert_fails("gray", source.bytes, source.size, &hook, PP_E_LIMIT);
    assert_string_equal(err.text, "no");
    assert_true(asked > 100000);
    free(source.bytes);
    picture_free(&in);
}

static void what_is_no_picture_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct pp_convert_settings settings = {0};

    struct pp_error err = convert_fails("gray", "", 0, &settings, PP_E_FORMAT);
    assert_string_equal(err.text, "cannot recognise the format: the file is empty");
    err = convert_fails("gray", "GIF89a", 6, &settings, PP_E_FORMAT);
    assert_string_equal(err.text, "cannot recognise the format: not a JPEG or PNG");
}

static void a_picture_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    struct pp_convert_settings settings = {0};
    struct picture in = picture_new(90, 70, 3, 8);

    for (int format = PP_FORMAT_JPEG; format <= PP_FORMAT_PNG; format++) {
        struct encoded source = picture_encode(&in, (enum pp_format)format);
        for (size_t size = 20; size < source.size - 20; size += source.size / 23) {
            struct pp_error err =
                convert_fails("gray", source.bytes, size, &settings, PP_E_CORRUPT);
            assert_true(strlen(err.text) > 0);
        }
        free(source.bytes);
    }
    picture_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gray_of_a_png_is_the_formula_to_the_bit_at_any_depth_and_with_alpha),
        cmocka_unit_test(moves_that_undo_each_other_give_the_picture_back),
        cmocka_unit_test(a_crop_is_the_rows_and_columns_it_names_wherever_it_lies),
        cmocka_unit_test(bytes_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(a_chain_equals_its_filters_one_after_another),
        cmocka_unit_test(a_jpeg_gets_no_alpha_and_eight_bits),
        cmocka_unit_test(luma_is_decoded_alone_where_only_moves_come_before_gray),
        cmocka_unit_test(the_memory_predicted_does_not_grow_with_the_height),
        cmocka_unit_test(limits_are_told_with_their_option_before_anything_is_decoded),
        cmocka_unit_test(what_is_no_picture_is_refused_with_a_reason),
        cmocka_unit_test(a_picture_cut_off_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
