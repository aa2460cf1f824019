#include "filter/exact_math.h"
#include "filter/filter.h"
#include "filter/matrix.h"
#include "filter/registry.h"

static const struct pp_param params[] = {
    {.name = "angle",
     .type = PP_PARAM_NUMBER,
     .summary = "degrees to turn hues by: about 120 makes red green, green blue and blue red",
     .min = -360,
     .max = 360,
     .required = true},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    /* W3C Filter Effects Module Level 1, 9.6, type="hueRotate": each weight is a part that stays,
     * one that goes with the cosine of the angle and one with its sine. */
    static const double luma[3] = {0.213, 0.715, 0.072};
    static const double sines[3][3] = {
        {-0.213, -0.715, 0.928}, {0.143, 0.140, -0.283}, {-0.787, 0.715, 0.072}};
    double turns = args[0].number / 180, sine = pp_sin_pi(turns), cosine = pp_sin_pi(turns + 0.5);
    double weights[3][3];

    (void)out;
    (void)err;
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 3; i++)
            weights[o][i] = luma[i] + cosine * ((o == i) - luma[i]) + sine * sines[o][i];
    pp_matrix_init(state, in, (const double(*)[3])weights);
    return PP_OK;
}

const struct pp_filter pp_filter_hue = {
    .name = "hue",
    .summary = "turn hues around the colour circle; gray stays as it is",
    .source = "The matrix of hue-rotate() in W3C Filter Effects Module Level 1, 13.1 and 9.6 "
              "(feColorMatrix), on encoded values; but for a thousandth of the range it keeps "
              "Y = 0.213 R + 0.715 G + 0.072 B.",
    .params = params,
    .state_size = sizeof(struct pp_matrix),
    .is_linear = pp_matrix_is_linear,
    .prepare = prepare,
    .is_identity = pp_matrix_is_identity,
    .render = pp_matrix_render,
};
