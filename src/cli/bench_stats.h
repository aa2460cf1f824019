/*
 * cli/bench_stats.h - what a handful of repeated measurements says.
 *
 * Pure; any thread.
 */
#ifndef PP_CLI_BENCH_STATS_H
#define PP_CLI_BENCH_STATS_H

#include <stddef.h>

/* In the unit of the values, but `cv` and `spread`, which are shares. */
struct pp_bench_stats {
    size_t count;
    double mean, median, min, max;
    double stddev; /* of a sample: divided by count - 1; 0 with fewer than two values */
    double cv;     /* stddev by mean */
    double spread; /* how far repeats lie from their median, by that median: see below */
};

/* Put `count` values into rising order. */
void pp_bench_sort(double *values, size_t count);

/* The value that `share` (0 to 1) of the sorted values do not exceed, by nearest rank; 0 of none.
 */
double pp_bench_percentile(const double *sorted, size_t count, double share);

/*
 * Summarise `count` values, in any order, which stay as they are; `scratch` has room for as many.
 * `spread` is the median absolute deviation times 1.4826, which makes it estimate the standard
 * deviation of a normal distribution (Rousseeuw and Croux, 1993), and is not moved by a few repeats
 * that something else disturbed.
 */
struct pp_bench_stats pp_bench_stats_of(const double *values, size_t count, double *scratch);

#endif
