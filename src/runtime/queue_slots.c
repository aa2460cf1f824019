#include "runtime/queue_slots.h"

#include <errno.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_room.h"

/* ---- lists ---------------------------------------------------------------------------------- */

void pp_slots_push_free(struct pp_queue *queue, uint32_t index)
{
    queue->slots[index].next = queue->head->free;
    queue->head->free = index;
}

void pp_slots_push_held(struct pp_queue *queue, uint32_t index)
{
    struct pp_queue_head *head = queue->head;
    struct pp_slot *slot = &queue->slots[index];

    slot->prev = PP_SLOT_NONE;
    slot->next = head->held;
    if (head->held != PP_SLOT_NONE)
        queue->slots[head->held].prev = index;
    head->held = index;
    head->held_count++;
}

static void take_from_held(struct pp_queue *queue, uint32_t index)
{
    struct pp_queue_head *head = queue->head;
    const struct pp_slot *slot = &queue->slots[index];

    if (slot->prev == PP_SLOT_NONE)
        head->held = slot->next;
    else
        queue->slots[slot->prev].next = slot->next;
    if (slot->next != PP_SLOT_NONE)
        queue->slots[slot->next].prev = slot->prev;
    head->held_count--;
}

static void append_full(struct pp_queue *queue, uint32_t index)
{
    struct pp_queue_head *head = queue->head;

    queue->slots[index].next = PP_SLOT_NONE;
    if (head->first == PP_SLOT_NONE)
        head->first = index;
    else
        queue->slots[head->last].next = index;
    head->last = index;
    head->full++;
}

/* Before the first with a higher ticket: only others that came back can be ahead of it. */
static void insert_full(struct pp_queue *queue, uint32_t index)
{
    struct pp_queue_head *head = queue->head;
    struct pp_slot *slots = queue->slots;
    uint32_t before = PP_SLOT_NONE, after = head->first;

    while (after != PP_SLOT_NONE && slots[after].ticket < slots[index].ticket) {
        before = after;
        after = slots[after].next;
    }
    if (after == PP_SLOT_NONE) {
        append_full(queue, index);
        return;
    }
    slots[index].next = after;
    if (before == PP_SLOT_NONE)
        head->first = index;
    else
        slots[before].next = index;
    head->full++;
}

static void take_first_full(struct pp_queue *queue)
{
    struct pp_queue_head *head = queue->head;

    head->first = queue->slots[head->first].next;
    head->full--;
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* Who still holds it is dying: see queue_state.h. */
static void lock_owner(struct pp_queue *queue, uint32_t index)
{
    if (pthread_mutex_lock(&queue->owners[index]) == EOWNERDEAD)
        pthread_mutex_consistent(&queue->owners[index]);
}

uint32_t pp_slots_reserve(struct pp_queue *queue, uint64_t size)
{
    struct pp_queue_head *head = queue->head;
    uint32_t index = head->free;
    uint64_t block = 0;

    if (index == PP_SLOT_NONE || !pp_room_take(queue, size, &block))
        return PP_SLOT_NONE;
    head->free = queue->slots[index].next;
    queue->slots[index].size = size;
    queue->slots[index].block = block;
    return index;
}

void pp_slots_write(struct pp_queue *queue, uint32_t index)
{
    lock_owner(queue, index);
    pp_slot_decide(&queue->slots[index], PP_SLOT_WRITING, 0);
    pp_slots_push_held(queue, index);
}

void pp_slots_commit(struct pp_queue *queue, uint32_t index)
{
    struct pp_queue_head *head = queue->head;
    struct pp_slot *slot = &queue->slots[index];
    bool was_held = pp_slot_state(slot) == PP_SLOT_WRITING;

    slot->ticket = head->next_ticket;
    pp_slot_decide(slot, PP_SLOT_FULL, 0);
    __atomic_store_n(&head->next_ticket, slot->ticket + 1, __ATOMIC_RELEASE);
    if (was_held) {
        take_from_held(queue, index);
        pthread_mutex_unlock(&queue->owners[index]);
    }
    append_full(queue, index);
    pp_bell_ring(queue, PP_BELL_ITEM, PP_DUE_ONE);
}

void pp_slots_read(struct pp_queue *queue, uint32_t index, uint32_t holder)
{
    struct pp_slot *slot = &queue->slots[index];

    lock_owner(queue, index);
    slot->holder = holder;
    pp_slot_decide(slot, PP_SLOT_READING, pp_slot_number(slot));
    take_first_full(queue);
    pp_slots_push_held(queue, index);
}

/* What a slot that has become free leaves to be done. */
static void tidy_freed(struct pp_queue *queue, uint32_t index)
{
    const struct pp_slot *slot = &queue->slots[index];

    pp_room_free(queue, slot->block, slot->size);
    pp_slots_push_free(queue, index);
    pp_bell_ring(queue, PP_BELL_ROOM, PP_DUE_ALL);
    /* Readers at the end of a closed queue wait until nothing can come back any more. */
    if (queue->head->closed)
        pp_bell_ring(queue, PP_BELL_ITEM, PP_DUE_ALL);
}

void pp_slots_release(struct pp_queue *queue, uint32_t index)
{
    struct pp_slot *slot = &queue->slots[index];
    enum pp_slot_state before = pp_slot_state(slot);

    pp_slot_decide(slot, PP_SLOT_FREE, 0);
    if (before == PP_SLOT_FULL) {
        take_first_full(queue);
    } else {
        take_from_held(queue, index);
        pthread_mutex_unlock(&queue->owners[index]);
    }
    tidy_freed(queue, index);
}

void pp_slots_finish(struct pp_queue *queue, uint32_t index)
{
    struct pp_slot *slot = &queue->slots[index];
    const struct pp_queue_head *head = queue->head;
    bool counts = head->finished < head->next_ticket;

    /* Freeing and counting are decided at once: the repair sees by the number if it was counted. */
    pp_slot_decide(slot, PP_SLOT_FINISHED, (uint32_t)(head->finished + counts));
    if (counts)
        pp_slots_count_finished(queue);
    pp_slot_decide(slot, PP_SLOT_FREE, 0);
    take_from_held(queue, index);
    tidy_freed(queue, index);
}

void pp_slots_return(struct pp_queue *queue, uint32_t index)
{
    struct pp_slot *slot = &queue->slots[index];
    uint32_t times = pp_slot_number(slot);

    pp_slot_decide(slot, PP_SLOT_FULL, times < PP_SLOT_NUMBER_MAX ? times + 1 : times);
    take_from_held(queue, index);
    pthread_mutex_unlock(&queue->owners[index]);
    insert_full(queue, index);
    pp_bell_ring(queue, PP_BELL_ITEM, PP_DUE_ONE);
}

bool pp_slots_count_finished(struct pp_queue *queue)
{
    struct pp_queue_head *head = queue->head;

    if (head->finished == head->next_ticket)
        return false;
    __atomic_store_n(&head->finished, head->finished + 1, __ATOMIC_RELEASE);
    if (head->finished == head->next_ticket)
        pp_bell_ring(queue, PP_BELL_TASKS, PP_DUE_ALL);
    return true;
}
