/*
 * cli/bench_table.h - results for a person, in columns.
 *
 * All go to `out`, which the caller checks.
 */
#ifndef PP_CLI_BENCH_TABLE_H
#define PP_CLI_BENCH_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "cli/bench_baseline.h"
#include "cli/bench_machine.h"
#include "cli/bench_measure.h"

/* What was measured, where, and how long it took. */
void pp_bench_table_print(FILE *out, const struct pp_bench *bench,
                          const struct pp_bench_machine *machine);

/* How the results compare with the baseline's; the return value counts those that are slower than
 * `limit` allows and whose slowdown is a failure. */
size_t pp_bench_table_compare(FILE *out, const struct pp_bench_results *results,
                              const struct pp_bench_baseline *baseline, double limit);

/* "1.234 s", "12.3 ms", "4.5 us". `text` has at least 24 bytes. */
void pp_bench_duration(double ms, char *text, size_t size);

#endif
