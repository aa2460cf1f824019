#include "cli/bench_parts.h"

#include <stdio.h>

static enum pp_status put(struct pp_bench_results *results, const char *name, uint64_t iterations,
                          double ms, struct pp_error *err)
{
    struct pp_bench_series *series = pp_bench_results_get(results, name);

    if (!series)
        return pp_error_set(err, PP_E_NO_MEMORY, "the times of a benchmark: out of memory");
    series->iterations = iterations;
    pp_bench_series_put(series, ms, ms);
    return PP_OK;
}

static void stage_name(char name[PP_BENCH_NAME], unsigned stage)
{
    snprintf(name, PP_BENCH_NAME, "stage/%s", pp_stage_name((enum pp_stage)stage));
}

enum pp_status pp_bench_parts_note(struct pp_bench_results *results, uint64_t iterations,
                                   const struct pp_bench_pass *pass, struct pp_error *err)
{
    const struct {
        const char *name;
        double ms;
    } latencies[] = {{"latency/p50", pass->p50_ms},
                     {"latency/p90", pass->p90_ms},
                     {"latency/p99", pass->p99_ms},
                     {"latency/max", pass->max_ms}};
    enum pp_status status = PP_OK;
    char name[PP_BENCH_NAME];

    for (unsigned i = 0; status == PP_OK && i < PP_STAGE_COUNT; i++) {
        stage_name(name, i);
        status = put(results, name, iterations, pass->stage_ms[i], err);
    }
    for (size_t i = 0; status == PP_OK && i < sizeof latencies / sizeof *latencies; i++)
        status = put(results, latencies[i].name, iterations, latencies[i].ms, err);
    return status;
}

enum pp_status pp_bench_parts_note_filters(struct pp_bench_results *results, uint64_t iterations,
                                           const struct pp_bench_pass *pass, struct pp_error *err)
{
    enum pp_status status = PP_OK;
    char name[PP_BENCH_NAME];

    for (uint32_t i = 0; status == PP_OK && i < pass->filter_count; i++) {
        snprintf(name, sizeof name, PP_BENCH_FILTER_PREFIX "%s", pass->filters[i].name);
        status = put(results, name, iterations,
                     1e-6 * (double)pass->filters[i].ns / (double)iterations, err);
    }
    return status;
}

double pp_bench_parts_stages(const struct pp_bench_results *results, double ms[PP_STAGE_COUNT])
{
    char name[PP_BENCH_NAME];
    double sum = 0;

    for (unsigned i = 0; i < PP_STAGE_COUNT; i++) {
        stage_name(name, i);
        const struct pp_bench_series *series = pp_bench_results_find(results, name);

        ms[i] = series ? pp_bench_series_real(series).median : 0;
        sum += ms[i];
    }
    return sum;
}

const char *pp_bench_bound_name(enum pp_bench_bound bound)
{
    static const char *const names[PP_BENCH_BOUND_COUNT] = {
        [PP_BENCH_DECODE_BOUND] = "decode-bound",
        [PP_BENCH_FILTER_BOUND] = "filter-bound",
        [PP_BENCH_ENCODE_BOUND] = "encode-bound",
        [PP_BENCH_IO_BOUND] = "I/O-bound",
    };

    return names[bound];
}

enum pp_bench_bound pp_bench_parts_bound(const double ms[PP_STAGE_COUNT], double *share)
{
    const double groups[PP_BENCH_BOUND_COUNT] = {
        [PP_BENCH_DECODE_BOUND] = ms[PP_STAGE_DECODE],
        [PP_BENCH_FILTER_BOUND] = ms[PP_STAGE_FILTER],
        [PP_BENCH_ENCODE_BOUND] = ms[PP_STAGE_ENCODE],
        [PP_BENCH_IO_BOUND] = ms[PP_STAGE_READ] + ms[PP_STAGE_WRITE],
    };
    unsigned most = 0;
    double sum = 0;

    for (unsigned i = 0; i < PP_BENCH_BOUND_COUNT; i++) {
        sum += groups[i];
        if (groups[i] > groups[most])
            most = i;
    }
    *share = sum > 0 ? groups[most] / sum : 0;
    return (enum pp_bench_bound)most;
}
