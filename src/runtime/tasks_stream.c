/*
 * Streams: items are pulled from the caller as results are given out, so that memory does not grow
 * with their number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tasks_state.h"

#define AHEAD_A_WORKER 64

/* The item is the node's first member. */
static struct pp_node *node_of(const struct pp_item *item)
{
    return (struct pp_node *)(uintptr_t)item;
}

struct pp_bytes pp_stream_argument(const struct pp_item *item)
{
    const struct pp_node *node = node_of(item);

    return (struct pp_bytes){node->argument, node->size};
}

size_t pp_stream_index(const struct pp_item *item)
{
    return node_of(item)->index;
}

size_t pp_stream_room(const struct pp_stream *stream)
{
    return stream->held < stream->settings.ahead ? stream->settings.ahead - stream->held : 0;
}

void pp_stream_stop(struct pp_stream *stream, enum pp_status status, const char *text)
{
    pp_list_remove(&stream->base.feed);
    if (!stream->exhausted && status != PP_E_CLOSED)
        pp_error_set(&stream->input, status, "%s", text);
    stream->exhausted = true;
}

static struct pp_node *node_new(const struct pp_bytes *argument, size_t index)
{
    struct pp_node *node = malloc(sizeof *node + argument->size);

    if (!node)
        return NULL;
    node->item = (struct pp_item){0};
    node->index = index;
    node->size = argument->size;
    if (argument->size > 0)
        memcpy(node->argument, argument->data, argument->size);
    pp_link_init(&node->link, node);
    return node;
}

/* One more item; NULL when there is none. */
static struct pp_node *pull(struct pp_stream *stream)
{
    struct pp_tasks *tasks = stream->base.tasks;
    const bool inside = tasks->in_callback;
    struct pp_bytes argument = {0};
    struct pp_error err = {0};
    struct pp_node *node = NULL;
    enum pp_status status;

    tasks->in_callback = true;
    status = stream->settings.next(stream->settings.user, &argument, &err);
    tasks->in_callback = inside;
    if (status == PP_OK) {
        node = node_new(&argument, stream->base.count);
        if (!node)
            status = pp_error_errno(&err, PP_E_NO_MEMORY, ENOMEM, "cannot take an item");
    }
    if (status != PP_OK) {
        pp_stream_stop(stream, status, err.text[0] ? err.text : pp_status_name(status));
        tasks->pulled_out++;
    }
    return node;
}

size_t pp_stream_pull(struct pp_stream *stream, struct pp_item **items, size_t most)
{
    size_t count = 0;

    while (count < most && !stream->exhausted) {
        struct pp_node *node = pull(stream);

        if (!node)
            break;
        stream->base.count++;
        stream->held++;
        pp_list_append(&stream->nodes, &node->link);
        items[count++] = &node->item;
    }
    return count;
}

static void node_free(struct pp_node *node)
{
    pp_list_remove(&node->link);
    pp_item_release(&node->item);
    free(node);
}

/* Free all of it, if it was released and nothing is under way. */
static void dispose(struct pp_stream *stream)
{
    struct pp_node *node;

    if (!stream->base.released || stream->base.ended < stream->base.count)
        return;
    while ((node = pp_list_first(&stream->nodes)) != NULL)
        node_free(node);
    while ((node = pp_list_first(&stream->ready)) != NULL)
        node_free(node);
    if (stream->given)
        node_free(stream->given);
    pp_list_remove(&stream->base.link);
    free(stream);
}

void pp_stream_ended(struct pp_stream *stream, struct pp_item *item)
{
    if (stream->base.released)
        dispose(stream);
    else if (stream->settings.unordered)
        pp_list_append(&stream->ready, &node_of(item)->link);
}

/* ---- for the caller ------------------------------------------------------------------------- */

static struct pp_stream *stream_new(const struct pp_tasks *tasks,
                                    const struct pp_stream_settings *settings, uint32_t function)
{
    struct pp_stream *stream = calloc(1, sizeof *stream);
    const size_t chunk = settings->chunk > 0 ? settings->chunk : 1;

    if (!stream)
        return NULL;
    stream->settings = *settings;
    if (settings->ahead == 0)
        stream->settings.ahead = chunk < SIZE_MAX / (AHEAD_A_WORKER * (size_t)tasks->workers)
                                     ? chunk * AHEAD_A_WORKER * tasks->workers
                                     : SIZE_MAX;
    stream->base.call.chunk = chunk < UINT32_MAX ? chunk : UINT32_MAX;
    stream->base.function = function;
    stream->base.stream = stream;
    pp_link_init(&stream->nodes, NULL);
    pp_link_init(&stream->ready, NULL);
    return stream;
}

enum pp_status pp_tasks_imap(struct pp_tasks *tasks, const struct pp_stream_settings *settings,
                             struct pp_stream **stream, struct pp_error *err)
{
    uint32_t function = 0;
    enum pp_status status = pp_tasks_find(tasks, settings->function, &function, err);

    *stream = NULL;
    if (status == PP_OK && !settings->next)
        status = pp_error_set(err, PP_E_USAGE, "a stream needs a function that gives the items");
    if (status == PP_OK)
        status = pp_tasks_takes_calls(tasks, err);
    if (status != PP_OK)
        return status;
    *stream = stream_new(tasks, settings, function);
    if (!*stream)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot begin a stream");
    pp_async_enter(&(*stream)->base, tasks);
    pp_list_append(&tasks->feeding, &(*stream)->base.feed);
    return PP_OK;
}

/* The result whose turn it is. */
static struct pp_node *next_ready(const struct pp_stream *stream)
{
    struct pp_node *first;

    if (stream->settings.unordered)
        return pp_list_first(&stream->ready);
    first = pp_list_first(&stream->nodes);
    return first && first->item.ended ? first : NULL;
}

static void give(struct pp_stream *stream, struct pp_node *node, struct pp_result *result)
{
    pp_list_remove(&node->link);
    stream->given = node;
    stream->held--;
    pp_item_tell(&node->item, node->index, result);
}

/* All that will ever come has come. */
static bool is_over(const struct pp_stream *stream)
{
    return stream->exhausted && stream->held == 0;
}

static enum pp_status end_of(const struct pp_stream *stream, struct pp_error *err)
{
    if (stream->input.status != PP_OK)
        return pp_error_set(err, stream->input.status, "%s", stream->input.text);
    return pp_error_set(err, PP_E_CLOSED, "the stream has ended");
}

enum pp_status pp_stream_next(struct pp_stream *stream, double seconds, struct pp_result *result,
                              struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    struct pp_error driving = {0};
    struct pp_node *node;
    enum pp_status status;

    if (stream->given)
        node_free(stream->given);
    stream->given = NULL;
    while ((node = next_ready(stream)) == NULL && !is_over(stream)) {
        status = pp_tasks_drive(stream->base.tasks, &deadline, &driving);
        if (next_ready(stream) || is_over(stream))
            continue;
        if (status != PP_OK)
            return pp_error_set(err, status, "%s", driving.text);
        if (pp_deadline_passed(&deadline))
            return pp_error_set(err, PP_E_TIMEOUT, "no result within %g s", seconds);
    }
    if (!node)
        return end_of(stream, err);
    give(stream, node, result);
    return PP_OK;
}

void pp_stream_free(struct pp_stream *stream)
{
    if (!stream)
        return;
    stream->base.released = true;
    pp_stream_stop(stream, PP_E_CLOSED, "");
    dispose(stream);
}
