/* Calls: map and apply, waiting for them, and their results. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tasks_state.h"

#define CHUNKS_A_WORKER 4
#define CHUNK_MAX       64

enum pp_status pp_tasks_find(const struct pp_tasks *tasks, const char *name, uint32_t *function,
                             struct pp_error *err)
{
    const struct pp_task_table *table = tasks->settings.table;

    for (unsigned i = 0; name && i < tasks->functions; i++)
        if (strcmp(table->functions[i].name, name) == 0) {
            *function = i;
            return PP_OK;
        }
    return pp_error_set(err, PP_E_USAGE, "table \"%s\" has no function \"%s\"", table->name,
                        name ? name : "");
}

enum pp_status pp_tasks_takes_calls(const struct pp_tasks *tasks, struct pp_error *err)
{
    if (tasks->fatal.status != PP_OK)
        return pp_error_set(err, tasks->fatal.status, "%s", tasks->fatal.text);
    if (tasks->closed)
        return pp_error_set(err, PP_E_CLOSED, "the pool is closed");
    return PP_OK;
}

void pp_async_enter(struct pp_async *async, struct pp_tasks *tasks)
{
    async->tasks = tasks;
    pp_link_init(&async->link, async);
    pp_link_init(&async->feed, async);
    pp_link_init(&async->done, async);
    pp_list_append(&tasks->calls, &async->link);
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* Room among the calls that have not ended; waits for it. */
static enum pp_status wait_for_room(struct pp_tasks *tasks, struct pp_error *err)
{
    const struct pp_deadline never = {.never = true};
    enum pp_status status = PP_OK;

    if (tasks->open >= tasks->settings.queue && tasks->in_callback)
        return pp_error_set(err, PP_E_LIMIT, "the pool's queue of %zu calls is full",
                            tasks->settings.queue);
    while (status == PP_OK && tasks->open >= tasks->settings.queue)
        status = pp_tasks_drive(tasks, &never, err);
    return status;
}

static size_t chunk_size(const struct pp_tasks *tasks, size_t wanted, size_t count)
{
    const size_t chunks = (size_t)CHUNKS_A_WORKER * tasks->workers;
    size_t chunk = wanted;

    if (chunk == 0) {
        chunk = count / chunks + (count % chunks > 0);
        chunk = chunk < CHUNK_MAX ? chunk : CHUNK_MAX;
    }
    if (chunk > UINT32_MAX)
        chunk = UINT32_MAX;
    return chunk > 0 ? chunk : 1;
}

static struct pp_async *async_new(const struct pp_tasks *tasks, const struct pp_call *call,
                                  size_t count)
{
    struct pp_async *async = calloc(1, sizeof *async);

    if (!async)
        return NULL;
    async->call = *call;
    async->call.chunk = chunk_size(tasks, call->chunk, count);
    async->count = count;
    async->items = calloc(count > 0 ? count : 1, sizeof *async->items);
    if (async->items)
        return async;
    free(async);
    return NULL;
}

static enum pp_status may_begin(struct pp_tasks *tasks, const struct pp_call *call,
                                uint32_t *function, struct pp_error *err)
{
    enum pp_status status = pp_tasks_find(tasks, call->function, function, err);

    if (status == PP_OK)
        status = pp_tasks_takes_calls(tasks, err);
    if (status == PP_OK)
        status = wait_for_room(tasks, err);
    return status == PP_OK ? pp_tasks_takes_calls(tasks, err) : status;
}

/* From here on it runs. A call of nothing has ended already. */
static void begin(struct pp_tasks *tasks, struct pp_async *async, uint32_t function, bool driven)
{
    async->function = function;
    pp_async_enter(async, tasks);
    if (async->count == 0) {
        pp_list_append(&tasks->ended, &async->done);
        return;
    }
    tasks->open++;
    pp_list_append(&tasks->feeding, &async->feed);
    if (!driven)
        pp_tasks_feed(tasks, false);
}

static enum pp_status begin_map(struct pp_tasks *tasks, const struct pp_call *call,
                                const struct pp_bytes *items, size_t count, struct pp_async **async,
                                bool driven, struct pp_error *err)
{
    uint32_t function = 0;
    enum pp_status status = may_begin(tasks, call, &function, err);
    struct pp_async *new;

    if (async)
        *async = NULL;
    if (status != PP_OK)
        return status;
    new = async_new(tasks, call, count);
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot begin a call");
    new->arguments = items;
    new->released = !async;
    if (async)
        *async = new;
    begin(tasks, new, function, driven);
    return PP_OK;
}

static enum pp_status begin_apply(struct pp_tasks *tasks, const struct pp_call *call,
                                  const struct pp_bytes *argument, struct pp_async **async,
                                  bool driven, struct pp_error *err)
{
    uint32_t function = 0;
    enum pp_status status = may_begin(tasks, call, &function, err);
    struct pp_async *new = NULL;
    void *copy = NULL;

    if (async)
        *async = NULL;
    if (status != PP_OK)
        return status;
    copy = malloc(argument->size > 0 ? argument->size : 1);
    new = copy ? async_new(tasks, call, 1) : NULL;
    if (!new) {
        free(copy);
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot begin a call");
    }
    if (argument->size > 0)
        memcpy(copy, argument->data, argument->size);
    new->own = (struct pp_bytes){copy, argument->size};
    new->arguments = &new->own;
    new->released = !async;
    if (async)
        *async = new;
    begin(tasks, new, function, driven);
    return PP_OK;
}

enum pp_status pp_tasks_apply_async(struct pp_tasks *tasks, const struct pp_call *call,
                                    const struct pp_bytes *argument, struct pp_async **async,
                                    struct pp_error *err)
{
    return begin_apply(tasks, call, argument, async, false, err);
}

enum pp_status pp_tasks_map_async(struct pp_tasks *tasks, const struct pp_call *call,
                                  const struct pp_bytes *items, size_t count,
                                  struct pp_async **async, struct pp_error *err)
{
    return begin_map(tasks, call, items, count, async, false, err);
}

enum pp_status pp_tasks_apply(struct pp_tasks *tasks, const struct pp_call *call,
                              const struct pp_bytes *argument, struct pp_async **async,
                              struct pp_error *err)
{
    enum pp_status status = tasks->in_callback ? pp_tasks_may_drive(tasks, err) : PP_OK;

    *async = NULL;
    if (status == PP_OK)
        status = begin_apply(tasks, call, argument, async, true, err);
    return status == PP_OK ? pp_async_get(*async, -1, err) : status;
}

enum pp_status pp_tasks_map(struct pp_tasks *tasks, const struct pp_call *call,
                            const struct pp_bytes *items, size_t count, struct pp_async **async,
                            struct pp_error *err)
{
    enum pp_status status = tasks->in_callback ? pp_tasks_may_drive(tasks, err) : PP_OK;

    *async = NULL;
    if (status == PP_OK)
        status = begin_map(tasks, call, items, count, async, true, err);
    return status == PP_OK ? pp_async_get(*async, -1, err) : status;
}

/* ---- results -------------------------------------------------------------------------------- */

bool pp_async_ready(const struct pp_async *async)
{
    return async->ended == async->count;
}

bool pp_async_successful(const struct pp_async *async)
{
    return pp_async_ready(async) && async->failed == 0;
}

size_t pp_async_count(const struct pp_async *async)
{
    return async->count;
}

/* An error of the pool's own has become that of the items, so that the loop ends. */
enum pp_status pp_async_wait(struct pp_async *async, double seconds, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    struct pp_error driving = {0};
    enum pp_status status;

    while (!pp_async_ready(async)) {
        status = pp_tasks_drive(async->tasks, &deadline, &driving);
        if (pp_async_ready(async))
            break;
        if (status != PP_OK)
            return pp_error_set(err, status, "%s", driving.text);
        if (pp_deadline_passed(&deadline))
            return pp_error_set(err, PP_E_TIMEOUT, "a call has not ended within %g s", seconds);
    }
    if (async->tasks)
        pp_tasks_tell(async->tasks);
    return PP_OK;
}

enum pp_status pp_async_get(struct pp_async *async, double seconds, struct pp_error *err)
{
    struct pp_error waiting = {0};
    const enum pp_status status = pp_async_wait(async, seconds, &waiting);
    struct pp_result first;

    if (status != PP_OK)
        return pp_error_set(err, status, "%s", waiting.text);
    if (async->failed == 0)
        return PP_OK;
    pp_item_tell(&async->items[async->first_failed], async->first_failed, &first);
    return pp_error_set(err, first.status, "%s", first.text);
}

bool pp_async_result(const struct pp_async *async, size_t index, struct pp_result *result)
{
    if (index >= async->count || !async->items[index].ended)
        return false;
    pp_item_tell(&async->items[index], index, result);
    return true;
}

void pp_async_dispose(struct pp_async *async)
{
    if (!async->released || !pp_async_ready(async) || !pp_list_empty(&async->done) ||
        async->telling)
        return;
    pp_list_remove(&async->link);
    for (size_t i = 0; i < async->count; i++)
        pp_item_release(&async->items[i]);
    free((void *)(uintptr_t)async->own.data);
    free(async->items);
    free(async);
}

void pp_async_free(struct pp_async *async)
{
    if (!async)
        return;
    async->released = true;
    pp_async_dispose(async);
}
