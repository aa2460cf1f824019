/* Events, barriers and queues. */
#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>

bool pp_kept_event_pass(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                        enum pp_status *status)
{
    (void)keeper;
    (void)out;
    (void)status;
    return wait->object->is_set;
}

enum pp_status pp_kept_event_set(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    call->object->is_set = true;
    pp_waits_serve(call->keeper, call->object);
    return PP_OK;
}

enum pp_status pp_kept_event_clear(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        call->object->is_set = false;
    return status;
}

bool pp_kept_barrier_come(struct pp_keeper *keeper, struct pp_object *barrier, struct pp_pack *out,
                          enum pp_status *status)
{
    if (barrier->barrier.broken) {
        *status = PP_E_CANCELLED;
        return true;
    }
    if (++barrier->barrier.waiting < barrier->most)
        return false;
    pp_pack_u64(out, barrier->most - 1);
    barrier->barrier.waiting = 0;
    pp_waits_let_go(keeper, barrier);
    return true;
}

void pp_kept_barrier_break(struct pp_keeper *keeper, struct pp_object *barrier)
{
    barrier->barrier.broken = true;
    barrier->barrier.waiting = 0;
    pp_waits_refuse(keeper, barrier, PP_E_CANCELLED, "the barrier is broken");
}

enum pp_status pp_kept_barrier_reset(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    call->object->barrier.broken = false;
    call->object->barrier.waiting = 0;
    pp_waits_refuse(call->keeper, call->object, PP_E_CANCELLED, "the barrier was reset");
    return PP_OK;
}

bool pp_kept_queue_take_in(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                           enum pp_status *status)
{
    struct pp_object *queue = wait->object;

    (void)keeper;
    (void)out;
    if (queue->most > 0 && queue->items.count >= queue->most)
        return false;
    if (!pp_sequence_reserve(&queue->items, 1)) {
        *status = PP_E_NO_MEMORY;
        return true;
    }
    pp_sequence_insert(&queue->items, queue->items.count, wait->item);
    queue->unfinished++;
    wait->item = NULL;
    return true;
}

bool pp_kept_queue_give(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                        enum pp_status *status)
{
    struct pp_sequence *items = &wait->object->items;

    (void)keeper;
    (void)status;
    if (items->count == 0)
        return false;
    pp_pack_bytes(out, pp_item_bytes(pp_sequence_at(items, 0)));
    /* What cannot be told stays where it is. */
    if (!out->failed)
        free(pp_sequence_take(items, 0));
    return true;
}

bool pp_kept_queue_finish(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                          enum pp_status *status)
{
    (void)keeper;
    (void)out;
    (void)status;
    return wait->object->unfinished == 0;
}

enum pp_status pp_kept_queue_done(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_object *queue = call->object;
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    if (queue->unfinished == queue->items.count)
        return pp_error_set(err, PP_E_USAGE, "more are done than were got");
    queue->unfinished--;
    pp_waits_serve(call->keeper, queue);
    return PP_OK;
}

enum pp_status pp_kept_queue_length(struct pp_kept_call *call, struct pp_error *err)
{
    pp_pack_u64(&call->out, call->object->items.count);
    return pp_kept_call_check(call, err);
}
