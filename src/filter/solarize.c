#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"

static const struct pp_param params[] = {
    {.name = "threshold",
     .type = PP_PARAM_NUMBER,
     .summary = "the least sample that is turned over, of 255 (at 16 bits 257 times it)",
     .min = 0,
     .max = 255,
     .fallback = 128,
     .default_text = "128"},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_table_init(state, in, 1, err);
    uint32_t max = pp_sample_max(in->depth);
    double threshold = args[0].number * (max / 255);

    (void)out;
    if (status == PP_OK)
        for (uint32_t i = 0; i <= max; i++)
            pp_table_set(state, 0, i, i < threshold ? i : max - i);
    return status;
}

const struct pp_filter pp_filter_solarize = {
    .name = "solarize",
    .summary = "turn the light parts into their negative",
    .source = "ImageOps.solarize of Pillow: out = largest sample - in from the threshold on, on "
              "encoded values.",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
