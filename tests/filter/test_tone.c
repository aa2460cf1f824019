/* Filters for tone and colour, by what can be said of them without their formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filter/spline.h"
#include "support_render.h"

#define SIDE 64

static double luma_of(const struct pp_picture *picture, uint32_t i, const double weights[3])
{
    double luma = 0;

    for (unsigned c = 0; c < 3; c++)
        luma += weights[c] * pp_picture_get(picture, i % SIDE, i / SIDE, c);
    return luma;
}

/* Pixels in the middle of the range, which no filter here drives out of it. */
static struct pp_picture muted(unsigned depth)
{
    struct pp_picture picture = pp_picture_random(SIDE, SIDE, 3, depth);
    unsigned max = pp_picture_max(&picture);

    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        for (unsigned c = 0; c < 3; c++)
            pp_picture_set(&picture, i % SIDE, i / SIDE, c,
                           max * 2 / 5 + pp_picture_get(&picture, i % SIDE, i / SIDE, c) / 5);
    return picture;
}

/* The published coefficients of hue-rotate() keep it but for a thousandth. */
static void luma_is_kept_by_filters_that_say_so(void **state)
{
    static const struct {
        const char *text;
        double weights[3];
    } cases[] = {{"saturate=0", {0.213, 0.715, 0.072}},   {"saturate=2", {0.213, 0.715, 0.072}},
                 {"hue=77", {0.213, 0.715, 0.072}},       {"hue=-150", {0.213, 0.715, 0.072}},
                 {"tint=#406080", {0.299, 0.587, 0.114}}, {"tint=blue", {0.299, 0.587, 0.114}}};

    (void)state;
    for (size_t t = 0; t < sizeof cases / sizeof cases[0]; t++)
        for (unsigned depth = 8; depth <= 16; depth += 8) {
            struct pp_picture in = muted(depth), out = pp_render_text(cases[t].text, &in);
            double slack = cases[t].text[0] == 'h' ? pp_picture_max(&in) / 1000.0 : 0;
            for (uint32_t i = 0; i < SIDE * SIDE; i++)
                assert_true(fabs(luma_of(&in, i, cases[t].weights) -
                                 luma_of(&out, i, cases[t].weights)) <= 1.05 + slack);
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

/* Gray in three channels. */
static struct pp_picture neutral(unsigned depth)
{
    struct pp_picture picture = pp_picture_random(SIDE, SIDE, 4, depth);

    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        for (unsigned c = 1; c < 3; c++)
            pp_picture_set(&picture, i % SIDE, i / SIDE, c,
                           pp_picture_get(&picture, i % SIDE, i / SIDE, 0));
    return picture;
}

static void neutral_grays_have_no_colour_to_change(void **state)
{
    static const char *const texts[] = {"saturate=0", "saturate=7.3", "hue=33", "hue=-181.7",
                                        "modulate=100:400:30"};

    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
        for (unsigned depth = 8; depth <= 16; depth += 8) {
            struct pp_picture in = neutral(depth), out = pp_render_text(texts[t], &in);
            assert_true(pp_picture_equal(&in, &out));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

/* One pixel of RGB through a chain. */
static void assert_becomes(const char *text, const unsigned in[3], const unsigned out[3])
{
    struct pp_picture picture = pp_picture_random(1, 1, 3, 8);

    for (unsigned c = 0; c < 3; c++)
        pp_picture_set(&picture, 0, 0, c, in[c]);
    struct pp_picture made = pp_render_text(text, &picture);
    for (unsigned c = 0; c < 3; c++)
        assert_int_equal(pp_picture_get(&made, 0, 0, c), out[c]);
    pp_picture_free(&picture);
    pp_picture_free(&made);
}

static void single_colours_become_what_is_known_of_them(void **state)
{
    static const struct {
        const char *text;
        unsigned in[3], out[3];
    } cases[] = {
        {"modulate=hue=0", {255, 0, 0}, {0, 255, 255}},
        {"modulate=hue=200", {10, 20, 250}, {250, 240, 10}},
        {"modulate=saturation=0", {255, 0, 0}, {128, 128, 128}},
        {"modulate=200", {100, 100, 100}, {200, 200, 200}},
        {"modulate=0", {9, 99, 199}, {0, 0, 0}},
        {"modulate=1000", {30, 60, 90}, {255, 255, 255}},
        {"saturate=0", {255, 0, 0}, {54, 54, 54}},
        {"duotone=#102030:#f0e0d0", {0, 0, 0}, {16, 32, 48}},
        {"duotone=#102030:#f0e0d0", {255, 255, 255}, {240, 224, 208}},
        {"tint=#5a5a5a:0.5", {90, 90, 90}, {90, 90, 90}},
        {"tint=red", {255, 0, 0}, {254, 0, 0}}, /* its luma, 76.245, is 76 */
        {"tint=red", {255, 255, 255}, {255, 255, 255}},
        {"channel=brg", {1, 2, 3}, {3, 1, 2}},
        {"levels=50:200", {50, 125, 200}, {0, 128, 255}},
        {"levels=out_black=255:out_white=0", {0, 100, 255}, {255, 155, 0}},
        {"posterize=3", {63, 64, 192}, {0, 128, 255}},
        {"posterize=bits=1", {127, 128, 255}, {0, 128, 128}},
        {"solarize", {127, 128, 255}, {127, 127, 0}},
        {"curves=0/255+255/0", {0, 100, 255}, {255, 155, 0}},
        {"curves=20/10 200/100", {7, 110, 255}, {10, 55, 100}},
        {"curves=red=0/50+255/255:points=0/0+50/99+255/255", {0, 0, 50}, {99, 0, 99}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_becomes(cases[i].text, cases[i].in, cases[i].out);
}

static void curves_go_through_their_points_and_never_beyond(void **state)
{
    struct pp_spline spline = {
        .count = 6, .x = {0, 10, 11, 90, 200, 255}, .y = {5, 5, 120, 121, 40, 39.5}};

    (void)state;
    pp_spline_set(&spline);
    for (size_t k = 0; k < spline.count; k++)
        assert_true(pp_spline_at(&spline, spline.x[k]) == spline.y[k]);
    for (size_t k = 0; k + 1 < spline.count; k++) {
        double low = fmin(spline.y[k], spline.y[k + 1]), high = fmax(spline.y[k], spline.y[k + 1]);
        double before = spline.y[k], rising = spline.y[k + 1] >= spline.y[k] ? 1 : -1;
        for (int i = 1; i <= 100; i++) {
            double x = spline.x[k] + (spline.x[k + 1] - spline.x[k]) * i / 100;
            double y = pp_spline_at(&spline, x);
            assert_true(y >= low - 1e-9 && y <= high + 1e-9);
            assert_true((y - before) * rising >= -1e-9);
            before = y;
        }
    }
}

static void wrong_arguments_are_told_by_their_names(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"levels=200:100", "black (200) has to be below white (100)"},
        {"normalize=80:20", "lower (80) has to be below upper (20)"},
        {"posterize=4:3", "give one"},
        {"white-balance=cutoff=3", "white-patch"},
        {"curves=0/0", "\"points\": a curve has two points at least"},
        {"curves=0/0+300/5", "\"300/5\" is no point IN/OUT"},
        {"curves=0/0+20;30", "\"20;30\" is no point IN/OUT"},
        {"curves=red=9/0+9/5", "\"red\": \"9/5\" is not to the right"},
        {"channel=redd", "did you mean \"red\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};

        assert_int_equal(pp_chain_parse(cases[i].text, &chain, &err), PP_E_USAGE);
        if (!strstr(err.text, cases[i].says))
            fail_msg("%s: says \"%s\"", cases[i].text, err.text);
    }
}

static void a_curve_has_no_more_points_than_there_is_room_for(void **state)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    char text[512] = "curves=0/0";

    (void)state;
    for (unsigned i = 1; i <= PP_SPLINE_POINTS_MAX; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "+%u/9", i);
    assert_int_equal(pp_chain_parse(text, &chain, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "more than 32 points"));
}

static void alpha_becomes_gray_and_what_has_none_white(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        unsigned channels = layout % 4 + 1;
        struct pp_picture in = pp_picture_random(SIDE, SIDE, channels, layout < 4 ? 8 : 16);
        struct pp_picture out = pp_render_text("channel=alpha", &in);
        unsigned max = pp_picture_max(&in);
        assert_int_equal(out.geometry.channels, 1);
        for (uint32_t i = 0; i < SIDE * SIDE; i++) {
            uint32_t x = i % SIDE, y = i / SIDE;
            assert_int_equal(pp_picture_get(&out, x, y, 0),
                             channels % 2 ? max : pp_picture_get(&in, x, y, channels - 1));
        }
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

/* Half of the pixels are fully transparent and of other colours than the rest. */
static struct pp_picture half_hidden(unsigned channels, unsigned depth, unsigned hidden)
{
    struct pp_picture picture = pp_picture_random(SIDE, SIDE, channels, depth);
    unsigned max = pp_picture_max(&picture);

    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        for (unsigned c = 0; c < channels; c++) {
            unsigned v = pp_picture_get(&picture, i % SIDE, i / SIDE, c);
            unsigned sample = i % 2 ? hidden : max / 4 + v / 3 + c;
            pp_picture_set(&picture, i % SIDE, i / SIDE, c,
                           c + 1 < channels ? sample
                           : i % 2          ? 0
                                            : max);
        }
    return picture;
}

static void what_is_transparent_does_not_count(void **state)
{
    static const char *const texts[] = {"autocontrast=2", "normalize",
                                        "equalize",       "equalize=together",
                                        "white-balance",  "white-balance=white-patch"};

    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
        for (unsigned layout = 0; layout < 4; layout++) {
            unsigned channels = layout % 2 ? 2 : 4, depth = layout < 2 ? 8 : 16;
            struct pp_picture black = half_hidden(channels, depth, 0);
            struct pp_picture light = half_hidden(channels, depth, pp_picture_max(&black));
            struct pp_picture a = pp_render_text(texts[t], &black);
            struct pp_picture b = pp_render_text(texts[t], &light);
            for (uint32_t i = 0; i < SIDE * SIDE; i += 2)
                for (unsigned c = 0; c < channels; c++)
                    assert_int_equal(pp_picture_get(&a, i % SIDE, i / SIDE, c),
                                     pp_picture_get(&b, i % SIDE, i / SIDE, c));
            pp_picture_free(&black);
            pp_picture_free(&light);
            pp_picture_free(&a);
            pp_picture_free(&b);
        }
}

static void pictures_of_one_colour_have_nothing_to_stretch(void **state)
{
    static const char *const texts[] = {"autocontrast", "normalize", "equalize",
                                        "equalize=together"};

    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
        for (unsigned layout = 0; layout < 8; layout++) {
            struct pp_picture in =
                pp_picture_random(SIDE, SIDE, layout % 4 + 1, layout < 4 ? 8 : 16);
            for (uint32_t i = 0; i < SIDE * SIDE; i++)
                for (unsigned c = 0; c < in.geometry.channels; c++)
                    pp_picture_set(&in, i % SIDE, i / SIDE, c, 77);
            struct pp_picture out = pp_render_text(texts[t], &in);
            assert_true(pp_picture_equal(&in, &out));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

static double mean_of(const struct pp_picture *picture, unsigned channel)
{
    double sum = 0;

    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        sum += pp_picture_get(picture, i % SIDE, i / SIDE, channel);
    return sum / (SIDE * SIDE);
}

static void a_gray_world_has_equal_means(void **state)
{
    struct pp_picture in = muted(16), cast, out;

    (void)state;
    cast = pp_render_text("curves=red=0/20+255/220:blue=0/0+255/130", &in);
    assert_true(mean_of(&cast, 0) - mean_of(&cast, 2) > 10000);
    out = pp_render_text("white-balance", &cast);
    assert_true(fabs(mean_of(&out, 0) - mean_of(&out, 1)) < 1);
    assert_true(fabs(mean_of(&out, 2) - mean_of(&out, 1)) < 1);
    pp_picture_free(&in);
    pp_picture_free(&cast);
    pp_picture_free(&out);
}

/* Where its middle channel lies between the lowest and the highest: the hue, within its sixth. */
static double place_of(const unsigned v[3])
{
    double low = fmin(v[0], fmin(v[1], v[2])), high = fmax(v[0], fmax(v[1], v[2]));

    return high - low < 4000 ? -1 : ((double)v[0] + v[1] + v[2] - 2 * low - high) / (high - low);
}

static void normalizing_keeps_hues_and_reaches_both_ends(void **state)
{
    struct pp_picture in = muted(16), out = pp_render_text("normalize=5:95", &in);
    struct pp_picture gray = pp_render_text("gray", &out);
    unsigned ends[2] = {65535, 0}, compared = 0;

    (void)state;
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        uint32_t x = i % SIDE, y = i / SIDE;
        unsigned a[3], b[3], luma = pp_picture_get(&gray, x, y, 0);
        for (unsigned c = 0; c < 3; c++) {
            a[c] = pp_picture_get(&in, x, y, c);
            b[c] = pp_picture_get(&out, x, y, c);
        }
        ends[0] = luma < ends[0] ? luma : ends[0];
        ends[1] = luma > ends[1] ? luma : ends[1];
        if (place_of(a) < 0 || place_of(b) < 0)
            continue;
        assert_true(fabs(place_of(a) - place_of(b)) < 0.001);
        compared++;
    }
    assert_true(ends[0] == 0 && ends[1] == 65535 && compared > SIDE * SIDE / 2);
    pp_picture_free(&in);
    pp_picture_free(&out);
    pp_picture_free(&gray);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luma_is_kept_by_filters_that_say_so),
        cmocka_unit_test(neutral_grays_have_no_colour_to_change),
        cmocka_unit_test(single_colours_become_what_is_known_of_them),
        cmocka_unit_test(curves_go_through_their_points_and_never_beyond),
        cmocka_unit_test(wrong_arguments_are_told_by_their_names),
        cmocka_unit_test(a_curve_has_no_more_points_than_there_is_room_for),
        cmocka_unit_test(alpha_becomes_gray_and_what_has_none_white),
        cmocka_unit_test(what_is_transparent_does_not_count),
        cmocka_unit_test(pictures_of_one_colour_have_nothing_to_stretch),
        cmocka_unit_test(a_gray_world_has_equal_means),
        cmocka_unit_test(normalizing_keeps_hues_and_reaches_both_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
