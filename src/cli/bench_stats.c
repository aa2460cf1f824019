#include "cli/bench_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAD_TO_SIGMA 1.4826 /* 1 / the normal distribution's third quartile */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void pp_bench_sort(double *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, by_value);
}

double pp_bench_percentile(const double *sorted, size_t count, double share)
{
    double rank = ceil(share * (double)count);

    if (count == 0)
        return 0;
    if (rank < 1)
        return sorted[0];
    return rank >= (double)count ? sorted[count - 1] : sorted[(size_t)rank - 1];
}

static double median_of_sorted(const double *sorted, size_t count)
{
    if (count == 0)
        return 0;
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static double deviation(const double *values, size_t count, double mean)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return count > 1 ? sqrt(sum / (double)(count - 1)) : 0;
}

struct pp_bench_stats pp_bench_stats_of(const double *values, size_t count, double *scratch)
{
    struct pp_bench_stats stats = {.count = count};
    double sum = 0;

    if (count == 0)
        return stats;
    memcpy(scratch, values, count * sizeof *values);
    pp_bench_sort(scratch, count);
    stats.min = scratch[0];
    stats.max = scratch[count - 1];
    stats.median = median_of_sorted(scratch, count);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    stats.mean = sum / (double)count;
    stats.stddev = deviation(values, count, stats.mean);
    for (size_t i = 0; i < count; i++)
        scratch[i] = fabs(values[i] - stats.median);
    pp_bench_sort(scratch, count);
    if (stats.mean > 0)
        stats.cv = stats.stddev / stats.mean;
    if (stats.median > 0)
        stats.spread = MAD_TO_SIGMA * median_of_sorted(scratch, count) / stats.median;
    return stats;
}
