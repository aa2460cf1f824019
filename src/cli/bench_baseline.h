/*
 * cli/bench_baseline.h - earlier results, and how the new ones compare.
 *
 * A series is judged by its median over the repeats. Beside it stands the spread, the larger of
 * both runs': a change smaller than that says nothing.
 */
#ifndef PP_CLI_BENCH_BASELINE_H
#define PP_CLI_BENCH_BASELINE_H

#include <stdbool.h>

#include <pixpool/error.h>

#include "cli/bench_identity.h"
#include "cli/bench_results.h"

/* Zero it before use. */
struct pp_bench_baseline {
    struct pp_bench_identity identity;
    struct pp_bench_results results;
    char date[64]; /* "" where it is not said */
};

/* Take in a text as pp_bench_json() makes it. Errors: PP_E_READ with what is wrong in it,
 * PP_E_NO_MEMORY. */
enum pp_status pp_bench_baseline_parse(struct pp_bench_baseline *baseline, const char *text,
                                       struct pp_error *err) PP_MUST_CHECK;

void pp_bench_baseline_release(struct pp_bench_baseline *baseline);

enum pp_bench_verdict {
    PP_BENCH_SAME, /* within the limit */
    PP_BENCH_SLOWER,
    PP_BENCH_FASTER
};

struct pp_bench_change {
    enum pp_bench_verdict verdict;
    bool noisy;            /* the spread is larger than the limit */
    double old_ms, new_ms; /* medians */
    double change;         /* new by old, less 1 */
    double spread;         /* a share of the median; 0 where it is not known */
};

/* Compare one series with its earlier self; `limit` is the change allowed, a share. */
struct pp_bench_change pp_bench_compare(const struct pp_bench_series *old,
                                        const struct pp_bench_series *new, double limit);

#endif
