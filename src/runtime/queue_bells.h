/*
 * runtime/queue_bells.h - a queue's lock, and waiting until something happens to it.
 */
#ifndef PP_RUNTIME_QUEUE_BELLS_H
#define PP_RUNTIME_QUEUE_BELLS_H

#include "runtime/futex.h"
#include "runtime/queue_state.h"

/* How long a call may take. The clock is not looked at before something is in the way. */
struct pp_patience {
    double seconds; /* as pp_deadline_after() takes them */
    struct pp_deadline deadline;
    bool begun;
};

/*
 * Take the head's lock; where its holder has died the queue is repaired first. PP_E_TIMEOUT when
 * the holder keeps it for longer than `patience` lasts, and than 0.05 s, which even those who do
 * not want to wait have. PP_E_INTERNAL when the memory is no queue any more.
 */
enum pp_status pp_queue_lock(struct pp_queue *queue, struct pp_patience *patience) PP_MUST_CHECK;

/* Leave it, and wake whom the bells rung meanwhile are for. */
void pp_queue_unlock(struct pp_queue *queue);

/* Something happened that one or all of those who sleep on the bell want to see. Under the lock. */
void pp_bell_ring(struct pp_queue *queue, enum pp_bell_name name, enum pp_due due);

/* What somebody waits for. */
struct pp_wish {
    /* Under the lock: PP_E_TIMEOUT when it is not so yet; anything else ends the waiting. */
    enum pp_status (*look)(struct pp_queue *queue, void *subject);
    void *subject;
    enum pp_bell_name bell; /* that rings when it is worth another look */
};

/*
 * Look until the wish is fulfilled or has failed, or patience has run out (PP_E_TIMEOUT; there is
 * one look at least). Between the looks the dead are looked for: no death is waited for in vain.
 */
enum pp_status pp_queue_wait(struct pp_queue *queue, const struct pp_wish *wish,
                             struct pp_patience *patience) PP_MUST_CHECK;

#endif
