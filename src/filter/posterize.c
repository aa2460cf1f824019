#include <math.h>

#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"

enum { LEVELS, BITS };

static const struct pp_param params[] = {
    [LEVELS] = {.name = "levels",
                .type = PP_PARAM_INTEGER,
                .summary = "how many values are left to each channel, evenly from black to white",
                .min = 2,
                .max = 256,
                .fallback = 4,
                .default_text = "4"},
    [BITS] = {.name = "bits",
              .type = PP_PARAM_INTEGER,
              .summary = "keep so many leading bits of each sample instead, the rest becomes 0",
              .min = 1,
              .max = 8,
              .fallback = 0,
              .default_text = "none"},
    {.name = NULL},
};

static enum pp_status check(const struct pp_value *args, struct pp_error *err)
{
    if (args[LEVELS].given && args[BITS].given)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"posterize\": levels and bits are two ways, give one");
    return PP_OK;
}

/* Of the `levels` even steps the one next to `v`, a sample; in halves upwards. */
static double nearest(double levels, uint32_t v, uint32_t max)
{
    double steps = levels - 1;

    return floor(v * steps / max + 0.5) * max / steps;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    enum pp_status status = pp_table_init(state, in, 1, err);
    uint32_t max = pp_sample_max(in->depth);
    uint32_t mask = max << (in->depth - (unsigned)args[BITS].number) & max;

    (void)out;
    if (status == PP_OK)
        for (uint32_t i = 0; i <= max; i++)
            pp_table_set(state, 0, i,
                         args[BITS].given ? (i & mask) : nearest(args[LEVELS].number, i, max));
    return status;
}

const struct pp_filter pp_filter_posterize = {
    .name = "posterize",
    .summary = "leave a few tones to each channel",
    .source = "levels: the nearest of so many even steps with black and white among them, "
              "out = round(in (levels - 1)) / (levels - 1) on encoded values as parts of the full "
              "range. bits: ImageOps.posterize of Pillow, in with all lower bits 0, so that white "
              "is darkened.",
    .params = params,
    .state_size = sizeof(struct pp_table),
    .check = check,
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
