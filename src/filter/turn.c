#include "filter/turn.h"

#include <math.h>

#include "filter/filter.h"
#include "filter/move.h"

static const struct pp_param params[] = {
    {.name = "angle",
     .type = PP_PARAM_NUMBER,
     .summary = "degrees clockwise",
     .min = -360,
     .max = 360,
     .required = true},
    {.name = NULL},
};

bool pp_turn_serves(double angle)
{
    return fmod(angle, 90) == 0;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    static const enum pp_move moves[] = {PP_MOVE_NONE, PP_MOVE_TURN_RIGHT, PP_MOVE_HALF_TURN,
                                         PP_MOVE_TURN_LEFT};

    (void)err;
    pp_mover_init(state, moves[((int)(args[0].number / 90) + 4) % 4], in, out);
    return PP_OK;
}

static bool is_identity(const void *state)
{
    return ((const struct pp_mover *)state)->move == PP_MOVE_NONE;
}

const struct pp_filter pp_filter_turn = {
    .name = "rotate",
    .summary = "turn clockwise by quarters",
    .source = "Pixels are moved, none is changed.",
    .params = params,
    .state_size = sizeof(struct pp_mover),
    .moves_pixels = true,
    .prepare = prepare,
    .place = pp_mover_place,
    .is_identity = is_identity,
    .rows_needed = pp_mover_rows_needed,
    .render = pp_mover_render,
};
