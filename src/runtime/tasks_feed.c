/*
 * Items become tasks of the pool below, as it has room: first those to be tried again, then call by
 * call.
 *
 * How many tasks a worker may have at hand depends on how long they take, as was seen lately: of
 * tiny ones dozens, so that handing them out costs less than they do; of long ones one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/task_frame.h"
#include "runtime/tasks_state.h"

#define TINY_NS  (100 * UINT64_C(1000))
#define SMALL_NS (5 * PP_NS_PER_MS)

/* Results in one record. */
#define FEW 8

/* So many tasks a worker are sent one by one as they come; behind these they wait for company. */
#define EAGER 4

static struct pp_bytes argument_of(const struct pp_async *async, const struct pp_item *item)
{
    if (async->stream)
        return pp_stream_argument(item);
    return async->arguments[item - async->items];
}

/* ---- the next chunk ------------------------------------------------------------------------- */

static struct pp_chunk *chunk_new(struct pp_async *async, size_t count)
{
    struct pp_chunk *chunk = malloc(sizeof *chunk + count * sizeof *chunk->items);

    async->tasks->starved = !chunk;
    if (!chunk)
        return NULL;
    *chunk = (struct pp_chunk){.async = async, .count = count};
    pp_link_init(&chunk->link, chunk);
    return chunk;
}

/* One of those to be tried alone. */
static struct pp_chunk *next_again(struct pp_tasks *tasks)
{
    struct pp_chunk *from = pp_list_first(&tasks->again), *chunk;

    if (!from)
        return NULL;
    if (from->count == 1) {
        pp_list_remove(&from->link);
        return from;
    }
    chunk = chunk_new(from->async, 1);
    if (!chunk)
        return NULL;
    chunk->items[0] = from->items[from->next++];
    chunk->lost = from->lost;
    if (from->next == from->count) {
        pp_list_remove(&from->link);
        free(from);
    }
    return chunk;
}

/* A chunk's results are to fit into one record, which is much cheaper than memory of their own;
 * unless only a few would. */
static size_t chunk_size(const struct pp_async *async)
{
    const uint64_t item = async->tasks->habits[async->function].size;
    const size_t room = PP_RESULT_MAX - sizeof(struct pp_frame_head), wanted = async->call.chunk;

    if (item == 0 || item > room / FEW || wanted <= room / item)
        return wanted;
    return room / item;
}

static struct pp_chunk *next_of_call(struct pp_async *async)
{
    const size_t left = async->count - async->next, most = chunk_size(async);
    struct pp_chunk *chunk = chunk_new(async, left < most ? left : most);

    if (!chunk)
        return NULL;
    for (size_t i = 0; i < chunk->count; i++)
        chunk->items[i] = &async->items[async->next++];
    if (async->next == async->count)
        pp_list_remove(&async->feed);
    return chunk;
}

static struct pp_chunk *next_of_stream(struct pp_stream *stream)
{
    const size_t room = pp_stream_room(stream), most = chunk_size(&stream->base);
    struct pp_chunk *chunk = room > 0 ? chunk_new(&stream->base, room < most ? room : most) : NULL;

    if (!chunk)
        return NULL;
    chunk->count = pp_stream_pull(stream, chunk->items, chunk->count);
    if (chunk->count > 0)
        return chunk;
    free(chunk);
    return NULL;
}

/* The oldest call comes first; a stream whose results are not fetched is passed over. */
static struct pp_chunk *next_new(struct pp_tasks *tasks)
{
    struct pp_link *link = tasks->feeding.next;

    while (link != &tasks->feeding) {
        struct pp_async *async = link->owner;
        struct pp_chunk *chunk;

        link = link->next;
        chunk = async->stream ? next_of_stream(async->stream) : next_of_call(async);
        if (chunk)
            return chunk;
    }
    return NULL;
}

/* ---- as a task ------------------------------------------------------------------------------ */

/* Bytes of the chunk's frame. SIZE_MAX: more than there is. */
static size_t frame_size(const struct pp_chunk *chunk)
{
    size_t size = sizeof(struct pp_frame_head);

    for (size_t i = 0; i < chunk->count; i++) {
        size = pp_frame_end(size, argument_of(chunk->async, chunk->items[i]).size);
        if (size > PTRDIFF_MAX)
            return SIZE_MAX;
    }
    return size;
}

static void write_frame(const struct pp_chunk *chunk, const struct pp_frame_head *head,
                        uint8_t *frame)
{
    size_t at = sizeof *head;

    memcpy(frame, head, sizeof *head);
    for (size_t i = 0; i < chunk->count; i++) {
        const struct pp_bytes bytes = argument_of(chunk->async, chunk->items[i]);
        const struct pp_frame_item item = {.size = bytes.size, .attempt = (uint8_t)chunk->lost};

        at = pp_frame_put(frame, at, &item, bytes.data);
    }
}

/* A frame too large for a message; only its head goes there. 0 or an errno value. */
static int make_memfd(const struct pp_chunk *chunk, const struct pp_frame_head *head, int *fd)
{
    uint8_t *frame;
    int error = head->size > PTRDIFF_MAX ? ENOMEM : pp_frame_create(head->size, fd, &frame);

    if (error)
        return error;
    write_frame(chunk, head, frame);
    error = pp_frame_seal(*fd, frame, head->size, head->size);
    if (error)
        close(*fd);
    return error;
}

static void set_weight(const struct pp_tasks *tasks, const struct pp_chunk *chunk,
                       struct pp_task *task)
{
    const uint64_t ns = tasks->habits[chunk->async->function].ns * chunk->count;

    if (ns == 0 || task->fds[0] >= 0)
        return;
    task->tiny = ns < TINY_NS;
    task->small = !task->tiny && ns < SMALL_NS;
}

/* 0 or an errno value; the chunk is the pool's with 0. */
static int submit(struct pp_tasks *tasks, struct pp_chunk *chunk, bool driven)
{
    const struct pp_frame_head head = {
        .word = chunk->async->function, .count = (uint32_t)chunk->count, .size = frame_size(chunk)};
    struct pp_task task = {.tag = (uintptr_t)chunk,
                           .payload = tasks->scratch,
                           .payload_size = sizeof head,
                           .fds = {-1, -1},
                           .once = chunk->count > 1,
                           .parts = (unsigned)chunk->count};
    int error = 0;

    memcpy(tasks->scratch, &head, sizeof head);
    if (head.size <= PP_TASK_PAYLOAD_MAX) {
        write_frame(chunk, &head, tasks->scratch);
        task.payload_size = head.size;
    } else {
        error = make_memfd(chunk, &head, &task.fds[0]);
    }
    if (error)
        return error;
    set_weight(tasks, chunk, &task);
    task.more = driven || pp_pool_pending(tasks->pool) >= (size_t)EAGER * tasks->workers;
    if (pp_pool_submit(tasks->pool, &task, NULL) == PP_OK)
        return 0;
    if (task.fds[0] >= 0)
        close(task.fds[0]);
    return ENOMEM;
}

static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* The next to be handed out; NULL when there is none, or no memory for it. */
static struct pp_chunk *next_chunk(struct pp_tasks *tasks)
{
    struct pp_chunk *chunk;

    tasks->starved = false;
    chunk = next_again(tasks);
    if (!chunk && !tasks->starved)
        chunk = next_new(tasks);
    /* With nothing under way nothing would ever give any back. */
    if (!chunk && tasks->starved && pp_pool_pending(tasks->pool) == 0)
        pp_tasks_give_up(tasks, PP_E_NO_MEMORY, "no memory to hand it out");
    return chunk;
}

void pp_tasks_feed(struct pp_tasks *tasks, bool driven)
{
    while (tasks->pool && tasks->fatal.status == PP_OK && pp_pool_has_room(tasks->pool)) {
        struct pp_chunk *chunk = next_chunk(tasks);
        int error;

        if (!chunk)
            return;
        if (tasks->terminated) { /* while its items were pulled */
            pp_chunk_fail(tasks, chunk, PP_E_CANCELLED, "not done: the pool was terminated", 0, 0);
            return;
        }
        error = submit(tasks, chunk, driven);
        if (!error)
            continue;
        if (is_shortage(error) && pp_pool_pending(tasks->pool) > 0) {
            /* What is under way gives back what it has. */
            pp_list_prepend(&tasks->again, &chunk->link);
            return;
        }
        pp_chunk_fail(tasks, chunk, error == ENOMEM ? PP_E_NO_MEMORY : PP_E_SYSTEM, strerror(error),
                      0, 0);
    }
}

void pp_tasks_give_up(struct pp_tasks *tasks, enum pp_status status, const char *text)
{
    struct pp_chunk *chunk;
    struct pp_async *async;

    while ((chunk = pp_list_first(&tasks->again)) != NULL)
        pp_chunk_fail(tasks, chunk, status, text, 0, 0);
    while ((async = pp_list_first(&tasks->feeding)) != NULL) {
        pp_list_remove(&async->feed);
        if (async->stream)
            pp_stream_stop(async->stream, status, text);
        else
            while (async->next < async->count)
                pp_item_fail(async, &async->items[async->next++], status, text);
    }
}
