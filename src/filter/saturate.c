#include "filter/filter.h"
#include "filter/matrix.h"
#include "filter/registry.h"

static const struct pp_param params[] = {
    {.name = "factor",
     .type = PP_PARAM_NUMBER,
     .summary = "0 leaves grays, 1 leaves the picture as it is, above 1 is more vivid",
     .min = 0,
     .max = 10,
     .required = true},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    /* the luma coefficients that the standard's matrix is written with */
    static const double luma[3] = {0.213, 0.715, 0.072};
    double factor = args[0].number, weights[3][3];

    (void)out;
    (void)err;
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 3; i++)
            weights[o][i] = luma[i] - luma[i] * factor + (o == i ? factor : 0);
    pp_matrix_init(state, in, (const double(*)[3])weights);
    return PP_OK;
}

const struct pp_filter pp_filter_saturate = {
    .name = "saturate",
    .summary = "make colours more or less vivid; gray stays as it is",
    .source = "The matrix of saturate() in W3C Filter Effects Module Level 1, 13.1 and 9.6 "
              "(feColorMatrix), on encoded values: out = Y + factor (in - Y), with "
              "Y = 0.213 R + 0.715 G + 0.072 B, which is kept.",
    .params = params,
    .state_size = sizeof(struct pp_matrix),
    .is_linear = pp_matrix_is_linear,
    .prepare = prepare,
    .is_identity = pp_matrix_is_identity,
    .render = pp_matrix_render,
};
