/*
 * pixpool/manager_waits.h - what processes wait for each other by, through a manager: locks,
 * semaphores, events, barriers, queues and conditions. Who came first is served first.
 *
 * A part of <pixpool/manager.h>, which says what holds for every call: deaths, `seconds`, which
 * process and thread, errors.
 */
#ifndef PIXPOOL_MANAGER_WAITS_H
#define PIXPOOL_MANAGER_WAITS_H

#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/bytes.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

struct pp_manager;

/*
 * A lock belongs to the handle that took it, which may take it again and has to release it as
 * often. PP_E_OWNER_DIED: it is taken, but whoever had it before went without releasing it, and
 * what it guards may be half done.
 */
PP_API enum pp_status pp_manager_lock_acquire(struct pp_manager *manager, const char *name,
                                              double seconds, struct pp_error *err) PP_MUST_CHECK;

/* PP_E_USAGE when it is not this handle's. */
PP_API enum pp_status pp_manager_lock_release(struct pp_manager *manager, const char *name,
                                              struct pp_error *err) PP_MUST_CHECK;

/* One of a semaphore's units, as long as the handle does not give it back. To tell others that
 * something has come there are events and queues. */
PP_API enum pp_status pp_manager_semaphore_acquire(struct pp_manager *manager, const char *name,
                                                   double seconds,
                                                   struct pp_error *err) PP_MUST_CHECK;

/* PP_E_USAGE when the handle has none. */
PP_API enum pp_status pp_manager_semaphore_release(struct pp_manager *manager, const char *name,
                                                   struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_event_set(struct pp_manager *manager, const char *name,
                                           struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_event_clear(struct pp_manager *manager, const char *name,
                                             struct pp_error *err) PP_MUST_CHECK;

/* Until it is set. */
PP_API enum pp_status pp_manager_event_wait(struct pp_manager *manager, const char *name,
                                            double seconds, struct pp_error *err) PP_MUST_CHECK;

/*
 * Until as many wait as the barrier has parties; then all go on, and it begins anew. *turn, unless
 * NULL, is the order of coming, from 0. When one that waits runs out of time or dies the barrier is
 * broken: the others, and all who come, get PP_E_CANCELLED until it is reset.
 */
PP_API enum pp_status pp_manager_barrier_wait(struct pp_manager *manager, const char *name,
                                              double seconds, uint64_t *turn,
                                              struct pp_error *err) PP_MUST_CHECK;

/* As new; who waits gets PP_E_CANCELLED. */
PP_API enum pp_status pp_manager_barrier_reset(struct pp_manager *manager, const char *name,
                                               struct pp_error *err) PP_MUST_CHECK;

/* An item put is in the queue before the call returns. */
PP_API enum pp_status pp_manager_queue_put(struct pp_manager *manager, const char *name,
                                           struct pp_bytes item, double seconds,
                                           struct pp_error *err) PP_MUST_CHECK;

/* The item is this handle's alone; if its process dies before the call returns it may be lost. */
PP_API enum pp_status pp_manager_queue_get(struct pp_manager *manager, const char *name,
                                           double seconds, struct pp_bytes *item,
                                           struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_queue_length(struct pp_manager *manager, const char *name,
                                              uint64_t *length, struct pp_error *err) PP_MUST_CHECK;

/* An item that was got has been worked on, by this handle or another. PP_E_USAGE when as many are
 * done as were got. */
PP_API enum pp_status pp_manager_queue_task_done(struct pp_manager *manager, const char *name,
                                                 struct pp_error *err) PP_MUST_CHECK;

/* Until every item ever put is done. What was got by who died before it was done is never done,
 * unless another says so. */
PP_API enum pp_status pp_manager_queue_join(struct pp_manager *manager, const char *name,
                                            double seconds, struct pp_error *err) PP_MUST_CHECK;

/*
 * Put down the lock named `lock`, which the handle must hold, however often it has taken it; wait
 * to be notified; and take the lock again as often. PP_OK: a notification, or the death of a
 * holder of the lock, who may have owed one, so that what is waited for has to be looked at.
 * PP_E_TIMEOUT: none came in time. PP_E_OWNER_DIED: as with pp_manager_lock_acquire(). With these
 * three the lock is held. Taking it again comes after `seconds` and may take as long as others hold
 * it: for this call the handle's patience is endless.
 *
 * PP_E_USAGE when the lock is not held, and PP_E_NO_MEMORY, change nothing. With PP_E_CLOSED,
 * also when condition or lock is deleted, it is not held.
 *
 * A killed waiter harms nobody: a notification it got, and did not come to use, goes to the next.
 */
PP_API enum pp_status pp_manager_condition_wait(struct pp_manager *manager, const char *name,
                                                const char *lock, double seconds,
                                                struct pp_error *err) PP_MUST_CHECK;

/*
 * Have the first `count` of those who wait go on, each once it has its lock; without one who waits
 * nothing happens. The caller should hold the lock since it changed what is waited for, which is
 * not checked: if it dies in between nobody would hear of it otherwise.
 */
PP_API enum pp_status pp_manager_condition_notify(struct pp_manager *manager, const char *name,
                                                  uint32_t count,
                                                  struct pp_error *err) PP_MUST_CHECK;

/* The same for all who wait. */
PP_API enum pp_status pp_manager_condition_notify_all(struct pp_manager *manager, const char *name,
                                                      struct pp_error *err) PP_MUST_CHECK;

PP_END_DECLS

#endif
