#include "filter/filter.h"
#include "filter/move.h"
#include "filter/registry.h"

static const struct pp_param params[] = {{.name = NULL}};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    bool known = in->orientation >= PP_MOVE_NONE && in->orientation <= PP_MOVE_TURN_LEFT;

    (void)args;
    (void)err;
    pp_mover_init(state, known ? (enum pp_move)in->orientation : PP_MOVE_NONE, in, out);
    out->orientation = 1;
    return PP_OK;
}

static bool is_identity(const void *state)
{
    return ((const struct pp_mover *)state)->move == PP_MOVE_NONE;
}

const struct pp_filter pp_filter_orient = {
    .name = "orient",
    .summary = "set the picture upright as its EXIF orientation says",
    .source =
        "EXIF 2.32 (CIPA DC-008), tag 0x0112 Orientation, values 1 to 8; the output states 1.",
    .params = params,
    .state_size = sizeof(struct pp_mover),
    .moves_pixels = true,
    .prepare = prepare,
    .place = pp_mover_place,
    .is_identity = is_identity,
    .rows_needed = pp_mover_rows_needed,
    .render = pp_mover_render,
};
