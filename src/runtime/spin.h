/*
 * runtime/spin.h - looking for a moment before going to sleep.
 *
 * To fall asleep and to be woken costs two switches of context and two calls of the kernel, some
 * microseconds, of whoever waits and of whoever wakes. What comes sooner is better waited for
 * awake. Nobody knows how soon it comes, so one looks for PP_SPIN_NS, about what sleeping costs,
 * and sleeps then: that never takes more than about twice what one would take who knew (Karlin,
 * Manasse, McGeoch, Owicki: Competitive randomized algorithms for nonuniform problems, 1994,
 * section 2). It is longer than a wake-up takes, so that of two who answer each other and sleep the
 * one that is not woken yet is met awake by the answer, and both stay so.
 *
 * Where waits are long all the time, looking is given up by and by: after each that was in vain
 * twice as many waits go without, up to PP_SPIN_SKIPS_MAX, and one that was not forgets it all. The
 * numbers for this lie in a word beside what is waited for. It is a hint: those who share it change
 * it at the same time without any care, zero is its first value, and no value of it can do worse
 * than to have one wait look or not.
 *
 * With one processor allowed to the process nobody looks, as what is waited for cannot come
 * meanwhile. Who looks has changed nothing, so that it can be killed at any moment. Any process,
 * any thread.
 */
#ifndef PP_RUNTIME_SPIN_H
#define PP_RUNTIME_SPIN_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/futex.h"

#define PP_SPIN_NS        10000u
#define PP_SPIN_SKIPS_MAX 64u

/* One wait's look. */
struct pp_spin {
    uint32_t *hint;
    uint64_t until; /* of the monotonic clock; 0: this wait does not look */
    unsigned turns;
};

/* Begin. The deadline may come sooner; when it has passed there is no look. */
struct pp_spin pp_spin_begin(uint32_t *hint, const struct pp_deadline *deadline);

/* Let a moment pass. False: no more of it, or never any. */
bool pp_spin_goes_on(struct pp_spin *spin);

/* Note whether what was waited for came. */
void pp_spin_end(const struct pp_spin *spin, bool came);

#endif
