/*
 * noise, vignette, clahe and dither: what their words promise. tests/oracle/detail.py has the
 * numbers.
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

#define WIDTH  96
#define HEIGHT 64

static struct pp_picture flat(unsigned channels, unsigned depth, unsigned value)
{
    struct pp_picture picture = pp_picture_random(WIDTH, HEIGHT, channels, depth);

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (unsigned c = 0; c < channels; c++)
            pp_picture_set(&picture, i % WIDTH, i / WIDTH, c, value);
    return picture;
}

static double mean_of(const struct pp_picture *picture, unsigned channel)
{
    double sum = 0;

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        sum += pp_picture_get(picture, i % WIDTH, i / WIDTH, channel);
    return sum / (WIDTH * HEIGHT);
}

/* ---- noise --------------------------------------------------------------------------------- */

static void noise_depends_on_the_seed_and_the_place_alone(void **state)
{
    struct pp_picture in = flat(3, 8, 128);
    struct pp_picture first = pp_render_text("noise=20", &in);
    struct pp_picture again = pp_render_text("noise=20", &in);
    struct pp_picture other = pp_render_text("noise=20:seed=1", &in);
    struct pp_picture part = pp_render_text("crop=40x30:0:0,noise=20", &in);
    struct pp_picture cut = pp_render_text("noise=20,crop=40x30:0:0", &in);

    (void)state;
    assert_true(pp_picture_equal(&first, &again));
    assert_false(pp_picture_equal(&first, &other));
    assert_true(pp_picture_equal(&part, &cut));
    pp_picture_free(&in);
    pp_picture_free(&first);
    pp_picture_free(&again);
    pp_picture_free(&other);
    pp_picture_free(&part);
    pp_picture_free(&cut);
}

static void noise_has_the_deviation_asked_for_and_no_bias(void **state)
{
    static const struct {
        const char *text;
        double deviation;
    } cases[] = {{"noise=20", 20}, {"noise=20:uniform", 20 / 1.7320508}};
    struct pp_picture in = flat(1, 16, 32768);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct pp_picture out = pp_render_text(cases[i].text, &in);
        double mean = mean_of(&out, 0), squares = 0;
        for (uint32_t p = 0; p < WIDTH * HEIGHT; p++)
            squares += pow(pp_picture_get(&out, p % WIDTH, p / WIDTH, 0) - mean, 2);
        double deviation = sqrt(squares / (WIDTH * HEIGHT)) / 257;
        assert_true(fabs(mean - 32768) < 257);
        assert_true(fabs(deviation - cases[i].deviation) < 0.5);
        pp_picture_free(&out);
    }
    pp_picture_free(&in);
}

static void noise_together_leaves_grays_gray(void **state)
{
    struct pp_picture in = flat(3, 8, 100), out = pp_render_text("noise=30:channels=together", &in);

    (void)state;
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        unsigned red = pp_picture_get(&out, i % WIDTH, i / WIDTH, 0);
        assert_int_equal(pp_picture_get(&out, i % WIDTH, i / WIDTH, 1), red);
        assert_int_equal(pp_picture_get(&out, i % WIDTH, i / WIDTH, 2), red);
    }
    pp_picture_free(&in);
    pp_picture_free(&out);
}

/* ---- vignette ------------------------------------------------------------------------------ */

static void a_vignette_darkens_outwards_from_its_centre(void **state)
{
    struct pp_picture in = flat(3, 8, 200), out = pp_render_text("vignette=1:0.3", &in);

    (void)state;
    assert_int_equal(pp_picture_get(&out, WIDTH / 2, HEIGHT / 2, 0), 200);
    for (uint32_t x = 1; x < WIDTH / 2; x++)
        assert_true(pp_picture_get(&out, x - 1, 10, 1) <= pp_picture_get(&out, x, 10, 1));
    assert_in_range(pp_picture_get(&out, 0, 0, 2), 0, 1);
    pp_picture_free(&out);
    out = pp_render_text("vignette=1:0.3:0:0", &in);
    assert_int_equal(pp_picture_get(&out, 0, 0, 0), 200);
    assert_int_equal(pp_picture_get(&out, WIDTH - 1, HEIGHT - 1, 0), 0);
    pp_picture_free(&in);
    pp_picture_free(&out);
}

/* ---- clahe --------------------------------------------------------------------------------- */

/* Grays of 100 to 119, from left to right and again and again. */
static struct pp_picture dull(unsigned channels, unsigned depth)
{
    struct pp_picture picture = flat(channels, depth, 0);

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (unsigned c = 0; c < channels; c++)
            pp_picture_set(&picture, i % WIDTH, i / WIDTH, c,
                           (100 + i % WIDTH * 7 % 20) * (depth == 8 ? 1 : 257));
    return picture;
}

static unsigned range_of(const struct pp_picture *picture)
{
    unsigned low = 65535, high = 0;

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        unsigned v = pp_picture_get(picture, i % WIDTH, i / WIDTH, 0);
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    return high - low;
}

static void clahe_stretches_no_more_than_its_limit(void **state)
{
    static const struct {
        const char *text;
        unsigned least, most;
    } cases[] = {{"clahe=4:1", 19, 19}, {"clahe=4:3", 55, 59}, {"clahe=4:256", 235, 255}};
    struct pp_picture in = dull(1, 8);

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_picture out = pp_render_text(cases[i].text, &in);
        assert_in_range(range_of(&out), cases[i].least, cases[i].most);
        pp_picture_free(&out);
    }
    pp_picture_free(&in);
}

static void clahe_of_eight_bits_is_that_of_sixteen_rounded(void **state)
{
    (void)state;
    for (unsigned channels = 1; channels <= 3; channels += 2) {
        struct pp_picture narrow = dull(channels, 8), wide = dull(channels, 16);
        struct pp_picture a = pp_render_text("clahe=3:5", &narrow);
        struct pp_picture b = pp_render_text("clahe=3:5,depth=8", &wide);
        for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
            assert_true(abs((int)pp_picture_get(&a, i % WIDTH, i / WIDTH, 0) -
                            (int)pp_picture_get(&b, i % WIDTH, i / WIDTH, 0)) <= 1);
        pp_picture_free(&narrow);
        pp_picture_free(&wide);
        pp_picture_free(&a);
        pp_picture_free(&b);
    }
}

/* ---- dither -------------------------------------------------------------------------------- */

/* Evenly spaced from 0 to 255, rounded to the nearest. */
static void assert_few_grays(const struct pp_picture *picture, unsigned bits)
{
    const unsigned steps = (1u << bits) - 1;

    assert_int_equal(picture->geometry.depth, 8);
    assert_int_equal(picture->geometry.channels, 1);
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        unsigned v = pp_picture_get(picture, i % WIDTH, i / WIDTH, 0);
        unsigned gray = (v * steps + 127) / 255;
        assert_int_equal(v, (2 * gray * 255 + steps) / (2 * steps));
    }
}

static void dithering_keeps_the_mean_in_few_grays(void **state)
{
    static const char *const methods[] = {"floyd-steinberg", "ordered"};

    (void)state;
    for (unsigned i = 0; i < 2 * 4 * 4; i++) {
        unsigned bits = i % 4 + 1, channels = i & 4 ? 3 : 1, depth = i & 8 ? 16 : 8;
        char text[48];
        snprintf(text, sizeof text, "dither=%u:%s", bits, methods[i / 16]);
        struct pp_picture in = flat(channels, depth, depth == 8 ? 90 : 90 * 257);
        struct pp_picture out = pp_render_text(text, &in);
        assert_few_grays(&out, bits);
        assert_true(fabs(mean_of(&out, 0) - 90) < 2.1);
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

/* But for eight grays, most of which are not whole numbers of 255. */
static void what_has_few_grays_is_not_dithered(void **state)
{
    (void)state;
    for (unsigned bits = 1; bits <= 4; bits += bits)
        for (unsigned method = 0; method < 2; method++) {
            char text[48];
            snprintf(text, sizeof text, "dither=%u:%s", bits,
                     method ? "ordered" : "floyd-steinberg");
            struct pp_picture in = pp_picture_random(WIDTH, HEIGHT, 1, 8);
            struct pp_picture once = pp_render_text(text, &in);
            struct pp_picture twice = pp_render_text(text, &once);
            assert_true(pp_picture_equal(&once, &twice));
            pp_picture_free(&in);
            pp_picture_free(&once);
            pp_picture_free(&twice);
        }
}

static void dithering_keeps_alpha_and_hands_no_error_out_of_hidden_pixels(void **state)
{
    struct pp_picture in = flat(2, 16, 65535), out;

    (void)state;
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        if (i % WIDTH < WIDTH / 2) {
            pp_picture_set(&in, i % WIDTH, i / WIDTH, 0, 20000);
            pp_picture_set(&in, i % WIDTH, i / WIDTH, 1, 0);
        }
    out = pp_render_text("dither", &in);
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        bool hidden = i % WIDTH < WIDTH / 2;
        assert_int_equal(pp_picture_get(&out, i % WIDTH, i / WIDTH, 1), hidden ? 0 : 255);
        if (!hidden)
            assert_int_equal(pp_picture_get(&out, i % WIDTH, i / WIDTH, 0), 255);
    }
    pp_picture_free(&in);
    pp_picture_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_depends_on_the_seed_and_the_place_alone),
        cmocka_unit_test(noise_has_the_deviation_asked_for_and_no_bias),
        cmocka_unit_test(noise_together_leaves_grays_gray),
        cmocka_unit_test(a_vignette_darkens_outwards_from_its_centre),
        cmocka_unit_test(clahe_stretches_no_more_than_its_limit),
        cmocka_unit_test(clahe_of_eight_bits_is_that_of_sixteen_rounded),
        cmocka_unit_test(dithering_keeps_the_mean_in_few_grays),
        cmocka_unit_test(what_has_few_grays_is_not_dithered),
        cmocka_unit_test(dithering_keeps_alpha_and_hands_no_error_out_of_hidden_pixels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
