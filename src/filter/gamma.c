#include "filter/exact_math.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"

static const struct pp_param params[] = {
    {.name = "value",
     .type = PP_PARAM_NUMBER,
     .summary = "above 1 lightens the middle tones, below 1 darkens them",
     .min = 0.1,
     .max = 10,
     .required = true},
    {.name = NULL},
};

static double power(double exponent, double v)
{
    return pp_pow(v, exponent);
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_table_init(state, in, 1, err);

    (void)out;
    if (status == PP_OK)
        pp_table_fill(state, power, 1 / args[0].number);
    return status;
}

const struct pp_filter pp_filter_gamma = {
    .name = "gamma",
    .summary = "bend the tone curve between black and white",
    .source = "out = in^(1 / value) on encoded values as parts of the full range, the gamma "
              "adjustment of ImageMagick and Netpbm.",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
