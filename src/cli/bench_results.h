/*
 * cli/bench_results.h - named series of measurements: what is shown, written and compared.
 *
 * A series has one value a repeat. Names are those of Google Benchmark's kind, "convert/jobs:2",
 * and stay the same from release to release, since baselines are matched by them:
 *
 *   convert/jobs:N      all pictures once through a pool of N workers
 *   largest/threads:N   the largest picture in one worker with N threads
 *   stage/NAME          time spent in a stage, summed over all pictures
 *   filter/NAME         the same for a filter, by name
 *   latency/pNN, /max   the time one picture takes
 */
#ifndef PP_CLI_BENCH_RESULTS_H
#define PP_CLI_BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/bench_stats.h"

#define PP_BENCH_NAME       48
#define PP_BENCH_SERIES_MAX 64

struct pp_bench_series {
    char name[PP_BENCH_NAME];
    bool decides;         /* a slowdown of it is a failure; of the others a hint */
    unsigned threads;     /* that work at once */
    uint64_t iterations;  /* each value is the mean of so many */
    double items;         /* pictures in an iteration; 0 where a rate says nothing */
    double pixels, bytes; /* of the inputs in an iteration */
    double *real_ms;      /* owned; wall milliseconds of an iteration */
    double *cpu_ms;       /* owned; of all processes; the wall time where it is not known apart */
    size_t capacity;      /* values there is room for */
    size_t count;
};

/* Zero it, and set `repeats`, before use. */
struct pp_bench_results {
    size_t repeats;
    struct pp_bench_series series[PP_BENCH_SERIES_MAX];
    size_t count;
};

/* The series of that name, made where there is none yet; NULL: no memory, or too many. */
struct pp_bench_series *pp_bench_results_get(struct pp_bench_results *results, const char *name);
/* The series of that name, or NULL. */
const struct pp_bench_series *pp_bench_results_find(const struct pp_bench_results *results,
                                                    const char *name);
/* Note one repeat's values; those beyond the repeats announced are dropped. */
void pp_bench_series_put(struct pp_bench_series *series, double real_ms, double cpu_ms);

/* Summaries; all zero when there is no memory for one. */
struct pp_bench_stats pp_bench_series_real(const struct pp_bench_series *series);
struct pp_bench_stats pp_bench_series_cpu(const struct pp_bench_series *series);

void pp_bench_results_release(struct pp_bench_results *results);

#endif
