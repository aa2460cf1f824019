#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/table.h"
#include "filter/tally.h"

enum { EACH, TOGETHER };

static const char *const words[] = {"each", "together", NULL};

static const struct pp_param params[] = {
    {.name = "channels",
     .type = PP_PARAM_CHOICE,
     .summary = "equalize each colour by itself, or all by what they have in common",
     .choices = words,
     .default_text = "each"},
    {.name = NULL},
};

struct equalize {
    struct pp_table table;
    struct pp_tally tally; /* owned */
    bool concluded;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct equalize *equalize = state;
    enum pp_tally_kind kind = args[0].choice == EACH ? PP_TALLY_EACH : PP_TALLY_TOGETHER;
    enum pp_status status = pp_tally_init(&equalize->tally, in, kind, err);

    (void)out;
    if (status == PP_OK)
        status = pp_table_init(&equalize->table, in, equalize->tally.count, err);
    return status;
}

static void release(void *state)
{
    struct equalize *equalize = state;

    pp_table_release(&equalize->table);
    pp_tally_release(&equalize->tally);
}

static void observe(void *state, const struct pp_band *in)
{
    pp_tally_add(&((struct equalize *)state)->tally, in);
}

static const uint8_t *table(const void *state, unsigned channel)
{
    return ((const struct equalize *)state)->concluded ? pp_table_entries(state, channel) : NULL;
}

/* Pillow's arithmetic at 8 bits, for the same picture: whole samples a step, steps rounded. At 16
 * bits the same without the first of these roundings, which would leave steps of nothing. */
static double made_of(uint64_t below, uint64_t span, uint32_t max)
{
    uint64_t step = span / max;

    if (max == 255)
        return (double)((step / 2 + below) / step);
    return (double)below * max / (double)span;
}

/* `span` is of all samples but those of the highest value, which thus becomes white. */
static void fill(struct pp_table *table, unsigned which, const uint64_t *counts)
{
    uint32_t max = pp_sample_max(table->depth), highest = max;
    uint64_t span = 0, below = 0;

    while (highest > 0 && counts[highest] == 0)
        highest--;
    for (uint32_t i = 0; i < highest; i++)
        span += counts[i];
    bool flat = span == 0 || (max == 255 && span < max);
    for (uint32_t i = 0; i <= max; i++) {
        pp_table_set(table, which, i, flat ? i : made_of(below, span, max));
        below += counts[i];
    }
}

static void conclude(void *state)
{
    struct equalize *equalize = state;

    for (unsigned which = 0; which < equalize->tally.count; which++)
        fill(&equalize->table, which, pp_tally_counts(&equalize->tally, which));
    equalize->concluded = true;
}

const struct pp_filter pp_filter_equalize = {
    .name = "equalize",
    .summary = "spread tones so that each range of them has as many samples",
    .source = "ImageOps.equalize of Pillow 9.4, histogram equalization: a sample becomes the part "
              "of the samples that are darker. Flat channels, and at 8 bits those of fewer than "
              "255 samples, are left alone. 16 bits round once, to the nearest. Fully "
              "transparent pixels do not count.",
    .params = params,
    .state_size = sizeof(struct equalize),
    .prepare = prepare,
    .release = release,
    .observe = observe,
    .conclude = conclude,
    .table = table,
    .render = pp_table_render,
};
