/*
 * The word: whether it is set, whether somebody may sleep on it, and how often it was set, by which
 * one who waits sees that it was even if it is cleared again.
 */
#include <pixpool/sync.h>

#include <limits.h>

#include "runtime/recheck.h"
#include "runtime/spin.h"

#define SET      UINT32_C(1)
#define SLEEPERS UINT32_C(2)
#define TURN     UINT32_C(4) /* of the count above */

void pp_event_init(struct pp_event *event)
{
    *event = (struct pp_event){0};
}

void pp_event_set(struct pp_event *event)
{
    uint32_t seen = __atomic_load_n(&event->word, __ATOMIC_RELAXED), next;

    do {
        /* Set by another already: even so what the caller wrote before has to be seen by those who
         * see it set, which the exchange of a word by itself makes sure of. */
        next = seen & SET ? seen : ((seen + TURN) | SET) & ~SLEEPERS;
    } while (!__atomic_compare_exchange_n(&event->word, &seen, next, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    if (next != seen && (seen & SLEEPERS))
        pp_futex_wake(&event->word, UINT_MAX);
}

void pp_event_clear(struct pp_event *event)
{
    __atomic_fetch_and(&event->word, ~SET, __ATOMIC_ACQ_REL);
}

bool pp_event_is_set(const struct pp_event *event)
{
    return __atomic_load_n(&event->word, __ATOMIC_ACQUIRE) & SET;
}

/* Whether it is set, or was between the two looks. */
static bool was_set(uint32_t first, uint32_t now)
{
    return (now & SET) || first / TURN != now / TURN;
}

/* The word as it was seen last, `first` at the beginning; awake all the time. */
static uint32_t look(struct pp_event *event, uint32_t first, const struct pp_deadline *deadline)
{
    struct pp_spin spin = pp_spin_begin(&event->hint, deadline);
    uint32_t seen;

    do
        seen = __atomic_load_n(&event->word, __ATOMIC_ACQUIRE);
    while (!was_set(first, seen) && pp_spin_goes_on(&spin));
    pp_spin_end(&spin, was_set(first, seen));
    return seen;
}

enum pp_status pp_event_wait(struct pp_event *event, double timeout, struct pp_error *err)
{
    const uint32_t first = __atomic_load_n(&event->word, __ATOMIC_ACQUIRE);
    struct pp_deadline deadline;
    uint32_t seen;

    if (first & SET)
        return PP_OK;
    deadline = pp_deadline_after(timeout);
    seen = look(event, first, &deadline);
    while (!was_set(first, seen) && !pp_deadline_passed(&deadline)) {
        if ((seen & SLEEPERS) ||
            __atomic_compare_exchange_n(&event->word, &seen, seen | SLEEPERS, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            pp_recheck_wait(&event->word, seen | SLEEPERS, &deadline);
        seen = __atomic_load_n(&event->word, __ATOMIC_ACQUIRE);
    }
    return was_set(first, seen) ? PP_OK
                                : pp_error_set(err, PP_E_TIMEOUT, "the event was not set in time");
}
