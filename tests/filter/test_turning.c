/* rotate by any angle, and averages of light: what must hold whatever the picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_render.h"

static const char *const smoothing[] = {
    "rotate=8:#646464",      "rotate=-100:#646464:0:bilinear",
    "rotate=211:#646464",    "blur=2:linear=1",
    "blur=0.4:linear=1",     "resize=9x7!:linear=1",
    "resize=40x3!:linear=1", "resize=50%:kernel=bilinear",
    "resize=30x30^",         "resize=7x:linear=1:kernel=bicubic",
};

/* #646464 in every colour, and in alpha `alpha`. */
static struct pp_picture constant(unsigned channels, unsigned depth, unsigned alpha)
{
    struct pp_picture picture =
        pp_picture_new((struct pp_geometry){23, 17, (uint8_t)channels, (uint8_t)depth, 1});

    for (uint32_t y = 0; y < picture.geometry.height; y++)
        for (uint32_t x = 0; x < picture.geometry.width; x++)
            for (unsigned c = 0; c < channels; c++)
                pp_picture_set(
                    &picture, x, y, c,
                    channels % 2 == 0 && c + 1 == channels ? alpha : 100u * (depth == 8 ? 1 : 257));
    return picture;
}

static void constant_pictures_stay_constant(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof smoothing / sizeof smoothing[0]; i++)
        for (unsigned layout = 0; layout < 8; layout++) {
            const unsigned depth = layout < 4 ? 8 : 16;
            struct pp_picture in = constant(layout % 4 + 1, depth, depth == 8 ? 255 : 65535);
            struct pp_picture out = pp_render_text(smoothing[i], &in);
            for (uint32_t y = 0; y < out.geometry.height; y++)
                for (uint32_t x = 0; x < out.geometry.width; x++)
                    for (unsigned c = 0; c < out.geometry.channels; c++)
                        if (pp_picture_get(&out, x, y, c) != pp_picture_get(&in, 0, 0, c))
                            fail_msg("%s: %u instead of %u", smoothing[i],
                                     pp_picture_get(&out, x, y, c), pp_picture_get(&in, 0, 0, c));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

/* The largest difference, of the largest sample. */
static double apart(const struct pp_picture *a, const struct pp_picture *b)
{
    double most = 0;

    assert_int_equal(a->geometry.width, b->geometry.width);
    assert_int_equal(a->geometry.height, b->geometry.height);
    assert_int_equal(a->geometry.channels, b->geometry.channels);
    for (uint32_t y = 0; y < a->geometry.height; y++)
        for (uint32_t x = 0; x < a->geometry.width; x++)
            for (unsigned c = 0; c < a->geometry.channels; c++)
                most = fmax(most, fabs((double)pp_picture_get(a, x, y, c) / pp_picture_max(a) -
                                       (double)pp_picture_get(b, x, y, c) / pp_picture_max(b)));
    return most;
}

/* Without alpha: of little alpha 8 bits cannot say what colour it has. */
static void eight_bits_equal_sixteen_within_rounding(void **state)
{
    static const char *const more[] = {"pad=40x40", "border=3:#123456", "trim=0"};

    (void)state;
    for (size_t i = 0; i < 13; i++)
        for (unsigned channels = 1; channels <= 3; channels += 2) {
            const char *text = i < 10 ? smoothing[i] : more[i - 10];
            struct pp_picture narrow = pp_picture_random(31, 22, channels, 8);
            struct pp_picture wide = pp_render_text("depth=16", &narrow);
            struct pp_picture a = pp_render_text(text, &narrow), b = pp_render_text(text, &wide);
            if (apart(&a, &b) > 0.51 / 255 + (i < 7 ? 0 : 0.6 / 255))
                fail_msg("%s: %.3f of 255 apart", text, 255 * apart(&a, &b));
            pp_picture_free(&narrow);
            pp_picture_free(&wide);
            pp_picture_free(&a);
            pp_picture_free(&b);
        }
}

static void colour_where_nothing_is_does_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof smoothing / sizeof smoothing[0]; i++)
        for (unsigned layout = 0; layout < 4; layout++) {
            struct pp_picture in =
                pp_picture_random(31, 22, layout % 2 ? 2 : 4, layout < 2 ? 8 : 16);
            struct pp_picture black = pp_picture_new(in.geometry), a, b;
            const unsigned alpha = in.geometry.channels - 1u;
            for (uint32_t y = 0; y < 22; y++)
                for (uint32_t x = 0; x < 31; x++)
                    for (unsigned c = 0; c <= alpha; c++) {
                        bool gone = (x / 5 + y / 5) % 2;
                        if (c == alpha && gone)
                            pp_picture_set(&in, x, y, c, 0);
                        pp_picture_set(&black, x, y, c, gone ? 0 : pp_picture_get(&in, x, y, c));
                    }
            a = pp_render_text(smoothing[i], &in);
            b = pp_render_text(smoothing[i], &black);
            if (!pp_picture_equal(&a, &b))
                fail_msg("%s lets colour out of what is transparent", smoothing[i]);
            pp_picture_free(&in);
            pp_picture_free(&black);
            pp_picture_free(&a);
            pp_picture_free(&b);
        }
}

/* The other way round in a mirror; sums then come in another order. */
static void turning_left_is_turning_right_in_a_mirror(void **state)
{
    static const double angles[] = {0.5, 30, 45, 89.9, 133, 250};

    (void)state;
    for (size_t i = 0; i < sizeof angles / sizeof angles[0]; i++)
        for (unsigned layout = 0; layout < 8; layout++) {
            struct pp_picture in = pp_picture_random(31, 22, layout % 4 + 1, layout < 4 ? 8 : 16);
            char right[64], left[64];
            snprintf(right, sizeof right, "rotate=%g:navy", angles[i]);
            snprintf(left, sizeof left, "flop,rotate=%g:navy,flop", -angles[i]);
            struct pp_picture a = pp_render_text(right, &in), b = pp_render_text(left, &in);
            assert_true(apart(&a, &b) <= 1.01 / pp_picture_max(&a));
            pp_picture_free(&in);
            pp_picture_free(&a);
            pp_picture_free(&b);
        }
}

static void a_turned_canvas_holds_all_of_the_picture_and_no_more(void **state)
{
    static const struct {
        const char *text;
        uint32_t width, height;
    } cases[] = {{"rotate=30", 189, 167},          {"rotate=-30", 189, 167},
                 {"rotate=45", 184, 184},          {"rotate=60", 167, 189},
                 {"rotate=150", 189, 167},         {"rotate=1", 162, 103},
                 {"rotate=30:expand=0", 160, 100}, {"rotate=0.0001", 161, 101}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pp_picture in = pp_picture_random(160, 100, 1, 8);
        struct pp_picture out = pp_render_text(cases[i].text, &in);
        if (out.geometry.width != cases[i].width || out.geometry.height != cases[i].height)
            fail_msg("%s: %ux%u", cases[i].text, out.geometry.width, out.geometry.height);
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

/* Of a small angle only the rows along the slant. */
static void a_small_turn_needs_few_rows(void **state)
{
    struct pp_geometry in = {1000, 5000, 3, 8, 1}, out = in;
    struct pp_chain *chain = NULL;
    uint64_t room[64] = {0};
    uint32_t first = 0, last = 0;

    (void)state;
    assert_int_equal(pp_chain_parse("rotate=-3", &chain, NULL), PP_OK);
    struct pp_chain_item link = pp_chain_item(chain, 0);
    assert_int_equal(link.filter->prepare(room, link.args, &in, &out, NULL), PP_OK);
    link.filter->rows_needed(room, 2000, 2016, &first, &last);
    assert_in_range(last - first, 60, 90);
    pp_chain_free(chain);
}

/* Black and white in equal parts are half the light, which sRGB encodes as 187.5 of 255. */
static void half_the_light_is_more_than_half_the_sample(void **state)
{
    (void)state;
    for (unsigned channels = 1; channels <= 4; channels++)
        for (unsigned depth = 8; depth <= 16; depth += 8) {
            struct pp_picture in = constant(channels, depth, depth == 8 ? 255 : 65535);
            in.geometry.width = 16;
            in.geometry.height = 16;
            for (uint32_t y = 0; y < 16; y++)
                for (uint32_t x = 0; x < 16; x++)
                    for (unsigned c = 0; c < (channels < 3 ? 1 : 3); c++)
                        pp_picture_set(&in, x, y, c, x < 8 ? 0 : pp_picture_max(&in));
            struct pp_picture out = pp_render_text("resize=1x1!:linear=1:kernel=bilinear", &in);
            assert_int_equal(pp_picture_get(&out, 0, 0, 0), depth == 8 ? 188 : 48192);
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_pictures_stay_constant),
        cmocka_unit_test(eight_bits_equal_sixteen_within_rounding),
        cmocka_unit_test(colour_where_nothing_is_does_not_matter),
        cmocka_unit_test(turning_left_is_turning_right_in_a_mirror),
        cmocka_unit_test(a_turned_canvas_holds_all_of_the_picture_and_no_more),
        cmocka_unit_test(a_small_turn_needs_few_rows),
        cmocka_unit_test(half_the_light_is_more_than_half_the_sample),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
