/*
 * pixpool/sync.h - locks, semaphores, events, conditions and barriers between processes.
 *
 * Each is a plain struct that its user places where all who use it see it: in memory of
 * <pixpool/shared.h> or any other that is mapped MAP_SHARED (in private memory it serves the
 * threads of one process). It may be mapped at another address in each process. All zero bytes are
 * an unlocked lock, an event that is not set, a semaphore with no units and a condition nobody
 * waits for; a barrier has to be initialised. pp_X_init() is for memory that is not zero, and must
 * be over before anybody else uses the struct. There is nothing to destroy. Memory must not be
 * unmapped by a thread that holds a lock in it, nor copied elsewhere while in use.
 *
 * Every function may be called from any process and thread, unless it says otherwise. Processes
 * must be of one PID namespace: the kernel knows the owner of a lock by its number there.
 *
 * Time-outs are seconds by the monotonic clock; negative is for ever, 0 only tries. A signal
 * handler that runs meanwhile does not end a wait. There is no order among those who wait. Who
 * waits stays awake for the first hundredth of a millisecond, where the process may use more than
 * one processor and waits of late were not all longer: what comes by then comes within a fraction
 * of a microsecond. Two structs that are used by turns are best 64 bytes apart.
 *
 * A process can be killed at any instruction, and a thread can end, without blocking others for
 * ever. What is lost with it is said at each struct. A kill in the short time between a change and
 * the wake-up that belongs to it, or between being woken and going on, can delay others by up to
 * PP_SYNC_RECHECK_MS: who sleeps looks again that often by itself.
 */
#ifndef PIXPOOL_SYNC_H
#define PIXPOOL_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

#define PP_SYNC_RECHECK_MS 250

/* ---- a lock --------------------------------------------------------------------------------- */

/*
 * Held by one thread at a time. If the thread that holds it ends, or its process dies or calls
 * exec, the next to acquire it is told so by PP_E_OWNER_DIED. A child made by fork does not hold
 * what its parent holds. The kernel sees to 2048 locks of a thread that dies: let none hold more.
 */
struct pp_lock {
    uint32_t made; /* not for use, as all members of all structs here */
    uint32_t deaths;
    uint32_t hint;
    uint64_t mutex[6];
};

PP_API void pp_lock_init(struct pp_lock *lock);

/*
 * PP_OK and PP_E_OWNER_DIED: the caller holds the lock now. After PP_E_OWNER_DIED what it guards
 * may be half done, to be put right before the release; the next one gets PP_OK. Otherwise it does
 * not: PP_E_TIMEOUT; PP_E_USAGE when this very thread holds it already, which Python would wait for
 * in vain; PP_E_SYSTEM when this kernel or the memory's contents allow no lock.
 */
PP_API enum pp_status pp_lock_acquire(struct pp_lock *lock, double timeout,
                                      struct pp_error *err) PP_MUST_CHECK;

/*
 * By the thread that holds it; any other gets PP_E_USAGE and changes nothing. (Python lets anybody
 * release a Lock. Who needs that needs a semaphore with one unit.)
 */
PP_API enum pp_status pp_lock_release(struct pp_lock *lock, struct pp_error *err);

/* ---- a lock that its holder may acquire again ----------------------------------------------- */

/* As pp_lock otherwise. It is free when it was released as often as it was acquired. */
struct pp_rlock {
    struct pp_lock lock;
};

PP_API void pp_rlock_init(struct pp_rlock *lock);

/*
 * As pp_lock_acquire(); PP_OK at once for the thread that holds it, or PP_E_LIMIT when it does
 * 2^32 - 1 times. After PP_E_OWNER_DIED the caller holds it once.
 */
PP_API enum pp_status pp_rlock_acquire(struct pp_rlock *lock, double timeout,
                                       struct pp_error *err) PP_MUST_CHECK;

/* As pp_lock_release(), for one of the times it was acquired. */
PP_API enum pp_status pp_rlock_release(struct pp_rlock *lock, struct pp_error *err);

/* ---- a semaphore ---------------------------------------------------------------------------- */

#define PP_SEMAPHORE_MAX UINT32_C(0x7fffffff)

/*
 * A number of units. Nobody owns them, as in Python: anybody may release, and the units that a
 * process acquired and not released when it was killed stay acquired. Whoever watches the process
 * can release them in its stead. A kill inside of the functions leaves a unit either acquired or
 * not, never half so.
 */
struct pp_semaphore {
    uint32_t units;
    uint32_t waiting;
    uint32_t maximum;
    uint32_t hint;
};

/*
 * `value` units at first and `maximum` at most; 0 stands for PP_SEMAPHORE_MAX. With both the same
 * it is Python's BoundedSemaphore(value). PP_E_USAGE when value is above maximum.
 */
PP_API enum pp_status pp_semaphore_init(struct pp_semaphore *semaphore, uint32_t value,
                                        uint32_t maximum, struct pp_error *err);

/* Take a unit, and wait for one if there is none. PP_OK or PP_E_TIMEOUT. */
PP_API enum pp_status pp_semaphore_acquire(struct pp_semaphore *semaphore, double timeout,
                                           struct pp_error *err) PP_MUST_CHECK;

/* Add a unit. PP_E_USAGE, and no change, when there are as many as the maximum. */
PP_API enum pp_status pp_semaphore_release(struct pp_semaphore *semaphore, struct pp_error *err);

/* Units that were there a moment ago. */
PP_API uint32_t pp_semaphore_value(const struct pp_semaphore *semaphore);

/* ---- an event ------------------------------------------------------------------------------- */

/* Set or not; a kill inside of the functions leaves it one or the other. */
struct pp_event {
    uint32_t word;
    uint32_t hint;
};

/* Not set. */
PP_API void pp_event_init(struct pp_event *event);

/* Let go all who wait, and those to come until it is cleared. */
PP_API void pp_event_set(struct pp_event *event);

PP_API void pp_event_clear(struct pp_event *event);

PP_API bool pp_event_is_set(const struct pp_event *event);

/*
 * PP_OK when it is set, or was set at any time since the call began, be it cleared again already;
 * else PP_E_TIMEOUT.
 */
PP_API enum pp_status pp_event_wait(struct pp_event *event, double timeout,
                                    struct pp_error *err) PP_MUST_CHECK;

/* ---- a condition ---------------------------------------------------------------------------- */

/*
 * For waiting until something that a lock guards comes true. A wait can return without it having
 * come true, so that the usual way is a loop, or pp_condition_wait_for(). One condition is used
 * with one lock.
 *
 * No notification is lost: everybody who waits when one is made returns, `count` of them at once
 * and the others, for whom it was not meant, within PP_SYNC_RECHECK_MS. So it does not matter if
 * those woken are killed, or the one who notifies is as soon as he has begun. If the holder of the
 * lock dies, before he notified anybody or after, one who waits gets PP_E_OWNER_DIED within the
 * same time.
 */
struct pp_condition {
    uint32_t sequence;
    uint32_t waiting;
    uint32_t hint;
};

PP_API void pp_condition_init(struct pp_condition *condition);

/*
 * Release the lock, which the caller must hold, wait to be notified, and acquire it again, however
 * long that takes. The lock is held when this returns PP_OK (notified; nothing is said about whom
 * it was meant for), PP_E_TIMEOUT (nobody has since the call), or PP_E_OWNER_DIED (the lock's
 * holder before died, as in pp_lock_acquire(); a notification may have been made or not).
 * PP_E_USAGE when it was not held, and then it is not. PP_E_SYSTEM when the lock's memory was
 * overwritten; it is not held then.
 */
PP_API enum pp_status pp_condition_wait(struct pp_condition *condition, struct pp_lock *lock,
                                        double timeout, struct pp_error *err) PP_MUST_CHECK;

/* The same with a lock that is released however often it is held, and then held as often again. */
PP_API enum pp_status pp_condition_wait_rlock(struct pp_condition *condition, struct pp_rlock *lock,
                                              double timeout, struct pp_error *err) PP_MUST_CHECK;

/* What is waited for; called by the waiting thread, which holds the lock. */
struct pp_predicate {
    bool (*holds)(void *user);
    void *user;
};

/*
 * Wait until the predicate holds: PP_OK. PP_E_TIMEOUT when it still does not after the time-out.
 * PP_E_OWNER_DIED is returned at once, without asking the predicate, for the caller to put things
 * right and call again. Otherwise as pp_condition_wait().
 */
PP_API enum pp_status pp_condition_wait_for(struct pp_condition *condition, struct pp_lock *lock,
                                            const struct pp_predicate *predicate, double timeout,
                                            struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_condition_wait_for_rlock(struct pp_condition *condition,
                                                  struct pp_rlock *lock,
                                                  const struct pp_predicate *predicate,
                                                  double timeout,
                                                  struct pp_error *err) PP_MUST_CHECK;

/*
 * Wake `count` of those who wait. The caller should hold the lock since it changed what is waited
 * for, which is not checked: nobody would hear of its death in between otherwise. Nothing happens
 * when nobody waits.
 */
PP_API void pp_condition_notify(struct pp_condition *condition, uint32_t count);

PP_API void pp_condition_notify_all(struct pp_condition *condition);

/* ---- a barrier ------------------------------------------------------------------------------ */

/*
 * `parties` threads or processes wait for each other, round after round. It can be broken: by
 * pp_barrier_abort(), a time-out, an action that fails, or the death of a process in the middle of
 * changing it or in its action. Then all who wait, and all who come, get PP_E_CANCELLED until
 * pp_barrier_reset().
 *
 * One that is killed while it waits has come, and counts as such: its round is complete when the
 * others have come as well. From one that is killed before it came the others do not hear. They
 * wait until the time-out, or until whoever sees to the processes calls pp_barrier_abort(). Give a
 * barrier a time-out.
 */
struct pp_barrier {
    struct pp_lock lock;
    struct pp_condition changed;
    double timeout;
    uint64_t broken_rounds; /* a bit for each of the last 64 */
    uint32_t round;
    uint32_t parties;
    uint32_t count;
    uint32_t broken;
};

/*
 * For `parties` (at least 1, else PP_E_USAGE). `timeout` holds for all waits that name none;
 * negative: for ever.
 */
PP_API enum pp_status pp_barrier_init(struct pp_barrier *barrier, uint32_t parties, double timeout,
                                      struct pp_error *err);

/*
 * Run by the last to come, when all have and before any goes on. It holds the barrier's lock: no
 * function on the same barrier may be called. What it returns other than PP_OK breaks the barrier.
 */
struct pp_barrier_action {
    enum pp_status (*run)(void *user, struct pp_error *err);
    void *user;
};

/*
 * Wait for the others. `timeout` negative: the barrier's own. `action` may be NULL; that of the
 * last to come is run, no other. PP_OK: all have come; *index (or NULL) is which of them this one
 * was, 0 to parties - 1. PP_E_CANCELLED: it is broken, or was reset meanwhile. PP_E_TIMEOUT: the
 * time of this one ran out, so that it is broken now. Or what the action returned. PP_E_USAGE for a
 * barrier that was not initialised. Who sleeps (stopped, say) through 64 rounds is told
 * PP_E_CANCELLED.
 */
PP_API enum pp_status pp_barrier_wait(struct pp_barrier *barrier, double timeout,
                                      const struct pp_barrier_action *action, uint32_t *index,
                                      struct pp_error *err) PP_MUST_CHECK;

/* Break it. All who wait get PP_E_CANCELLED. */
PP_API enum pp_status pp_barrier_abort(struct pp_barrier *barrier, struct pp_error *err);

/* Whole and empty again. All who wait get PP_E_CANCELLED; who comes after belongs to a new round.
 */
PP_API enum pp_status pp_barrier_reset(struct pp_barrier *barrier, struct pp_error *err);

/* As they were a moment ago: whether it is broken, and how many wait (0 when it is broken). */
PP_API bool pp_barrier_is_broken(const struct pp_barrier *barrier);
PP_API uint32_t pp_barrier_waiting(const struct pp_barrier *barrier);

PP_END_DECLS

#endif
