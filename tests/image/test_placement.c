/* A placement, and one after another, take each pixel from where the moves one by one take it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/placement.h"

struct point {
    uint32_t x, y;
};

/* Where in a picture of w x h pixels its moved version has pixel `p` from: EXIF 2.32, tag 0x0112,
 * says for each orientation what row 0 and column 0 of the file are. */
static struct point turned_from(enum pp_move move, struct point p, uint32_t w, uint32_t h)
{
    const struct point from[] = {
        [PP_MOVE_NONE] = {p.x, p.y},
        [PP_MOVE_FLOP] = {w - 1 - p.x, p.y},
        [PP_MOVE_HALF_TURN] = {w - 1 - p.x, h - 1 - p.y},
        [PP_MOVE_FLIP] = {p.x, h - 1 - p.y},
        [PP_MOVE_TRANSPOSE] = {p.y, p.x},
        [PP_MOVE_TURN_RIGHT] = {p.y, h - 1 - p.x},
        [PP_MOVE_TRANSVERSE] = {w - 1 - p.y, h - 1 - p.x},
        [PP_MOVE_TURN_LEFT] = {w - 1 - p.y, p.x},
    };

    return from[move];
}

static struct point placed_from(const struct pp_placement *placement, struct point p)
{
    struct point inside = turned_from(placement->move, p, placement->width, placement->height);

    return (struct point){placement->x + inside.x, placement->y + inside.y};
}

static void mirrors_and_transposition_make_up_each_move(void **state)
{
    (void)state;
    for (enum pp_move move = PP_MOVE_NONE; move <= PP_MOVE_TURN_LEFT; move++) {
        for (uint32_t i = 0; i < 15; i++) {
            bool swaps = pp_move_swaps(move);
            uint32_t w = swaps ? 3 : 5, h = swaps ? 5 : 3; /* of what comes out */
            struct point p = {i % w, i / w}, from = turned_from(move, p, 5, 3);
            uint32_t x = pp_move_mirrors_x(move) ? w - 1 - p.x : p.x;
            uint32_t y = pp_move_mirrors_y(move) ? h - 1 - p.y : p.y;
            assert_int_equal(from.x, swaps ? y : x);
            assert_int_equal(from.y, swaps ? x : y);
        }
    }
}

static void assert_composed(const struct pp_placement *first, const struct pp_placement *second)
{
    struct pp_placement both = pp_placement_then(first, second);
    uint32_t width = 0, height = 0, both_width = 0, both_height = 0;

    pp_placement_size(second, &width, &height);
    pp_placement_size(&both, &both_width, &both_height);
    assert_int_equal(both_width, width);
    assert_int_equal(both_height, height);
    for (uint32_t i = 0; i < width * height; i++) {
        struct point p = {i % width, i / width};
        struct point one = placed_from(first, placed_from(second, p)),
                     other = placed_from(&both, p);
        if (one.x != other.x || one.y != other.y)
            fail_msg("move %d then %d: pixel %u, %u", first->move, second->move, p.x, p.y);
    }
}

/* Every window of a picture of w x h pixels after `first`. */
static void compose_windows(const struct pp_placement *first, enum pp_move move)
{
    struct pp_placement window = {.move = move};
    uint32_t w = 0, h = 0;

    pp_placement_size(first, &w, &h);
    for (window.x = 0; window.x < w; window.x++)
        for (window.y = 0; window.y < h; window.y++)
            for (window.width = 1; window.width <= w - window.x; window.width++)
                for (window.height = 1; window.height <= h - window.y; window.height++)
                    assert_composed(first, &window);
}

static void one_after_the_other_is_one_placement(void **state)
{
    (void)state;
    for (enum pp_move a = PP_MOVE_NONE; a <= PP_MOVE_TURN_LEFT; a++) {
        for (enum pp_move b = PP_MOVE_NONE; b <= PP_MOVE_TURN_LEFT; b++) {
            compose_windows(&(struct pp_placement){7, 11, 4, 3, a}, b);
            compose_windows(&(struct pp_placement){0, 2, 2, 5, a}, b);
            compose_windows(&(struct pp_placement){1, 0, 1, 1, a}, b);
        }
    }
}

static void the_whole_picture_is_where_it_was(void **state)
{
    struct pp_placement whole = pp_placement_whole(6, 4), window = {1, 2, 3, 2, PP_MOVE_TURN_LEFT};
    uint32_t width = 0, height = 0;

    (void)state;
    pp_placement_size(&whole, &width, &height);
    assert_int_equal(width, 6);
    assert_int_equal(height, 4);
    struct pp_placement same = pp_placement_then(&whole, &window);
    assert_int_equal(same.x, 1);
    assert_int_equal(same.y, 2);
    assert_int_equal(same.width, 3);
    assert_int_equal(same.height, 2);
    assert_int_equal(same.move, PP_MOVE_TURN_LEFT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirrors_and_transposition_make_up_each_move),
        cmocka_unit_test(one_after_the_other_is_one_placement),
        cmocka_unit_test(the_whole_picture_is_where_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
