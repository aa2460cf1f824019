#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "support_render.h"

static void assert_size(const char *text, uint32_t width, uint32_t height, const unsigned want[2])
{
    struct pp_chain *chain = NULL;
    struct pp_geometry in = {width, height, 3, 8, 1}, out = in;
    struct pp_error err = {0};
    uint64_t state[64] = {0};

    assert_int_equal(pp_chain_parse(text, &chain, &err), PP_OK);
    struct pp_chain_item link = pp_chain_item(chain, 0);
    assert_true(link.filter->state_size <= sizeof state);
    assert_int_equal(link.filter->prepare(state, link.args, &in, &out, &err), PP_OK);
    if (out.width != want[0] || out.height != want[1])
        fail_msg("%s of %ux%u: %ux%u is not %ux%u", text, width, height, out.width, out.height,
                 want[0], want[1]);
    link.filter->release(state);
    pp_chain_free(chain);
}

static void sides_follow_the_fit(void **state)
{
    static const struct {
        const char *text;
        uint32_t width, height;
        unsigned want[2];
    } cases[] = {
        {"resize=100x100", 400, 200, {100, 50}},
        {"resize=100x100", 200, 400, {50, 100}},
        {"resize=100x", 401, 200, {100, 50}},
        {"resize=x100", 400, 201, {199, 100}},
        {"resize=100x100", 30, 20, {30, 20}},
        {"resize=100x100:enlarge", 30, 20, {100, 67}},
        {"resize=10x10", 5000, 1, {10, 1}},
        {"resize=100x100:outside", 400, 200, {200, 100}},
        {"resize=300x300:outside", 400, 200, {400, 200}},
        {"resize=300x300:outside:enlarge", 400, 200, {600, 300}},
        {"resize=100x100:cover", 400, 200, {100, 100}},
        {"resize=300x300:cover", 400, 200, {300, 200}},
        {"resize=300x300:cover:enlarge", 400, 200, {300, 300}},
        {"resize=100x:cover", 400, 200, {100, 50}},
        {"resize=100x300:fill", 400, 200, {100, 200}},
        {"resize=100x300:fill:enlarge", 400, 200, {100, 300}},
        {"resize=100x:fill", 400, 200, {100, 200}},
        {"resize=50%", 401, 201, {201, 101}},
        {"resize=0.1%", 401, 201, {1, 1}},
        {"resize=200%", 40, 20, {40, 20}},
        {"resize=200%:enlarge", 40, 20, {80, 40}},
        {"resize=25%:cover", 400, 200, {100, 50}},
        {"resize=25%:fill", 400, 200, {100, 50}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_size(cases[i].text, cases[i].width, cases[i].height, cases[i].want);
}

static void sides_beyond_a_million_are_refused(void **state)
{
    static const char *const texts[] = {"resize=1000000x:enlarge", "resize=10000%:enlarge",
                                        "resize=1000000x:cover:enlarge"};
    struct pp_geometry in = {10, 65535, 1, 8, 1}, out = in;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};
        uint64_t room[64] = {0};
        assert_int_equal(pp_chain_parse(texts[i], &chain, &err), PP_OK);
        struct pp_chain_item link = pp_chain_item(chain, 0);
        assert_int_equal(link.filter->prepare(room, link.args, &in, &out, &err), PP_E_LIMIT);
        assert_non_null(strstr(err.text, "10x65535 would become"));
        link.filter->release(room);
        pp_chain_free(chain);
    }
}

static double sinc(double x)
{
    return x == 0 ? 1 : sin(M_PI * x) / (M_PI * x);
}

static double kernel(unsigned which, double x)
{
    x = fabs(x);
    if (which == 1)
        return fmax(0, 1 - x);
    if (which == 3)
        return x < 3 ? sinc(x) * sinc(x / 3) : 0;
    if (x < 1)
        return 1.5 * x * x * x - 2.5 * x * x + 1;
    return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
}

/* One direction laid out: `out` samples over [from, from + length) of `in`. */
struct axis {
    uint32_t in, out;
    double from, length;
};

static double weight(const struct axis *axis, unsigned which, uint32_t o, uint32_t i)
{
    double scale = axis->length / axis->out, center = axis->from + (o + 0.5) * scale;

    return kernel(which, (i + 0.5 - center) / fmax(scale, 1));
}

/* The exact pixel, from the whole picture, in double. False where alpha is so small that colour
 * has no meaning. */
static bool exact_pixel(const struct pp_picture *in, const struct axis axes[2], unsigned which,
                        const uint32_t at[2], double *want)
{
    unsigned channels = in->geometry.channels, last = channels - 1;
    double sums[4] = {0}, weights = 0;

    for (uint32_t y = 0; y < in->geometry.height; y++)
        for (uint32_t x = 0; x < in->geometry.width; x++) {
            double w = weight(&axes[0], which, at[0], x) * weight(&axes[1], which, at[1], y);
            double alpha = channels % 2 ? 1 : pp_picture_get(in, x, y, last);
            weights += w;
            for (unsigned c = 0; c < channels; c++)
                sums[c] +=
                    w *
                    (channels % 2 == 0 && c == last ? alpha : alpha * pp_picture_get(in, x, y, c));
        }
    for (unsigned c = 0; c < channels; c++)
        want[c] = channels % 2 || c == last ? sums[c] / weights : sums[c] / sums[last];
    return channels % 2 || sums[last] / weights >= 0.5;
}

/* How far a sample may be from the exact result, of which half a unit is rounding itself: pictures
 * of 8 bits without alpha are resized in integers, which add less than 0.1 here. */
static double tolerance_of(const struct pp_geometry *geometry)
{
    if (geometry->depth == 16)
        return 1;
    return geometry->channels % 2 ? 0.6 : 0.501;
}

static void compare(const char *text, const struct axis axes[2], unsigned which,
                    const struct pp_picture *in)
{
    struct pp_picture out = pp_render_text(text, in);
    double max = pp_picture_max(in), tolerance = tolerance_of(&in->geometry);

    assert_int_equal(out.geometry.width, axes[0].out);
    assert_int_equal(out.geometry.height, axes[1].out);
    for (uint32_t y = 0; y < out.geometry.height; y++)
        for (uint32_t x = 0; x < out.geometry.width; x++) {
            double want[4];
            bool shown = exact_pixel(in, axes, which, (const uint32_t[]){x, y}, want);
            for (unsigned c = 0; c < in->geometry.channels; c++) {
                bool alpha = in->geometry.channels % 2 == 0 && c + 1 == in->geometry.channels;
                double exact = shown || alpha ? fmin(fmax(want[c], 0), max) : 0;
                if (fabs(pp_picture_get(&out, x, y, c) - exact) > tolerance)
                    fail_msg("%s, %u channels of %u bits, %u,%u: %u is not %f", text,
                             in->geometry.channels, in->geometry.depth, x, y,
                             pp_picture_get(&out, x, y, c), exact);
            }
        }
    pp_picture_free(&out);
}

static void compare_layouts(const char *text, const struct axis axes[2], unsigned which)
{
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in =
            pp_picture_random(axes[0].in, axes[1].in, layout % 4 + 1, layout < 4 ? 8 : 16);
        compare(text, axes, which, &in);
        pp_picture_free(&in);
    }
}

static void reductions_weigh_every_input_pixel(void **state)
{
    static const struct axis axes[2] = {{31, 9, 0, 31}, {26, 11, 0, 26}};

    (void)state;
    compare_layouts("resize=9x11:fill:bilinear", axes, 1);
    compare_layouts("resize=9x11:fill:bicubic", axes, 2);
    compare_layouts("resize=9x11:fill:lanczos3", axes, 3);
}

static void enlargements_interpolate(void **state)
{
    static const struct axis axes[2] = {{7, 17, 0, 7}, {5, 23, 0, 5}};

    (void)state;
    compare_layouts("resize=17x23:fill:bilinear:1", axes, 1);
    compare_layouts("resize=17x23:fill:bicubic:1", axes, 2);
    compare_layouts("resize=17x23:fill:lanczos3:1", axes, 3);
}

static void one_direction_may_stay(void **state)
{
    static const struct axis axes[2] = {{20, 20, 0, 20}, {21, 8, 0, 21}};

    (void)state;
    compare_layouts("resize=20x8:fill:lanczos3", axes, 3);
}

static void cover_cuts_the_same_from_either_end(void **state)
{
    /* 30x20 at 8/20: 12 wide, of which 7 are kept: 17.5 input pixels, from 6.25 on */
    static const struct axis axes[2] = {{30, 7, 6.25, 17.5}, {20, 8, 0, 20}};

    (void)state;
    compare_layouts("resize=7x8:cover", axes, 3);
    compare_layouts("resize=7x8:cover:bilinear", axes, 1);
}

/* Samples that are not the exact result rounded. */
static unsigned count_roundings(const char *text, const struct axis axes[2],
                                const struct pp_picture *in)
{
    struct pp_picture out = pp_render_text(text, in);
    unsigned count = 0;

    for (uint32_t y = 0; y < out.geometry.height; y++)
        for (uint32_t x = 0; x < out.geometry.width; x++) {
            double want[4];
            exact_pixel(in, axes, 3, (const uint32_t[]){x, y}, want);
            for (unsigned c = 0; c < in->geometry.channels; c++) {
                unsigned exact = (unsigned)floor(fmin(fmax(want[c], 0), 255) + 0.5);
                unsigned got = pp_picture_get(&out, x, y, c);
                assert_in_range(got + 1, exact, exact + 2);
                count += got != exact;
            }
        }
    pp_picture_free(&out);
    return count;
}

static void integers_rarely_round_another_way(void **state)
{
    static const struct axis axes[2] = {{67, 29, 0, 67}, {59, 23, 0, 59}};
    struct pp_picture gray = pp_picture_random(67, 59, 1, 8);
    struct pp_picture color = pp_picture_random(67, 59, 3, 8);

    (void)state;
    assert_in_range(count_roundings("resize=29x23:fill", axes, &gray), 0, 29 * 23 / 40);
    assert_in_range(count_roundings("resize=29x23:fill", axes, &color), 0, 3 * 29 * 23 / 40);
    pp_picture_free(&gray);
    pp_picture_free(&color);
}

static void long_lines_keep_the_accuracy(void **state)
{
    /* 6 x 80 and 6 x 100 taps: integers for one direction, floating point for the other */
    static const struct axis axes[2] = {{240, 3, 0, 240}, {3, 3, 0, 3}};
    static const struct axis longer[2] = {{700, 7, 0, 700}, {3, 3, 0, 3}};

    (void)state;
    compare_layouts("resize=3x3:fill", axes, 3);
    compare_layouts("resize=7x3:fill", longer, 3);
}

static void rows_may_be_lengthened_first(void **state)
{
    /* a row is made shorter and many are made of few */
    static const struct axis axes[2] = {{90, 8, 0, 90}, {5, 60, 0, 5}};

    (void)state;
    compare_layouts("resize=8x60:fill:lanczos3:1", axes, 3);
    compare_layouts("resize=8x60:fill:bilinear:1", axes, 1);
}

static void nearest_picks_the_pixel_under_the_centre(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in = pp_picture_random(31, 26, layout % 4 + 1, layout < 4 ? 8 : 16);
        struct pp_picture out = pp_render_text("resize=9x40:fill:nearest:1", &in);
        for (uint32_t y = 0; y < 40; y++)
            for (uint32_t x = 0; x < 9; x++)
                for (unsigned c = 0; c < in.geometry.channels; c++)
                    assert_int_equal(
                        pp_picture_get(&out, x, y, c),
                        pp_picture_get(&in, (2 * x + 1) * 31 / 18, (2 * y + 1) * 26 / 80, c));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void the_same_size_changes_nothing(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in = pp_picture_random(31, 26, layout % 4 + 1, layout < 4 ? 8 : 16);
        struct pp_picture out = pp_render_text("resize=100%,resize=80x80,resize=31x26:cover", &in);
        assert_true(pp_picture_equal(&in, &out));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void flat_pictures_stay_flat(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in = pp_picture_random(53, 47, layout % 4 + 1, layout < 4 ? 8 : 16);
        pp_picture_fill(&in, PP_FILL_MAX);
        struct pp_picture out = pp_render_text("resize=17x,resize=90x:enlarge:kernel=bicubic", &in);
        for (uint32_t y = 0; y < out.geometry.height; y++)
            for (uint32_t x = 0; x < out.geometry.width; x++)
                for (unsigned c = 0; c < out.geometry.channels; c++)
                    assert_int_equal(pp_picture_get(&out, x, y, c), pp_picture_max(&in));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_follow_the_fit),
        cmocka_unit_test(sides_beyond_a_million_are_refused),
        cmocka_unit_test(reductions_weigh_every_input_pixel),
        cmocka_unit_test(enlargements_interpolate),
        cmocka_unit_test(one_direction_may_stay),
        cmocka_unit_test(cover_cuts_the_same_from_either_end),
        cmocka_unit_test(integers_rarely_round_another_way),
        cmocka_unit_test(long_lines_keep_the_accuracy),
        cmocka_unit_test(rows_may_be_lengthened_first),
        cmocka_unit_test(nearest_picks_the_pixel_under_the_centre),
        cmocka_unit_test(the_same_size_changes_nothing),
        cmocka_unit_test(flat_pictures_stay_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
