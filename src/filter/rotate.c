#include "filter/filter.h"
#include "filter/move.h"
#include "filter/registry.h"

static const char *const words[] = {"90", "180", "270", NULL};

static const struct pp_param params[] = {
    {.name = "angle",
     .type = PP_PARAM_CHOICE,
     .summary = "degrees clockwise",
     .choices = words,
     .required = true},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    static const enum pp_move moves[] = {PP_MOVE_TURN_RIGHT, PP_MOVE_HALF_TURN, PP_MOVE_TURN_LEFT};

    (void)err;
    pp_mover_init(state, moves[args[0].choice], in, out);
    return PP_OK;
}

const struct pp_filter pp_filter_rotate = {
    .name = "rotate",
    .summary = "turn clockwise by quarters",
    .source = "Pixels are moved, none is changed.",
    .params = params,
    .state_size = sizeof(struct pp_mover),
    .moves_pixels = true,
    .prepare = prepare,
    .place = pp_mover_place,
    .rows_needed = pp_mover_rows_needed,
    .render = pp_mover_render,
};
