/*
 * filter/table.h - point filters as tables: one entry for each sample value there is.
 *
 * A table serves all colour channels alike, or each channel has its own. Alpha is copied. Filling
 * belongs to one thread; rendering to any.
 */
#ifndef PP_FILTER_TABLE_H
#define PP_FILTER_TABLE_H

#include <pixpool/error.h>

#include "filter/filter.h"
#include "filter/samples.h"

struct pp_table {
    uint32_t width;          /* pixels of a row */
    uint8_t channels, depth; /* of the picture */
    uint8_t tables;          /* 1, or one a colour channel */
    void *entries;           /* owned: `tables` times 256 bytes or 65,536 uint16_t */
};

/* Make the table or tables for pictures of that geometry; the entries are not set yet. Errors:
 * PP_E_NO_MEMORY. */
enum pp_status pp_table_init(struct pp_table *table, const struct pp_geometry *geometry,
                             unsigned tables, struct pp_error *err) PP_MUST_CHECK;
/*
 * Members of struct pp_filter for a filter whose state begins with a struct pp_table: release,
 * is_identity (whether every entry of a table that serves all channels is its own index), table and
 * render.
 */
void pp_table_release(void *state);
bool pp_table_is_identity(const void *state);
const uint8_t *pp_table_entries(const void *state, unsigned channel);
void pp_table_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                     void *scratch);

/* Set an entry to `value` rounded to the nearest sample, kept within 0 and the largest. */
void pp_table_set(struct pp_table *table, unsigned which, uint32_t entry, double value);

/* `make(context, v)` for all samples v as fractions of the largest, 0 to 1, into the only table. */
void pp_table_fill(struct pp_table *table, double (*make)(double context, double v),
                   double context);

/* A filter as prepared, with a table for each of its channels. */
struct pp_table_part {
    const struct pp_filter *filter;
    const void *state;
};

/*
 * What `count` parts, one or more, do one after the other to pictures of 8 bits, as one table: the
 * state of pp_filter_joined, which is in no registry, has no parameters and whose prepare is never
 * called. The parts are not referred to afterwards. Errors: PP_E_NO_MEMORY; release is allowed
 * then too.
 */
enum pp_status pp_table_join(struct pp_table *joined, const struct pp_geometry *geometry,
                             const struct pp_table_part *parts, size_t count,
                             struct pp_error *err) PP_MUST_CHECK;
extern const struct pp_filter pp_filter_joined;

#endif
