#include "image/placement.h"

/* A move as a transposition, or none, followed by mirrors. */
static bool mirrors(enum pp_move move, unsigned set)
{
    return (set >> move & 1) != 0;
}

bool pp_move_mirrors_x(enum pp_move move)
{
    return mirrors(move, 1u << PP_MOVE_FLOP | 1u << PP_MOVE_HALF_TURN | 1u << PP_MOVE_TURN_RIGHT |
                             1u << PP_MOVE_TRANSVERSE);
}

bool pp_move_mirrors_y(enum pp_move move)
{
    return mirrors(move, 1u << PP_MOVE_FLIP | 1u << PP_MOVE_HALF_TURN | 1u << PP_MOVE_TURN_LEFT |
                             1u << PP_MOVE_TRANSVERSE);
}

static enum pp_move move_of(bool transposes, bool mirrors_x, bool mirrors_y)
{
    static const enum pp_move moves[2][2][2] = {
        {{PP_MOVE_NONE, PP_MOVE_FLIP}, {PP_MOVE_FLOP, PP_MOVE_HALF_TURN}},
        {{PP_MOVE_TRANSPOSE, PP_MOVE_TURN_LEFT}, {PP_MOVE_TURN_RIGHT, PP_MOVE_TRANSVERSE}},
    };

    return moves[transposes][mirrors_x][mirrors_y];
}

struct pp_placement pp_placement_whole(uint32_t width, uint32_t height)
{
    return (struct pp_placement){.width = width, .height = height, .move = PP_MOVE_NONE};
}

void pp_placement_size(const struct pp_placement *placement, uint32_t *width, uint32_t *height)
{
    bool swaps = pp_move_swaps(placement->move);

    *width = swaps ? placement->height : placement->width;
    *height = swaps ? placement->width : placement->height;
}

/* A transposition turns the mirrors that came before it into those of the other direction. */
static enum pp_move move_then(enum pp_move first, enum pp_move second)
{
    bool swaps = pp_move_swaps(second);
    bool x = swaps ? pp_move_mirrors_y(first) : pp_move_mirrors_x(first);
    bool y = swaps ? pp_move_mirrors_x(first) : pp_move_mirrors_y(first);

    return move_of(pp_move_swaps(first) != swaps, x != pp_move_mirrors_x(second),
                   y != pp_move_mirrors_y(second));
}

struct pp_placement pp_placement_then(const struct pp_placement *first,
                                      const struct pp_placement *second)
{
    uint32_t width = 0, height = 0;

    pp_placement_size(first, &width, &height);
    /* the second window where the first's output comes from, mirror by mirror */
    uint32_t x = pp_move_mirrors_x(first->move) ? width - second->x - second->width : second->x;
    uint32_t y = pp_move_mirrors_y(first->move) ? height - second->y - second->height : second->y;
    bool swaps = pp_move_swaps(first->move);

    return (struct pp_placement){
        .x = first->x + (swaps ? y : x),
        .y = first->y + (swaps ? x : y),
        .width = swaps ? second->height : second->width,
        .height = swaps ? second->width : second->height,
        .move = move_then(first->move, second->move),
    };
}
