/* Filters whose output's size depends on the pixels, in whole conversions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support_picture.h"

static const struct pp_convert_settings plain = {.threads = 1};

static void trim_takes_off_what_border_put_around(void **state)
{
    static const char *const chains[] = {
        "border=40:#800000:3,trim=0",
        "border=40:#800000:3,trim=0:#800000,border=9:#008000,trim=0",
        "trim=0,border=1:#ff00ff,trim=0",
        "border=2:#ff00ff,flip,trim=0,flip",
        "border=2:#ff00ff,rotate=90,trim=0,rotate=-90",
    };

    (void)state;
    for (uint8_t layout = 0; layout < 4; layout++) {
        struct picture in = picture_new(331, 257, layout % 2 ? 4 : 3, layout < 2 ? 8 : 16);
        for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
            for (unsigned threads = 1; threads <= 2; threads++) {
                struct picture out = convert_picture(chains[i], &in, threads);
                picture_assert_equal(&in, &out);
                picture_free(&out);
            }
        picture_free(&in);
    }
}

/* A JPEG with a border, whose blocks are of the border alone or of the picture alone. */
static struct encoded bordered_jpeg(void)
{
    struct picture in = picture_new(320, 240, 3, 8);
    struct encoded png = picture_encode(&in, PP_FORMAT_PNG);
    struct pp_convert_settings settings = {
        .threads = 1,
        .encode = {.format = PP_FORMAT_JPEG, .quality = 95, .subsampling = PP_SUBSAMPLING_444}};
    struct encoded jpeg = convert("border=64:#204080", &png, &settings, NULL);

    free(png.bytes);
    picture_free(&in);
    return jpeg;
}

static void assert_path(const char *filters, const struct encoded *in, const char *path,
                        uint32_t width, uint32_t height)
{
    struct pp_convert_report report;
    struct encoded out = convert(filters, in, &plain, &report);

    assert_string_equal(report.path, path);
    assert_int_equal(report.out.width, width);
    assert_int_equal(report.out.height, height);
    free(out.bytes);
}

static void once_its_window_is_known_trim_goes_the_ways_of_a_crop(void **state)
{
    struct encoded jpeg = bordered_jpeg();

    (void)state;
    assert_path("trim", &jpeg, "dct", 320, 240);
    assert_path("trim,gray", &jpeg, "dct", 320, 240);
    assert_path("gray,trim,invert", &jpeg, "luma", 320, 240);
    assert_path("trim,resize=100x", &jpeg, "full", 100, 75);
    assert_path("resize=112x,trim,pad=99x99", &jpeg, "full 4/8", 99, 99);
    free(jpeg.bytes);
}

static void a_look_keeps_no_rows(void **state)
{
    struct picture in = picture_new(1000, 3000, 3, 8);
    struct encoded png = picture_encode(&in, PP_FORMAT_PNG);
    struct pp_convert_report plainly, trimmed;
    struct encoded a = convert("crop=990x2990", &png, &plain, &plainly);
    struct encoded b = convert("trim", &png, &plain, &trimmed);

    (void)state;
    assert_true(trimmed.memory < plainly.memory + 1000 * 1000);
    free(a.bytes);
    free(b.bytes);
    free(png.bytes);
    picture_free(&in);
}

static void a_pipe_cannot_be_looked_at_first(void **state)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    int pipes[2], out = open("/dev/null", O_WRONLY);

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    close(pipes[1]);
    assert_int_equal(pp_chain_parse("gray,trim", &chain, &err), PP_OK);
    assert_int_equal(pp_convert_fd(chain, pipes[0], out, &plain, NULL, &err), PP_E_UNSUPPORTED);
    assert_string_equal(err.text,
                        "filter \"trim\": it reads the picture twice, which a pipe cannot be");
    pp_chain_free(chain);
    close(pipes[0]);
    close(out);
}

static void a_broken_picture_fails_at_the_first_look(void **state)
{
    struct picture in = picture_new(200, 200, 3, 8);
    struct encoded png = picture_encode(&in, PP_FORMAT_PNG);

    (void)state;
    convert_fails("trim", png.bytes, png.size / 2, &plain, PP_E_CORRUPT);
    free(png.bytes);
    picture_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trim_takes_off_what_border_put_around),
        cmocka_unit_test(once_its_window_is_known_trim_goes_the_ways_of_a_crop),
        cmocka_unit_test(a_look_keeps_no_rows),
        cmocka_unit_test(a_pipe_cannot_be_looked_at_first),
        cmocka_unit_test(a_broken_picture_fails_at_the_first_look),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
