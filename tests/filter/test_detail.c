/*
 * Filters of detail against their definitions, done the slow way. tests/oracle/detail.py compares
 * them with other programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support_render.h"

#define WIDTH  31
#define HEIGHT 27

static unsigned at(const struct pp_picture *picture, int x, int y, unsigned channel)
{
    int right = (int)picture->geometry.width - 1, bottom = (int)picture->geometry.height - 1;

    return pp_picture_get(picture,
                          (uint32_t)(x < 0       ? 0
                                     : x > right ? right
                                                 : x),
                          (uint32_t)(y < 0        ? 0
                                     : y > bottom ? bottom
                                                  : y),
                          channel);
}

/* Random samples of every number of channels and both depths. */
static struct pp_picture layout_picture(unsigned layout)
{
    return pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
}

static void set_pixel(struct pp_picture *picture, uint32_t x, uint32_t y, unsigned value)
{
    for (unsigned c = 0; c < picture->geometry.channels; c++)
        pp_picture_set(picture, x, y, c, value);
}

/* Dark on the left of the middle and light from there on; alpha is full. */
static struct pp_picture step(unsigned channels, unsigned depth, unsigned dark, unsigned light)
{
    struct pp_picture picture = pp_picture_random(WIDTH, HEIGHT, channels, depth);
    unsigned unit = depth == 8 ? 1 : 257;

    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            set_pixel(&picture, x, y, (x < WIDTH / 2 ? dark : light) * unit);
            if (channels % 2 == 0)
                pp_picture_set(&picture, x, y, channels - 1, pp_picture_max(&picture));
        }
    return picture;
}

/* ---- boxblur ------------------------------------------------------------------------------- */

static double box_mean(const struct pp_picture *in, int x, int y, unsigned channel)
{
    double sum = 0;

    for (int dy = -3; dy <= 3; dy++)
        for (int dx = -3; dx <= 3; dx++)
            sum += (abs(dx) == 3 ? 0.25 : 1) * (abs(dy) == 3 ? 0.25 : 1) *
                   at(in, x + dx, y + dy, channel);
    return sum / (5.5 * 5.5);
}

static void boxblur_is_the_mean_of_a_square_with_a_faint_margin(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout += 2) { /* without alpha */
        struct pp_picture in = layout_picture(layout);
        struct pp_picture out = pp_render_text("boxblur=2.25", &in);
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            assert_true(fabs(at(&out, i % WIDTH, i / WIDTH, 0) -
                             box_mean(&in, i % WIDTH, i / WIDTH, 0)) < 0.5001);
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void smoothing_leaves_flat_pictures_flat(void **state)
{
    static const char *const chains[] = {"boxblur=0.7,boxblur=20.2,boxblur=4", "median=3,median=9",
                                         "bilateral=3:50", "unsharp", "pixelate=7"};

    (void)state;
    for (unsigned i = 0; i < sizeof chains / sizeof *chains; i++)
        for (unsigned layout = 0; layout < 8; layout++) {
            struct pp_picture in = layout_picture(layout);
            pp_picture_fill(&in, PP_FILL_MAX);
            struct pp_picture out = pp_render_text(chains[i], &in);
            assert_true(pp_picture_equal(&in, &out));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

static void averages_carry_no_colour_out_of_hidden_pixels(void **state)
{
    static const char *const chains[] = {"boxblur=3.5", "pixelate=8", "bilateral=3:1000",
                                         "median=4"};
    struct pp_picture in = step(4, 8, 255, 90), out;

    (void)state;
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        if (i % WIDTH < WIDTH / 2)
            pp_picture_set(&in, i % WIDTH, i / WIDTH, 3, 0);
    for (unsigned i = 0; i < sizeof chains / sizeof *chains; i++) {
        out = pp_render_text(chains[i], &in);
        for (int x = 0; x < WIDTH; x++)
            if (at(&out, x, 9, 3) > 0)
                assert_int_equal(at(&out, x, 9, 1), 90);
        pp_picture_free(&out);
    }
    pp_picture_free(&in);
}

/* ---- median -------------------------------------------------------------------------------- */

static int compare_samples(const void *a, const void *b)
{
    const unsigned *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static unsigned sorted_median(const struct pp_picture *in, int x, int y, int radius)
{
    unsigned samples[21 * 21], count = 0;

    for (int dy = -radius; dy <= radius; dy++)
        for (int dx = -radius; dx <= radius; dx++)
            samples[count++] = at(in, x + dx, y + dy, 0);
    qsort(samples, count, sizeof *samples, compare_samples);
    return samples[count / 2];
}

static void median_is_the_middle_one_of_the_samples_in_order(void **state)
{
    static const int radii[] = {1, 2, 3, 4, 10};

    (void)state;
    for (unsigned i = 0; i < sizeof radii / sizeof *radii; i++)
        for (unsigned layout = 0; layout < 8; layout += 2) {
            char text[16];
            snprintf(text, sizeof text, "median=%d", radii[i]);
            struct pp_picture in = layout_picture(layout), out = pp_render_text(text, &in);
            for (int p = 0; p < WIDTH * HEIGHT; p += 5)
                assert_int_equal(at(&out, p % WIDTH, p / WIDTH, 0),
                                 sorted_median(&in, p % WIDTH, p / WIDTH, radii[i]));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

static void a_median_with_alpha_all_alike_is_that_without(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        struct pp_picture in = pp_picture_random(WIDTH, HEIGHT, 2, depth);
        struct pp_picture plain = pp_picture_random(WIDTH, HEIGHT, 1, depth);
        for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
            pp_picture_set(&in, i % WIDTH, i / WIDTH, 1, 77);
            pp_picture_set(&plain, i % WIDTH, i / WIDTH, 0,
                           pp_picture_get(&in, i % WIDTH, i / WIDTH, 0));
        }
        struct pp_picture weighted = pp_render_text("median=2", &in);
        struct pp_picture sorted = pp_render_text("median=2", &plain);
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            assert_int_equal(at(&weighted, i % WIDTH, i / WIDTH, 0),
                             at(&sorted, i % WIDTH, i / WIDTH, 0));
        pp_picture_free(&in);
        pp_picture_free(&plain);
        pp_picture_free(&weighted);
        pp_picture_free(&sorted);
    }
}

/* ---- unsharp ------------------------------------------------------------------------------- */

static void unsharp_is_sharpen_by_other_names(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in = layout_picture(layout);
        struct pp_picture a = pp_render_text("unsharp=1.5:80:0", &in);
        struct pp_picture b = pp_render_text("sharpen=0.8:1.5", &in);
        assert_true(pp_picture_equal(&a, &b));
        pp_picture_free(&in);
        pp_picture_free(&a);
        pp_picture_free(&b);
    }
}

/* A step of two is off by one on either side of it at the most. */
static void unsharp_leaves_differences_up_to_its_threshold_alone(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        struct pp_picture in = step(3, depth, 100, 102);
        struct pp_picture same = pp_render_text("unsharp=3:900:1", &in);
        struct pp_picture other = pp_render_text("unsharp=3:900:0.5", &in);
        assert_true(pp_picture_equal(&in, &same));
        assert_false(pp_picture_equal(&in, &other));
        pp_picture_free(&in);
        pp_picture_free(&same);
        pp_picture_free(&other);
    }
}

/* ---- edge, emboss -------------------------------------------------------------------------- */

static void edges_of_a_step_are_as_high_as_it_is(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        unsigned depth = layout < 4 ? 8 : 16, unit = depth == 8 ? 1 : 257;
        struct pp_picture in = step(layout % 4 + 1, depth, 30, 90);
        struct pp_picture out = pp_render_text("edge", &in);
        assert_int_equal(out.geometry.channels, layout % 2 ? 2 : 1);
        for (int x = 0; x < WIDTH; x++) {
            bool beside = x == WIDTH / 2 - 1 || x == WIDTH / 2;
            assert_int_equal(at(&out, x, 0, 0), beside ? 60 * unit : 0);
        }
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void what_cannot_be_seen_makes_no_edge(void **state)
{
    struct pp_picture in = step(4, 16, 10, 240);

    (void)state;
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        if (i % WIDTH < WIDTH / 2)
            pp_picture_set(&in, i % WIDTH, i / WIDTH, 3, 0);
    struct pp_picture edges = pp_render_text("edge", &in), relief = pp_render_text("emboss", &in);
    for (int x = WIDTH / 2; x < WIDTH; x++) {
        assert_int_equal(at(&edges, x, 4, 0), 0);
        assert_int_equal(at(&relief, x, 4, 0), 128 * 257);
    }
    pp_picture_free(&in);
    pp_picture_free(&edges);
    pp_picture_free(&relief);
}

/* A step that is light on its right is a slope that faces the left. */
static void emboss_lights_what_faces_the_light(void **state)
{
    static const struct {
        const char *text;
        unsigned level;
    } cases[] = {{"emboss=180", 158}, {"emboss=0", 98}, {"emboss=90", 128}, {"emboss=180:2", 188}};
    struct pp_picture in = step(3, 8, 50, 80);

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_picture out = pp_render_text(cases[i].text, &in);
        assert_int_equal(at(&out, WIDTH / 2, 7, 1), cases[i].level);
        assert_int_equal(at(&out, 1, 7, 1), 128);
        pp_picture_free(&out);
    }
    pp_picture_free(&in);
}

/* ---- bilateral, pixelate ------------------------------------------------------------------- */

static void bilateral_smooths_grain_and_keeps_a_step(void **state)
{
    struct pp_picture in = step(3, 8, 60, 200);

    (void)state;
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (unsigned c = 0; c < 3; c++)
            pp_picture_set(&in, i % WIDTH, i / WIDTH, c,
                           pp_picture_get(&in, i % WIDTH, i / WIDTH, c) + i * 7 % 5);
    struct pp_picture out = pp_render_text("bilateral=2:15", &in);
    for (int x = 0; x < WIDTH; x++)
        assert_in_range(at(&out, x, 12, 0), x < WIDTH / 2 ? 61 : 201, x < WIDTH / 2 ? 63 : 203);
    pp_picture_free(&in);
    pp_picture_free(&out);
}

static void pixelate_makes_means_of_whole_blocks_and_of_the_rest(void **state)
{
    struct pp_picture in = pp_picture_random(7, 5, 1, 16), out;
    unsigned sum = 0;

    (void)state;
    out = pp_render_text("pixelate=4", &in);
    for (int y = 0; y < 4; y++)
        for (int x = 4; x < 7; x++)
            sum += at(&in, x, y, 0);
    for (int x = 4; x < 7; x++)
        assert_int_equal(at(&out, x, 3, 0), (2 * sum + 12) / 24);
    assert_int_equal(at(&out, 6, 4, 0),
                     (2 * (at(&in, 4, 4, 0) + at(&in, 5, 4, 0) + at(&in, 6, 4, 0)) + 3) / 6);
    pp_picture_free(&in);
    pp_picture_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxblur_is_the_mean_of_a_square_with_a_faint_margin),
        cmocka_unit_test(smoothing_leaves_flat_pictures_flat),
        cmocka_unit_test(averages_carry_no_colour_out_of_hidden_pixels),
        cmocka_unit_test(median_is_the_middle_one_of_the_samples_in_order),
        cmocka_unit_test(a_median_with_alpha_all_alike_is_that_without),
        cmocka_unit_test(unsharp_is_sharpen_by_other_names),
        cmocka_unit_test(unsharp_leaves_differences_up_to_its_threshold_alone),
        cmocka_unit_test(edges_of_a_step_are_as_high_as_it_is),
        cmocka_unit_test(what_cannot_be_seen_makes_no_edge),
        cmocka_unit_test(emboss_lights_what_faces_the_light),
        cmocka_unit_test(bilateral_smooths_grain_and_keeps_a_step),
        cmocka_unit_test(pixelate_makes_means_of_whole_blocks_and_of_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
