#include <pixpool/queue.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_repair.h"
#include "runtime/queue_slots.h"

static enum pp_status broken(enum pp_status status, struct pp_error *err)
{
    return pp_error_set(err, status, "the queue's lock is broken");
}

enum pp_status pp_queue_task_done(struct pp_queue *queue, struct pp_error *err)
{
    struct pp_patience patience = {.seconds = -1};
    enum pp_status status = pp_queue_lock(queue, &patience);
    bool counted;

    if (status != PP_OK)
        return broken(status, err);
    counted = pp_slots_count_finished(queue);
    pp_queue_unlock(queue);
    return counted ? PP_OK : pp_error_set(err, PP_E_USAGE, "more tasks done than were put");
}

static enum pp_status look_for_tasks(struct pp_queue *queue, void *subject)
{
    (void)subject;
    return queue->head->finished == queue->head->next_ticket ? PP_OK : PP_E_TIMEOUT;
}

enum pp_status pp_queue_join(struct pp_queue *queue, double seconds, struct pp_error *err)
{
    const struct pp_wish wish = {.look = look_for_tasks, .bell = PP_BELL_TASKS};
    struct pp_patience patience = {.seconds = seconds};
    enum pp_status status = pp_queue_wait(queue, &wish, &patience);

    if (status == PP_E_TIMEOUT)
        return pp_error_set(err, status, "the queue has tasks that are not done");
    return status == PP_OK ? PP_OK : broken(status, err);
}

enum pp_status pp_queue_close(struct pp_queue *queue, struct pp_error *err)
{
    struct pp_patience patience = {.seconds = -1};
    enum pp_status status = pp_queue_lock(queue, &patience);

    if (status != PP_OK)
        return broken(status, err);
    queue->head->closed = 1;
    pp_bell_ring(queue, PP_BELL_ITEM, PP_DUE_ALL);
    pp_bell_ring(queue, PP_BELL_ROOM, PP_DUE_ALL);
    pp_queue_unlock(queue);
    return PP_OK;
}

/* ---- looking at it -------------------------------------------------------------------------- */

struct counts {
    size_t full;
    bool has_slot;
};

/* If the lock cannot be had because its holder is stopped, what it guards stays what it is. */
static struct counts count(struct pp_queue *queue)
{
    struct pp_patience patience = {0};
    const struct pp_queue_head *head = queue->head;
    enum pp_status status = pp_queue_lock(queue, &patience);
    struct counts counts;

    if (status == PP_OK && head->held_count > 0)
        pp_queue_reclaim(queue);
    counts.full = __atomic_load_n(&head->full, __ATOMIC_RELAXED);
    counts.has_slot = __atomic_load_n(&head->free, __ATOMIC_RELAXED) != PP_SLOT_NONE;
    if (status == PP_OK)
        pp_queue_unlock(queue);
    return counts;
}

size_t pp_queue_size(struct pp_queue *queue)
{
    return count(queue).full;
}

bool pp_queue_is_empty(struct pp_queue *queue)
{
    return count(queue).full == 0;
}

bool pp_queue_is_full(struct pp_queue *queue)
{
    return !count(queue).has_slot;
}
