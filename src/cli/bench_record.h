/*
 * cli/bench_record.h - what a benchmark's worker publishes of one conversion.
 */
#ifndef PP_CLI_BENCH_RECORD_H
#define PP_CLI_BENCH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#define PP_BENCH_FILTERS     16 /* told apart by name */
#define PP_BENCH_FILTER_NAME 16

struct pp_bench_filter_time {
    char name[PP_BENCH_FILTER_NAME];
    uint64_t ns;
};

/* What a worker publishes for each task. */
struct pp_bench_record {
    enum pp_status status;
    char why[PP_ERROR_TEXT]; /* "" with PP_OK */
    struct pp_convert_report report;
    uint64_t wall_ns, cpu_ns;
    uint32_t filter_count;
    struct pp_bench_filter_time filters[PP_BENCH_FILTERS];
};

/* Copy a published record into *record; false when it is not what an honest worker writes. */
bool pp_bench_record_read(struct pp_bench_record *record, const void *bytes,
                          size_t size) PP_MUST_CHECK;

/* Add `ns` to the time of the filter of that name. A name for which there is no room shares the
 * last entry, which is then called "others". */
void pp_bench_filters_add(struct pp_bench_filter_time filters[PP_BENCH_FILTERS], uint32_t *count,
                          const char *name, uint64_t ns);

/* Put them in the order of the chain; those it does not name come last. */
void pp_bench_filters_sort(struct pp_bench_filter_time *filters, uint32_t count,
                           const struct pp_chain *chain);

#endif
