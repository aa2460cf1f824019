/*
 * runtime/recheck.h - sleeping that survives a wake-up which never comes.
 *
 * A process can be killed after it changed a word and before it woke those who sleep on it, or
 * after it was woken and before it did what it was woken for. Either way others are left asleep
 * although they could go on. Nothing in user space can prevent both, so nobody here sleeps for
 * longer than PP_SYNC_RECHECK_MS without having a look. Any process, any thread.
 */
#ifndef PP_RUNTIME_RECHECK_H
#define PP_RUNTIME_RECHECK_H

#include <stdint.h>

#include "runtime/futex.h"

/* The deadline, or the moment of the next look if that is sooner. */
struct pp_deadline pp_recheck_deadline(const struct pp_deadline *deadline);

/*
 * As pp_futex_wait(), but it also returns when it is time for a look. The caller looks at what it
 * waits for, and at the deadline, and calls again.
 */
void pp_recheck_wait(const uint32_t *word, uint32_t seen, const struct pp_deadline *deadline);

#endif
