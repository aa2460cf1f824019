#include "filter/table.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/lookup.h"

enum pp_status pp_table_init(struct pp_table *table, const struct pp_geometry *geometry,
                             unsigned tables, struct pp_error *err)
{
    size_t bytes = geometry->depth / 8u;

    table->width = geometry->width;
    table->channels = geometry->channels;
    table->depth = geometry->depth;
    table->tables = (uint8_t)tables;
    return pp_memory_new(&table->entries, (pp_sample_max(geometry->depth) + 1) * (size_t)tables,
                         bytes, "filter table", err);
}

void pp_table_release(void *state)
{
    struct pp_table *table = state;

    free(table->entries);
    table->entries = NULL;
}

void pp_table_set(struct pp_table *table, unsigned which, uint32_t entry, double value)
{
    uint32_t max = pp_sample_max(table->depth);
    double kept = value <= 0 ? 0 : value >= max ? max : value;

    pp_sample_set(table->entries, which * ((size_t)max + 1) + entry, table->depth,
                  (uint32_t)(kept + 0.5));
}

void pp_table_fill(struct pp_table *table, double (*make)(double context, double v), double context)
{
    uint32_t max = pp_sample_max(table->depth);

    for (uint32_t i = 0; i <= max; i++)
        pp_table_set(table, 0, i, make(context, (double)i / max) * max);
}

bool pp_table_is_identity(const void *state)
{
    const struct pp_table *table = state;
    uint32_t max = pp_sample_max(table->depth), i = 0;

    if (table->tables != 1)
        return false;
    while (i < max && pp_sample(table->entries, i, table->depth) == i)
        i++;
    return pp_sample(table->entries, i, table->depth) == i;
}

const uint8_t *pp_table_entries(const void *state, unsigned channel)
{
    const struct pp_table *table = state;
    const uint8_t *entries = table->entries;

    if (table->depth != 8)
        return NULL;
    return table->tables == 1 ? entries : entries + (size_t)channel * 256;
}

/* Each channel has a table of its own, or samples are of 16 bits. */
PP_INLINE void look_up(const struct pp_table *table, const uint8_t *restrict in,
                       uint8_t *restrict out, unsigned channels, unsigned depth)
{
    const size_t step = table->tables == 1 ? 0 : (pp_sample_max(depth) + 1) * (depth / 8u);
    const unsigned colors = channels <= 2 ? 1 : 3;
    const uint8_t *restrict first = table->entries;
    const uint8_t *restrict second = first + step, *restrict third = second + step;

    for (size_t i = 0; i < (size_t)table->width * channels; i += channels) {
        pp_sample_set(out, i, depth, pp_sample(first, pp_sample(in, i, depth), depth));
        if (colors == 3) {
            pp_sample_set(out, i + 1, depth, pp_sample(second, pp_sample(in, i + 1, depth), depth));
            pp_sample_set(out, i + 2, depth, pp_sample(third, pp_sample(in, i + 2, depth), depth));
        }
        if (colors < channels)
            pp_sample_set(out, i + colors, depth, pp_sample(in, i + colors, depth));
    }
}

static void look_up_wide_row(const struct pp_table *table, const uint8_t *in, uint8_t *out)
{
    switch (table->channels) {
    case 1:
        look_up(table, in, out, 1, 16);
        break;
    case 2:
        look_up(table, in, out, 2, 16);
        break;
    case 3:
        look_up(table, in, out, 3, 16);
        break;
    default:
        look_up(table, in, out, 4, 16);
        break;
    }
}

static void look_up_row(const struct pp_table *table, const uint8_t *in, uint8_t *out)
{
    if (table->depth == 16)
        look_up_wide_row(table, in, out);
    else if (table->tables == 1)
        pp_lookup(out, in, (size_t)table->width * table->channels, table->channels, table->entries);
    else if (table->channels == 3)
        look_up(table, in, out, 3, 8);
    else
        look_up(table, in, out, 4, 8);
}

void pp_table_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                     void *scratch)
{
    const struct pp_table *table = state;

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        look_up_row(table, pp_band_row(in, y), pp_band_row(out, y));
}

/* Whether the parts treat all colours alike. */
static bool are_alike(const struct pp_table_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned channel = 1; channel < 3; channel++)
            if (parts[i].filter->table(parts[i].state, channel) !=
                parts[i].filter->table(parts[i].state, 0))
                return false;
    return true;
}

enum pp_status pp_table_join(struct pp_table *joined, const struct pp_geometry *geometry,
                             const struct pp_table_part *parts, size_t count, struct pp_error *err)
{
    bool alike = pp_geometry_color_channels(geometry) == 1 || are_alike(parts, count);
    enum pp_status status = pp_table_init(joined, geometry, alike ? 1 : 3, err);

    if (status != PP_OK)
        return status;
    for (unsigned channel = 0; channel < joined->tables; channel++)
        for (unsigned v = 0; v < 256; v++) {
            uint8_t now = (uint8_t)v;
            for (size_t i = 0; i < count; i++)
                now = parts[i].filter->table(parts[i].state, channel)[now];
            pp_sample_set(joined->entries, channel * (size_t)256 + v, 8, now);
        }
    return PP_OK;
}

static const struct pp_param no_params[] = {{.name = NULL}};

const struct pp_filter pp_filter_joined = {
    .name = "joined",
    .summary = "several tables as one",
    .source = "The tables of its parts, one after the other.",
    .params = no_params,
    .state_size = sizeof(struct pp_table),
    .release = pp_table_release,
    .is_identity = pp_table_is_identity,
    .table = pp_table_entries,
    .render = pp_table_render,
};
