/*
 * filter/histogram.h - how often each sample value occurs.
 *
 * Bytes are counted in four places in turn, which are added up in the end: in flat parts of a
 * picture one count would otherwise have to wait for the one before to reach memory. One thread.
 */
#ifndef PP_FILTER_HISTOGRAM_H
#define PP_FILTER_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

struct pp_histogram {
    uint64_t *counts; /* [which][place][sample]; owned */
    size_t bins;      /* 256 or 65,536 */
    size_t places;    /* 4 or 1 */
    unsigned depth;
};

/* `tables` histograms of samples of `depth` bits, all 0. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_histogram_init(struct pp_histogram *histogram, unsigned tables, unsigned depth,
                                 struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_histogram_release(struct pp_histogram *histogram);

/* Count samples number `first`, `first` + `step` and so on of a row, `count` of them. */
struct pp_histogram_run {
    const uint8_t *row;
    size_t first, step, count;
};
void pp_histogram_add(struct pp_histogram *histogram, unsigned which,
                      const struct pp_histogram_run *run);

/* The counts of one histogram, by sample; they may be changed, but nothing be added after. */
uint64_t *pp_histogram_sum(struct pp_histogram *histogram, unsigned which);

#endif
