#include <pixpool/queue.h>

#include <stdlib.h>
#include <unistd.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_copy.h"
#include "runtime/queue_slots.h"

#define FIRST_GUESS 512u /* bytes to begin with, of an item whose size nobody knows */

/* Whether an item may yet come back from another. What this thread has taken it must not wait for.
 */
static bool others_read(const struct pp_queue *queue)
{
    uint32_t own = (uint32_t)gettid();

    for (uint32_t i = queue->head->held; i != PP_SLOT_NONE; i = queue->slots[i].next) {
        if (pp_slot_state(&queue->slots[i]) == PP_SLOT_READING && queue->slots[i].holder != own)
            return true;
    }
    return false;
}

/* The first full slot, described in *item. */
static enum pp_status look_at_first(struct pp_queue *queue, struct pp_queue_item *item)
{
    const struct pp_queue_head *head = queue->head;
    const struct pp_slot *slot;

    if (head->first == PP_SLOT_NONE)
        return head->closed && !others_read(queue) ? PP_E_CLOSED : PP_E_TIMEOUT;
    slot = &queue->slots[head->first];
    item->slot = head->first;
    item->ticket = slot->ticket;
    item->size = (size_t)slot->size;
    item->redelivered = pp_slot_number(slot);
    return PP_OK;
}

static enum pp_status look_to_get(struct pp_queue *queue, void *subject)
{
    struct pp_queue_item *item = subject;
    enum pp_status status = look_at_first(queue, item);

    if (status != PP_OK)
        return status;
    if (item->size > item->room) {
        /* The bell that woke this thread was for somebody who gets the item. */
        pp_bell_ring(queue, PP_BELL_ITEM, PP_DUE_ONE);
        return PP_E_LIMIT;
    }
    if (item->size > PP_COPY_LOCKED) {
        pp_slots_read(queue, item->slot, 0);
        return PP_OK;
    }
    pp_copy(item->data, pp_slot_data(queue, &queue->slots[item->slot]), item->size);
    pp_slots_release(queue, item->slot);
    return PP_OK;
}

static enum pp_status look_to_take(struct pp_queue *queue, void *subject)
{
    struct pp_queue_item *item = subject;
    enum pp_status status = look_at_first(queue, item);

    if (status != PP_OK)
        return status;
    pp_slots_read(queue, item->slot, (uint32_t)gettid());
    item->data = pp_slot_data(queue, &queue->slots[item->slot]);
    item->room = item->size;
    return PP_OK;
}

static enum pp_status say(enum pp_status status, const struct pp_queue_item *item,
                          struct pp_error *err)
{
    switch (status) {
    case PP_OK:
        return PP_OK;
    case PP_E_TIMEOUT:
        return pp_error_set(err, status, "cannot get: nothing has come into the queue");
    case PP_E_CLOSED:
        return pp_error_set(err, status, "cannot get: the queue is closed and empty");
    case PP_E_LIMIT:
        return pp_error_set(err, status,
                            "cannot get: the item has %zu bytes, there is room for %zu", item->size,
                            item->room);
    case PP_E_NO_MEMORY:
        return pp_error_set(err, status, "cannot get: no memory for %zu bytes", item->room);
    default:
        return pp_error_set(err, status, "cannot get: the queue's lock is broken");
    }
}

/* A slot in READING, copied, to FREE. */
static enum pp_status release(struct pp_queue *queue, uint32_t slot, struct pp_patience *patience)
{
    enum pp_status status = pp_queue_lock(queue, patience);

    if (status != PP_OK) {
        /* Nobody has it now: whoever gets at the queue next will have it come back. */
        pthread_mutex_unlock(&queue->owners[slot]);
        return status;
    }
    pp_slots_release(queue, slot);
    pp_queue_unlock(queue);
    return PP_OK;
}

static enum pp_status get(struct pp_queue *queue, struct pp_queue_item *item,
                          struct pp_patience *patience)
{
    const struct pp_wish wish = {.look = look_to_get, .subject = item, .bell = PP_BELL_ITEM};
    enum pp_status status = pp_queue_wait(queue, &wish, patience);

    if (status != PP_OK || item->size <= PP_COPY_LOCKED)
        return status;
    pp_copy(item->data, pp_slot_data(queue, &queue->slots[item->slot]), item->size);
    return release(queue, item->slot, patience);
}

enum pp_status pp_queue_get(struct pp_queue *queue, struct pp_queue_item *item, double seconds,
                            struct pp_error *err)
{
    struct pp_patience patience = {.seconds = seconds};

    return say(get(queue, item, &patience), item, err);
}

enum pp_status pp_queue_get_alloc(struct pp_queue *queue, struct pp_queue_item *item,
                                  double seconds, struct pp_error *err)
{
    struct pp_patience patience = {.seconds = seconds};
    enum pp_status status = PP_E_LIMIT;

    item->data = NULL;
    item->size = FIRST_GUESS;
    /* Again when the next item is larger than the one that was next when its size was asked. */
    while (status == PP_E_LIMIT) {
        free(item->data);
        item->room = item->size;
        item->data = malloc(item->room > 0 ? item->room : 1);
        status = item->data ? get(queue, item, &patience) : PP_E_NO_MEMORY;
    }
    if (status != PP_OK) {
        free(item->data);
        item->data = NULL;
    }
    return say(status, item, err);
}

enum pp_status pp_queue_take(struct pp_queue *queue, struct pp_queue_item *item, double seconds,
                             struct pp_error *err)
{
    const struct pp_wish wish = {.look = look_to_take, .subject = item, .bell = PP_BELL_ITEM};
    struct pp_patience patience = {.seconds = seconds};

    return say(pp_queue_wait(queue, &wish, &patience), item, err);
}

enum pp_status pp_queue_done(struct pp_queue *queue, const struct pp_queue_item *item,
                             struct pp_error *err)
{
    struct pp_patience patience = {.seconds = -1};
    const struct pp_slot *slot;
    bool is_own;

    if (item->slot >= queue->items)
        return pp_error_set(err, PP_E_USAGE, "this was not taken from the queue");
    enum pp_status status = pp_queue_lock(queue, &patience);
    if (status != PP_OK)
        return say(status, item, err);
    slot = &queue->slots[item->slot];
    /* Only its owner can leave a robust lock. A death between this and the next step: it was not
     * done, and comes back. */
    is_own = pp_slot_state(slot) == PP_SLOT_READING && slot->ticket == item->ticket &&
             pthread_mutex_unlock(&queue->owners[item->slot]) == 0;
    if (is_own)
        pp_slots_finish(queue, item->slot);
    pp_queue_unlock(queue);
    return is_own ? PP_OK
                  : pp_error_set(err, PP_E_USAGE, "this item is not taken by the calling thread");
}
