#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"

static const struct pp_param params[] = {
    {.name = "factor",
     .type = PP_PARAM_NUMBER,
     .summary = "how far samples move from mid-gray: 1 leaves them, 0 makes all of them gray",
     .min = 0,
     .max = 10,
     .required = true},
    {.name = NULL},
};

static double spread(double factor, double v)
{
    return 0.5 + factor * (v - 0.5);
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_table_init(state, in, 1, err);

    (void)out;
    if (status == PP_OK)
        pp_table_fill(state, spread, args[0].number);
    return status;
}

const struct pp_filter pp_filter_contrast = {
    .name = "contrast",
    .summary = "spread samples away from mid-gray, or pull them towards it",
    .source = "out = 0.5 + factor (in - 0.5) on encoded values as parts of the full range, as "
              "contrast() in W3C Filter Effects Module Level 1, 6.1.",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
