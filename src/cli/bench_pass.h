/*
 * cli/bench_pass.h - a set of pictures led through a pool, and how long that took.
 *
 * Everything is measured in workers started as those of a batch are, and handed their tasks in the
 * same way; the supervisor itself never decodes. Supervisor only, one thread.
 */
#ifndef PP_CLI_BENCH_PASS_H
#define PP_CLI_BENCH_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "cli/bench_inputs.h"
#include "cli/bench_record.h"
#include "cli/options.h"

/* A pool for measuring. */
struct pp_bench_crew;

struct pp_bench_crew_settings {
    const struct pp_options *options;
    unsigned jobs;
    unsigned threads; /* a worker; 0: 1, and more at the end of a pass when workers fall idle */
    uint64_t memory;  /* bytes the workers may use */
};

/* Start a pool. On PP_OK *crew is the caller's. Errors: PP_E_SYSTEM, PP_E_NO_MEMORY, PP_E_USAGE. */
enum pp_status pp_bench_crew_start(struct pp_bench_crew **crew,
                                   const struct pp_bench_crew_settings *settings,
                                   struct pp_error *err) PP_MUST_CHECK;
/* End the workers and free it; NULL is allowed. */
void pp_bench_crew_free(struct pp_bench_crew *crew);

/* What is to be done. */
struct pp_bench_work {
    struct pp_bench_input *items;
    size_t count;
    uint64_t iterations; /* so often all of them, without a pause between */
    bool detailed;       /* time each filter too, which costs a little */
};

/* How long it took. All but latencies are of one iteration, the mean of all. */
struct pp_bench_pass {
    double wall_ms;
    double cpu_ms;  /* of all processes */
    double busy_ms; /* wall time spent in conversions, summed over the workers */
    double stage_ms[PP_STAGE_COUNT];
    double p50_ms, p90_ms, p99_ms, max_ms; /* of one picture */
    uint32_t filter_count;
    struct pp_bench_filter_time filters[PP_BENCH_FILTERS]; /* ns of all iterations together */
    size_t failed;                                         /* tasks; the inputs have their `why` */
};

/*
 * Do it. Each input's report is filled, and its `why` where it failed. Errors, after which the crew
 * is of no more use: PP_E_SYSTEM, PP_E_INTERNAL, PP_E_NO_MEMORY.
 */
enum pp_status pp_bench_crew_run(struct pp_bench_crew *crew, const struct pp_bench_work *work,
                                 struct pp_bench_pass *pass, struct pp_error *err) PP_MUST_CHECK;

#endif
