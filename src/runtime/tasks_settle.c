/*
 * Outcomes of tasks become results of items. What a worker sent is checked: a frame that makes no
 * sense is an error of its items, and nothing else.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/task_frame.h"
#include "runtime/tasks_state.h"

/* ---- bundles -------------------------------------------------------------------------------- */

static struct pp_bundle *bundle_of_bytes(const void *bytes, size_t size)
{
    struct pp_bundle *bundle = malloc(sizeof *bundle + size);

    if (!bundle)
        return NULL;
    bundle->refs = 1;
    bundle->mapping = NULL;
    if (size > 0)
        memcpy(bundle->bytes, bytes, size);
    return bundle;
}

static struct pp_bundle *bundle_of_mapping(const uint8_t *frame, size_t size)
{
    struct pp_bundle *bundle = malloc(sizeof *bundle);

    if (!bundle) {
        munmap((void *)(uintptr_t)frame, size);
        return NULL;
    }
    bundle->refs = 1;
    bundle->mapping = (void *)(uintptr_t)frame;
    bundle->mapped = size;
    return bundle;
}

static void bundle_release(struct pp_bundle *bundle)
{
    if (--bundle->refs > 0)
        return;
    if (bundle->mapping)
        munmap(bundle->mapping, bundle->mapped);
    free(bundle);
}

void pp_item_release(struct pp_item *item)
{
    if (item->bundle)
        bundle_release(item->bundle);
    item->bundle = NULL;
}

void pp_item_tell(const struct pp_item *item, size_t index, struct pp_result *result)
{
    const bool well = item->status == PP_OK;

    *result = (struct pp_result){.index = index,
                                 .status = item->status,
                                 .text = well ? "" : item->data,
                                 .signal = item->signal,
                                 .attempt = item->attempt,
                                 .data = well ? item->data : NULL,
                                 .size = well ? item->size : 0};
}

/* ---- an item ends --------------------------------------------------------------------------- */

static void note_failure(struct pp_async *async, const struct pp_item *item)
{
    const size_t index = async->stream ? pp_stream_index(item) : (size_t)(item - async->items);

    if (async->failed == 0 || index < async->first_failed)
        async->first_failed = index;
    async->failed++;
}

/* It has its result and its bundle. */
static void end_item(struct pp_async *async, struct pp_item *item)
{
    item->ended = true;
    if (item->status != PP_OK)
        note_failure(async, item);
    async->ended++;
    if (async->stream) {
        pp_stream_ended(async->stream, item);
    } else if (async->ended == async->count) {
        async->tasks->open--;
        pp_list_append(&async->tasks->ended, &async->done);
    }
}

/* Without memory even for the text there is one that needs none. */
static struct pp_bundle *bundle_of_text(const char *text, const void **data)
{
    struct pp_bundle *bundle = bundle_of_bytes(text, strlen(text) + 1);

    if (bundle)
        *data = bundle->bytes;
    else
        *data = "out of memory";
    return bundle;
}

void pp_item_fail(struct pp_async *async, struct pp_item *item, enum pp_status status,
                  const char *text)
{
    item->bundle = bundle_of_text(text, &item->data);
    item->size = 0;
    item->status = (uint8_t)status;
    end_item(async, item);
}

void pp_chunk_fail(struct pp_tasks *tasks, struct pp_chunk *chunk, enum pp_status status,
                   const char *text, int signal, unsigned attempt)
{
    (void)tasks;
    pp_list_remove(&chunk->link);
    for (size_t i = chunk->next; i < chunk->count; i++) {
        chunk->items[i]->signal = (uint8_t)signal;
        chunk->items[i]->attempt = attempt + chunk->lost;
        pp_item_fail(chunk->async, chunk->items[i], status, text);
    }
    free(chunk);
}

/* ---- a task ends well ----------------------------------------------------------------------- */

static bool is_text(const char *bytes, size_t size)
{
    return size > 0 && memchr(bytes, '\0', size) == bytes + size - 1;
}

/* Note what the frame has for each item of the chunk. False: it makes no sense, and neither does
 * what was noted. */
static bool take_results(struct pp_chunk *chunk, const uint8_t *frame,
                         const struct pp_frame_head *head)
{
    size_t at = sizeof *head;

    if (head->count != chunk->count)
        return false;
    for (size_t i = 0; i < chunk->count; i++) {
        struct pp_item *item = chunk->items[i];
        struct pp_frame_item found;

        if (!pp_frame_take(frame, head->size, &at, &found, &item->data) ||
            found.status >= PP_STATUS_COUNT ||
            (found.status != PP_OK && !is_text(item->data, found.size)))
            return false;
        item->size = found.size;
        item->status = found.status;
    }
    return at == head->size;
}

static void share_out(struct pp_chunk *chunk, struct pp_bundle *bundle, unsigned attempt)
{
    bundle->refs = chunk->count;
    for (size_t i = 0; i < chunk->count; i++) {
        chunk->items[i]->bundle = bundle;
        chunk->items[i]->attempt = attempt + chunk->lost;
        end_item(chunk->async, chunk->items[i]);
    }
    free(chunk);
}

/* Changes to longer and larger are believed at once, to shorter by and by. */
static void note_habit(struct pp_tasks *tasks, const struct pp_chunk *chunk,
                       const struct pp_frame_head *head)
{
    struct pp_habit *habit = &tasks->habits[chunk->async->function];
    const uint64_t ns = head->word / chunk->count + 1;
    const uint64_t size = (head->size - sizeof *head) / chunk->count;

    if (habit->ns == 0 || ns > 8 * habit->ns)
        habit->ns = ns;
    else
        habit->ns += (uint64_t)((int64_t)(ns - habit->ns) / 8);
    if (size > habit->size)
        habit->size = size;
    else
        habit->size -= (habit->size - size) / 8;
}

/* The bundle with the frame; NULL, and a text, when there is none to be believed. */
static struct pp_bundle *find_frame(const struct pp_outcome *outcome,
                                    const struct pp_frame_head *head, const uint8_t **frame,
                                    const char **why)
{
    struct pp_bundle *bundle;

    *why = "the worker's result makes no sense";
    if (outcome->result_fd < 0) {
        if (head->size != outcome->payload_size)
            return NULL;
        *why = "no memory for the result";
        bundle = bundle_of_bytes(outcome->payload, outcome->payload_size);
        *frame = bundle ? bundle->bytes : NULL;
        return bundle;
    }
    if (head->size > PTRDIFF_MAX)
        return NULL;
    if (pp_frame_map(outcome->result_fd, head->size, frame) != 0) {
        *why = "the result cannot be mapped";
        return NULL;
    }
    return bundle_of_mapping(*frame, head->size);
}

static void settle(struct pp_tasks *tasks, struct pp_chunk *chunk, const struct pp_outcome *outcome)
{
    struct pp_bundle *bundle = NULL;
    struct pp_frame_head head = {0};
    const uint8_t *frame = NULL;
    const char *why = "the worker's result makes no sense";

    if (outcome->payload_size >= sizeof head) {
        memcpy(&head, outcome->payload, sizeof head);
        bundle = find_frame(outcome, &head, &frame, &why);
    }
    if (bundle && take_results(chunk, frame, &head)) {
        note_habit(tasks, chunk, &head);
        share_out(chunk, bundle, outcome->attempt);
        return;
    }
    if (bundle)
        bundle_release(bundle);
    pp_chunk_fail(tasks, chunk, PP_E_INTERNAL, why, 0, outcome->attempt);
}

/* ---- and otherwise -------------------------------------------------------------------------- */

void pp_tasks_outcome(void *user, const struct pp_outcome *outcome)
{
    struct pp_tasks *tasks = user;
    struct pp_chunk *chunk = (struct pp_chunk *)(uintptr_t)outcome->tag;

    if (outcome->status == PP_OK) {
        settle(tasks, chunk, outcome);
    } else if (outcome->status == PP_E_CANCELLED && !tasks->terminated) {
        /* The pool is ending, and will say why. */
        pp_list_append(&tasks->doomed, &chunk->link);
    } else if (outcome->status == PP_E_CANCELLED) {
        pp_chunk_fail(tasks, chunk, PP_E_CANCELLED, "not done: the pool was terminated", 0,
                      outcome->attempt);
    } else if (chunk->count > 1) {
        /* Which of them was at fault shows when each is alone. */
        chunk->lost++;
        pp_list_append(&tasks->again, &chunk->link);
    } else {
        pp_chunk_fail(tasks, chunk, outcome->status, outcome->text, outcome->signal,
                      outcome->attempt);
    }
}
