/*
 * All is changed under the lock, and one who is killed with it in hand breaks the barrier. A round
 * ends by being complete or by being broken. Those who waited in it may wake much later, so how it
 * ended is kept apart from how the barrier is by then; no one has to be waited for before the next
 * round begins, as he may be dead.
 */
#include <pixpool/sync.h>

#include <stddef.h>

#include "runtime/robust.h"

#define ROUNDS_KEPT 64u

enum pp_status pp_barrier_init(struct pp_barrier *barrier, uint32_t parties, double timeout,
                               struct pp_error *err)
{
    if (parties == 0)
        return pp_error_set(err, PP_E_USAGE, "a barrier needs at least one party");
    *barrier = (struct pp_barrier){.parties = parties, .timeout = timeout};
    return PP_OK;
}

/* The lock is held. */
static void end_round(struct pp_barrier *barrier, bool broken)
{
    const uint64_t bit = UINT64_C(1) << (barrier->round % ROUNDS_KEPT);

    barrier->broken_rounds = broken ? barrier->broken_rounds | bit : barrier->broken_rounds & ~bit;
    barrier->round++;
    __atomic_store_n(&barrier->count, 0, __ATOMIC_RELEASE);
    pp_condition_notify_all(&barrier->changed);
}

static void break_it(struct pp_barrier *barrier)
{
    __atomic_store_n(&barrier->broken, 1, __ATOMIC_RELEASE);
    end_round(barrier, true);
}

/* Acquire the lock; a barrier left by one who was killed at it is broken. */
static enum pp_status hold(struct pp_barrier *barrier, struct pp_error *err)
{
    struct pp_error inner = {0};
    enum pp_status status = pp_lock_acquire(&barrier->lock, -1, &inner);

    if (status == PP_E_OWNER_DIED) {
        break_it(barrier);
        status = PP_OK;
    }
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s", inner.text);
}

static enum pp_status say_broken(struct pp_error *err)
{
    return pp_error_set(err, PP_E_CANCELLED, "the barrier is broken");
}

static enum pp_status complete(struct pp_barrier *barrier, const struct pp_barrier_action *action,
                               struct pp_error *err)
{
    enum pp_status status = action ? action->run(action->user, err) : PP_OK;

    if (status == PP_OK)
        end_round(barrier, false);
    else
        break_it(barrier);
    return status;
}

/* What a waiting party has to know. */
struct stay {
    const struct pp_barrier *barrier;
    uint32_t round;
};

static bool is_over(void *user)
{
    const struct stay *stay = user;

    return stay->barrier->round != stay->round;
}

static enum pp_status outcome(const struct stay *stay, struct pp_error *err)
{
    const uint64_t bit = UINT64_C(1) << (stay->round % ROUNDS_KEPT);

    if (stay->barrier->round - stay->round > ROUNDS_KEPT || (stay->barrier->broken_rounds & bit))
        return say_broken(err);
    return PP_OK;
}

/* Wait for this round's end; the lock is held before and after. */
static enum pp_status stay_for_round(struct pp_barrier *barrier, double timeout,
                                     struct pp_error *err)
{
    struct stay stay = {.barrier = barrier, .round = barrier->round};
    const struct pp_predicate over = {.holds = is_over, .user = &stay};
    struct pp_error inner = {0};
    enum pp_status status =
        pp_condition_wait_for(&barrier->changed, &barrier->lock, &over, timeout, &inner);

    switch (status) {
    case PP_E_TIMEOUT:
        break_it(barrier);
        return pp_error_set(err, status, "the others did not come to the barrier in time");
    case PP_E_OWNER_DIED:
        break_it(barrier);
        return outcome(&stay, err);
    case PP_OK:
        return outcome(&stay, err);
    default:
        return pp_error_set(err, status, "%s", inner.text);
    }
}

enum pp_status pp_barrier_wait(struct pp_barrier *barrier, double timeout,
                               const struct pp_barrier_action *action, uint32_t *index,
                               struct pp_error *err)
{
    uint32_t place;
    enum pp_status status;

    if (barrier->parties == 0)
        return pp_error_set(err, PP_E_USAGE, "the barrier was not initialised");
    status = hold(barrier, err);
    if (status != PP_OK)
        return status;
    place = barrier->count;
    if (barrier->broken) {
        status = say_broken(err);
    } else {
        __atomic_store_n(&barrier->count, place + 1, __ATOMIC_RELEASE);
        status = place + 1 == barrier->parties
                     ? complete(barrier, action, err)
                     : stay_for_round(barrier, timeout < 0 ? barrier->timeout : timeout, err);
    }
    (void)pp_lock_release(&barrier->lock, NULL);
    if (status == PP_OK && index)
        *index = place;
    return status;
}

enum pp_status pp_barrier_abort(struct pp_barrier *barrier, struct pp_error *err)
{
    enum pp_status status = hold(barrier, err);

    if (status != PP_OK)
        return status;
    break_it(barrier);
    return pp_lock_release(&barrier->lock, err);
}

enum pp_status pp_barrier_reset(struct pp_barrier *barrier, struct pp_error *err)
{
    enum pp_status status = hold(barrier, err);

    if (status != PP_OK)
        return status;
    if (barrier->count > 0)
        end_round(barrier, true);
    __atomic_store_n(&barrier->broken, 0, __ATOMIC_RELEASE);
    return pp_lock_release(&barrier->lock, err);
}

bool pp_barrier_is_broken(const struct pp_barrier *barrier)
{
    return __atomic_load_n(&barrier->broken, __ATOMIC_ACQUIRE);
}

uint32_t pp_barrier_waiting(const struct pp_barrier *barrier)
{
    return pp_barrier_is_broken(barrier) ? 0 : __atomic_load_n(&barrier->count, __ATOMIC_ACQUIRE);
}
