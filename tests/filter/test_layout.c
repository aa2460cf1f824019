/* Where pictures lie on canvases, and what is cut off them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support_render.h"

#define WIDTH  13
#define HEIGHT 9

/* The picture at (x, y) of the output, `background` around it. */
static void assert_laid(const char *text, const struct pp_picture *in, int x, int y,
                        const unsigned background[4])
{
    struct pp_picture out = pp_render_text(text, in);
    const struct pp_geometry *g = &out.geometry;
    const unsigned max = pp_picture_max(in);

    for (int row = 0; row < (int)g->height; row++)
        for (int column = 0; column < (int)g->width; column++)
            for (unsigned c = 0; c < g->channels; c++) {
                bool inside = column >= x && column < x + WIDTH && row >= y && row < y + HEIGHT;
                unsigned want = background[c] * (max / 255);
                if (inside)
                    want = c < in->geometry.channels
                               ? pp_picture_get(in, (uint32_t)(column - x), (uint32_t)(row - y), c)
                               : max;
                if (pp_picture_get(&out, (uint32_t)column, (uint32_t)row, c) != want)
                    fail_msg("%s: %d,%d channel %u", text, column, row, c);
            }
    pp_picture_free(&out);
}

static void pad_puts_the_picture_where_gravity_says(void **state)
{
    static const struct {
        const char *text;
        int x, y;
    } cases[] = {
        {"pad=20x14:background=#102030", 3, 2},
        {"pad=20x14:northwest:#102030", 0, 0},
        {"pad=20x14:north:#102030", 3, 0},
        {"pad=20x14:northeast:#102030", 7, 0},
        {"pad=20x14:west:#102030", 0, 2},
        {"pad=20x14:east:#102030", 7, 2},
        {"pad=20x14:southwest:#102030", 0, 5},
        {"pad=20x14:south:#102030", 3, 5},
        {"pad=20x14:southeast:#102030", 7, 5},
        {"pad=20x4:east:#102030", 7, 0},
        {"pad=x14:background=#102030", 0, 2},
        {"pad=200%:background=#102030", 6, 4},
        {"extent=20x5:background=#102030", 3, -2},
        {"extent=5x20:southeast:#102030", -8, 11},
        {"extent=4x3:west:#102030", 0, -3},
        {"border=2:#102030", 2, 2},
        {"border=0:#102030:4", 0, 4},
    };
    const unsigned rgb[4] = {0x10, 0x20, 0x30, 255}, gray[4] = {29, 255, 0, 0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned layout = 0; layout < 8; layout++) {
            struct pp_picture in =
                pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
            struct pp_picture out;
            if (layout < 4 || layout % 4 >= 2) /* luma of 16 bits is no multiple of 257 */
                assert_laid(cases[i].text, &in, cases[i].x, cases[i].y,
                            layout % 4 < 2 ? gray : rgb);
            out = pp_render_text(cases[i].text, &in);
            assert_int_equal(out.geometry.channels, in.geometry.channels);
            pp_picture_free(&out);
            pp_picture_free(&in);
        }
}

static void a_background_that_shows_through_adds_alpha(void **state)
{
    const unsigned rgb[4] = {255, 0, 0, 0x80}, gray[4] = {76, 0x80, 0, 0};

    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in =
            pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
        struct pp_picture out = pp_render_text("pad=15x15:northwest:#ff000080", &in), same;
        assert_int_equal(out.geometry.channels, layout % 4 < 2 ? 2 : 4);
        if (layout < 4 || layout % 4 >= 2)
            assert_laid("pad=15x15:northwest:#ff000080", &in, 0, 0, layout % 4 < 2 ? gray : rgb);
        same = pp_render_text("extent=5x5:background=transparent", &in);
        assert_int_equal(same.geometry.channels, in.geometry.channels);
        pp_picture_free(&same);
        pp_picture_free(&out);
        pp_picture_free(&in);
    }
}

static void a_canvas_beyond_a_million_pixels_a_side_is_refused(void **state)
{
    struct pp_geometry in = {640000, 480, 3, 8, 1}, out = in;
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    uint64_t room[64] = {0};

    (void)state;
    assert_int_equal(pp_chain_parse("pad=200%", &chain, &err), PP_OK);
    struct pp_chain_item link = pp_chain_item(chain, 0);
    assert_int_equal(link.filter->prepare(room, link.args, &in, &out, &err), PP_E_LIMIT);
    assert_string_equal(err.text, "filter \"pad\": 640000x480 would become 1280000x960, a side may "
                                  "grow to 1000000 at most");
    pp_chain_free(chain);
}

static void assert_same(const char *left, const char *right, unsigned layout)
{
    struct pp_picture in = pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
    struct pp_picture a = pp_render_text(left, &in), b = pp_render_text(right, &in);

    if (!pp_picture_equal(&a, &b))
        fail_msg("%s is not %s", left, right);
    pp_picture_free(&a);
    pp_picture_free(&b);
    pp_picture_free(&in);
}

static void what_should_come_to_the_same_does(void **state)
{
    static const char *const pairs[][2] = {
        {"crop=4x3:gravity=southeast", "crop=4x3:9:6"},
        {"crop=4x3:gravity=north", "crop=4x3:y=0"},
        {"crop=4x3:x=1:gravity=south", "crop=4x3:1:6"},
        {"crop=4x3:x=center:gravity=east", "crop=4x3"},
        {"extent=4x3:northeast", "crop=4x3:gravity=northeast"},
        {"extent=4x4", "crop=4x4"},
        {"pad=17x17:background=#000080,invert", "invert,pad=17x17:background=#ffff7f"},
        {"pad=17x17:south,flip", "flip,pad=17x17:north"},
        {"border=3,rotate=90", "rotate=90,border=3"},
        {"border=3:blue:1,trim=0", "border=3:blue:1,trim=0:blue"},
        {"border=3:blue:1,crop=13x9", "flip,flip"},
        {"transpose,transpose", "flip,flip"},
        {"transverse,transverse", "flip,flip"},
        {"transpose,flop", "rotate=90"},
        {"transverse,flop", "rotate=270"},
        {"rotate=90,rotate=90,rotate=90,rotate=90", "flop,flop"},
        {"rotate=-90", "rotate=270"},
        {"rotate=-180", "rotate=180"},
        {"rotate=360", "rotate=0"},
        {"thumbnail=6x6", "orient,resize=6x6"},
        {"thumbnail=6x6:cover:bicubic", "resize=6x6:cover:bicubic"},
        {"resize=6x6!", "resize=6x6:fill:enlarge=1"},
        {"resize=20x20!", "resize=20x20:fill:enlarge=1"},
        {"resize=20x20^", "resize=20x20:outside:enlarge=1"},
        {"resize=6x6>", "resize=6x6"},
        {"resize=20x20<", "resize=20x20:enlarge=1"},
        {"resize=20x9<", "flip,flip"},
        {"resize=52@", "resize=8x6!"},
        {"resize=117@", "flip,flip"},
        {"resize=5000@", "flip,flip"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (unsigned layout = 0; layout < 8; layout++)
            if (!strstr(pairs[i][0], "#000080") || layout % 4 >= 2)
                assert_same(pairs[i][0], pairs[i][1], layout);
}

/* A block of 3 x 2 pixels at (4, 5) that is `apart` from the rest. */
static struct pp_picture with_block(unsigned channels, unsigned depth, unsigned apart)
{
    struct pp_picture picture =
        pp_picture_new((struct pp_geometry){WIDTH, HEIGHT, (uint8_t)channels, (uint8_t)depth, 1});

    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            for (unsigned c = 0; c < channels; c++) {
                bool block = x >= 4 && x < 7 && y >= 5 && y < 7 && c + 1 == channels;
                pp_picture_set(&picture, x, y, c, 100 + (block ? apart : 0));
            }
    return picture;
}

static void trim_keeps_what_is_further_than_the_tolerance(void **state)
{
    static const struct {
        const char *text;
        unsigned apart;
        bool kept;
    } cases[] = {{"trim", 11, true},          {"trim", 10, false},      {"trim=0", 1, true},
                 {"trim=0", 0, false},        {"trim=100", 155, false}, {"trim=0:#646464", 1, true},
                 {"trim=0:#646464", 0, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned channels = 1; channels <= 3; channels += 2) {
            struct pp_picture in = with_block(channels, 8, cases[i].apart);
            struct pp_picture out = pp_render_text(cases[i].text, &in);
            assert_int_equal(out.geometry.width, cases[i].kept ? 3 : WIDTH);
            assert_int_equal(out.geometry.height, cases[i].kept ? 2 : HEIGHT);
            assert_int_equal(pp_picture_get(&out, 0, 0, channels - 1),
                             100 + (cases[i].kept ? cases[i].apart : 0));
            pp_picture_free(&in);
            pp_picture_free(&out);
        }
}

static void trim_sees_alpha_but_no_colour_where_nothing_is(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 4; layout++) {
        struct pp_picture in =
            pp_picture_random(WIDTH, HEIGHT, layout % 2 ? 2 : 4, layout < 2 ? 8 : 16);
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                pp_picture_set(&in, x, y, in.geometry.channels - 1u,
                               x == 3 && (y == 2 || y == 4) ? pp_picture_max(&in) / 20 : 0);
        struct pp_picture out = pp_render_text("trim", &in);
        assert_int_equal(out.geometry.width, 1);
        assert_int_equal(out.geometry.height, 3);
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

/* Random content far from a border of any shape: what was put around is what comes off. */
static void trim_takes_off_what_border_put_around(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in =
            pp_picture_random(WIDTH, HEIGHT, layout % 4 + 1, layout < 4 ? 8 : 16);
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                pp_picture_set(&in, x, y, 0, pp_picture_get(&in, x, y, 0) / 2);
        struct pp_picture out = pp_render_text("border=5:white:2,trim=10", &in);
        assert_true(pp_picture_equal(&in, &out));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void marks_contradict_fit_and_enlarge(void **state)
{
    static const char *const texts[] = {"resize=5x5!:fill", "resize=5x5^:enlarge=1",
                                        "resize=99@:inside"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};
        assert_int_equal(pp_chain_parse(texts[i], &chain, &err), PP_E_USAGE);
        assert_non_null(strstr(err.text, "contradicts the size's"));
    }
}

static void a_filter_that_stands_for_others_is_replaced_by_them(void **state)
{
    struct pp_chain *chain = NULL;

    (void)state;
    assert_int_equal(pp_chain_parse("gray,thumbnail=9x9:kernel=bilinear,invert", &chain, NULL),
                     PP_OK);
    assert_int_equal(pp_chain_length(chain), 4);
    assert_string_equal(pp_filter_name(pp_chain_filter(chain, 1)), "orient");
    assert_string_equal(pp_filter_name(pp_chain_filter(chain, 2)), "resize");
    assert_int_equal(pp_chain_item(chain, 2).args[2].choice, 1);
    assert_true(pp_chain_strips_metadata(chain));
    pp_chain_free(chain);
    assert_int_equal(pp_chain_parse("rotate=90,rotate=7", &chain, NULL), PP_OK);
    assert_true(pp_chain_item(chain, 0).filter->moves_pixels);
    assert_false(pp_chain_item(chain, 1).filter->moves_pixels);
    assert_false(pp_chain_strips_metadata(chain));
    pp_chain_free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pad_puts_the_picture_where_gravity_says),
        cmocka_unit_test(a_background_that_shows_through_adds_alpha),
        cmocka_unit_test(a_canvas_beyond_a_million_pixels_a_side_is_refused),
        cmocka_unit_test(what_should_come_to_the_same_does),
        cmocka_unit_test(trim_keeps_what_is_further_than_the_tolerance),
        cmocka_unit_test(trim_sees_alpha_but_no_colour_where_nothing_is),
        cmocka_unit_test(trim_takes_off_what_border_put_around),
        cmocka_unit_test(marks_contradict_fit_and_enlarge),
        cmocka_unit_test(a_filter_that_stands_for_others_is_replaced_by_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
