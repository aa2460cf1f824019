/*
 * The word holds the units, and a bit that says that somebody may sleep on it. The rules, which
 * tests/model/semaphore.pml proves:
 *
 * - Who is about to sleep sets the bit first, and sleeps on the word as it then is.
 * - A release adds a unit and takes the bit away in one step; if the bit was set it wakes one.
 * - Others may sleep still. So who has slept sets the bit again in the same step that takes a unit,
 *   or before giving up, and if units remain after it took one it wakes the next: their releases
 *   may have found no bit.
 *
 * If nobody is killed that wakes everybody who can go on. A releaser killed before it woke, or one
 * killed after being woken, leaves others asleep until they look by themselves (runtime/recheck.h).
 */
#include <pixpool/sync.h>

#include "runtime/recheck.h"

#define SLEEPERS UINT32_C(0x80000000)
#define UNITS    PP_SEMAPHORE_MAX

enum pp_status pp_semaphore_init(struct pp_semaphore *semaphore, uint32_t value, uint32_t maximum,
                                 struct pp_error *err)
{
    if (maximum == 0)
        maximum = UNITS;
    if (maximum > UNITS || value > maximum)
        return pp_error_set(err, PP_E_USAGE, "a semaphore cannot have %u units of %u", value,
                            maximum);
    *semaphore = (struct pp_semaphore){.word = value, .maximum = maximum};
    return PP_OK;
}

static bool change(struct pp_semaphore *semaphore, uint32_t *seen, uint32_t next)
{
    return __atomic_compare_exchange_n(&semaphore->word, seen, next, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

/* Take a unit; `mark` is SLEEPERS for one who has slept. False when there is none: *seen. */
static bool take(struct pp_semaphore *semaphore, uint32_t mark, uint32_t *seen)
{
    *seen = __atomic_load_n(&semaphore->word, __ATOMIC_ACQUIRE);
    while (*seen & UNITS) {
        uint32_t next = (*seen - 1) | mark;
        if (change(semaphore, seen, next)) {
            if (mark && (next & UNITS))
                pp_futex_wake(&semaphore->word, 1);
            return true;
        }
    }
    return false;
}

/* Whether a unit was taken before the deadline. */
static bool wait_for_unit(struct pp_semaphore *semaphore, double timeout)
{
    const struct pp_deadline deadline = pp_deadline_after(timeout);
    uint32_t seen, mark = 0;

    while (!take(semaphore, mark, &seen)) {
        if (!(seen & SLEEPERS) && !change(semaphore, &seen, seen | SLEEPERS))
            continue;
        if (pp_deadline_passed(&deadline))
            return false;
        pp_recheck_wait(&semaphore->word, seen | SLEEPERS, &deadline);
        mark = SLEEPERS;
    }
    return true;
}

enum pp_status pp_semaphore_acquire(struct pp_semaphore *semaphore, double timeout,
                                    struct pp_error *err)
{
    uint32_t seen;

    if (take(semaphore, 0, &seen) || (timeout != 0 && wait_for_unit(semaphore, timeout)))
        return PP_OK;
    return pp_error_set(err, PP_E_TIMEOUT, "the semaphore has no unit");
}

enum pp_status pp_semaphore_release(struct pp_semaphore *semaphore, struct pp_error *err)
{
    const uint32_t maximum = semaphore->maximum ? semaphore->maximum : UNITS;
    uint32_t seen = __atomic_load_n(&semaphore->word, __ATOMIC_RELAXED);

    do {
        if ((seen & UNITS) >= maximum)
            return pp_error_set(err, PP_E_USAGE,
                                "cannot release: the semaphore has all its %u units", maximum);
    } while (!change(semaphore, &seen, (seen & UNITS) + 1));
    if (seen & SLEEPERS)
        pp_futex_wake(&semaphore->word, 1);
    return PP_OK;
}

uint32_t pp_semaphore_value(const struct pp_semaphore *semaphore)
{
    return __atomic_load_n(&semaphore->word, __ATOMIC_ACQUIRE) & UNITS;
}
