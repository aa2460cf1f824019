#include <math.h>

#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"
#include "filter/tally.h"

enum { CUTOFF, CHANNELS };
enum { EACH, TOGETHER };

static const char *const words[] = {"each", "together", NULL};

static const struct pp_param params[] = {
    [CUTOFF] = {.name = "cutoff",
                .type = PP_PARAM_NUMBER,
                .summary = "percent of the samples to leave out at either end",
                .min = 0,
                .max = 49.9,
                .fallback = 0,
                .default_text = "0"},
    [CHANNELS] = {.name = "channels",
                  .type = PP_PARAM_CHOICE,
                  .summary = "stretch each colour by itself, or all alike, which keeps hues",
                  .choices = words,
                  .default_text = "each"},
    {.name = NULL},
};

struct autocontrast {
    struct pp_table table; /* one a channel, or one for all */
    struct pp_tally tally; /* owned */
    double cutoff;
    bool concluded;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct autocontrast *autocontrast = state;
    enum pp_tally_kind kind = args[CHANNELS].choice == EACH ? PP_TALLY_EACH : PP_TALLY_TOGETHER;
    enum pp_status status = pp_tally_init(&autocontrast->tally, in, kind, err);

    (void)out;
    autocontrast->cutoff = args[CUTOFF].number;
    if (status == PP_OK)
        status = pp_table_init(&autocontrast->table, in, autocontrast->tally.count, err);
    return status;
}

static void release(void *state)
{
    struct autocontrast *autocontrast = state;

    pp_table_release(&autocontrast->table);
    pp_tally_release(&autocontrast->tally);
}

static void observe(void *state, const struct pp_band *in)
{
    pp_tally_add(&((struct autocontrast *)state)->tally, in);
}

static const uint8_t *table(const void *state, unsigned channel)
{
    return ((const struct autocontrast *)state)->concluded ? pp_table_entries(state, channel)
                                                           : NULL;
}

/* At 8 bits the arithmetic of Pillow's ImageOps.autocontrast (binary64, truncated), for the same
 * picture; at 16 bits, which Pillow has not, the nearest sample. */
static void stretch(struct pp_table *table, unsigned which, uint32_t low, uint32_t high)
{
    uint32_t max = pp_sample_max(table->depth);
    double scale = (double)max / (high - low), offset = -(double)low * scale;

    for (uint32_t i = 0; i <= max; i++) {
        double v = i * scale + offset;
        pp_table_set(table, which, i, table->depth == 8 ? trunc(v) : v);
    }
}

static void conclude(void *state)
{
    struct autocontrast *autocontrast = state;
    const struct pp_percentiles out = {autocontrast->cutoff, autocontrast->cutoff};
    uint32_t max = pp_sample_max(autocontrast->table.depth);

    for (unsigned which = 0; which < autocontrast->tally.count; which++) {
        uint32_t range[2] = {0, max};
        (void)pp_counts_range(pp_tally_counts(&autocontrast->tally, which), max, &out, range);
        stretch(&autocontrast->table, which, range[0], range[1]);
    }
    autocontrast->concluded = true;
}

const struct pp_filter pp_filter_autocontrast = {
    .name = "autocontrast",
    .summary = "stretch the samples found to the full range",
    .source = "ImageOps.autocontrast of Pillow 9.4: cutoff percent of the histogram leave either "
              "end, the lowest sample left becomes black, the highest white; a flat channel is "
              "left as it is. 8 bits truncate as Pillow does, 16 bits round to the nearest. Fully "
              "transparent pixels do not "
              "count.",
    .params = params,
    .state_size = sizeof(struct autocontrast),
    .prepare = prepare,
    .release = release,
    .observe = observe,
    .conclude = conclude,
    .table = table,
    .render = pp_table_render,
};
