/* The placement a filter states is what its rendering does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "support_render.h"

static struct pp_placement stated(struct pp_chain_item link, const struct pp_geometry *in)
{
    void *state = calloc(1, link.filter->state_size);
    struct pp_geometry out = *in;
    struct pp_placement placement = {0};

    assert_non_null(state);
    assert_non_null(link.filter->place);
    assert_int_equal(link.filter->prepare(state, link.args, in, &out, NULL), PP_OK);
    link.filter->place(state, &placement);
    free(state);
    return placement;
}

/* Pixel (x, y) of the output, by the placement. */
static unsigned placed(const struct pp_picture *in, const struct pp_placement *at, uint32_t x,
                       uint32_t y)
{
    uint32_t width = 0, height = 0;

    pp_placement_size(at, &width, &height);
    uint32_t column = pp_move_mirrors_x(at->move) ? width - 1 - x : x;
    uint32_t row = pp_move_mirrors_y(at->move) ? height - 1 - y : y;
    bool swaps = pp_move_swaps(at->move);
    return pp_picture_get(in, at->x + (swaps ? row : column), at->y + (swaps ? column : row), 0);
}

static void assert_stated(const char *text, unsigned orientation)
{
    struct pp_picture in = pp_picture_random(23, 17, 1, 8);
    struct pp_chain *chain = NULL;

    in.geometry.orientation = (uint8_t)orientation;
    assert_int_equal(pp_chain_parse(text, &chain, NULL), PP_OK);
    struct pp_placement at = stated(pp_chain_item(chain, 0), &in.geometry);
    struct pp_picture out = pp_render_text(text, &in);
    uint32_t width = 0, height = 0;
    pp_placement_size(&at, &width, &height);
    assert_int_equal(out.geometry.width, width);
    assert_int_equal(out.geometry.height, height);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            assert_int_equal(pp_picture_get(&out, x, y, 0), placed(&in, &at, x, y));
    pp_picture_free(&in);
    pp_picture_free(&out);
    pp_chain_free(chain);
}

static void mirrors_and_turns_state_what_they_do(void **state)
{
    (void)state;
    assert_stated("flip", 1);
    assert_stated("flop", 1);
    assert_stated("rotate=90", 1);
    assert_stated("rotate=180", 1);
    assert_stated("rotate=270", 1);
    for (unsigned orientation = 1; orientation <= 8; orientation++)
        assert_stated("orient", orientation);
}

static void a_crop_states_what_is_left_of_its_window(void **state)
{
    (void)state;
    assert_stated("crop=5x7", 1);
    assert_stated("crop=5x7:x=3:y=0", 1);
    assert_stated("crop=20x20:x=-4:y=9", 1);
    assert_stated("crop=100x100", 1);
}

static void every_filter_that_only_moves_pixels_states_where(void **state)
{
    (void)state;
    for (size_t i = 0; pp_filter_at(i); i++) {
        if (pp_filter_at(i)->moves_pixels)
            assert_non_null(pp_filter_at(i)->place);
        else
            assert_null(pp_filter_at(i)->place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirrors_and_turns_state_what_they_do),
        cmocka_unit_test(a_crop_states_what_is_left_of_its_window),
        cmocka_unit_test(every_filter_that_only_moves_pixels_states_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
