/*
 * Who waits takes down the sequence number while it holds the lock, and returns when the number is
 * another; each notification makes it another. So none is missed, whoever is killed: the wake-up
 * only makes it quick. With the deaths of holders it is the same. tests/model/condition.pml proves
 * that.
 *
 * Having released the lock it looks at the number for a moment (runtime/spin.h), then counts itself
 * as `waiting` and sleeps if the number is still the same, which it looks at once more: it counts
 * and looks, who notifies changes the number and looks whether anybody is counted, so that one of
 * the two sees the other. That spares a notification its system call when nobody sleeps. One who is
 * killed leaves `waiting` too high, which costs that call.
 */
#include <pixpool/sync.h>

#include <limits.h>
#include <stddef.h>

#include "runtime/recheck.h"
#include "runtime/robust.h"
#include "runtime/spin.h"

/* Which of the two locks goes with the condition. */
struct guard {
    struct pp_lock *lock;
    enum pp_nesting nesting;
};

void pp_condition_init(struct pp_condition *condition)
{
    *condition = (struct pp_condition){0};
}

/* What was so when a wait began, while the lock was still held. */
struct before {
    uint32_t sequence;
    uint32_t deaths;
};

static bool was_notified(const struct pp_condition *condition, const struct before *before)
{
    return __atomic_load_n(&condition->sequence, __ATOMIC_ACQUIRE) != before->sequence;
}

/* Whether a notification came soon. */
static bool look(struct pp_condition *condition, const struct before *before,
                 const struct pp_deadline *deadline)
{
    struct pp_spin spin = pp_spin_begin(&condition->hint, deadline);
    bool notified;

    do
        notified = was_notified(condition, before);
    while (!notified && pp_spin_goes_on(&spin));
    pp_spin_end(&spin, notified);
    return notified;
}

/*
 * Whether anything but the deadline ended the wait: a notification, or the death of a holder, who
 * may have owed one. Another who was told of the death need not know that it did.
 */
static bool sleep_until_notified(const struct pp_condition *condition, const struct pp_lock *lock,
                                 const struct before *before, const struct pp_deadline *deadline)
{
    while (!was_notified(condition, before)) {
        if (pp_robust_holder_died(lock) || pp_robust_deaths(lock) != before->deaths)
            return true;
        if (pp_deadline_passed(deadline))
            return false;
        pp_recheck_wait(&condition->sequence, before->sequence, deadline);
    }
    return true;
}

static bool wait_until_notified(struct pp_condition *condition, const struct pp_lock *lock,
                                const struct before *before, const struct pp_deadline *deadline)
{
    bool notified = look(condition, before, deadline);

    if (notified)
        return true;
    __atomic_fetch_add(&condition->waiting, 1, __ATOMIC_SEQ_CST);
    notified = sleep_until_notified(condition, lock, before, deadline);
    __atomic_fetch_sub(&condition->waiting, 1, __ATOMIC_RELAXED);
    return notified;
}

static enum pp_status wait_once(struct pp_condition *condition, const struct guard *guard,
                                const struct pp_deadline *deadline, struct pp_error *err)
{
    enum pp_status status;
    struct before before;
    uint32_t levels;
    bool notified;

    before.sequence = __atomic_load_n(&condition->sequence, __ATOMIC_SEQ_CST);
    before.deaths = pp_robust_deaths(guard->lock);
    levels = pp_robust_release_all(guard->lock, guard->nesting);
    if (levels == 0)
        return pp_error_set(err, PP_E_USAGE, "cannot wait: this thread does not hold the lock");
    notified = wait_until_notified(condition, guard->lock, &before, deadline);
    status = pp_robust_acquire_again(guard->lock, guard->nesting, levels, err);
    if (status != PP_OK || notified)
        return status;
    return pp_error_set(err, PP_E_TIMEOUT, "nobody notified in time");
}

static enum pp_status wait_for(struct pp_condition *condition, const struct guard *guard,
                               const struct pp_predicate *predicate, double timeout,
                               struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(timeout);
    enum pp_status status = PP_OK;
    struct pp_error inner = {0};

    while (status == PP_OK && !predicate->holds(predicate->user))
        status = wait_once(condition, guard, &deadline, &inner);
    /* It may have come true while the lock was waited for. */
    if (status == PP_E_TIMEOUT && predicate->holds(predicate->user))
        return PP_OK;
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s", inner.text);
}

enum pp_status pp_condition_wait(struct pp_condition *condition, struct pp_lock *lock,
                                 double timeout, struct pp_error *err)
{
    const struct guard guard = {.lock = lock, .nesting = PP_HELD_ONCE};
    const struct pp_deadline deadline = pp_deadline_after(timeout);

    return wait_once(condition, &guard, &deadline, err);
}

enum pp_status pp_condition_wait_rlock(struct pp_condition *condition, struct pp_rlock *lock,
                                       double timeout, struct pp_error *err)
{
    const struct guard guard = {.lock = &lock->lock, .nesting = PP_HELD_NESTED};
    const struct pp_deadline deadline = pp_deadline_after(timeout);

    return wait_once(condition, &guard, &deadline, err);
}

enum pp_status pp_condition_wait_for(struct pp_condition *condition, struct pp_lock *lock,
                                     const struct pp_predicate *predicate, double timeout,
                                     struct pp_error *err)
{
    const struct guard guard = {.lock = lock, .nesting = PP_HELD_ONCE};

    return wait_for(condition, &guard, predicate, timeout, err);
}

enum pp_status pp_condition_wait_for_rlock(struct pp_condition *condition, struct pp_rlock *lock,
                                           const struct pp_predicate *predicate, double timeout,
                                           struct pp_error *err)
{
    const struct guard guard = {.lock = &lock->lock, .nesting = PP_HELD_NESTED};

    return wait_for(condition, &guard, predicate, timeout, err);
}

void pp_condition_notify(struct pp_condition *condition, uint32_t count)
{
    if (count == 0)
        return;
    __atomic_fetch_add(&condition->sequence, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&condition->waiting, __ATOMIC_SEQ_CST) > 0)
        pp_futex_wake(&condition->sequence, count);
}

void pp_condition_notify_all(struct pp_condition *condition)
{
    pp_condition_notify(condition, UINT_MAX);
}
