/*
 * runtime/queue_repair.h - what is done about the dead. Both under the head's lock.
 */
#ifndef PP_RUNTIME_QUEUE_REPAIR_H
#define PP_RUNTIME_QUEUE_REPAIR_H

#include "runtime/queue_state.h"

/* Make everything that follows from the truth anew, whatever state it is in, and have all who wait
 * look again. For who got the lock of a dead holder; also for a new queue. */
void pp_queue_repair(struct pp_queue *queue);

/* Free what the dead were writing and give back what they were reading. Returns how many slots. */
unsigned pp_queue_reclaim(struct pp_queue *queue);

#endif
