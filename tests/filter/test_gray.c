#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "filter/exact_math.h"
#include "support_render.h"

/* One pixel through a chain; its first sample. */
static unsigned gray_of(const char *text, const unsigned rgb[3], unsigned depth)
{
    struct pp_picture in = pp_picture_random(1, 1, 3, depth), out;
    unsigned gray;

    for (unsigned c = 0; c < 3; c++)
        pp_picture_set(&in, 0, 0, c, rgb[c]);
    out = pp_render_text(text, &in);
    assert_int_equal(out.geometry.channels, 1);
    assert_int_equal(out.geometry.depth, depth);
    gray = pp_picture_get(&out, 0, 0, 0);
    pp_picture_free(&in);
    pp_picture_free(&out);
    return gray;
}

static void pure_colours_have_their_published_grays(void **state)
{
    static const unsigned red[3] = {255, 0, 0}, green[3] = {0, 255, 0}, blue[3] = {0, 0, 255};

    (void)state;
    assert_int_equal(gray_of("gray", red, 8), 76);
    assert_int_equal(gray_of("gray", green, 8), 150);
    assert_int_equal(gray_of("gray", blue, 8), 29);
    assert_int_equal(gray_of("gray=rec709", red, 8), 54);
    assert_int_equal(gray_of("gray=rec709", green, 8), 182);
    assert_int_equal(gray_of("gray=rec709", blue, 8), 18);
    assert_int_equal(gray_of("gray=linear", red, 8), 127);
    assert_int_equal(gray_of("gray=linear", green, 8), 220);
    assert_int_equal(gray_of("gray=linear", blue, 8), 76);
}

static const char *const every_mode[] = {
    "gray",     "gray=rec709", "gray=linear", "gray=average",        "gray=lightness",
    "gray=red", "gray=green",  "gray=blue",   "gray=weights:3:-1:2", "gray=weights:0.1:0.7:0.4",
};

static void every_neutral_gray_maps_to_itself(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        uint32_t side = depth == 8 ? 16 : 256;
        struct pp_picture in = pp_picture_random(side, side, 3, depth);
        for (uint32_t i = 0; i < side * side; i++)
            for (unsigned c = 0; c < 3; c++)
                pp_picture_set(&in, i % side, i / side, c, i);
        for (size_t m = 0; m < sizeof every_mode / sizeof every_mode[0]; m++) {
            struct pp_picture out = pp_render_text(every_mode[m], &in);
            for (uint32_t i = 0; i < side * side; i++)
                if (pp_picture_get(&out, i % side, i / side, 0) != i)
                    fail_msg("%s: %u of %u bits became %u", every_mode[m], i, depth,
                             pp_picture_get(&out, i % side, i / side, 0));
            pp_picture_free(&out);
        }
        pp_picture_free(&in);
    }
}

static void gray_pictures_are_left_as_they_are(void **state)
{
    (void)state;
    for (unsigned channels = 1; channels <= 2; channels++)
        for (size_t m = 0; m < sizeof every_mode / sizeof every_mode[0]; m++) {
            struct pp_picture in = pp_picture_random(19, 5, channels, 16);
            struct pp_picture out = pp_render_text(every_mode[m], &in);
            assert_true(pp_picture_equal(&in, &out));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

static double decoded(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double encoded(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

/* Each mode once more in plain double arithmetic, of samples as parts of the full range. */
static double expected(size_t mode, double r, double g, double b)
{
    switch (mode) {
    case 0:
        return (19595 * r + 38470 * g + 7471 * b) / 65536;
    case 1:
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    case 2:
        return encoded(0.2126 * decoded(r) + 0.7152 * decoded(g) + 0.0722 * decoded(b));
    case 3:
        return (r + g + b) / 3;
    case 4:
        return (fmax(r, fmax(g, b)) + fmin(r, fmin(g, b))) / 2;
    case 5:
        return r;
    case 6:
        return g;
    case 7:
        return b;
    case 8:
        return (3 * r - g + 2 * b) / 4;
    default:
        return (0.1 * r + 0.7 * g + 0.4 * b) / 1.2;
    }
}

static void compare_mode(size_t mode, unsigned channels, unsigned depth)
{
    /* rec709's weights are rounded to 16 bits, which moves a result by up to 0.35 / 65536 */
    double tolerance = mode != 1 ? 0.5001 : depth == 8 ? 0.502 : 0.86;
    struct pp_picture in = pp_picture_random(61, 53, channels, depth);
    struct pp_picture out = pp_render_text(every_mode[mode], &in);
    double max = pp_picture_max(&in);

    for (uint32_t y = 0; y < 53; y++)
        for (uint32_t x = 0; x < 61; x++) {
            double want = max * expected(mode, pp_picture_get(&in, x, y, 0) / max,
                                         pp_picture_get(&in, x, y, 1) / max,
                                         pp_picture_get(&in, x, y, 2) / max);
            unsigned got = pp_picture_get(&out, x, y, 0);
            want = fmin(fmax(want, 0), max);
            if (fabs(want - got) > tolerance)
                fail_msg("%s at %u bits: %u is not %f", every_mode[mode], depth, got, want);
        }
    pp_picture_free(&in);
    pp_picture_free(&out);
}

static void every_mode_is_its_formula_rounded(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < sizeof every_mode / sizeof every_mode[0]; mode++)
        for (unsigned channels = 3; channels <= 4; channels++) {
            compare_mode(mode, channels, 8);
            compare_mode(mode, channels, 16);
        }
}

static void default_is_the_integer_formula_to_the_bit(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        struct pp_picture in = pp_picture_random(301, 97, 3, depth);
        struct pp_picture out = pp_render_text("gray", &in);
        for (uint32_t y = 0; y < 97; y++)
            for (uint32_t x = 0; x < 301; x++) {
                uint64_t sum = UINT64_C(19595) * pp_picture_get(&in, x, y, 0) +
                               UINT64_C(38470) * pp_picture_get(&in, x, y, 1) +
                               UINT64_C(7471) * pp_picture_get(&in, x, y, 2) + 32768;
                assert_int_equal(pp_picture_get(&out, x, y, 0), sum >> 16);
            }
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void luma_serves_rec601_and_threshold_alone(void **state)
{
    static const char *const yes[] = {"gray", "gray=rec601", "threshold", "threshold=otsu"};
    static const char *const no[] = {"gray=rec709", "gray=red", "gray=weights:1:2:3"};
    struct pp_chain *chain = NULL;

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(pp_chain_parse(i < 4 ? yes[i] : no[i - 4], &chain, NULL), PP_OK);
        struct pp_chain_item link = pp_chain_item(chain, 0);
        assert_true(link.filter->luma_suffices(link.args) == (i < 4));
        pp_chain_free(chain);
    }
}

static void own_functions_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int i = -4000; i <= 4000; i++) {
        double x = i / 317.0;
        assert_true(fabs(pp_sin_pi(x) - sin(PP_PI * x)) < 2e-14);
        assert_true(fabs(pp_exp(x) / exp(x) - 1) < 1e-15);
        if (i > 0)
            assert_true(
                fabs(pp_pow(i / 4000.0, 0.1 + i / 400.0) / pow(i / 4000.0, 0.1 + i / 400.0) - 1) <
                2e-14);
    }
    assert_true(pp_sin_pi(7) == 0 && pp_sin_pi(-2) == 0);
    assert_true(pp_pow(0, 2.4) == 0 && pp_pow(1, 0.3) == 1 && pp_exp(0) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pure_colours_have_their_published_grays),
        cmocka_unit_test(every_neutral_gray_maps_to_itself),
        cmocka_unit_test(gray_pictures_are_left_as_they_are),
        cmocka_unit_test(every_mode_is_its_formula_rounded),
        cmocka_unit_test(default_is_the_integer_formula_to_the_bit),
        cmocka_unit_test(luma_serves_rec601_and_threshold_alone),
        cmocka_unit_test(own_functions_agree_with_the_c_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
