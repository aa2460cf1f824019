#include "runtime/queue_repair.h"

#include <errno.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_room.h"
#include "runtime/queue_slots.h"

/* ---- full slots in order -------------------------------------------------------------------- */

/* Two lists into one, by ticket. */
static uint32_t merge(struct pp_slot *slots, uint32_t a, uint32_t b)
{
    uint32_t first = PP_SLOT_NONE, *end = &first;

    while (a != PP_SLOT_NONE && b != PP_SLOT_NONE) {
        uint32_t *least = slots[a].ticket < slots[b].ticket ? &a : &b;

        *end = *least;
        end = &slots[*least].next;
        *least = *end;
    }
    *end = a != PP_SLOT_NONE ? a : b;
    return first;
}

/* The first `count` (at least 1) of the list *rest, sorted; *rest becomes what follows them. */
static uint32_t sort(struct pp_slot *slots, uint32_t *rest, uint32_t count)
{
    uint32_t first;

    if (count == 1) {
        first = *rest;
        *rest = slots[first].next;
        slots[first].next = PP_SLOT_NONE;
        return first;
    }
    first = sort(slots, rest, count / 2);
    return merge(slots, first, sort(slots, rest, count - count / 2));
}

static void sort_full(struct pp_queue *queue)
{
    struct pp_queue_head *head = queue->head;
    uint32_t rest = head->first;

    if (head->full > 0)
        head->first = sort(queue->slots, &rest, head->full);
    head->last = head->first;
    while (head->last != PP_SLOT_NONE && queue->slots[head->last].next != PP_SLOT_NONE)
        head->last = queue->slots[head->last].next;
}

/* ---- the repair ----------------------------------------------------------------------------- */

static void clear(struct pp_queue *queue)
{
    struct pp_queue_head *head = queue->head;

    pp_room_clear(queue);
    head->free = head->first = head->last = head->held = PP_SLOT_NONE;
    head->full = head->held_count = 0;
    for (int i = 0; i < PP_BELLS; i++)
        head->due[i] = PP_DUE_NOBODY;
}

/* A step that was decided but not counted is counted. */
static void settle(struct pp_queue *queue, struct pp_slot *slot)
{
    struct pp_queue_head *head = queue->head;
    enum pp_slot_state state = pp_slot_state(slot);

    if ((state == PP_SLOT_FULL || state == PP_SLOT_READING) && slot->ticket >= head->next_ticket)
        __atomic_store_n(&head->next_ticket, slot->ticket + 1, __ATOMIC_RELEASE);
    if (state == PP_SLOT_FINISHED) {
        if (pp_slot_number(slot) != (head->finished & PP_SLOT_NUMBER_MAX))
            __atomic_store_n(&head->finished, head->finished + 1, __ATOMIC_RELEASE);
        pp_slot_decide(slot, PP_SLOT_FREE, 0);
    }
}

/* Into the list where it belongs, its blocks into the map. */
static void enlist(struct pp_queue *queue, uint32_t index)
{
    struct pp_slot *slot = &queue->slots[index];
    enum pp_slot_state state = pp_slot_state(slot);

    settle(queue, slot);
    if (pp_slot_state(slot) == PP_SLOT_FREE) {
        pp_slots_push_free(queue, index);
        return;
    }
    pp_room_mark(queue, slot->block, slot->size);
    if (state == PP_SLOT_FULL) {
        slot->next = queue->head->first;
        queue->head->first = index;
        queue->head->full++;
    } else {
        pp_slots_push_held(queue, index);
    }
}

void pp_queue_repair(struct pp_queue *queue)
{
    clear(queue);
    for (uint32_t index = queue->items; index-- > 0;)
        enlist(queue, index);
    sort_full(queue);
    pp_queue_reclaim(queue);
    for (enum pp_bell_name bell = PP_BELL_ITEM; bell < PP_BELLS; bell++) {
        /* Also those whom the dead had counted off, but not yet woken. */
        queue->head->bells[bell].sleepers = 1;
        pp_bell_ring(queue, bell, PP_DUE_ALL);
    }
}

/* ---- owners --------------------------------------------------------------------------------- */

/* Take the lock of a slot whose owner is gone; false when he is not. */
static bool is_abandoned(pthread_mutex_t *owner)
{
    int error = pthread_mutex_trylock(owner);

    if (error == EOWNERDEAD)
        error = pthread_mutex_consistent(owner);
    return error == 0;
}

unsigned pp_queue_reclaim(struct pp_queue *queue)
{
    uint32_t next, count = 0;

    queue->head->unlooked = 0;
    for (uint32_t index = queue->head->held; index != PP_SLOT_NONE; index = next) {
        next = queue->slots[index].next;
        if (!is_abandoned(&queue->owners[index]))
            continue;
        if (pp_slot_state(&queue->slots[index]) == PP_SLOT_WRITING)
            pp_slots_release(queue, index);
        else
            pp_slots_return(queue, index);
        count++;
    }
    return count;
}
