#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "support_render.h"

/* Apply `text` to random pictures of every layout and compare each sample with `want`, which is
 * given the pixel's samples as parts of the full range. */
static void compare(const char *text, double (*want)(const double *rgb, unsigned channel))
{
    for (unsigned layout = 0; layout < 8; layout++) {
        unsigned channels = layout % 4 + 1, colors = channels <= 2 ? 1 : 3;
        struct pp_picture in = pp_picture_random(67, 31, channels, layout < 4 ? 8 : 16);
        struct pp_picture out = pp_render_text(text, &in);
        double max = pp_picture_max(&in);

        for (uint32_t y = 0; y < 31; y++)
            for (uint32_t x = 0; x < 67; x++) {
                double rgb[3];
                for (unsigned c = 0; c < 3; c++)
                    rgb[c] = pp_picture_get(&in, x, y, colors == 1 ? 0 : c) / max;
                for (unsigned c = 0; c < (out.geometry.channels <= 2 ? 1 : 3); c++) {
                    double exact = fmin(fmax(want(rgb, c), 0), 1) * max;
                    unsigned got = pp_picture_get(&out, x, y, c);
                    if (fabs(got - exact) > 0.5 + 1e-4)
                        fail_msg("%s, layout %u: %u is not %f", text, layout, got, exact);
                }
            }
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static double inverted(const double *rgb, unsigned c)
{
    return 1 - rgb[c];
}

static double lightened(const double *rgb, unsigned c)
{
    return rgb[c] + 0.35;
}

static double darkened(const double *rgb, unsigned c)
{
    return rgb[c] - 0.2;
}

static double contrasted(const double *rgb, unsigned c)
{
    return 0.5 + 1.8 * (rgb[c] - 0.5);
}

static double flattened(const double *rgb, unsigned c)
{
    (void)rgb;
    (void)c;
    return 0.5;
}

static double gamma22(const double *rgb, unsigned c)
{
    return pow(rgb[c], 1 / 2.2);
}

static double gamma_tenth(const double *rgb, unsigned c)
{
    return pow(rgb[c], 10);
}

static double same(const double *rgb, unsigned c)
{
    return rgb[c];
}

static double sepia(const double *rgb, unsigned c)
{
    static const double m[3][3] = {
        {0.393, 0.769, 0.189}, {0.349, 0.686, 0.168}, {0.272, 0.534, 0.131}};

    return m[c][0] * rgb[0] + m[c][1] * rgb[1] + m[c][2] * rgb[2];
}

static double half_sepia(const double *rgb, unsigned c)
{
    return 0.5 * rgb[c] + 0.5 * sepia(rgb, c);
}

static void point_filters_are_their_formulas_rounded(void **state)
{
    (void)state;
    compare("invert", inverted);
    compare("brightness=0.35", lightened);
    compare("brightness=-0.2", darkened);
    compare("contrast=1.8", contrasted);
    compare("gamma=2.2", gamma22);
    compare("gamma=0.1", gamma_tenth);
    compare("sepia", sepia);
    compare("sepia=0.5", half_sepia);
}

static void neutral_arguments_change_nothing(void **state)
{
    (void)state;
    compare("brightness=0", same);
    compare("contrast=1", same);
    compare("gamma=1", same);
    compare("sepia=0", same);
    compare("invert,invert", same);
}

static void contrast_zero_is_mid_gray(void **state)
{
    (void)state;
    compare("contrast=0", flattened);
}

static void sepia_makes_gray_pictures_coloured(void **state)
{
    struct pp_picture gray = pp_picture_random(5, 3, 1, 8);
    struct pp_picture alpha = pp_picture_random(5, 3, 2, 16);
    struct pp_picture rgb = pp_render_text("sepia", &gray), rgba = pp_render_text("sepia", &alpha);

    (void)state;
    assert_int_equal(rgb.geometry.channels, 3);
    assert_int_equal(rgba.geometry.channels, 4);
    pp_picture_free(&gray);
    pp_picture_free(&alpha);
    pp_picture_free(&rgb);
    pp_picture_free(&rgba);
}

static void sixteen_bits_become_eight_by_rounding(void **state)
{
    struct pp_picture in = pp_picture_random(256, 256, 1, 16), out, back;

    (void)state;
    for (uint32_t i = 0; i < 65536; i++)
        pp_picture_set(&in, i % 256, i / 256, 0, i);
    out = pp_render_text("depth=8", &in);
    assert_int_equal(out.geometry.depth, 8);
    for (uint32_t i = 0; i < 65536; i++)
        assert_int_equal(pp_picture_get(&out, i % 256, i / 256, 0), lround(i / 257.0));
    back = pp_render_text("depth=16,depth=8", &out);
    assert_true(pp_picture_equal(&out, &back));
    pp_picture_free(&in);
    pp_picture_free(&out);
    pp_picture_free(&back);
}

static void eight_bits_become_sixteen_times_257(void **state)
{
    struct pp_picture in = pp_picture_random(33, 9, 4, 8), out = pp_render_text("depth=16", &in);

    (void)state;
    assert_int_equal(out.geometry.depth, 16);
    for (uint32_t y = 0; y < 9; y++)
        for (uint32_t x = 0; x < 33; x++)
            for (unsigned c = 0; c < 4; c++)
                assert_int_equal(pp_picture_get(&out, x, y, c), 257 * pp_picture_get(&in, x, y, c));
    pp_picture_free(&in);
    pp_picture_free(&out);
}

static void compare_flatten(const char *text, double background, unsigned channels, unsigned depth)
{
    struct pp_picture in = pp_picture_random(71, 29, channels, depth);
    struct pp_picture out = pp_render_text(text, &in);
    double max = pp_picture_max(&in);

    assert_int_equal(out.geometry.channels, channels - 1);
    for (uint32_t y = 0; y < 29; y++)
        for (uint32_t x = 0; x < 71; x++)
            for (unsigned c = 0; c + 1 < channels; c++) {
                double a = pp_picture_get(&in, x, y, channels - 1) / max;
                double want = pp_picture_get(&in, x, y, c) * a + background * max * (1 - a);
                assert_int_equal(pp_picture_get(&out, x, y, c), lround(want));
            }
    pp_picture_free(&in);
    pp_picture_free(&out);
}

static void flatten_lays_over_its_background(void **state)
{
    (void)state;
    for (unsigned channels = 2; channels <= 4; channels += 2)
        for (unsigned depth = 8; depth <= 16; depth += 8) {
            compare_flatten("flatten", 1, channels, depth);
            compare_flatten("flatten=black", 0, channels, depth);
            compare_flatten("flatten=gray", 128.0 / 255, channels, depth);
        }
}

static void flatten_leaves_opaque_pictures_alone(void **state)
{
    struct pp_picture in = pp_picture_random(7, 5, 3, 16), out = pp_render_text("flatten", &in);

    (void)state;
    assert_true(pp_picture_equal(&in, &out));
    pp_picture_free(&in);
    pp_picture_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(point_filters_are_their_formulas_rounded),
        cmocka_unit_test(neutral_arguments_change_nothing),
        cmocka_unit_test(contrast_zero_is_mid_gray),
        cmocka_unit_test(sepia_makes_gray_pictures_coloured),
        cmocka_unit_test(sixteen_bits_become_eight_by_rounding),
        cmocka_unit_test(eight_bits_become_sixteen_times_257),
        cmocka_unit_test(flatten_lays_over_its_background),
        cmocka_unit_test(flatten_leaves_opaque_pictures_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
