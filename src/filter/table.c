#include "filter/table.h"

#include <stdlib.h>

#include "base/memory.h"

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

PP_INLINE void look_up(const struct pp_table *table, const uint8_t *restrict in,
                       uint8_t *restrict out, unsigned channels, unsigned depth)
{
    unsigned colors = channels <= 2 ? 1 : 3;
    size_t step = table->tables == 1 ? 0 : (size_t)pp_sample_max(depth) + 1;
    const uint8_t *restrict entries = table->entries;

    for (size_t x = 0; x < table->width;
         x++, in += channels * depth / 8, out += channels * depth / 8) {
        for (unsigned c = 0; c < colors; c++)
            pp_sample_set(out, c, depth,
                          pp_sample(entries, c * step + pp_sample(in, c, depth), depth));
        if (colors < channels)
            pp_sample_set(out, colors, depth, pp_sample(in, colors, depth));
    }
}

static void look_up_row(const struct pp_table *table, const uint8_t *in, uint8_t *out)
{
    bool eight = table->depth == 8;

    switch (table->channels) {
    case 1:
        eight ? look_up(table, in, out, 1, 8) : look_up(table, in, out, 1, 16);
        break;
    case 2:
        eight ? look_up(table, in, out, 2, 8) : look_up(table, in, out, 2, 16);
        break;
    case 3:
        eight ? look_up(table, in, out, 3, 8) : look_up(table, in, out, 3, 16);
        break;
    default:
        eight ? look_up(table, in, out, 4, 8) : look_up(table, in, out, 4, 16);
        break;
    }
}

void pp_table_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                     void *scratch)
{
    const struct pp_table *table = state;

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++)
        look_up_row(table, pp_band_row(in, y), pp_band_row(out, y));
}
