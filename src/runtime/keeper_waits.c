/*
 * Who waits, for what, until when. Each operation that may have to wait has a function that tries
 * it: at once when the call comes, and again whenever its object has changed, those who came first
 * first.
 */
#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

static bool try_it(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                   enum pp_status *status)
{
    switch (wait->operation) {
    case PP_OP_EVENT_WAIT:
        return pp_kept_event_pass(keeper, wait, out, status);
    case PP_OP_QUEUE_PUT:
        return pp_kept_queue_take_in(keeper, wait, out, status);
    case PP_OP_QUEUE_GET:
        return pp_kept_queue_give(keeper, wait, out, status);
    case PP_OP_QUEUE_JOIN:
        return pp_kept_queue_finish(keeper, wait, out, status);
    case PP_OP_CONDITION_WAIT:
        return pp_kept_condition_resume(keeper, wait, out, status);
    case PP_OP_LOCK_ACQUIRE:
    case PP_OP_SEMAPHORE_ACQUIRE:
        return pp_permit_take(keeper, wait, out, status);
    default:
        return false; /* a barrier's are let go by the one who comes last */
    }
}

static void forget(struct pp_wait *wait)
{
    pp_list_remove(&wait->link);
    free(wait->item);
    free(wait->holding);
    free(wait);
}

static struct pp_wait *next_of(const struct pp_keeper *keeper, const struct pp_wait *wait)
{
    const struct pp_link *next = wait ? wait->link.next : keeper->waits.next;

    return next->owner;
}

/* The first one in the list behind `wait` (NULL: of all) that waits for the object. */
static struct pp_wait *next_for(const struct pp_keeper *keeper, const struct pp_wait *wait,
                                const struct pp_object *object)
{
    struct pp_wait *next = next_of(keeper, wait);

    while (next && next->object != object)
        next = next_of(keeper, next);
    return next;
}

/* Answer one and forget it. */
static void finish(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                   enum pp_status status, const char *text)
{
    const uint64_t client = wait->client;
    struct pp_error err = {0};

    pp_error_set(&err, status, "%s", text);
    forget(wait);
    pp_keeper_answer(keeper, client, out, status, &err);
}

/* Try the object's waits once. Whether any was done. */
static bool serve_once(struct pp_keeper *keeper, struct pp_object *object)
{
    struct pp_wait *wait = next_for(keeper, NULL, object);
    bool any = false;

    while (wait) {
        struct pp_wait *next = next_for(keeper, wait, object);
        struct pp_pack out = {.most = keeper->message_max};
        enum pp_status status = PP_OK;

        pp_pack_u8(&out, PP_OK);
        if (!out.failed && try_it(keeper, wait, &out, &status)) {
            finish(keeper, wait, &out, status, "it failed while it waited");
            any = true;
        }
        pp_pack_release(&out);
        wait = next;
    }
    return any;
}

void pp_waits_serve(struct pp_keeper *keeper, struct pp_object *object)
{
    while (serve_once(keeper, object))
        ;
}

void pp_waits_refuse(struct pp_keeper *keeper, struct pp_object *object, enum pp_status status,
                     const char *text)
{
    struct pp_wait *wait = next_of(keeper, NULL);

    while (wait) {
        struct pp_wait *next = next_of(keeper, wait);
        struct pp_pack out = {0};

        if (wait->object == object || wait->lock == object)
            finish(keeper, wait, &out, status, text);
        pp_pack_release(&out);
        wait = next;
    }
}

void pp_waits_let_go(struct pp_keeper *keeper, struct pp_object *object)
{
    struct pp_wait *wait;

    for (uint64_t turn = 0; (wait = next_for(keeper, NULL, object)) != NULL; turn++) {
        struct pp_pack out = {0};

        pp_pack_u8(&out, PP_OK);
        pp_pack_u64(&out, turn);
        finish(keeper, wait, &out, PP_OK, "");
        pp_pack_release(&out);
    }
}

/* Out of the list; a barrier learns of it, and a notification goes to the next. */
static void give_up(struct pp_keeper *keeper, struct pp_wait *wait)
{
    struct pp_object *object = wait->object, *condition = wait->condition;
    const bool was_notified = condition && object != condition && !wait->late;

    forget(wait);
    if (was_notified)
        pp_kept_condition_wake(keeper, condition, 1);
    if (object->kind == PP_MANAGER_BARRIER)
        pp_kept_barrier_break(keeper, object);
}

void pp_waits_leave(struct pp_keeper *keeper, uint64_t client)
{
    struct pp_wait *wait = next_of(keeper, NULL);

    while (wait && wait->client != client)
        wait = next_of(keeper, wait);
    if (wait)
        give_up(keeper, wait);
}

static struct pp_wait *first_due(const struct pp_keeper *keeper, uint64_t now)
{
    struct pp_wait *wait = next_of(keeper, NULL);

    while (wait && wait->due_ns > now)
        wait = next_of(keeper, wait);
    return wait;
}

uint64_t pp_waits_expire(struct pp_keeper *keeper, uint64_t now)
{
    struct pp_error err = {.text = "it ran out of time"};
    struct pp_wait *wait;

    if (now < keeper->due_ns)
        return keeper->due_ns;
    while ((wait = first_due(keeper, now)) != NULL) {
        const uint64_t client = wait->client;
        struct pp_pack out = {0};

        if (wait->operation == PP_OP_CONDITION_WAIT) {
            pp_kept_condition_late(keeper, wait);
            continue;
        }
        give_up(keeper, wait);
        pp_keeper_answer(keeper, client, &out, PP_E_TIMEOUT, &err);
        pp_pack_release(&out);
    }
    keeper->due_ns = UINT64_MAX;
    for (wait = next_of(keeper, NULL); wait; wait = next_of(keeper, wait))
        if (wait->due_ns < keeper->due_ns)
            keeper->due_ns = wait->due_ns;
    return keeper->due_ns;
}

void pp_waits_forget_all(struct pp_keeper *keeper)
{
    struct pp_wait *wait;

    while ((wait = next_of(keeper, NULL)) != NULL)
        forget(wait);
}

uint64_t pp_wait_until(uint64_t nanoseconds)
{
    const uint64_t now = pp_clock_ns();

    return nanoseconds > UINT64_MAX - now ? UINT64_MAX : now + nanoseconds;
}

void pp_waits_add(struct pp_keeper *keeper, struct pp_wait *wait)
{
    pp_link_init(&wait->link, wait);
    pp_list_append(&keeper->waits, &wait->link);
    if (wait->due_ns < keeper->due_ns)
        keeper->due_ns = wait->due_ns;
}

/* It could not be done at once. */
static enum pp_status begin_to_wait(struct pp_kept_call *call, const struct pp_wait *asked,
                                    uint64_t time_out, struct pp_error *err)
{
    struct pp_keeper *keeper = call->keeper;
    struct pp_wait *wait = time_out > 0 ? malloc(sizeof *wait) : NULL;

    if (!wait && call->object->kind == PP_MANAGER_BARRIER)
        pp_kept_barrier_break(keeper, call->object);
    if (time_out == 0)
        return pp_error_set(err, PP_E_TIMEOUT, "it ran out of time");
    if (!wait)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the manager has no more");
    *wait = *asked;
    wait->due_ns = pp_wait_until(time_out);
    pp_waits_add(keeper, wait);
    call->later = true;
    return PP_OK;
}

static enum pp_status wait_for(struct pp_kept_call *call, enum pp_manager_operation operation,
                               struct pp_error *err)
{
    struct pp_wait wait = {.object = call->object, .client = call->client, .operation = operation};
    const uint64_t time_out = pp_unpack_u64(&call->in);
    enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    if (try_it(call->keeper, &wait, &call->out, &status)) {
        if (status == PP_OK)
            pp_waits_serve(call->keeper, call->object);
        return status == PP_OK ? status : pp_error_set(err, status, "the manager has no memory");
    }
    return begin_to_wait(call, &wait, time_out, err);
}

static enum pp_status acquire_lock(struct pp_kept_call *call, struct pp_error *err)
{
    return wait_for(call, PP_OP_LOCK_ACQUIRE, err);
}

static enum pp_status acquire_semaphore(struct pp_kept_call *call, struct pp_error *err)
{
    return wait_for(call, PP_OP_SEMAPHORE_ACQUIRE, err);
}

static enum pp_status wait_for_event(struct pp_kept_call *call, struct pp_error *err)
{
    return wait_for(call, PP_OP_EVENT_WAIT, err);
}

static enum pp_status get_from_queue(struct pp_kept_call *call, struct pp_error *err)
{
    return wait_for(call, PP_OP_QUEUE_GET, err);
}

static enum pp_status join_queue(struct pp_kept_call *call, struct pp_error *err)
{
    return wait_for(call, PP_OP_QUEUE_JOIN, err);
}

static enum pp_status put_into_queue(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_wait wait = {
        .object = call->object, .client = call->client, .operation = PP_OP_QUEUE_PUT};
    const uint64_t time_out = pp_unpack_u64(&call->in);
    const struct pp_bytes bytes = pp_unpack_bytes(&call->in);
    enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    wait.item = pp_item_new(bytes);
    if (!wait.item)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the manager has no more");
    if (try_it(call->keeper, &wait, &call->out, &status)) {
        if (status == PP_OK)
            pp_waits_serve(call->keeper, call->object);
    } else {
        status = begin_to_wait(call, &wait, time_out, err);
        if (call->later)
            return PP_OK;
    }
    free(wait.item);
    return status == PP_OK ? status : pp_error_set(err, status, "the manager has no memory");
}

static enum pp_status wait_at_barrier(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_wait wait = {
        .object = call->object, .client = call->client, .operation = PP_OP_BARRIER_WAIT};
    const uint64_t time_out = pp_unpack_u64(&call->in);
    enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    if (!pp_kept_barrier_come(call->keeper, call->object, &call->out, &status))
        return begin_to_wait(call, &wait, time_out, err);
    return status == PP_OK ? status : pp_error_set(err, status, "the barrier is broken");
}

#define AT(operation) [PP_OP_##operation - PP_OP_LOCK_ACQUIRE]

const struct pp_operation pp_wait_operations[] = {
    AT(LOCK_ACQUIRE) = {PP_MANAGER_LOCK, false, acquire_lock},
    AT(LOCK_RELEASE) = {PP_MANAGER_LOCK, false, pp_permit_release},
    AT(SEMAPHORE_ACQUIRE) = {PP_MANAGER_SEMAPHORE, false, acquire_semaphore},
    AT(SEMAPHORE_RELEASE) = {PP_MANAGER_SEMAPHORE, false, pp_permit_release},
    AT(EVENT_SET) = {PP_MANAGER_EVENT, false, pp_kept_event_set},
    AT(EVENT_CLEAR) = {PP_MANAGER_EVENT, false, pp_kept_event_clear},
    AT(EVENT_WAIT) = {PP_MANAGER_EVENT, false, wait_for_event},
    AT(BARRIER_WAIT) = {PP_MANAGER_BARRIER, false, wait_at_barrier},
    AT(BARRIER_RESET) = {PP_MANAGER_BARRIER, false, pp_kept_barrier_reset},
    AT(QUEUE_PUT) = {PP_MANAGER_QUEUE, true, put_into_queue},
    AT(QUEUE_GET) = {PP_MANAGER_QUEUE, false, get_from_queue},
    AT(QUEUE_LENGTH) = {PP_MANAGER_QUEUE, false, pp_kept_queue_length},
    AT(QUEUE_DONE) = {PP_MANAGER_QUEUE, false, pp_kept_queue_done},
    AT(QUEUE_JOIN) = {PP_MANAGER_QUEUE, false, join_queue},
    AT(CONDITION_WAIT) = {PP_MANAGER_CONDITION, true, pp_kept_condition_wait},
    AT(CONDITION_NOTIFY) = {PP_MANAGER_CONDITION, false, pp_kept_condition_notify},
};
