#include "cli/bench_measure.h"

#include <stdio.h>

#include "cli/bench_parts.h"
#include "cli/bench_pass.h"

/* A repeat shorter than this measures the clock and the scheduler. */
#define REPEAT_MS      250.0
#define ITERATIONS_MAX 1000
/* Pictures a worker is given before the first repeat, to have its buffers as they will stay. */
#define LEAD_IN 4

/* One point of a scaling. */
struct point {
    char name[PP_BENCH_NAME];
    unsigned jobs, threads; /* threads as a crew takes them */
    bool with_parts;        /* measure also where the time goes */
};

unsigned pp_bench_step(unsigned index, unsigned most)
{
    unsigned step = index < 31 ? 1U << index : most;

    if (step < most)
        return step;
    return index == 0 || 1U << (index - 1) < most ? most : 0;
}

static uint64_t iterations_for(double pass_ms)
{
    double wanted = pass_ms > 0 ? REPEAT_MS / pass_ms : 1;

    if (wanted <= 1)
        return 1;
    return wanted < ITERATIONS_MAX ? (uint64_t)wanted + 1 : ITERATIONS_MAX;
}

static void show(const struct pp_bench *bench, const char *name, size_t repeat)
{
    char line[PP_BENCH_NAME + 64];

    if (!bench->terminal->is_tty || !pp_terminal_in_foreground(bench->terminal))
        return;
    snprintf(line, sizeof line, "%s: repeat %zu of %zu", name, repeat + 1, bench->results.repeats);
    pp_terminal_draw(bench->terminal, line);
}

static enum pp_status start_crew(const struct pp_bench *bench, unsigned jobs, unsigned threads,
                                 struct pp_bench_crew **crew, struct pp_error *err)
{
    struct pp_bench_crew_settings settings = {
        .options = bench->options, .jobs = jobs, .threads = threads, .memory = bench->memory};

    return pp_bench_crew_start(crew, &settings, err);
}

/* A pass in which nothing may fail: what is measured would not be what it is called. */
static enum pp_status run(struct pp_bench_crew *crew, const struct pp_bench_work *work,
                          struct pp_bench_pass *pass, struct pp_error *err)
{
    enum pp_status status = pp_bench_crew_run(crew, work, pass, err);

    if (status != PP_OK || pass->failed == 0)
        return status;
    for (size_t i = 0; i < work->count; i++)
        if (work->items[i].why)
            return pp_error_set(err, PP_E_CRASHED, "%s: failed after the warm-up had succeeded: %s",
                                work->items[i].path, work->items[i].why);
    return PP_OK;
}

enum pp_status pp_bench_warm_up(struct pp_bench *bench, struct pp_error *err)
{
    struct pp_bench_inputs *inputs = &bench->inputs;
    struct pp_bench_work work = {
        .items = inputs->items, .count = inputs->count, .iterations = 1, .detailed = true};
    struct pp_bench_crew *crew;
    struct pp_bench_pass pass;
    enum pp_status status;

    if (bench->terminal->is_tty && pp_terminal_in_foreground(bench->terminal))
        pp_terminal_draw(bench->terminal, "warming up");
    status = start_crew(bench, bench->jobs, bench->options->batch.threads, &crew, err);
    if (status == PP_OK)
        status = pp_bench_crew_run(crew, &work, &pass, err);
    pp_bench_crew_free(crew);
    pp_terminal_clear(bench->terminal);
    if (status != PP_OK)
        return status;
    bench->knows_filters = pass.filter_count > 0;
    bench->iterations = iterations_for(pass.busy_ms / bench->jobs);
    return PP_OK;
}

static struct pp_bench_series *add_throughput(struct pp_bench *bench, const struct point *point,
                                              const struct pp_bench_work *work)
{
    struct pp_bench_series *series = pp_bench_results_get(&bench->results, point->name);
    const struct pp_bench_inputs inputs = {.items = work->items, .count = work->count};

    if (!series)
        return NULL;
    series->decides = true;
    series->threads = point->jobs * (point->threads ? point->threads : 1);
    series->iterations = work->iterations;
    series->items = (double)work->count;
    series->bytes = (double)pp_bench_inputs_bytes(&inputs);
    series->pixels = (double)pp_bench_inputs_pixels(&inputs);
    return series;
}

/* The filters are timed in a pass of its own, since that slows them. */
static enum pp_status measure_parts(struct pp_bench *bench, struct pp_bench_crew *crew,
                                    struct pp_bench_work work, const struct pp_bench_pass *plain,
                                    struct pp_error *err)
{
    struct pp_bench_pass detailed;
    enum pp_status status = pp_bench_parts_note(&bench->results, work.iterations, plain, err);

    if (status != PP_OK || !bench->knows_filters)
        return status;
    work.detailed = true;
    status = run(crew, &work, &detailed, err);
    if (status == PP_OK)
        status = pp_bench_parts_note_filters(&bench->results, work.iterations, &detailed, err);
    return status;
}

static enum pp_status measure_repeats(struct pp_bench *bench, struct pp_bench_crew *crew,
                                      const struct point *point, const struct pp_bench_work *work,
                                      struct pp_error *err)
{
    struct pp_bench_series *series = add_throughput(bench, point, work);
    enum pp_status status = PP_OK;
    struct pp_bench_pass pass;

    if (!series)
        return pp_error_set(err, PP_E_NO_MEMORY, "the times of a benchmark: out of memory");
    for (size_t i = 0; status == PP_OK && i < bench->results.repeats; i++) {
        show(bench, point->name, i);
        status = run(crew, work, &pass, err);
        if (status != PP_OK)
            break;
        pp_bench_series_put(series, pass.wall_ms, pass.cpu_ms);
        if (point->with_parts)
            status = measure_parts(bench, crew, *work, &pass, err);
    }
    return status;
}

static enum pp_status measure_point(struct pp_bench *bench, const struct point *point,
                                    const struct pp_bench_work *work, struct pp_error *err)
{
    struct pp_bench_work lead_in = {.items = work->items, .count = work->count, .iterations = 1};
    struct pp_bench_crew *crew;
    struct pp_bench_pass pass;
    enum pp_status status = start_crew(bench, point->jobs, point->threads, &crew, err);

    if (lead_in.count > (size_t)LEAD_IN * point->jobs)
        lead_in.count = (size_t)LEAD_IN * point->jobs;
    if (status == PP_OK)
        status = run(crew, &lead_in, &pass, err);
    if (status == PP_OK)
        status = measure_repeats(bench, crew, point, work, err);
    pp_bench_crew_free(crew);
    pp_terminal_clear(bench->terminal);
    return status;
}

static enum pp_status measure_workers(struct pp_bench *bench, struct pp_error *err)
{
    struct pp_bench_work work = {.items = bench->inputs.items,
                                 .count = bench->inputs.count,
                                 .iterations = bench->iterations};
    enum pp_status status = PP_OK;
    unsigned jobs;

    for (unsigned i = 0; status == PP_OK && (jobs = pp_bench_step(i, bench->jobs)); i++) {
        struct point point = {.jobs = jobs,
                              .threads = bench->options->batch.threads,
                              .with_parts = jobs == bench->jobs};

        snprintf(point.name, sizeof point.name, "convert/jobs:%u", jobs);
        status = measure_point(bench, &point, &work, err);
    }
    return status;
}

static enum pp_status measure_threads(struct pp_bench *bench, struct pp_error *err)
{
    struct pp_bench_input *largest = pp_bench_inputs_largest(&bench->inputs);
    struct pp_bench_work work = {.items = largest, .count = 1};
    enum pp_status status = PP_OK;
    unsigned threads;

    work.iterations = iterations_for(1e-6 * (double)largest->ns);
    for (unsigned i = 0; status == PP_OK && (threads = pp_bench_step(i, bench->threads_max)); i++) {
        struct point point = {.jobs = 1, .threads = threads};

        snprintf(point.name, sizeof point.name, "largest/threads:%u", threads);
        status = measure_point(bench, &point, &work, err);
    }
    return status;
}

enum pp_status pp_bench_measure(struct pp_bench *bench, struct pp_error *err)
{
    enum pp_status status = measure_workers(bench, err);

    return status == PP_OK ? measure_threads(bench, err) : status;
}
