/*
 * Conditions. Who waits at one has put down its lock, and takes it up again before it is answered:
 * once it is notified, or its time is over, it waits for the lock like others, behind those who
 * came before it, and as long as that takes.
 *
 * No notification is lost with who dies. One who was notified and dies before he has the lock hands
 * it on to the next; one who has the lock and dies may have owed some, so that all who wait with
 * that lock go on, and the first of them is told.
 */
#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>

/* The first who waits for a notification of `condition`, or (NULL) with `lock`. */
static struct pp_wait *first_at(const struct pp_keeper *keeper, const struct pp_object *condition,
                                const struct pp_object *lock)
{
    struct pp_wait *wait = keeper->waits.next->owner;

    while (wait && (wait->operation != PP_OP_CONDITION_WAIT || wait->object != wait->condition ||
                    (condition ? wait->condition != condition : wait->lock != lock)))
        wait = wait->link.next->owner;
    return wait;
}

static void turn_to_lock(struct pp_keeper *keeper, struct pp_wait *wait, bool late)
{
    struct pp_object *lock = wait->lock;

    wait->object = lock;
    wait->late = late;
    wait->due_ns = UINT64_MAX;
    pp_list_remove(&wait->link);
    pp_waits_add(keeper, wait);
    pp_waits_serve(keeper, lock);
}

void pp_kept_condition_late(struct pp_keeper *keeper, struct pp_wait *wait)
{
    turn_to_lock(keeper, wait, true);
}

void pp_kept_condition_wake(struct pp_keeper *keeper, struct pp_object *condition, uint64_t count)
{
    struct pp_wait *wait;

    while (count-- > 0 && (wait = first_at(keeper, condition, NULL)) != NULL)
        turn_to_lock(keeper, wait, false);
}

void pp_kept_condition_alarm(struct pp_keeper *keeper, const struct pp_object *lock)
{
    struct pp_wait *wait;

    while ((wait = first_at(keeper, NULL, lock)) != NULL)
        turn_to_lock(keeper, wait, false);
}

void pp_kept_condition_drop(struct pp_keeper *keeper, const struct pp_object *object)
{
    for (struct pp_wait *wait = keeper->waits.next->owner; wait; wait = wait->link.next->owner)
        if (wait->condition == object)
            wait->condition = NULL;
}

bool pp_kept_condition_resume(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                              enum pp_status *status)
{
    bool holder_died;

    (void)status;
    if (wait->object != wait->lock || !pp_permit_take_up(keeper, wait->holding, &holder_died))
        return false;
    wait->holding = NULL;
    pp_pack_u8(out, holder_died);
    pp_pack_u8(out, wait->late);
    return true;
}

/* The lock of that name, put down by the call's client; NULL when it does not hold it. */
static struct pp_holding *put_down(const struct pp_kept_call *call, struct pp_bytes name)
{
    struct pp_object *lock = pp_keeper_look_up(call->keeper, name);

    return lock && lock->kind == PP_MANAGER_LOCK
               ? pp_permit_lay_down(call->keeper, lock, call->client)
               : NULL;
}

enum pp_status pp_kept_condition_wait(struct pp_kept_call *call, struct pp_error *err)
{
    const uint64_t time_out = pp_unpack_u64(&call->in);
    const struct pp_bytes name = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);
    struct pp_wait *wait;

    if (status != PP_OK)
        return status;
    wait = calloc(1, sizeof *wait);
    if (!wait)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the manager has no more");
    wait->holding = put_down(call, name);
    if (!wait->holding) {
        free(wait);
        return pp_error_set(err, PP_E_USAGE, "cannot wait: the lock is not held");
    }
    wait->operation = PP_OP_CONDITION_WAIT;
    wait->client = call->client;
    wait->lock = wait->holding->object;
    wait->object = wait->condition = call->object;
    wait->due_ns = pp_wait_until(time_out);
    pp_waits_add(call->keeper, wait);
    call->later = true;
    pp_waits_serve(call->keeper, wait->lock);
    if (time_out == 0)
        pp_kept_condition_late(call->keeper, wait);
    return PP_OK;
}

enum pp_status pp_kept_condition_notify(struct pp_kept_call *call, struct pp_error *err)
{
    const uint64_t count = pp_unpack_u64(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        pp_kept_condition_wake(call->keeper, call->object, count);
    return status;
}
