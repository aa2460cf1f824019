/*
 * cli/bench_json.h - results in the JSON format of Google Benchmark, so that its compare.py and
 * programs that follow figures over time read them.
 *
 * Each repeat is an entry of run_type "iteration"; where there are several, mean, median, stddev
 * and cv follow. Beside Google's own, the context holds the facts of cli/bench_identity.h.
 */
#ifndef PP_CLI_BENCH_JSON_H
#define PP_CLI_BENCH_JSON_H

#include <pixpool/error.h>

#include "cli/bench_identity.h"
#include "cli/bench_machine.h"
#include "cli/bench_results.h"

/* All of it as one text, which the caller frees; NULL: no memory. */
char *pp_bench_json(const struct pp_bench_results *results,
                    const struct pp_bench_identity *identity,
                    const struct pp_bench_machine *machine);

#endif
