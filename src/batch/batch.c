/*
 * One batch from beginning to end: look for inputs, keep a window of planned jobs, hand them to
 * the pool largest first, publish what comes back, until nothing is left or somebody says stop.
 */
#include <pixpool/batch.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixpool/version.h>

#include "base/clock.h"
#include "batch/job.h"
#include "batch/run.h"

/* The tick is promised ten times a second; events come in between anyway. */
#define TICK_MS 50
/* The search for inputs may run ahead of the work for so long before work goes on. */
#define PLAN_NS (20 * PP_NS_PER_MS)
/* Bytes: colour profile, EXIF and comments of a picture together, with much to spare. */
#define METADATA_MAX ((uint64_t)1 << 30)
/* So long the reader of a log may take what is left when the run was ended by a signal. */
#define LOG_WAIT_MS 1000

static uint64_t memory_budget(const struct pp_batch_settings *settings)
{
    return settings->memory ? settings->memory : pp_memory_available() / 4 * 3;
}

/* What is left for tasks beside pictures that all of them use; 0, no limit, stays that. */
static uint64_t memory_beside(uint64_t budget, uint64_t pictures)
{
    if (budget == 0)
        return 0;
    return budget > pictures ? budget - pictures : 1;
}

static unsigned worker_count(const struct pp_batch_settings *settings, unsigned cores)
{
    unsigned threads = settings->threads ? settings->threads : 1;

    if (settings->jobs)
        return settings->jobs;
    return cores / threads ? cores / threads : 1;
}

/* What the workers are told: a struct pp_job_setup, behind it the chain's text and the profile. */
static void *make_setup(const struct pp_run *run, unsigned cores, uint64_t memory, size_t *size)
{
    const struct pp_batch_settings *settings = run->settings;
    size_t text_size = strlen(settings->filters) + 1;
    struct pp_job_setup head = {
        .encode = run->encode,
        .color = settings->color,
        .path = settings->path,
        .limits = {.max_pixels = settings->max_pixels,
                   .max_memory = memory,
                   .max_scans = settings->max_scans},
        .threads_max = settings->threads ? settings->threads : cores,
        .text_size = text_size,
        .sync = settings->sync == PP_SYNC_EACH,
        .digest = pp_run_wants_digests(run),
    };

    *size = sizeof head + text_size + head.color.profile_size;
    char *setup = malloc(*size);
    if (!setup)
        return NULL;
    strncpy(head.version, pp_version(), sizeof head.version - 1);
    memcpy(setup, &head, sizeof head);
    memcpy(setup + sizeof head, settings->filters, text_size);
    if (head.color.profile_size > 0)
        memcpy(setup + sizeof head + text_size, head.color.profile, head.color.profile_size);
    return setup;
}

/* The largest there is, a PNG of four 16-bit channels that no compressor could make smaller, and
 * what it says of itself beside the pixels. */
static uint64_t largest_output(const struct pp_batch_settings *settings)
{
    if (!settings->max_pixels || settings->max_pixels > UINT64_MAX / 20)
        return 0;
    return settings->max_pixels * 10 + METADATA_MAX;
}

static enum pp_status start_pool(struct pp_run *run, struct pp_error *err)
{
    const struct pp_batch_settings *settings = run->settings;
    size_t setup_size = 0;

    if (settings->dry_run)
        return PP_OK;
    unsigned cores = pp_cores_available();
    size_t bulk_size = 0;
    const void *bulk = pp_chain_pictures(settings->chain, &bulk_size);
    uint64_t memory = memory_beside(memory_budget(settings), bulk_size);
    void *setup = make_setup(run, cores, memory, &setup_size);
    if (!setup)
        return pp_error_set(err, PP_E_NO_MEMORY, "workers: no memory");
    struct pp_pool_settings pool = {
        .service = PP_JOB_SERVICE,
        .setup = setup,
        .setup_size = setup_size,
        .bulk = bulk,
        .bulk_size = bulk_size,
        .workers = worker_count(settings, cores),
        .threads = settings->threads,
        .cores = cores,
        .memory = memory,
        .timeout = settings->timeout,
        .retries = settings->retries,
        .sandbox = settings->sandbox,
        .file_size = largest_output(settings),
        .user = run,
        .outcome = pp_run_outcome,
        .rewind = pp_run_rewind,
    };
    enum pp_status status = pp_pool_start(&pool, &run->pool, err);
    free(setup);
    return status;
}

/* Each task in work holds a few descriptors: use what the system lets us have. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)!setrlimit(RLIMIT_NOFILE, &limit);
}

static enum pp_status open_log(struct pp_run *run, struct pp_error *err)
{
    struct pp_error problem = {0};
    enum pp_status status = pp_log_open(&run->log, run->settings->log_path, &problem);

    if (status == PP_OK)
        return PP_OK;
    return pp_error_set(err, status, "%s: %s", run->settings->log_path, problem.text);
}

/* The log's name is not free for an output. */
static enum pp_status claim_log(struct pp_run *run, struct pp_error *err)
{
    const char *path = run->settings->log_path;

    return path ? pp_run_claim_file(run, path, "the log", err) : PP_OK;
}

/* It tells of what was tried, so a dry run has none. */
static enum pp_status open_joblog(struct pp_run *run, struct pp_error *err)
{
    const struct pp_batch_settings *settings = run->settings;
    struct pp_error problem = {0};

    if (!settings->joblog_path || settings->dry_run)
        return PP_OK;
    enum pp_status status = pp_run_claim_file(run, settings->joblog_path, "the joblog", err);
    if (status != PP_OK)
        return status;
    status = pp_joblog_open(&run->joblog, settings->joblog_path, settings->resume != PP_RESUME_NO,
                            &problem);
    if (status == PP_OK)
        return PP_OK;
    return pp_error_set(err, status, "%s: %s", settings->joblog_path, problem.text);
}

static enum pp_status begin(struct pp_run *run, struct pp_error *err)
{
    struct stat output;

    run->begin_ns = pp_clock_ns();
    run->signal_fd = -1;
    run->group.flush.event = -1;
    run->log.lines.fd = -1;
    run->manifest.staged.fd = -1;
    run->joblog.lines.fd = -1;
    run->journalling.file.fd = -1;
    raise_descriptor_limit();
    enum pp_status status = pp_run_pictures_begin(run, err);
    if (status == PP_OK)
        status = pp_roots_init(&run->roots, &run->settings->inputs, err);
    if (status == PP_OK)
        status = pp_run_open_output(run, &output, err);
    if (status == PP_OK)
        status = pp_claims_init(&run->claims, err);
    if (status == PP_OK)
        status = claim_log(run, err);
    if (status == PP_OK)
        status = open_log(run, err);
    if (status == PP_OK)
        status = pp_run_manifest_begin(run, err);
    if (status == PP_OK)
        status = open_joblog(run, err);
    if (status == PP_OK)
        status = pp_run_journal_open(run, err);
    if (status == PP_OK)
        status = pp_window_init(&run->window, err);
    if (status == PP_OK)
        status = start_pool(run, err);
    if (status == PP_OK)
        status = pp_run_signals_begin(run, err);
    if (status == PP_OK)
        status = pp_run_publish_begin(run, err);
    if (status == PP_OK)
        pp_run_control_begin(run);
    if (status == PP_OK)
        pp_walk_init(&run->walk, &run->settings->inputs, &run->roots, &output);
    return status;
}

static void tick(struct pp_run *run)
{
    struct pp_batch_progress *progress = &run->result->progress;
    uint64_t elapsed_ns;

    pp_run_flush_log(run, 0);
    (void)!pp_run_journal_flush(run, false, NULL);
    run->tick_ns = pp_clock_ns();
    elapsed_ns = run->tick_ns - run->begin_ns;
    progress->seconds = (double)elapsed_ns / (double)PP_NS_PER_S;
    progress->seconds_worked =
        (double)(elapsed_ns - pp_pauses_ns(&run->pauses, run->tick_ns)) / (double)PP_NS_PER_S;
    progress->cost_done = pp_cost_finished(&run->cost);
    progress->cost_total = pp_cost_total(&run->cost);
    progress->workers = run->pool ? pp_pool_alive(run->pool) : 0;
    progress->paused = run->paused;
    if (run->settings->tick)
        run->settings->tick(run->settings->user, progress);
}

/* Fill the window, but do not keep the workers waiting for a slow disk's directories. */
static enum pp_status plan_some(struct pp_run *run, struct pp_error *err)
{
    uint64_t begin_ns = pp_clock_ns();
    enum pp_status status = PP_OK;

    while (status == PP_OK && !run->walked && !pp_window_is_full(&run->window) &&
           pp_clock_ns() - begin_ns < PLAN_NS)
        status = pp_run_plan_next(run, err);
    return status;
}

static bool has_work(const struct pp_run *run)
{
    if (!run->walked || run->window.count > 0 || (run->pool && pp_pool_pending(run->pool) > 0))
        return true;
    return run->phase != PP_RUN_KILLED && !pp_group_is_empty(&run->group);
}

/* There are inputs to look for right now. */
static bool is_searching(const struct pp_run *run)
{
    if (run->walked || run->starved)
        return false;
    return run->paused ? !pp_window_is_full(&run->window) : pp_pool_has_room(run->pool);
}

static enum pp_status step_pool(struct pp_run *run, struct pp_error *err)
{
    bool idle = pp_run_publish_is_ready(run) || is_searching(run);

    pp_pool_set_tail(run->pool, run->walked && run->window.count == 0);
    return pp_pool_step(run->pool, idle ? 0 : TICK_MS, err);
}

/* Outcomes and words from outside have come: whether the run rests now. */
static void note_pause(struct pp_run *run)
{
    if (run->paused || run->pauses.resting)
        pp_pauses_note(&run->pauses, run->paused && pp_pool_pending(run->pool) == 0, pp_clock_ns());
}

static enum pp_status loop(struct pp_run *run, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    while (status == PP_OK && has_work(run)) {
        if (run->phase == PP_RUN_GOING)
            status = plan_some(run, err);
        if (status == PP_OK)
            status = pp_run_hand_out(run, err);
        if (status == PP_OK && run->pool)
            status = step_pool(run, err);
        if (run->pool) {
            pp_run_publish_step(run);
            pp_run_signals_tick(run);
            note_pause(run);
        }
        if (pp_clock_ns() - run->tick_ns >= TICK_MS * PP_NS_PER_MS)
            tick(run);
    }
    return status;
}

static void end(struct pp_run *run)
{
    if (run->pool)
        run->result->sandboxed = pp_pool_sandbox(run->pool, &run->result->sandbox);
    pp_run_control_end(run);
    pp_pool_free(run->pool);
    pp_run_signals_end(run);
    pp_group_release(&run->group);
    /* From here on a signal ends us as it would anyone; but who was told to end does not wait. */
    pp_run_flush_log(run, run->result->signal ? LOG_WAIT_MS : -1);
    pp_window_release(&run->window);
    pp_claims_release(&run->claims);
    pp_known_release(&run->known);
    free(run->pictures);
    pp_walk_release(&run->walk);
    pp_roots_release(&run->roots);
    pp_log_close(&run->log);
    pp_run_manifest_release(run);
    pp_joblog_close(&run->joblog);
    pp_run_journal_close(run);
    pp_text_release(&run->name);
    pp_text_release(&run->path);
    pp_text_release(&run->real);
    if (run->made_root)
        (void)!rmdir(run->output_root); /* only when nothing has come to lie in it */
    pp_location_release(&run->location);
    free(run->output_root);
    free(run->output_real);
}

enum pp_status pp_batch_run(const struct pp_batch_settings *settings,
                            struct pp_batch_result *result, struct pp_error *err)
{
    struct pp_run run = {.settings = settings, .result = result, .encode = settings->encode};

    *result = (struct pp_batch_result){0};
    enum pp_status status = begin(&run, err);
    if (status == PP_OK) {
        status = loop(&run, err);
        if (status == PP_OK)
            status = pp_run_manifest_end(&run, err);
        /* After an error tasks may still be out: each must have its report. */
        pp_run_stop(&run);
        if (run.pool)
            pp_pool_kill(run.pool);
        pp_run_publish_end(&run);
        tick(&run);
    }
    end(&run);
    if (status == PP_OK && run.fatal.status != PP_OK)
        status = pp_error_set(err, run.fatal.status, "%s", run.fatal.text);
    return status;
}
