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
    pp_mover_init(state, PP_MOVE_TRANSPOSE, in, out);
    return PP_OK;
}

const struct pp_filter pp_filter_transpose = {
    .name = "transpose",
    .summary = "mirror along the diagonal from the top left, columns become rows",
    .source = "Row y of the output is column y of the input.",
    .params = params,
    .state_size = sizeof(struct pp_mover),
    .moves_pixels = true,
    .prepare = prepare,
    .place = pp_mover_place,
    .rows_needed = pp_mover_rows_needed,
    .render = pp_mover_render,
};
