/*
 * filter/median.h - three ways to a median of the pixels around each one, all with the same result:
 * the middle sample of the (2 radius + 1)^2 around it, edges repeated outwards, each channel by
 * itself. With alpha colours count by their pixel's alpha, and the median is the least sample that
 * half of the weight does not exceed; alpha itself is counted alike.
 *
 * All pure; any thread.
 */
#ifndef PP_FILTER_MEDIAN_H
#define PP_FILTER_MEDIAN_H

#include "filter/samples.h"

struct pp_median {
    struct pp_geometry geometry;
    uint32_t radius; /* 1 to PP_MEDIAN_RADIUS_MAX */
};

/* So that a square's pixels can be counted in 16 bits, and by alpha in 32. */
#define PP_MEDIAN_RADIUS_MAX 100

/* A way: the scratch memory that it takes, and the rows of `out`. */
struct pp_median_way {
    size_t (*scratch_size)(const struct pp_median *median);
    void (*render)(const struct pp_median *median, const struct pp_band *in,
                   const struct pp_band *out, void *scratch);
};

/* Comparisons, many samples at a time: without alpha; their number grows with radius^4. */
extern const struct pp_median_way pp_median_compare;
/* A histogram of every column: without alpha, 8 bits; the time hardly grows with the radius. */
extern const struct pp_median_way pp_median_columns;
/* One histogram that moves along the row: everything; the time grows with the radius. */
extern const struct pp_median_way pp_median_window;

#endif
