/*
 * cli/bench_parts.h - where the time goes: stages, filters, and the time a picture takes.
 *
 * Pure but for memory; one thread.
 */
#ifndef PP_CLI_BENCH_PARTS_H
#define PP_CLI_BENCH_PARTS_H

#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "cli/bench_pass.h"
#include "cli/bench_results.h"

#define PP_BENCH_FILTER_PREFIX "filter/"

/* Note one repeat's stages and latencies. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_bench_parts_note(struct pp_bench_results *results, uint64_t iterations,
                                   const struct pp_bench_pass *pass,
                                   struct pp_error *err) PP_MUST_CHECK;
/* Note one repeat's filters. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_bench_parts_note_filters(struct pp_bench_results *results, uint64_t iterations,
                                           const struct pp_bench_pass *pass,
                                           struct pp_error *err) PP_MUST_CHECK;

/* Each stage's median in milliseconds; the return value is their sum. */
double pp_bench_parts_stages(const struct pp_bench_results *results, double ms[PP_STAGE_COUNT]);

/* What most of the time is spent on. */
enum pp_bench_bound {
    PP_BENCH_DECODE_BOUND,
    PP_BENCH_FILTER_BOUND,
    PP_BENCH_ENCODE_BOUND,
    PP_BENCH_IO_BOUND, /* reading and writing */
    PP_BENCH_BOUND_COUNT
};

/* "decode-bound", "filter-bound", "encode-bound", "I/O-bound". */
const char *pp_bench_bound_name(enum pp_bench_bound bound);

/* The verdict over stages that take `ms`, and its share of them all, 0 to 1. */
enum pp_bench_bound pp_bench_parts_bound(const double ms[PP_STAGE_COUNT], double *share);

#endif
