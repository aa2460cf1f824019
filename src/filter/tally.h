/*
 * filter/tally.h - histograms of a picture as it is shown: what is fully transparent does not
 * count, for nobody knows what colour it has.
 *
 * One thread.
 */
#ifndef PP_FILTER_TALLY_H
#define PP_FILTER_TALLY_H

#include "filter/filter.h"
#include "filter/histogram.h"

enum pp_tally_kind {
    PP_TALLY_EACH,     /* a histogram for each colour channel */
    PP_TALLY_TOGETHER, /* one of all their samples */
    PP_TALLY_LUMA      /* one of rec.601 luma as gray=rec601 has it */
};

struct pp_tally {
    struct pp_histogram histogram; /* owned */
    struct pp_geometry geometry;
    enum pp_tally_kind kind;
    unsigned count; /* of histograms */
};

/* All 0, for pictures of that geometry. Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_tally_init(struct pp_tally *tally, const struct pp_geometry *geometry,
                             enum pp_tally_kind kind, struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_tally_release(struct pp_tally *tally);

void pp_tally_add(struct pp_tally *tally, const struct pp_band *band);

/* The counts of one histogram, by sample, once all is added; they may be changed. */
uint64_t *pp_tally_counts(struct pp_tally *tally, unsigned which);

/* The samples left when the lowest and the highest are left out, so many percent of all, rounded
 * down to whole samples; false when fewer than two values are left, and then they are not set. */
struct pp_percentiles {
    double low, high; /* percent left out at either end; together below 100 */
};
bool pp_counts_range(const uint64_t *counts, uint32_t max, const struct pp_percentiles *out,
                     uint32_t range[2]);

#endif
