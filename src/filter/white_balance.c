#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"
#include "filter/tally.h"

enum { METHOD, CUTOFF };
enum method { GRAY_WORLD, WHITE_PATCH };

static const char *const words[] = {"gray-world", "white-patch", NULL};

static const struct pp_param params[] = {
    [METHOD] = {.name = "method",
                .type = PP_PARAM_CHOICE,
                .summary = "what is taken for colourless: the mean, or the lightest samples",
                .choices = words,
                .default_text = "gray-world"},
    [CUTOFF] = {.name = "cutoff",
                .type = PP_PARAM_NUMBER,
                .summary = "white-patch: percent of each channel's samples lighter than its white",
                .min = 0,
                .max = 50,
                .fallback = 1,
                .default_text = "1"},
    {.name = NULL},
};

struct white_balance {
    struct pp_table table; /* one a colour */
    struct pp_tally tally; /* owned */
    enum method method;
    double cutoff;
    bool concluded;
};

static enum pp_status check(const struct pp_value *args, struct pp_error *err)
{
    if (args[METHOD].choice == GRAY_WORLD && args[CUTOFF].given)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"white-balance\": cutoff is for method \"white-patch\"");
    return PP_OK;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct white_balance *balance = state;
    enum pp_status status = pp_tally_init(&balance->tally, in, PP_TALLY_EACH, err);

    (void)out;
    balance->method = (enum method)args[METHOD].choice;
    balance->cutoff = args[CUTOFF].number;
    if (status == PP_OK)
        status = pp_table_init(&balance->table, in, balance->tally.count, err);
    return status;
}

static void release(void *state)
{
    struct white_balance *balance = state;

    pp_table_release(&balance->table);
    pp_tally_release(&balance->tally);
}

static bool is_identity(const void *state)
{
    return ((const struct white_balance *)state)->tally.count == 1;
}

static void observe(void *state, const struct pp_band *in)
{
    pp_tally_add(&((struct white_balance *)state)->tally, in);
}

static const uint8_t *table(const void *state, unsigned channel)
{
    return ((const struct white_balance *)state)->concluded ? pp_table_entries(state, channel)
                                                            : NULL;
}

static double mean_of(const uint64_t *counts, uint32_t max)
{
    uint64_t all = 0, sum = 0;

    for (uint32_t i = 0; i <= max; i++) {
        all += counts[i];
        sum += counts[i] * i;
    }
    return all ? (double)sum / (double)all : 0;
}

/* The sample that all but `cutoff` percent are no lighter than. */
static double white_of(const uint64_t *counts, uint32_t max, double cutoff)
{
    uint64_t all = 0, above = 0;
    uint32_t white = max;

    for (uint32_t i = 0; i <= max; i++)
        all += counts[i];
    uint64_t most = (uint64_t)((double)all * cutoff / 100);
    while (white > 0 && (above += counts[white]) <= most)
        white--;
    return white;
}

/* Gray has no cast, and a channel whose measure is 0 nothing to be multiplied. */
static void fill(struct pp_table *table, unsigned which, double measure, double wanted)
{
    double gain = measure > 0 && table->tables == 3 ? wanted / measure : 1;

    for (uint32_t i = 0; i <= pp_sample_max(table->depth); i++)
        pp_table_set(table, which, i, i * gain);
}

static void conclude(void *state)
{
    struct white_balance *balance = state;
    uint32_t max = pp_sample_max(balance->table.depth);
    double measures[3] = {0}, sum = 0;

    for (unsigned which = 0; which < balance->tally.count; which++) {
        const uint64_t *counts = pp_tally_counts(&balance->tally, which);
        measures[which] = balance->method == GRAY_WORLD ? mean_of(counts, max)
                                                        : white_of(counts, max, balance->cutoff);
        sum += measures[which];
    }
    for (unsigned which = 0; which < balance->tally.count; which++)
        fill(&balance->table, which, measures[which],
             balance->method == GRAY_WORLD ? sum / balance->tally.count : max);
    balance->concluded = true;
}

const struct pp_filter pp_filter_white_balance = {
    .name = "white-balance",
    .summary = "take a cast of colour away by scaling red, green and blue",
    .source = "gray-world: G. Buchsbaum, J. Franklin Institute 310(1), 1980: each channel's mean "
              "becomes the mean of the three. white-patch: E. H. Land and J. J. McCann, J. Opt. "
              "Soc. Am. 61(1), 1971: each channel's lightest sample, cutoff percent left out, "
              "becomes white. On encoded values; fully transparent pixels do not count; gray "
              "stays as it is.",
    .params = params,
    .state_size = sizeof(struct white_balance),
    .check = check,
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .observe = observe,
    .conclude = conclude,
    .table = table,
    .render = pp_table_render,
};
