/* Colours as users write them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter/color.h"

static void assert_color(const char *text, uint32_t rgba)
{
    struct pp_color color;

    if (!pp_color_parse(text, &color))
        fail_msg("%s: not read", text);
    assert_int_equal(color.red, (rgba >> 24) * 257);
    assert_int_equal(color.green, (rgba >> 16 & 255) * 257);
    assert_int_equal(color.blue, (rgba >> 8 & 255) * 257);
    assert_int_equal(color.alpha, (rgba & 255) * 257);
}

static void every_notation_is_read(void **context)
{
    (void)context;
    assert_color("white", 0xffffffff);
    assert_color("Gray", 0x808080ff);
    assert_color("transparent", 0);
    assert_color("#f80", 0xff8800ff);
    assert_color("#f80a", 0xff8800aa);
    assert_color("#102030", 0x102030ff);
    assert_color("10203040", 0x10203040);
    assert_color("#AbCdEf", 0xabcdefff);
}

static void what_is_no_colour_is_refused(void **context)
{
    static const char *const texts[] = {"",         "#",          "#12",     "#12345",
                                        "#1234567", "#123456789", "#12345g", "whites",
                                        "wh ite",   "##123",      "-12",     "#@@@"};
    struct pp_color color;

    (void)context;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (pp_color_parse(texts[i], &color))
            fail_msg("%s: read", texts[i]);
}

static void samples_follow_the_pictures_geometry(void **context)
{
    const struct pp_color color = {0xff00 | 0xff, 0x8080, 0, 0x4040};
    uint32_t samples[4] = {0};

    (void)context;
    pp_color_samples(&color, &(struct pp_geometry){1, 1, 4, 8, 1}, samples);
    assert_int_equal(samples[0], 255);
    assert_int_equal(samples[1], 128);
    assert_int_equal(samples[2], 0);
    assert_int_equal(samples[3], 64);
    pp_color_samples(&color, &(struct pp_geometry){1, 1, 2, 16, 1}, samples);
    assert_int_equal(samples[0], (19595u * 65535 + 38470u * 0x8080 + 32768) >> 16);
    assert_int_equal(samples[1], 0x4040);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_notation_is_read),
        cmocka_unit_test(what_is_no_colour_is_refused),
        cmocka_unit_test(samples_follow_the_pictures_geometry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
