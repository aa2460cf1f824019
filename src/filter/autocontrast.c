#include <math.h>

#include "filter/filter.h"
#include "filter/histogram.h"
#include "filter/registry.h"
#include "filter/table.h"

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
    struct pp_table table; /* one histogram and one table a channel, or one for all */
    double cutoff;
    struct pp_histogram histogram; /* owned */
    bool concluded;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct autocontrast *autocontrast = state;
    unsigned tables = args[CHANNELS].choice == EACH ? pp_geometry_color_channels(in) : 1;
    enum pp_status status = pp_table_init(&autocontrast->table, in, tables, err);

    (void)out;
    autocontrast->cutoff = args[CUTOFF].number;
    if (status == PP_OK)
        status = pp_histogram_init(&autocontrast->histogram, tables, in->depth, err);
    return status;
}

static void release(void *state)
{
    struct autocontrast *autocontrast = state;

    pp_table_release(&autocontrast->table);
    pp_histogram_release(&autocontrast->histogram);
}

static void observe(void *state, const struct pp_band *in)
{
    struct autocontrast *autocontrast = state;
    const struct pp_table *table = &autocontrast->table;
    unsigned colors = table->channels <= 2 ? 1 : 3;

    for (uint32_t y = in->first; y < in->first + in->count; y++)
        for (unsigned c = 0; c < colors; c++)
            pp_histogram_add(
                &autocontrast->histogram, table->tables == 1 ? 0 : c,
                &(struct pp_histogram_run){pp_band_row(in, y), c, table->channels, table->width});
}

static const uint8_t *table(const void *state, unsigned channel)
{
    return ((const struct autocontrast *)state)->concluded ? pp_table_entries(state, channel)
                                                           : NULL;
}

/* Take `cut` samples out of the bins, beginning at the bottom or at the top. */
static void cut_off(uint64_t *counts, uint32_t max, bool from_top, uint64_t cut)
{
    for (uint32_t i = 0; i <= max && cut > 0; i++) {
        uint64_t *bin = &counts[from_top ? max - i : i];
        uint64_t taken = *bin < cut ? *bin : cut;

        *bin -= taken;
        cut -= taken;
    }
}

/* At 8 bits the arithmetic of Pillow's ImageOps.autocontrast (binary64, truncated), for the same
 * picture; at 16 bits, which Pillow has not, the nearest sample. */
static void stretch(struct pp_table *table, unsigned which, uint32_t low, uint32_t high)
{
    uint32_t max = pp_sample_max(table->depth);
    double scale = high > low ? (double)max / (high - low) : 1;
    double offset = high > low ? -(double)low * scale : 0;

    for (uint32_t i = 0; i <= max; i++) {
        double v = i * scale + offset;
        pp_table_set(table, which, i, table->depth == 8 ? trunc(v) : v);
    }
}

static void conclude_one(struct autocontrast *autocontrast, unsigned which)
{
    uint32_t max = pp_sample_max(autocontrast->table.depth), low = 0, high = max;
    uint64_t *counts = pp_histogram_sum(&autocontrast->histogram, which), all = 0;

    for (uint32_t i = 0; i <= max; i++)
        all += counts[i];
    uint64_t cut = (uint64_t)floor((double)all * autocontrast->cutoff / 100);
    cut_off(counts, max, false, cut);
    cut_off(counts, max, true, cut);
    while (low < max && counts[low] == 0)
        low++;
    while (high > 0 && counts[high] == 0)
        high--;
    stretch(&autocontrast->table, which, low, high);
}

static void conclude(void *state)
{
    struct autocontrast *autocontrast = state;

    for (unsigned which = 0; which < autocontrast->table.tables; which++)
        conclude_one(autocontrast, which);
    autocontrast->concluded = true;
}

const struct pp_filter pp_filter_autocontrast = {
    .name = "autocontrast",
    .summary = "stretch the samples found to the full range",
    .source = "ImageOps.autocontrast of Pillow 9.4: cutoff percent of the histogram leave either "
              "end, the lowest sample left becomes black, the highest white; a flat channel is "
              "left as it is. 8 bits truncate as Pillow does, 16 bits round to the nearest.",
    .params = params,
    .state_size = sizeof(struct autocontrast),
    .prepare = prepare,
    .release = release,
    .observe = observe,
    .conclude = conclude,
    .table = table,
    .render = pp_table_render,
};
