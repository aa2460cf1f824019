#include "runtime/tasks_state.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define QUEUE_DEFAULT 65536

static enum pp_status check(const struct pp_tasks_settings *settings, struct pp_error *err)
{
    if (!settings->table || !settings->table->functions || !settings->table->functions->name)
        return pp_error_set(err, PP_E_USAGE, "cannot start a pool: it has no functions");
    if (settings->size > 0 && !settings->argument)
        return pp_error_set(err, PP_E_USAGE, "cannot start a pool: its settings make no sense");
    return PP_OK;
}

static enum pp_status start_pool(struct pp_tasks *tasks, struct pp_error *err)
{
    const struct pp_tasks_settings *settings = &tasks->settings;
    const struct pp_pool_settings below = {
        .service = settings->table->name,
        .bulk = settings->argument,
        .bulk_size = settings->size,
        .workers = tasks->workers,
        .threads = 1,
        .sandbox = settings->sandbox ? PP_SANDBOX_REQUIRE : PP_SANDBOX_OFF,
        .timeout = settings->timeout,
        .retries = settings->retries,
        .tasks_per_worker = settings->max_tasks_per_worker,
        .recall = true,
        .tiny = true,
        .result_fds = true,
        .user = tasks,
        .outcome = pp_tasks_outcome,
    };

    return pp_pool_start(&below, &tasks->pool, err);
}

static void fill_in(struct pp_tasks *tasks, const struct pp_tasks_settings *settings)
{
    struct pp_link *const lists[] = {&tasks->calls, &tasks->feeding, &tasks->again, &tasks->doomed,
                                     &tasks->ended};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        pp_link_init(lists[i], NULL);
    tasks->settings = *settings;
    if (settings->queue == 0)
        tasks->settings.queue = QUEUE_DEFAULT;
    tasks->workers = settings->workers > 0 ? settings->workers : pp_cores_available();
    while (settings->table->functions[tasks->functions].name)
        tasks->functions++;
    tasks->habits = calloc(tasks->functions, sizeof *tasks->habits);
    tasks->scratch = malloc(PP_TASK_PAYLOAD_MAX);
}

static void release(struct pp_tasks *tasks)
{
    pp_pool_free(tasks->pool);
    free(tasks->habits);
    free(tasks->scratch);
    free(tasks);
}

enum pp_status pp_tasks_start(const struct pp_tasks_settings *settings, struct pp_tasks **tasks,
                              struct pp_error *err)
{
    enum pp_status status = check(settings, err);
    struct pp_tasks *new;

    *tasks = NULL;
    if (status != PP_OK)
        return status;
    new = calloc(1, sizeof *new);
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a pool");
    fill_in(new, settings);
    if (!new->habits || !new->scratch)
        status = pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a pool");
    if (status == PP_OK)
        status = start_pool(new, err);
    if (status != PP_OK) {
        release(new);
        return status;
    }
    *tasks = new;
    return PP_OK;
}

/* ---- driving -------------------------------------------------------------------------------- */

enum pp_status pp_tasks_may_drive(const struct pp_tasks *tasks, struct pp_error *err)
{
    if (tasks->in_callback)
        return pp_error_set(err, PP_E_USAGE, "cannot wait for tasks inside a callback");
    if (tasks->fatal.status != PP_OK)
        return pp_error_set(err, tasks->fatal.status, "%s", tasks->fatal.text);
    return PP_OK;
}

/* In whole milliseconds, rounded up. */
static int milliseconds_to(const struct pp_deadline *deadline)
{
    const uint64_t now = pp_clock_ns();
    uint64_t at;

    if (deadline->never)
        return -1;
    at = (uint64_t)deadline->at.tv_sec * PP_NS_PER_S + (uint64_t)deadline->at.tv_nsec;
    if (at <= now)
        return 0;
    at = (at - now - 1) / PP_NS_PER_MS + 1;
    return at < INT_MAX ? (int)at : INT_MAX;
}

/* The pool is at its end, and so is everything else. */
static void end_all(struct pp_tasks *tasks, const struct pp_error *why)
{
    struct pp_chunk *chunk;

    tasks->fatal = *why;
    tasks->closed = true;
    while ((chunk = pp_list_first(&tasks->doomed)) != NULL)
        pp_chunk_fail(tasks, chunk, why->status, why->text, 0, 0);
    pp_tasks_give_up(tasks, why->status, why->text);
}

enum pp_status pp_tasks_drive(struct pp_tasks *tasks, const struct pp_deadline *deadline,
                              struct pp_error *err)
{
    const uint64_t pulled_out = tasks->pulled_out;
    struct pp_error why = {0};
    enum pp_status status = pp_tasks_may_drive(tasks, err);
    bool news;

    if (status != PP_OK || !tasks->pool)
        return status;
    pp_tasks_feed(tasks, true);
    /* What ended while being fed is told at once: perhaps nothing else will ever happen. */
    news = !pp_list_empty(&tasks->ended) || tasks->pulled_out != pulled_out;
    status = pp_pool_step(tasks->pool, news ? 0 : milliseconds_to(deadline), &why);
    if (status != PP_OK)
        end_all(tasks, &why);
    pp_tasks_tell(tasks);
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s", why.text);
}

enum pp_status pp_tasks_step(struct pp_tasks *tasks, double seconds, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);

    return pp_tasks_drive(tasks, &deadline, err);
}

static void tell_of(struct pp_tasks *tasks, struct pp_async *async)
{
    const struct pp_call *call = &async->call;
    struct pp_error error = {0};
    struct pp_result first;

    tasks->in_callback = async->telling = true;
    if (async->failed == 0 && call->callback) {
        call->callback(call->user, async);
    } else if (async->failed > 0 && call->error_callback) {
        pp_item_tell(&async->items[async->first_failed], async->first_failed, &first);
        pp_error_set(&error, first.status, "%s", first.text);
        call->error_callback(call->user, async, &error);
    }
    tasks->in_callback = async->telling = false;
}

void pp_tasks_tell(struct pp_tasks *tasks)
{
    struct pp_async *async;

    if (tasks->in_callback)
        return;
    while ((async = pp_list_first(&tasks->ended)) != NULL) {
        pp_list_remove(&async->done);
        tell_of(tasks, async);
        pp_async_dispose(async);
    }
}

int pp_tasks_fd(const struct pp_tasks *tasks)
{
    return tasks->pool ? pp_pool_fd(tasks->pool) : -1;
}

int pp_tasks_wait_ms(const struct pp_tasks *tasks)
{
    if (!tasks->pool)
        return -1;
    return pp_list_empty(&tasks->ended) ? pp_pool_wait_ms(tasks->pool) : 0;
}

unsigned pp_tasks_alive(const struct pp_tasks *tasks)
{
    return tasks->pool ? pp_pool_alive(tasks->pool) : 0;
}

/* ---- the end -------------------------------------------------------------------------------- */

void pp_tasks_close(struct pp_tasks *tasks)
{
    tasks->closed = true;
}

void pp_tasks_terminate(struct pp_tasks *tasks)
{
    static const char why[] = "not done: the pool was terminated";

    tasks->closed = true;
    if (tasks->pool && !tasks->terminated) {
        tasks->terminated = true;
        pp_pool_kill(tasks->pool);
        pp_tasks_give_up(tasks, PP_E_CANCELLED, why);
    }
    pp_tasks_tell(tasks);
}

/* Something is under way, or will be. */
static bool is_busy(const struct pp_tasks *tasks)
{
    return tasks->open > 0 || !pp_list_empty(&tasks->again) || !pp_list_empty(&tasks->ended) ||
           pp_pool_pending(tasks->pool) > 0;
}

enum pp_status pp_tasks_join(struct pp_tasks *tasks, double seconds, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    enum pp_status status = PP_OK;

    if (!tasks->closed)
        return pp_error_set(err, PP_E_USAGE, "cannot join a pool that is not closed");
    if (tasks->in_callback)
        return pp_tasks_may_drive(tasks, err);
    while (tasks->pool && is_busy(tasks)) {
        status = pp_tasks_drive(tasks, &deadline, err);
        if (status != PP_OK)
            return status;
        if (is_busy(tasks) && pp_deadline_passed(&deadline))
            return pp_error_set(err, PP_E_TIMEOUT, "the pool's calls have not ended within %g s",
                                seconds);
    }
    pp_pool_free(tasks->pool);
    tasks->pool = NULL;
    if (tasks->fatal.status == PP_OK)
        pp_error_set(&tasks->fatal, PP_E_CLOSED, "the pool has ended");
    return PP_OK;
}

void pp_tasks_free(struct pp_tasks *tasks)
{
    struct pp_async *async;

    if (!tasks)
        return;
    pp_tasks_terminate(tasks);
    pp_tasks_give_up(tasks, PP_E_CANCELLED, "not done: the pool was freed");
    pp_tasks_tell(tasks);
    while ((async = pp_list_first(&tasks->calls)) != NULL) {
        pp_list_remove(&async->link);
        async->tasks = NULL;
    }
    release(tasks);
}
