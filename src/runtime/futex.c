#include "runtime/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

#define CENTURY_S 3.2e9

struct pp_deadline pp_deadline_after(double seconds)
{
    uint64_t at;

    /* The comparison is also false of what is no number. */
    if (!(seconds >= 0 && seconds <= CENTURY_S))
        return (struct pp_deadline){.never = true};
    at = pp_clock_ns() + (uint64_t)(seconds * (double)PP_NS_PER_S);
    return (struct pp_deadline){
        .at = {.tv_sec = (time_t)(at / PP_NS_PER_S), .tv_nsec = (long)(at % PP_NS_PER_S)}};
}

bool pp_deadline_passed(const struct pp_deadline *deadline)
{
    uint64_t at = (uint64_t)deadline->at.tv_sec * PP_NS_PER_S + (uint64_t)deadline->at.tv_nsec;

    return !deadline->never && pp_clock_ns() >= at;
}

/* FUTEX_WAIT_BITSET takes a moment, not a length: nothing is lost by being woken in between. */
bool pp_futex_wait(const uint32_t *word, uint32_t seen, const struct pp_deadline *deadline)
{
    long done = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, seen,
                        deadline->never ? NULL : &deadline->at, NULL, FUTEX_BITSET_MATCH_ANY);

    return done == 0 || errno != ETIMEDOUT;
}

unsigned pp_futex_wake(const uint32_t *word, unsigned count)
{
    unsigned most = count > INT_MAX ? INT_MAX : count;
    long woken = syscall(SYS_futex, word, FUTEX_WAKE, most);

    return woken > 0 ? (unsigned)woken : 0;
}
