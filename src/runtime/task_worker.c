/*
 * The worker's side of pp_tasks: the items of a task are run one after the other, their results
 * gathered in the record, or from the first that does not fit there on in a memfd.
 *
 * Who wrote the frame of arguments is the supervisor, which is believed.
 */
#include "runtime/task_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/task_frame.h"

struct runner {
    const struct pp_task_table *table;
    void *context;
    unsigned count; /* of functions */
};

/* Results on their way; `at` is where the item in work begins. */
struct pp_reply {
    uint8_t *frame;
    size_t room, at;
    int fd; /* -1: the frame is the record */
    struct pp_frame_item item;
    const struct pp_work *work;
    uint32_t attempt;
};

static unsigned count_functions(const struct pp_task_table *table)
{
    unsigned count = 0;

    while (table->functions && table->functions[count].name)
        count++;
    return count;
}

static enum pp_status start(void **state, const void *setup, size_t size, struct pp_error *err)
{
    const struct pp_task_table *table = *state;
    struct runner *runner = calloc(1, sizeof *runner);
    enum pp_status status = PP_OK;

    if (!runner)
        return pp_error_set(err, PP_E_NO_MEMORY, "worker: no memory to start");
    runner->table = table;
    runner->count = count_functions(table);
    if (table->initialize)
        status = table->initialize(&runner->context, size > 0 ? setup : NULL, size, err);
    if (status == PP_OK)
        *state = runner;
    else
        free(runner);
    return status;
}

static void stop(void *state)
{
    struct runner *runner = state;

    if (runner->table->finalize)
        runner->table->finalize(runner->context);
    free(runner);
}

/* ---- results -------------------------------------------------------------------------------- */

/* From the record into a memfd, or into a larger one; doubled, so that many items cost few moves.
 */
static int grow(struct pp_reply *reply, size_t wanted)
{
    const size_t room = wanted > 2 * reply->room ? wanted : 2 * reply->room;
    uint8_t *frame;
    void *moved;
    int error, fd;

    if (reply->fd < 0) {
        error = pp_frame_create(room, &fd, &frame);
        if (error)
            return error;
        memcpy(frame, reply->frame, reply->at);
        reply->fd = fd;
    } else {
        if (ftruncate(reply->fd, (off_t)room) != 0)
            return errno;
        moved = mremap(reply->frame, reply->room, room, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED)
            return errno;
        frame = moved;
    }
    reply->frame = frame;
    reply->room = room;
    return 0;
}

void *pp_reply_room(struct pp_reply *reply, size_t size, struct pp_error *err)
{
    const size_t end = pp_frame_end(reply->at, size);
    int error = 0;

    if (end > PTRDIFF_MAX)
        error = ENOMEM;
    else if (end > reply->room)
        error = grow(reply, end);
    if (error) {
        pp_error_errno(err, PP_E_SYSTEM, error, "cannot make room for a result");
        return NULL;
    }
    reply->item.size = size;
    return reply->frame + pp_frame_bytes_at(reply->at, size);
}

/* As {0} would, but for a text that nobody reads; it is done for each item. */
static void empty(struct pp_error *err)
{
    err->status = PP_OK;
    err->text[0] = '\0';
}

enum pp_status pp_reply_set(struct pp_reply *reply, const void *data, size_t size,
                            struct pp_error *err)
{
    struct pp_error own;
    void *room;

    empty(&own);
    room = pp_reply_room(reply, size, &own);
    if (!room)
        return pp_error_set(err, own.status, "%s", own.text);
    if (size > 0)
        memcpy(room, data, size);
    return PP_OK;
}

unsigned pp_reply_attempt(const struct pp_reply *reply)
{
    return reply->attempt;
}

/* ---- running -------------------------------------------------------------------------------- */

static const char *text_of(const struct pp_error *err, enum pp_status status)
{
    return err->text[0] ? err->text : pp_status_name(status);
}

/* The item's bytes are there, or its error's take their place. False: not even that could be put
 * anywhere. */
static bool conclude(struct pp_reply *reply, enum pp_status status, const struct pp_error *err)
{
    reply->item.status = (uint8_t)status;
    if (status != PP_OK) {
        const char *text = text_of(err, status);

        if (pp_reply_set(reply, text, strlen(text) + 1, NULL) != PP_OK)
            return false;
    } else if (reply->item.size == 0 && !pp_reply_room(reply, 0, NULL)) {
        return false;
    }
    reply->at = pp_frame_put(reply->frame, reply->at, &reply->item, NULL);
    return true;
}

/* Not to be told any other way: the item crashes the worker then. */
static void run_item(const struct runner *runner, uint32_t function, struct pp_reply *reply,
                     const void *argument, size_t size)
{
    struct pp_error err;
    enum pp_status status;

    empty(&err);
    reply->item = (struct pp_frame_item){0};
    if (function >= runner->count)
        status = pp_error_set(&err, PP_E_INTERNAL, "worker: no such function");
    else
        status =
            runner->table->functions[function].call(runner->context, argument, size, reply, &err);
    if ((unsigned)status >= PP_STATUS_COUNT)
        status = pp_error_set(&err, PP_E_INTERNAL, "worker: the function returned no status");
    if (!conclude(reply, status, &err))
        abort();
}

/* 0 or an errno value. */
static int run_items(const struct runner *runner, struct pp_worker *worker, const uint8_t *frame,
                     struct pp_reply *reply)
{
    struct pp_frame_head head;
    struct pp_frame_item item;
    const void *data;
    size_t at = sizeof head;

    memcpy(&head, frame, sizeof head);
    for (uint32_t i = 0; i < head.count; i++) {
        if (!pp_frame_take(frame, head.size, &at, &item, &data))
            return EPROTO;
        reply->attempt = item.attempt + reply->work->attempt;
        pp_worker_progress(worker, i + 1);
        run_item(runner, head.word, reply, data, item.size);
    }
    return 0;
}

/* A memfd goes on its way; the record says how long it is. */
static size_t deliver(struct pp_reply *reply, struct pp_worker *worker,
                      const struct pp_frame_head *head, void *result)
{
    int error;

    memcpy(reply->frame, head, sizeof *head);
    if (reply->fd < 0)
        return head->size;
    memcpy(result, head, sizeof *head);
    error = pp_frame_seal(reply->fd, reply->frame, reply->room, head->size);
    if (error || pp_worker_send_fd(worker, reply->fd, NULL) != PP_OK)
        abort();
    close(reply->fd);
    return sizeof *head;
}

static uint32_t saturated(uint64_t ns)
{
    return ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

static size_t run(void *state, struct pp_worker *worker, const struct pp_work *work, void *result)
{
    const uint64_t begin = pp_clock_ns();
    struct pp_reply reply = {.frame = result,
                             .room = PP_RESULT_MAX,
                             .at = sizeof(struct pp_frame_head),
                             .fd = -1,
                             .work = work};
    const uint8_t *frame = work->payload;
    struct pp_frame_head head;
    size_t mapped = 0;

    memcpy(&head, work->payload, sizeof head);
    if (work->fds[0] >= 0) {
        if (pp_frame_map(work->fds[0], head.size, &frame) != 0)
            abort();
        mapped = head.size;
    }
    if (run_items(state, worker, frame, &reply) != 0)
        abort();
    head.word = saturated(pp_clock_ns() - begin);
    head.size = reply.at;
    if (mapped > 0)
        munmap((void *)(uintptr_t)frame, mapped);
    return deliver(&reply, worker, &head, result);
}

struct pp_service pp_task_service(const struct pp_task_table *table)
{
    return (struct pp_service){
        .name = table->name, .start = start, .run = run, .stop = stop, .data = table};
}
