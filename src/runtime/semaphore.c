/*
 * Who finds no unit looks for a moment (runtime/spin.h), then counts itself as waiting and sleeps
 * as long as there are none, which the kernel looks at once more. A release adds a unit, and then
 * looks whether anybody waits: one of the two sees the other. It wakes as many as there are units,
 * one as a rule; more when some lie there because one who was woken for them has not come to take
 * them, and may be dead.
 *
 * tests/model/semaphore.pml proves that everybody goes on who can if nobody is killed. One who is,
 * between adding a unit and waking or between being woken and taking, leaves others asleep until
 * the next release, or until they look by themselves (runtime/recheck.h). One killed while it waits
 * leaves `waiting` too high, which costs each release a system call.
 */
#include <pixpool/sync.h>

#include "runtime/recheck.h"
#include "runtime/spin.h"

enum pp_status pp_semaphore_init(struct pp_semaphore *semaphore, uint32_t value, uint32_t maximum,
                                 struct pp_error *err)
{
    if (maximum == 0)
        maximum = PP_SEMAPHORE_MAX;
    if (maximum > PP_SEMAPHORE_MAX || value > maximum)
        return pp_error_set(err, PP_E_USAGE, "a semaphore cannot have %u units of %u", value,
                            maximum);
    *semaphore = (struct pp_semaphore){.units = value, .maximum = maximum};
    return PP_OK;
}

/* Whether there was a unit to take. */
static bool take(struct pp_semaphore *semaphore)
{
    uint32_t seen = __atomic_load_n(&semaphore->units, __ATOMIC_RELAXED);

    while (seen > 0)
        if (__atomic_compare_exchange_n(&semaphore->units, &seen, seen - 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

/* The same, for a moment. Who looks is not counted: nobody has to wake it. */
static bool look(struct pp_semaphore *semaphore, const struct pp_deadline *deadline)
{
    struct pp_spin spin = pp_spin_begin(&semaphore->hint, deadline);
    bool taken;

    do
        taken = take(semaphore);
    while (!taken && pp_spin_goes_on(&spin));
    pp_spin_end(&spin, taken);
    return taken;
}

/* Whether there was one before the deadline. One who was woken takes before it gives up. */
static bool wait_for_unit(struct pp_semaphore *semaphore, double timeout)
{
    const struct pp_deadline deadline = pp_deadline_after(timeout);
    bool taken = look(semaphore, &deadline);

    if (taken)
        return true;
    __atomic_fetch_add(&semaphore->waiting, 1, __ATOMIC_SEQ_CST);
    while (!(taken = take(semaphore)) && !pp_deadline_passed(&deadline))
        pp_recheck_wait(&semaphore->units, 0, &deadline);
    __atomic_fetch_sub(&semaphore->waiting, 1, __ATOMIC_RELAXED);
    return taken;
}

enum pp_status pp_semaphore_acquire(struct pp_semaphore *semaphore, double timeout,
                                    struct pp_error *err)
{
    if (take(semaphore) || (timeout != 0 && wait_for_unit(semaphore, timeout)))
        return PP_OK;
    return pp_error_set(err, PP_E_TIMEOUT, "the semaphore has no unit");
}

enum pp_status pp_semaphore_release(struct pp_semaphore *semaphore, struct pp_error *err)
{
    const uint32_t maximum = semaphore->maximum ? semaphore->maximum : PP_SEMAPHORE_MAX;
    uint32_t seen = __atomic_load_n(&semaphore->units, __ATOMIC_RELAXED);

    do {
        if (seen >= maximum)
            return pp_error_set(err, PP_E_USAGE,
                                "cannot release: the semaphore has all its %u units", maximum);
    } while (!__atomic_compare_exchange_n(&semaphore->units, &seen, seen + 1, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if (__atomic_load_n(&semaphore->waiting, __ATOMIC_SEQ_CST) > 0)
        pp_futex_wake(&semaphore->units, seen + 1);
    return PP_OK;
}

uint32_t pp_semaphore_value(const struct pp_semaphore *semaphore)
{
    return __atomic_load_n(&semaphore->units, __ATOMIC_ACQUIRE);
}
