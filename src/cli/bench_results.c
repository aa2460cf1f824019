#include "cli/bench_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct pp_bench_series *pp_bench_results_find(const struct pp_bench_results *results,
                                                    const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (!strcmp(results->series[i].name, name))
            return &results->series[i];
    return NULL;
}

struct pp_bench_series *pp_bench_results_get(struct pp_bench_results *results, const char *name)
{
    const struct pp_bench_series *known = pp_bench_results_find(results, name);
    struct pp_bench_series *series = &results->series[results->count];

    if (known)
        return &results->series[known - results->series];
    if (results->count == PP_BENCH_SERIES_MAX)
        return NULL;
    *series = (struct pp_bench_series){.threads = 1, .iterations = 1};
    snprintf(series->name, sizeof series->name, "%s", name);
    series->real_ms = calloc(results->repeats, sizeof *series->real_ms);
    series->cpu_ms = calloc(results->repeats, sizeof *series->cpu_ms);
    if (!series->real_ms || !series->cpu_ms) {
        free(series->real_ms);
        free(series->cpu_ms);
        return NULL;
    }
    series->capacity = results->repeats;
    results->count++;
    return series;
}

void pp_bench_series_put(struct pp_bench_series *series, double real_ms, double cpu_ms)
{
    if (series->count == series->capacity)
        return;
    series->real_ms[series->count] = real_ms;
    series->cpu_ms[series->count++] = cpu_ms;
}

static struct pp_bench_stats summarise(const double *values, size_t count)
{
    struct pp_bench_stats stats = {0};
    double *scratch = calloc(count + 1, sizeof *scratch);

    if (scratch)
        stats = pp_bench_stats_of(values, count, scratch);
    free(scratch);
    return stats;
}

struct pp_bench_stats pp_bench_series_real(const struct pp_bench_series *series)
{
    return summarise(series->real_ms, series->count);
}

struct pp_bench_stats pp_bench_series_cpu(const struct pp_bench_series *series)
{
    return summarise(series->cpu_ms, series->count);
}

void pp_bench_results_release(struct pp_bench_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        free(results->series[i].real_ms);
        free(results->series[i].cpu_ms);
    }
    *results = (struct pp_bench_results){0};
}
