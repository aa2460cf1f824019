#include "runtime/spin.h"

#include <sched.h>

#include "base/clock.h"

/* Moments between two looks at the clock, which takes about as long as one of them. */
#define TURNS 8

/* The hint: the waits to come that do not look, and above them how many it was the last time. */
#define LEFT_BITS 16
#define LEFT_MASK ((UINT32_C(1) << LEFT_BITS) - 1)

/* Leaves the processor's other thread, and the bus, to those who have something to do. */
#if defined(__x86_64__) || defined(__i386__)
static void pause_briefly(void)
{
    __builtin_ia32_pause();
}
#elif defined(__aarch64__)
static void pause_briefly(void)
{
    __asm__ volatile("isb" ::: "memory"); /* `yield` does nothing on most */
}
#else
static void pause_briefly(void)
{
    __asm__ volatile("" ::: "memory");
}
#endif

/* Asked anew for each wait, as it may change, and by a call that takes a tenth of a sleep. It fails
 * where there are more processors than the set has bits. */
static bool has_processors(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) > 1;
}

/* Whether it is this wait's turn. */
static bool is_due(uint32_t *hint)
{
    const uint32_t seen = __atomic_load_n(hint, __ATOMIC_RELAXED);

    if ((seen & LEFT_MASK) == 0)
        return true;
    __atomic_store_n(hint, seen - 1, __ATOMIC_RELAXED);
    return false;
}

struct pp_spin pp_spin_begin(uint32_t *hint, const struct pp_deadline *deadline)
{
    struct pp_spin spin = {.hint = hint};
    uint64_t now, at;

    if (pp_deadline_passed(deadline) || !is_due(hint) || !has_processors())
        return spin;
    now = pp_clock_ns();
    at = (uint64_t)deadline->at.tv_sec * PP_NS_PER_S + (uint64_t)deadline->at.tv_nsec;
    spin.until = now + PP_SPIN_NS;
    if (!deadline->never && at < spin.until)
        spin.until = at;
    return spin;
}

bool pp_spin_goes_on(struct pp_spin *spin)
{
    if (spin->until == 0)
        return false;
    pause_briefly();
    return ++spin->turns % TURNS != 0 || pp_clock_ns() < spin->until;
}

void pp_spin_end(const struct pp_spin *spin, bool came)
{
    const uint32_t seen = __atomic_load_n(spin->hint, __ATOMIC_RELAXED);
    uint32_t skips = 0;

    if (spin->until == 0)
        return;
    if (!came)
        skips = seen >> LEFT_BITS > 0 ? 2 * (seen >> LEFT_BITS) : 1;
    if (skips > PP_SPIN_SKIPS_MAX)
        skips = PP_SPIN_SKIPS_MAX;
    if (skips > 0 || seen > 0)
        __atomic_store_n(spin->hint, skips << LEFT_BITS | skips, __ATOMIC_RELAXED);
}
