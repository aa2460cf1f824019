#include "cli/bench_pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pixpool/pool.h>
#include <pixpool/version.h>

#include "cli/bench_service.h"
#include "cli/bench_stats.h"

#define STEP_MS 100
/* As a batch has them: what keeps a worker to itself, and what may queue behind others. */
#define LARGE_NS 50000000
#define SMALL_NS 1000000

struct pp_bench_crew {
    struct pp_pool *pool;
    const struct pp_chain *chain; /* the caller's */
    /* The pass under way. */
    const struct pp_bench_work *work;
    struct pp_bench_pass *pass;
    double *latencies; /* owned during the pass: one a task done */
    size_t done;
    uint64_t cpu_ns, busy_ns, stage_ns[PP_STAGE_COUNT];
    bool no_memory;
};

static double now_ms(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static void fail(struct pp_bench_crew *crew, struct pp_bench_input *input, const char *why)
{
    crew->pass->failed++;
    if (input->why)
        return;
    input->why = strdup(why);
    crew->no_memory |= !input->why;
}

static void add_filters(struct pp_bench_pass *pass, const struct pp_bench_record *record)
{
    for (uint32_t i = 0; i < record->filter_count; i++)
        pp_bench_filters_add(pass->filters, &pass->filter_count, record->filters[i].name,
                             record->filters[i].ns);
}

static void note(void *user, const struct pp_outcome *outcome)
{
    struct pp_bench_crew *crew = user;
    struct pp_bench_input *input = &crew->work->items[outcome->tag % crew->work->count];
    struct pp_bench_record record;

    if (outcome->status != PP_OK) {
        fail(crew, input, *outcome->text ? outcome->text : pp_status_name(outcome->status));
        return;
    }
    if (!pp_bench_record_read(&record, outcome->payload, outcome->payload_size)) {
        fail(crew, input, "the worker's answer is damaged");
        return;
    }
    if (record.status != PP_OK) {
        fail(crew, input, *record.why ? record.why : pp_status_name(record.status));
        return;
    }
    input->report = record.report;
    input->ns = record.wall_ns;
    crew->latencies[crew->done++] = 1e-6 * (double)record.wall_ns;
    crew->cpu_ns += record.cpu_ns;
    crew->busy_ns += record.wall_ns;
    for (unsigned i = 0; i < PP_STAGE_COUNT; i++)
        crew->stage_ns[i] += record.report.stage_ns[i];
    add_filters(crew->pass, &record);
}

static void rewind_input(void *user, uint64_t tag, const int *fds)
{
    (void)user;
    (void)tag;
    (void)lseek(fds[0], 0, SEEK_SET);
}

/* What the workers are told: a struct pp_bench_setup, behind it the chain's text and the profile.
 */
static void *make_setup(const struct pp_bench_crew_settings *settings, size_t *size)
{
    const struct pp_batch_settings *batch = &settings->options->batch;
    size_t text_size = strlen(batch->filters) + 1;
    struct pp_bench_setup head = {
        .encode = batch->encode,
        .color = batch->color,
        .limits = {.max_pixels = batch->max_pixels,
                   .max_memory = settings->memory,
                   .max_scans = batch->max_scans},
        .path = batch->path,
        .threads_max = settings->threads ? settings->threads : settings->jobs,
        .text_size = text_size,
    };

    *size = sizeof head + text_size + head.color.profile_size;
    char *setup = malloc(*size);
    if (!setup)
        return NULL;
    strncpy(head.version, pp_version(), sizeof head.version - 1);
    memcpy(setup, &head, sizeof head);
    memcpy(setup + sizeof head, batch->filters, text_size);
    if (head.color.profile_size > 0)
        memcpy(setup + sizeof head + text_size, head.color.profile, head.color.profile_size);
    return setup;
}

/* As on a machine with just the cores these workers and threads can fill. */
enum pp_status pp_bench_crew_start(struct pp_bench_crew **crew,
                                   const struct pp_bench_crew_settings *settings,
                                   struct pp_error *err)
{
    size_t setup_size = 0;
    struct pp_bench_crew *new = calloc(1, sizeof *new);
    void *setup = make_setup(settings, &setup_size);
    enum pp_status status = PP_OK;

    *crew = NULL;
    if (!new || !setup)
        status = pp_error_set(err, PP_E_NO_MEMORY, "workers: no memory");
    size_t bulk_size = 0;
    const void *bulk = pp_chain_pictures(settings->options->chain, &bulk_size);
    struct pp_pool_settings pool = {
        .service = PP_BENCH_SERVICE,
        .setup = setup,
        .setup_size = setup_size,
        .bulk = bulk,
        .bulk_size = bulk_size,
        .workers = settings->jobs,
        .threads = settings->threads,
        .cores = settings->jobs * (settings->threads ? settings->threads : 1),
        .memory = settings->memory,
        .timeout = settings->options->batch.timeout,
        .sandbox = settings->options->batch.sandbox,
        .user = new,
        .outcome = note,
        .rewind = rewind_input,
    };
    if (status == PP_OK)
        status = pp_pool_start(&pool, &new->pool, err);
    free(setup);
    if (status != PP_OK) {
        free(new);
        return status;
    }
    new->chain = settings->options->chain;
    *crew = new;
    return PP_OK;
}

void pp_bench_crew_free(struct pp_bench_crew *crew)
{
    if (!crew)
        return;
    pp_pool_free(crew->pool);
    free(crew);
}

/* A descriptor of its own for each task, as a picture on disk is opened anew: the same picture may
 * be in work more than once. */
static int open_again(int fd)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static enum pp_status submit(struct pp_bench_crew *crew, uint64_t number, struct pp_error *err)
{
    const struct pp_bench_work *work = crew->work;
    const struct pp_bench_input *input = &work->items[number % work->count];
    struct pp_bench_task payload = {.detailed = work->detailed};
    struct pp_task task = {.tag = number,
                           .payload = &payload,
                           .payload_size = sizeof payload,
                           .fds = {open_again(input->fd), -1},
                           .large = input->ns > LARGE_NS,
                           .small = input->ns > 0 && input->ns < SMALL_NS};
    enum pp_status status;

    if (task.fds[0] < 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot open an input in memory");
    status = pp_pool_submit(crew->pool, &task, err);
    if (status != PP_OK)
        close(task.fds[0]);
    return status;
}

static enum pp_status work_off(struct pp_bench_crew *crew, struct pp_error *err)
{
    const uint64_t total = crew->work->count * crew->work->iterations;
    uint64_t submitted = 0;
    enum pp_status status = PP_OK;

    pp_pool_set_tail(crew->pool, false);
    while (status == PP_OK && (submitted < total || pp_pool_pending(crew->pool) > 0)) {
        while (status == PP_OK && submitted < total && pp_pool_has_room(crew->pool))
            status = submit(crew, submitted++, err);
        pp_pool_set_tail(crew->pool, submitted == total);
        if (status == PP_OK)
            status = pp_pool_step(crew->pool, STEP_MS, err);
    }
    if (status != PP_OK)
        pp_pool_kill(crew->pool);
    return status;
}

static void conclude(struct pp_bench_crew *crew, double wall_ms, double cpu_ms)
{
    struct pp_bench_pass *pass = crew->pass;
    double iterations = (double)crew->work->iterations;

    pass->wall_ms = wall_ms / iterations;
    pass->cpu_ms = (cpu_ms + 1e-6 * (double)crew->cpu_ns) / iterations;
    pass->busy_ms = 1e-6 * (double)crew->busy_ns / iterations;
    for (unsigned i = 0; i < PP_STAGE_COUNT; i++)
        pass->stage_ms[i] = 1e-6 * (double)crew->stage_ns[i] / iterations;
    pp_bench_filters_sort(pass->filters, pass->filter_count, crew->chain);
    pp_bench_sort(crew->latencies, crew->done);
    pass->p50_ms = pp_bench_percentile(crew->latencies, crew->done, 0.50);
    pass->p90_ms = pp_bench_percentile(crew->latencies, crew->done, 0.90);
    pass->p99_ms = pp_bench_percentile(crew->latencies, crew->done, 0.99);
    pass->max_ms = pp_bench_percentile(crew->latencies, crew->done, 1);
}

enum pp_status pp_bench_crew_run(struct pp_bench_crew *crew, const struct pp_bench_work *work,
                                 struct pp_bench_pass *pass, struct pp_error *err)
{
    enum pp_status status = PP_OK;
    double wall, cpu;

    *pass = (struct pp_bench_pass){0};
    *crew = (struct pp_bench_crew){
        .pool = crew->pool, .chain = crew->chain, .work = work, .pass = pass};
    crew->latencies = calloc(work->count, work->iterations * sizeof *crew->latencies);
    if (!crew->latencies)
        return pp_error_set(err, PP_E_NO_MEMORY, "the times of a pass: out of memory");
    wall = now_ms(CLOCK_MONOTONIC);
    cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    status = work_off(crew, err);
    conclude(crew, now_ms(CLOCK_MONOTONIC) - wall, now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    if (crew->no_memory)
        status = pp_error_set(err, PP_E_NO_MEMORY, "the reason of a failure: out of memory");
    free(crew->latencies);
    crew->latencies = NULL;
    return status;
}
