/*
 * cli/bench_identity.h - what two benchmarks must have in common to be compared.
 *
 * The host's name is not among it: containers get a new one each time.
 */
#ifndef PP_CLI_BENCH_IDENTITY_H
#define PP_CLI_BENCH_IDENTITY_H

#include <stdbool.h>

#include <pixpool/error.h>

#include "cli/bench_machine.h"
#include "cli/bench_measure.h"

enum pp_bench_fact {
    PP_BENCH_FACT_VERSION,
    PP_BENCH_FACT_BUILD,
    PP_BENCH_FACT_CPU,
    PP_BENCH_FACT_CORES,
    PP_BENCH_FACT_FILTERS,
    PP_BENCH_FACT_SETTINGS,
    PP_BENCH_FACT_FILES,
    PP_BENCH_FACT_INPUTS,
    PP_BENCH_FACT_COUNT
};

/* Each fact as text of printable ASCII, owned. Zero it before use. */
struct pp_bench_identity {
    char *facts[PP_BENCH_FACT_COUNT];
};

/* The key a fact has in the context of a JSON file. */
const char *pp_bench_fact_key(enum pp_bench_fact fact);

/* All that is known before the inputs are. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_bench_identity_begin(struct pp_bench_identity *identity,
                                       const struct pp_bench *bench,
                                       const struct pp_bench_machine *machine,
                                       struct pp_error *err) PP_MUST_CHECK;
/* The inputs, of those that are measured. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_bench_identity_complete(struct pp_bench_identity *identity,
                                          const struct pp_bench *bench,
                                          struct pp_error *err) PP_MUST_CHECK;

/* Whether all facts `mine` knows are the same in the baseline's; what differs goes to the error's
 * text. Errors: PP_E_USAGE. */
enum pp_status pp_bench_identity_match(const struct pp_bench_identity *mine,
                                       const struct pp_bench_identity *baseline,
                                       struct pp_error *err) PP_MUST_CHECK;

void pp_bench_identity_release(struct pp_bench_identity *identity);

/* A copy in which all but printable ASCII, and the backslash, is written as \xNN; NULL: no memory.
 * The caller frees it. */
char *pp_bench_ascii(const char *bytes);

#endif
