#include "filter/filter.h"
#include "filter/move.h"
#include "filter/registry.h"

static const struct pp_param params[] = {{.name = NULL}};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    (void)args;
    (void)err;
    pp_mover_init(state, PP_MOVE_FLOP, in, out);
    return PP_OK;
}

const struct pp_filter pp_filter_flop = {
    .name = "flop",
    .summary = "mirror left to right",
    .source = "Column x of the output is column width - 1 - x of the input.",
    .params = params,
    .state_size = sizeof(struct pp_mover),
    .moves_pixels = true,
    .prepare = prepare,
    .place = pp_mover_place,
    .render = pp_mover_render,
};
