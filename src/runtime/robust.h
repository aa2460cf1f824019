/*
 * runtime/robust.h - what pp_lock and pp_rlock have in common: a robust mutex of the C library's,
 * shared between processes, made of zeros at its first use.
 *
 * The C library's, because a thread can tell the kernel of one list only of the locks to be marked
 * when it dies, and that list is the C library's. It leaves one hole: a waiter that is killed after
 * it was woken and before it has the mutex passes the wake-up on only if nobody took the mutex
 * meanwhile. So nobody sleeps on it for longer than runtime/recheck.h allows.
 */
#ifndef PP_RUNTIME_ROBUST_H
#define PP_RUNTIME_ROBUST_H

#include <pixpool/sync.h>

enum pp_nesting {
    PP_HELD_ONCE,  /* acquiring it again is an error */
    PP_HELD_NESTED /* is counted */
};

/* As pp_lock_acquire() and pp_rlock_acquire(). */
enum pp_status pp_robust_acquire(struct pp_lock *lock, enum pp_nesting nesting, double timeout,
                                 struct pp_error *err);

enum pp_status pp_robust_release(struct pp_lock *lock, struct pp_error *err);

/* Release it as often as the caller holds it. Returns how often that is, 0 when it does not. */
uint32_t pp_robust_release_all(struct pp_lock *lock, enum pp_nesting nesting);

/* Acquire it `levels` times, waiting for ever; after PP_E_OWNER_DIED it is held as often too. */
enum pp_status pp_robust_acquire_again(struct pp_lock *lock, enum pp_nesting nesting,
                                       uint32_t levels, struct pp_error *err);

/* How many deaths of holders have been told so far; kept by those who were told. */
uint32_t pp_robust_deaths(const struct pp_lock *lock);

/* Whether its holder has died and nobody has acquired it since. */
bool pp_robust_holder_died(const struct pp_lock *lock);

#endif
