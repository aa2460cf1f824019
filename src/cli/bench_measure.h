/*
 * cli/bench_measure.h - which passes a benchmark consists of.
 *
 * Supervisor only, one thread.
 */
#ifndef PP_CLI_BENCH_MEASURE_H
#define PP_CLI_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "cli/bench_inputs.h"
#include "cli/bench_results.h"
#include "cli/options.h"
#include "cli/terminal.h"

/* A benchmark from beginning to end. */
struct pp_bench {
    const struct pp_options *options;
    struct pp_terminal *terminal; /* where to show how far it is; the caller's */
    unsigned jobs;                /* the most workers */
    unsigned threads_max;         /* the most threads of one worker */
    uint64_t memory;              /* bytes the workers may use */
    struct pp_bench_inputs inputs;
    struct pp_bench_results results;
    uint64_t iterations; /* of a repeat; so many that it is long enough for the clock */
    bool knows_filters;  /* the warm-up heard of filters one by one */
};

/* The steps of a scaling up to `most`: 1, 2, 4 and so on, and `most`. 0 past the last. */
unsigned pp_bench_step(unsigned index, unsigned most);

/*
 * Lead all inputs through the pool once, so that caches and clocks are where they will stay. Those
 * that fail get their `why`. Errors: PP_E_SYSTEM, PP_E_INTERNAL, PP_E_NO_MEMORY.
 */
enum pp_status pp_bench_warm_up(struct pp_bench *bench, struct pp_error *err) PP_MUST_CHECK;

/* Measure, filling bench->results. Errors: the same, and PP_E_CRASHED when an input that passed the
 * warm-up fails now. */
enum pp_status pp_bench_measure(struct pp_bench *bench, struct pp_error *err) PP_MUST_CHECK;

#endif
