#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support_render.h"

/* Where in the input the pixel (x, y) of the output comes from; `w`, `h` are the input's sides. */
struct origin {
    uint32_t x, y;
};

static struct origin origin_of(unsigned orientation, struct origin o, uint32_t w, uint32_t h)
{
    const struct origin from[8] = {
        {o.x, o.y}, {w - 1 - o.x, o.y}, {w - 1 - o.x, h - 1 - o.y}, {o.x, h - 1 - o.y},
        {o.y, o.x}, {o.y, h - 1 - o.x}, {w - 1 - o.y, h - 1 - o.x}, {w - 1 - o.y, o.x},
    };

    return from[orientation - 1];
}

/* `text` must do to every layout what EXIF's orientation `move` asks for. */
static void assert_moves(const char *text, unsigned move, unsigned stated)
{
    for (unsigned layout = 0; layout < 8; layout++) {
        struct pp_picture in = pp_picture_random(70, 41, layout % 4 + 1, layout < 4 ? 8 : 16), out;
        in.geometry.orientation = (uint8_t)stated;
        out = pp_render_text(text, &in);
        assert_int_equal(out.geometry.width, move >= 5 ? 41 : 70);
        assert_int_equal(out.geometry.height, move >= 5 ? 70 : 41);
        for (uint32_t y = 0; y < out.geometry.height; y++)
            for (uint32_t x = 0; x < out.geometry.width; x++) {
                struct origin from = origin_of(move, (struct origin){x, y}, 70, 41);
                for (unsigned c = 0; c < in.geometry.channels; c++)
                    assert_int_equal(pp_picture_get(&out, x, y, c),
                                     pp_picture_get(&in, from.x, from.y, c));
            }
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void mirrors_and_turns_move_each_pixel_to_its_place(void **state)
{
    (void)state;
    assert_moves("flop", 2, 1);
    assert_moves("rotate=180", 3, 1);
    assert_moves("flip", 4, 1);
    assert_moves("rotate=90", 6, 1);
    assert_moves("rotate=270", 8, 1);
}

static void orient_sets_every_orientation_upright(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++)
        assert_moves("orient", orientation, orientation);
}

static void orient_alone_states_the_picture_upright(void **state)
{
    static const struct {
        const char *text;
        unsigned want;
    } cases[] = {{"orient", 1}, {"flip", 6}, {"rotate=90", 6}, {"crop=2x2", 6}, {"gray", 6}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pp_picture in = pp_picture_random(5, 3, 3, 8), out;
        in.geometry.orientation = 6;
        out = pp_render_text(cases[i].text, &in);
        assert_int_equal(out.geometry.orientation, cases[i].want);
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void moves_undo_each_other(void **state)
{
    static const char *const texts[] = {
        "flip,flip",
        "flop,flop",
        "rotate=90,rotate=270",
        "rotate=90,rotate=90,rotate=180",
        "rotate=180,flip,flop",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pp_picture in = pp_picture_random(33, 65, 3, 16);
        struct pp_picture out = pp_render_text(texts[i], &in);
        assert_true(pp_picture_equal(&in, &out));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void crop_keeps_its_window(void **state)
{
    static const struct {
        const char *text;
        uint32_t x, y, width, height;
    } cases[] = {
        {"crop=10x5:3:4", 3, 4, 10, 5},     {"crop=10x5", 15, 13, 10, 5},
        {"crop=10x5:0", 0, 13, 10, 5},      {"crop=100x5:y=0", 0, 0, 41, 5},
        {"crop=10x10:35:28", 35, 28, 6, 3}, {"crop=10x10:-4:-7", 0, 0, 6, 3},
        {"crop=9x:1", 1, 0, 9, 31},         {"crop=x9", 0, 11, 41, 9},
        {"crop=50%:0:0", 0, 0, 21, 16},     {"crop=0.1%", 20, 15, 1, 1},
        {"crop=300%", 0, 0, 41, 31},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pp_picture in = pp_picture_random(41, 31, i % 4 + 1, i % 2 ? 16 : 8);
        struct pp_picture out = pp_render_text(cases[i].text, &in);
        assert_int_equal(out.geometry.width, cases[i].width);
        assert_int_equal(out.geometry.height, cases[i].height);
        for (uint32_t y = 0; y < cases[i].height; y++)
            for (uint32_t x = 0; x < cases[i].width; x++)
                for (unsigned c = 0; c < in.geometry.channels; c++)
                    assert_int_equal(pp_picture_get(&out, x, y, c),
                                     pp_picture_get(&in, x + cases[i].x, y + cases[i].y, c));
        pp_picture_free(&in);
        pp_picture_free(&out);
    }
}

static void crop_outside_of_the_picture_is_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"crop=10x10:640:0", "filter \"crop\": 10x10 at 640,0 lies outside the 640x480 picture"},
        {"crop=10x10:0:-10", "filter \"crop\": 10x10 at 0,-10 lies outside the 640x480 picture"},
        {"crop=10x:5000:0", "filter \"crop\": 10x480 at 5000,0 lies outside the 640x480 picture"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pp_geometry in = {640, 480, 3, 8, 1}, out = in;
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};
        uint64_t room[64] = {0};
        assert_int_equal(pp_chain_parse(cases[i].text, &chain, &err), PP_OK);
        struct pp_chain_item link = pp_chain_item(chain, 0);
        assert_int_equal(link.filter->prepare(room, link.args, &in, &out, &err), PP_E_USAGE);
        assert_string_equal(err.text, cases[i].why);
        pp_chain_free(chain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirrors_and_turns_move_each_pixel_to_its_place),
        cmocka_unit_test(orient_sets_every_orientation_upright),
        cmocka_unit_test(orient_alone_states_the_picture_upright),
        cmocka_unit_test(moves_undo_each_other),
        cmocka_unit_test(crop_keeps_its_window),
        cmocka_unit_test(crop_outside_of_the_picture_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
