#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"

static const struct pp_param params[] = {
    {.name = "amount",
     .type = PP_PARAM_NUMBER,
     .summary = "added to every sample, as a part of the full range",
     .min = -1,
     .max = 1,
     .required = true},
    {.name = NULL},
};

static double added(double amount, double v)
{
    return v + amount;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_table_init(state, in, 1, err);

    (void)out;
    if (status == PP_OK)
        pp_table_fill(state, added, args[0].number);
    return status;
}

const struct pp_filter pp_filter_brightness = {
    .name = "brightness",
    .summary = "make lighter or darker by adding to every sample",
    .source =
        "out = in + amount, on encoded values as parts of the full range, kept within 0 and 1.",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
