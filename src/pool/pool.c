#include <pixpool/pool.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/birth.h"
#include "pool/state.h"

#define SETUP_MAX   ((size_t)16 << 20)
#define EVENTS_MAX  64
#define TIMEOUT_MAX 1e9 /* seconds; more would not fit into nanoseconds */

static enum pp_status check_settings(const struct pp_pool_settings *settings, struct pp_error *err)
{
    if (settings->workers > PP_POOL_WORKERS_MAX)
        return pp_error_set(err, PP_E_USAGE, "cannot start %u workers: the most are %d",
                            settings->workers, PP_POOL_WORKERS_MAX);
    if (settings->setup_size > SETUP_MAX || (settings->setup_size > 0 && !settings->setup))
        return pp_error_set(err, PP_E_USAGE, "cannot start a pool: its setup is over 1 MiB");
    if (!settings->outcome || !(settings->timeout >= 0))
        return pp_error_set(err, PP_E_USAGE, "cannot start a pool: its settings make no sense");
    if (pp_birth_is_astray())
        return pp_error_set(err, PP_E_USAGE,
                            "cannot start a pool: main() does not begin with pp_worker_main()");
    if (settings->sandbox == PP_SANDBOX_REQUIRE) {
        const struct pp_sandbox_level level = pp_sandbox_level();

        return pp_sandbox_require(&level, err);
    }
    return PP_OK;
}

/* Room for the most there can be, so that none has to move; what is not used is never touched. */
static enum pp_status make_places(struct pp_pool *pool, struct pp_error *err)
{
    pool->places = calloc(PP_POOL_WORKERS_MAX, sizeof *pool->places);
    if (!pool->places)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a pool");
    pp_places_init(pool, pool->limit);
    return PP_OK;
}

static void fill_in(struct pp_pool *pool, const struct pp_pool_settings *settings)
{
    struct pp_link *const lists[] = {&pool->idle,   &pool->partial, &pool->starting, &pool->running,
                                     &pool->wishes, &pool->queue,   &pool->retries,  &pool->hushed};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        pp_link_init(lists[i], NULL);
    pool->settings = *settings;
    if (pool->settings.timeout > TIMEOUT_MAX)
        pool->settings.timeout = TIMEOUT_MAX;
    pool->cores = settings->cores > 0 ? settings->cores : pp_cores_available();
    pool->limit = settings->workers > 0 ? settings->workers : pool->cores;
    if (pool->limit > PP_POOL_WORKERS_MAX)
        pool->limit = PP_POOL_WORKERS_MAX;
    pool->shares = pool->limit;
    /* Half the budget goes round without asking, so that small tasks need no round trip. */
    pool->allowance =
        settings->memory > 0 ? settings->memory / (2 * (uint64_t)pool->limit) : UINT64_MAX;
    pool->share = settings->threads > 0 ? settings->threads : 1;
    pool->oom_kills = pp_oom_kills();
    pool->awake_ns = pp_clock_ns();
}

/* Told here, or it would be a riddle at some later moment. */
static enum pp_status check_descriptors(struct pp_pool *pool, struct pp_error *err)
{
    struct rlimit limit = {0};

    if (pp_reserve_hold(&pool->reserve, pool->epoll, PP_RESERVE_MAX)) {
        pp_hire_reserve(pool);
        return PP_OK;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    return pp_error_set(err, PP_E_SYSTEM,
                        "cannot start a pool: too few file descriptors (ulimit -n is %llu)",
                        (unsigned long long)limit.rlim_cur);
}

enum pp_status pp_pool_start(const struct pp_pool_settings *settings, struct pp_pool **pool,
                             struct pp_error *err)
{
    enum pp_status status = check_settings(settings, err);
    struct pp_pool *new;

    *pool = NULL;
    if (status != PP_OK)
        return status;
    new = calloc(1, sizeof *new);
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a pool");
    fill_in(new, settings);
    new->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (new->epoll < 0) {
        status = pp_error_errno(err, PP_E_SYSTEM, errno, "cannot start a pool");
        goto free_pool;
    }
    status = check_descriptors(new, err);
    if (status == PP_OK)
        status = pp_spawner_init(&new->spawner, settings, err);
    if (status != PP_OK)
        goto close_epoll;
    status = make_places(new, err);
    if (status != PP_OK)
        goto release_spawner;
    pp_birth_want_statuses();
    *pool = new;
    return PP_OK;

release_spawner:
    pp_spawner_release(&new->spawner);
close_epoll:
    pp_reserve_hold(&new->reserve, -1, 0);
    close(new->epoll);
free_pool:
    free(new);
    return status;
}

/* While no more processes can be had, those there are set the measure; with one more, so that it is
 * tried again. */
static size_t workers_served(const struct pp_pool *pool)
{
    if (pool->hiring.failing_since_ns > 0 && pool->occupied < pool->limit)
        return pool->occupied + 1;
    return pool->limit;
}

bool pp_pool_has_room(const struct pp_pool *pool)
{
    const size_t workers = workers_served(pool);

    if (pool->stopping || pool->fatal.status != PP_OK)
        return false;
    if (pool->tail)
        return pool->pending < workers;
    /* What one worker has too much of is no reason to keep another waiting. */
    return pool->weight < workers * PP_WEIGHT_FULL + pool->excess;
}

static unsigned task_weight(const struct pp_pool *pool, const struct pp_task *task)
{
    if (task->large)
        return PP_WEIGHT_FULL;
    if (task->tiny && pool->settings.tiny)
        return PP_WEIGHT_TINY;
    return task->small || task->tiny ? PP_WEIGHT_SMALL : PP_WEIGHT_USUAL;
}

/* Who is to come, and who does what. */
static void arrange(struct pp_pool *pool, uint64_t now)
{
    pp_hire(pool, now);
    pp_schedule(pool, now);
    if (pp_recall(pool, now))
        pp_schedule(pool, now);
}

enum pp_status pp_pool_submit(struct pp_pool *pool, const struct pp_task *task,
                              struct pp_error *err)
{
    struct pp_job *job;

    if (task->payload_size > PP_TASK_PAYLOAD_MAX)
        return pp_error_set(err, PP_E_USAGE, "cannot submit a task of %zu bytes: the most are %d",
                            task->payload_size, PP_TASK_PAYLOAD_MAX);
    if (!pp_pool_has_room(pool))
        return pp_error_set(err, PP_E_USAGE, "cannot submit a task: the pool has no room");
    job = malloc(sizeof *job + task->payload_size);
    if (!job)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot submit a task");
    *job = (struct pp_job){.tag = task->tag,
                           .weight = task_weight(pool, task),
                           .more_ns = pp_deadline_span(task->more_time),
                           .parts = task->parts > 0 ? task->parts : 1,
                           .once = task->once,
                           .payload_size = task->payload_size};
    memcpy(job->fds, task->fds, sizeof job->fds);
    if (task->payload_size > 0)
        memcpy(job->payload, task->payload, task->payload_size);
    pp_link_init(&job->link, job);
    pp_list_append(&pool->queue, &job->link);
    pool->queued++;
    pool->pending++;
    pool->weight += job->weight;
    if (pool->depth == 0 && !task->more) {
        pool->depth++;
        arrange(pool, pp_clock_ns());
        pool->depth--;
    }
    return PP_OK;
}

void pp_pool_set_tail(struct pp_pool *pool, bool tail)
{
    if (pool->tail == tail)
        return;
    pool->tail = tail;
    if (pool->depth == 0) {
        pool->depth++;
        pp_schedule(pool, pp_clock_ns());
        pool->depth--;
    }
}

size_t pp_pool_pending(const struct pp_pool *pool)
{
    return pool->pending;
}

unsigned pp_pool_alive(const struct pp_pool *pool)
{
    return pool->occupied;
}

int pp_pool_fd(const struct pp_pool *pool)
{
    return pool->epoll;
}

void pp_job_finish(struct pp_pool *pool, struct pp_job *job, struct pp_outcome *outcome)
{
    pool->pending--;
    pool->finished++;
    pool->weight -= job->weight;
    outcome->tag = job->tag;
    outcome->fds = job->fds;
    outcome->result_fd = outcome->status == PP_OK && outcome->payload ? outcome->result_fd : -1;
    outcome->text = outcome->text ? outcome->text : "";
    if (job->handed_ns > 0)
        outcome->seconds = (double)(pp_clock_ns() - job->handed_ns) / (double)PP_NS_PER_S;
    pool->settings.outcome(pool->settings.user, outcome);
    for (unsigned i = 0; i < PP_TASK_FDS; i++)
        if (job->fds[i] >= 0)
            close(job->fds[i]);
    free(job);
}

void pp_job_cancel(struct pp_pool *pool, struct pp_job *job)
{
    struct pp_outcome outcome = {.status = PP_E_CANCELLED,
                                 .text = "not begun: the run is being stopped",
                                 .attempt = job->charged};

    pp_job_finish(pool, job, &outcome);
}

void pp_job_requeue(struct pp_pool *pool, struct pp_job *job)
{
    if (job->company != PP_COMPANY_ANY) {
        pp_list_prepend(&pool->retries, &job->link);
        return;
    }
    pp_list_prepend(&pool->queue, &job->link);
    pool->queued++;
}

static void handle(struct pp_pool *pool, uint64_t event)
{
    const uint32_t rest = (uint32_t)event;
    struct pp_place *place;

    if (event >> 62 == PP_EVENT_WATCH) {
        pp_watch_ready(pool, (int)rest);
        return;
    }
    place = &pool->places[event >> 32 & 0xffff];
    if (place->state == PP_PLACE_EMPTY || place->ring.incarnation != rest)
        return; /* said of one that has gone meanwhile */
    if (event >> 62 == PP_EVENT_DEATH)
        pp_death(pool, place, false);
    else
        pp_results_drain(pool, place);
}

/* In whole milliseconds, rounded up: to wake too early would be to go round in circles. */
static int wait_time(const struct pp_pool *pool, int wait_ms, uint64_t now)
{
    const uint64_t next = pp_deadline_next(pool);
    uint64_t ms;

    if (next == UINT64_MAX)
        return wait_ms;
    ms = next <= now ? 0 : (next - now - 1) / PP_NS_PER_MS + 1;
    if (wait_ms >= 0 && (uint64_t)wait_ms < ms)
        return wait_ms;
    return ms > 3600 * 1000 ? 3600 * 1000 : (int)ms;
}

int pp_pool_wait_ms(const struct pp_pool *pool)
{
    return wait_time(pool, -1, pp_clock_ns());
}

/* One wait and all that came of it. */
static void step(struct pp_pool *pool, int wait_ms)
{
    struct epoll_event events[EVENTS_MAX];
    const uint64_t now = pp_clock_ns(), finished = pool->finished;
    uint64_t woken;
    int asked, count;

    arrange(pool, now);
    if (pool->fatal.status != PP_OK)
        return;
    /* Outcomes may have been delivered by now, and the caller may wait for just these. */
    asked = pool->finished == finished ? wait_time(pool, wait_ms, now) : 0;
    count = epoll_wait(pool->epoll, events, EVENTS_MAX, asked);
    woken = pp_clock_ns();
    if (count < 0 && errno != EINTR)
        pp_error_set(&pool->fatal, PP_E_SYSTEM, "cannot wait for the workers: %s", strerror(errno));
    pp_deadlines_waited(pool, asked, now, woken);
    for (int i = 0; i < count; i++)
        handle(pool, events[i].data.u64);
    /* After a signal the caller may first have to say that the process had been stopped; and should
     * it be stopped from now on, it will say so in the next step. */
    if (count >= 0) {
        pp_results_listen(pool, woken);
        pp_deadlines_enforce(pool, woken);
        pool->awake_ns = woken > pool->awake_ns ? woken : pool->awake_ns;
    }
    arrange(pool, pp_clock_ns());
}

enum pp_status pp_pool_step(struct pp_pool *pool, int wait_ms, struct pp_error *err)
{
    pool->depth++;
    if (pool->fatal.status == PP_OK)
        step(pool, wait_ms);
    if (pool->fatal.status != PP_OK)
        pp_end_all(pool);
    pool->depth--;
    if (pool->fatal.status != PP_OK)
        return pp_error_set(err, pool->fatal.status, "%s", pool->fatal.text);
    return PP_OK;
}
