#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "support_render.h"

#define WIDTH  29
#define HEIGHT 23

/* How far a sample may be from the exact result: half a unit is rounding itself. Pictures of 8 bits
 * without alpha are smoothed in integers, which adds less than 0.1; sharpening multiplies that. */
static double tolerance(const struct pp_geometry *geometry, double amount)
{
    if (geometry->depth == 16)
        return 1;
    return geometry->channels % 2 ? 0.5 + 0.1 * fmax(amount, 1) : 0.501;
}

static int clamped(int i, int side)
{
    return i < 0 ? 0 : i >= side ? side - 1 : i;
}

/* The exact smoothed pixel: sums over the whole two-dimensional kernel, in double. `smooth` gets
 * straight samples; without any alpha the colours are 0. */
static void smooth_pixel(const struct pp_picture *in, int x, int y, double sigma, double *smooth)
{
    int radius = (int)fmax(1, ceil(3 * sigma));
    unsigned channels = in->geometry.channels, last = channels - 1;
    double sums[4] = {0}, weights = 0;

    for (int dy = -radius; dy <= radius; dy++)
        for (int dx = -radius; dx <= radius; dx++) {
            uint32_t sx = (uint32_t)clamped(x + dx, (int)in->geometry.width);
            uint32_t sy = (uint32_t)clamped(y + dy, (int)in->geometry.height);
            double weight = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
            double alpha = channels % 2 ? 1 : pp_picture_get(in, sx, sy, last);

            weights += weight;
            for (unsigned c = 0; c < channels; c++)
                sums[c] += weight * (channels % 2 == 0 && c == last
                                         ? alpha
                                         : alpha * pp_picture_get(in, sx, sy, c));
        }
    for (unsigned c = 0; c < channels; c++)
        smooth[c] = channels % 2 || c == last ? sums[c] / weights
                    : sums[last] > 0          ? sums[c] / sums[last]
                                              : 0;
}

static void assert_near(const char *text, unsigned got, double exact, const struct pp_picture *in,
                        double amount)
{
    double want = fmin(fmax(exact, 0), pp_picture_max(in));

    if (fabs(got - want) > tolerance(&in->geometry, amount))
        fail_msg("%s, %u channels of %u bits: %u is not %f", text, in->geometry.channels,
                 in->geometry.depth, got, want);
}

static void compare_blur(const char *text, double sigma, const struct pp_picture *in)
{
    struct pp_picture out = pp_render_text(text, in);
    unsigned channels = in->geometry.channels;

    for (uint32_t y = 0; y < in->geometry.height; y++)
        for (uint32_t x = 0; x < in->geometry.width; x++) {
            double smooth[4];
            smooth_pixel(in, (int)x, (int)y, sigma, smooth);
            bool hidden = channels % 2 == 0 && smooth[channels - 1] < 0.5;
            for (unsigned c = 0; c < channels; c++)
                assert_near(text, pp_picture_get(&out, x, y, c), hidden ? 0 : smooth[c], in, 1);
        }
    pp_picture_free(&out);
}

static void blur_is_the_two_dimensional_gaussian(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in =
            pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
        compare_blur("blur=0.1", 0.1, &in);
        compare_blur("blur=0.7", 0.7, &in);
        compare_blur("blur=2.5", 2.5, &in);
        compare_blur("blur=9", 9, &in);   /* wider than the picture */
        compare_blur("blur=30", 30, &in); /* of as many taps as are treated another way */
        pp_picture_free(&in);
    }
}

static void blur_carries_no_colour_out_of_hidden_pixels(void **state)
{
    struct pp_picture in = pp_picture_random(WIDTH, HEIGHT, 4, 8), out;

    (void)state;
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            bool shown = x > 10;
            pp_picture_set(&in, x, y, 0, shown ? 200 : 0);
            pp_picture_set(&in, x, y, 1, shown ? 0 : 255);
            pp_picture_set(&in, x, y, 2, shown ? 100 : 255);
            pp_picture_set(&in, x, y, 3, shown ? 255 : 0);
        }
    out = pp_render_text("blur=2", &in);
    for (uint32_t x = 0; x < WIDTH; x++)
        if (pp_picture_get(&out, x, 5, 3) > 0) {
            assert_int_equal(pp_picture_get(&out, x, 5, 0), 200);
            assert_int_equal(pp_picture_get(&out, x, 5, 1), 0);
            assert_int_equal(pp_picture_get(&out, x, 5, 2), 100);
        }
    assert_in_range(pp_picture_get(&out, 10, 5, 3), 90, 127);
    pp_picture_free(&in);
    pp_picture_free(&out);
}

static void blur_leaves_flat_pictures_flat(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in = pp_picture_random(40, 30, layout % 4 + 1, layout < 4 ? 8 : 16);
        pp_picture_fill(&in, PP_FILL_MAX);
        struct pp_picture out = pp_render_text("blur=60,blur=0.8", &in);
        assert_true(pp_picture_equal(&in, &out));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

struct sharpen_case {
    const char *text;
    double amount, sigma, threshold;
};

static void compare_sharpen(const struct sharpen_case *test, const struct pp_picture *in)
{
    struct pp_picture out = pp_render_text(test->text, in);
    unsigned channels = in->geometry.channels, colors = channels <= 2 ? 1 : 3;

    for (uint32_t y = 0; y < in->geometry.height; y++)
        for (uint32_t x = 0; x < in->geometry.width; x++) {
            double smooth[4], unit = in->geometry.depth == 8 ? 1 : 257;
            bool hidden = channels > colors && pp_picture_get(in, x, y, colors) == 0;
            smooth_pixel(in, (int)x, (int)y, test->sigma, smooth);
            for (unsigned c = 0; c < colors; c++) {
                double v = pp_picture_get(in, x, y, c), apart = v - smooth[c];
                /* so close to the threshold that either is right */
                if (fabs(fabs(apart) - test->threshold * unit) < 0.05 * unit)
                    continue;
                bool left = hidden || fabs(apart) < test->threshold * unit;
                assert_near(test->text, pp_picture_get(&out, x, y, c),
                            left ? v : v + test->amount * apart, in, test->amount);
            }
        }
    pp_picture_free(&out);
}

static void sharpen_adds_the_difference_from_the_blurred_picture(void **state)
{
    static const struct sharpen_case cases[] = {
        {"sharpen", 0.5, 1, 0},       {"sharpen=0.6", 0.6, 1, 0}, {"sharpen=2:2.2", 2, 2.2, 0},
        {"sharpen=1:1:20", 1, 1, 20}, {"sharpen=10:1", 10, 1, 0},
    };

    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in =
            pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            compare_sharpen(&cases[i], &in);
        pp_picture_free(&in);
    }
}

static void sharpen_zero_changes_nothing(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in =
            pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
        struct pp_picture out = pp_render_text("sharpen=0", &in);
        assert_true(pp_picture_equal(&in, &out));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blur_is_the_two_dimensional_gaussian),
        cmocka_unit_test(blur_carries_no_colour_out_of_hidden_pixels),
        cmocka_unit_test(blur_leaves_flat_pictures_flat),
        cmocka_unit_test(sharpen_adds_the_difference_from_the_blurred_picture),
        cmocka_unit_test(sharpen_zero_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
