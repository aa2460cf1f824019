/* A picture over a picture: the arithmetic, and where it lies. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support_render.h"

static struct pp_raster raster_of(const struct pp_picture *picture)
{
    return (struct pp_raster){picture->geometry, picture->stride, picture->data};
}

/* `over` laid over `in` as `text` says. */
static struct pp_picture laid(const char *text, const struct pp_picture *in,
                              const struct pp_picture *over)
{
    const struct pp_raster raster = raster_of(over);
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};

    if (pp_chain_parse(text, &chain, &err) != PP_OK)
        fail_msg("%s", err.text);
    pp_chain_give(chain, &raster);
    struct pp_picture out = pp_render_link(pp_chain_item(chain, 0), in, 0);
    pp_chain_free(chain);
    return out;
}

static struct pp_picture filled(uint32_t width, uint32_t height, unsigned channels, unsigned value)
{
    struct pp_picture picture =
        pp_picture_new((struct pp_geometry){width, height, (uint8_t)channels, 8, 1});

    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (unsigned c = 0; c < channels; c++)
                pp_picture_set(&picture, x, y, c, value);
    return picture;
}

/* A pixel as red, green, blue and alpha between 0 and 1, at the depth it comes to. */
static void exact_pixel(const struct pp_picture *picture, uint32_t x, uint32_t y, double pixel[4])
{
    const unsigned channels = picture->geometry.channels;
    const double max = pp_picture_max(picture);

    for (unsigned c = 0; c < 3; c++)
        pixel[c] = pp_picture_get(picture, x, y, channels < 3 ? 0 : c) / max;
    pixel[3] = channels % 2 ? 1 : pp_picture_get(picture, x, y, channels - 1) / max;
}

static double luma(const double pixel[4])
{
    return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

/* Channel `c` of the result by the definition. */
static double wanted(const struct pp_picture *in, const double over[4], const double under[4],
                     unsigned c, double opacity)
{
    const unsigned channels = in->geometry.channels;
    const double a = over[3] * opacity, b = under[3] * (1 - a);

    if (channels % 2 == 0 && c == channels - 1)
        return a + b;
    if (a + b == 0)
        return under[c];
    return ((channels < 3 ? luma(over) : over[c]) * a + under[c] * b) / (a + b);
}

/* How far a picture is from the definition, in samples, at the worst. */
static double error_of(const struct pp_picture *in, const struct pp_picture *over,
                       const struct pp_picture *out, double opacity)
{
    double worst = 0;

    for (uint32_t y = 0; y < in->geometry.height; y++)
        for (uint32_t x = 0; x < in->geometry.width; x++)
            for (unsigned c = 0; c < in->geometry.channels; c++) {
                double above[4], below[4];
                exact_pixel(over, x, y, above);
                exact_pixel(in, x, y, below);
                worst = fmax(worst, fabs(wanted(in, above, below, c, opacity) * pp_picture_max(in) -
                                         pp_picture_get(out, x, y, c)));
            }
    return worst;
}

/* Alpha of all kinds in either; the ends are met often. */
static void vary_alpha(struct pp_picture *picture)
{
    const unsigned channels = picture->geometry.channels;

    for (uint32_t y = 0; channels % 2 == 0 && y < picture->geometry.height; y++)
        for (uint32_t x = 0; x < picture->geometry.width; x++)
            if ((x + 3 * y) % 5 < 2)
                pp_picture_set(picture, x, y, channels - 1,
                               (x + 3 * y) % 5 ? pp_picture_max(picture) : 0);
}

/* A sample of 8 bits is rounded once; one that changes its depth or becomes luma before that,
 * twice; and weights have 16 bits. */
static void check_pair(unsigned in_form, unsigned over_form)
{
    const unsigned in_channels = in_form % 4 + 1, over_channels = over_form % 4 + 1;
    const unsigned in_depth = in_form < 4 ? 8 : 16, over_depth = over_form < 4 ? 8 : 16;
    const bool twice = over_depth > in_depth || (in_channels < 3 && over_channels > 2);
    static const double opacities[] = {1, 0.37};
    struct pp_picture in = pp_picture_random(23, 9, in_channels, in_depth);
    struct pp_picture over = pp_picture_random(23, 9, over_channels, over_depth);

    vary_alpha(&in);
    vary_alpha(&over);
    for (unsigned i = 0; i < 2; i++) {
        char text[64];
        snprintf(text, sizeof text, "overlay=x:opacity=%g", opacities[i]);
        struct pp_picture out = laid(text, &in, &over);
        double worst = error_of(&in, &over, &out, opacities[i]);
        if (worst > (in_depth == 16 ? 1.01 : 0.505) + (twice ? 0.51 : 0))
            fail_msg("%s: %u x %u over %u x %u bits: %.3f off", text, over_channels, over_depth,
                     in_channels, in_depth, worst);
        pp_picture_free(&out);
    }
    pp_picture_free(&in);
    pp_picture_free(&over);
}

static void every_form_goes_over_every_other_as_porter_and_duff_say(void **context)
{
    (void)context;
    for (unsigned in = 0; in < 8; in++)
        for (unsigned over = 0; over < 8; over++)
            check_pair(in, over);
}

static void what_is_opaque_replaces_and_what_is_transparent_leaves(void **context)
{
    struct pp_picture in = pp_picture_random(6, 5, 4, 8), over = pp_picture_random(6, 5, 4, 8);

    (void)context;
    for (uint32_t y = 0; y < 5; y++)
        for (uint32_t x = 0; x < 6; x++)
            pp_picture_set(&over, x, y, 3, x < 3 ? 255 : 0);
    struct pp_picture out = laid("overlay=x", &in, &over);
    for (uint32_t y = 0; y < 5; y++)
        for (uint32_t x = 0; x < 6; x++)
            for (unsigned c = 0; c < 4; c++)
                assert_int_equal(pp_picture_get(&out, x, y, c),
                                 pp_picture_get(x < 3 ? &over : &in, x, y, c));
    pp_picture_free(&out);
    pp_picture_free(&over);
    pp_picture_free(&in);
}

/* Where a white 3 x 2 stamp comes to lie on a black 10 x 7 picture. */
static void check_place(const char *arguments, uint32_t x, uint32_t y, uint32_t width,
                        uint32_t height)
{
    struct pp_picture in = filled(10, 7, 1, 0), over = filled(3, 2, 1, 255);
    char text[96];

    snprintf(text, sizeof text, "overlay=x:%s", arguments);
    struct pp_picture out = laid(text, &in, &over);
    for (uint32_t row = 0; row < 7; row++)
        for (uint32_t column = 0; column < 10; column++) {
            bool inside = column >= x && column < x + width && row >= y && row < y + height;
            if (pp_picture_get(&out, column, row, 0) != (inside ? 255 : 0))
                fail_msg("%s: not so at %u,%u", text, column, row);
        }
    pp_picture_free(&out);
    pp_picture_free(&over);
    pp_picture_free(&in);
}

static void gravity_and_offsets_say_where_it_lies(void **context)
{
    (void)context;
    check_place("northwest", 0, 0, 3, 2);
    check_place("north", 3, 0, 3, 2);
    check_place("northeast:x=1:y=2", 6, 2, 3, 2);
    check_place("west:x=2", 2, 2, 3, 2);
    check_place("center", 3, 2, 3, 2);
    check_place("center:x=-1:y=1", 2, 3, 3, 2);
    check_place("east", 7, 2, 3, 2);
    check_place("southwest:y=1", 0, 4, 3, 2);
    check_place("south", 3, 5, 3, 2);
    check_place("southeast:x=1:y=1", 6, 4, 3, 2);
}

static void what_sticks_out_is_cut_off(void **context)
{
    (void)context;
    check_place("x=-1:y=-1", 0, 0, 2, 1);
    check_place("southeast:x=-2:y=-1", 9, 6, 1, 1);
    check_place("x=10", 0, 0, 0, 0);
    check_place("center:scale=20x20", 0, 0, 10, 7);
}

static void scale_is_in_pixels_or_of_the_pictures_width(void **context)
{
    (void)context;
    check_place("scale=60%", 0, 0, 6, 4);
    check_place("scale=6x6", 0, 0, 6, 4);
    check_place("scale=x4:gravity=southeast", 4, 3, 6, 4);
    check_place("scale=9x", 0, 0, 9, 6);
    check_place("scale=3x2", 0, 0, 3, 2);
}

static void tiles_cover_the_picture_from_their_place_on(void **context)
{
    struct pp_picture in = filled(11, 9, 3, 0), over = pp_picture_random(4, 3, 3, 8);
    struct pp_picture out = laid("overlay=x:southeast:x=1:tile=1", &in, &over);

    (void)context;
    for (uint32_t y = 0; y < 9; y++)
        for (uint32_t x = 0; x < 11; x++)
            for (unsigned c = 0; c < 3; c++)
                assert_int_equal(pp_picture_get(&out, x, y, c),
                                 pp_picture_get(&over, (x + 2) % 4, y % 3, c));
    pp_picture_free(&out);
    pp_picture_free(&over);
    pp_picture_free(&in);
}

static void a_chain_that_was_not_loaded_is_refused(void **context)
{
    struct pp_picture in = filled(4, 4, 3, 9);
    struct pp_geometry out = in.geometry;
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    _Alignas(max_align_t) uint8_t state[4096] = {0};

    (void)context;
    assert_int_equal(pp_chain_parse("overlay=logo.png", &chain, &err), PP_OK);
    const struct pp_chain_item item = pp_chain_item(chain, 0);
    assert_true(item.filter->state_size <= sizeof state);
    assert_int_equal(item.filter->prepare(state, item.args, &in.geometry, &out, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "logo.png"));
    item.filter->release(state);
    pp_chain_free(chain);
    pp_picture_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_goes_over_every_other_as_porter_and_duff_say),
        cmocka_unit_test(what_is_opaque_replaces_and_what_is_transparent_leaves),
        cmocka_unit_test(gravity_and_offsets_say_where_it_lies),
        cmocka_unit_test(what_sticks_out_is_cut_off),
        cmocka_unit_test(scale_is_in_pixels_or_of_the_pictures_width),
        cmocka_unit_test(tiles_cover_the_picture_from_their_place_on),
        cmocka_unit_test(a_chain_that_was_not_loaded_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
