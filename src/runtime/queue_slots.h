/*
 * runtime/queue_slots.h - the steps that a queue's slots take, and the lists they are in. All under
 * the head's lock. A slot's own lock is taken and left by the functions that say so.
 */
#ifndef PP_RUNTIME_QUEUE_SLOTS_H
#define PP_RUNTIME_QUEUE_SLOTS_H

#include "runtime/queue_state.h"

/*
 * A free slot with room for `size` bytes, not on the free list any more, ticket and number not yet
 * set; PP_SLOT_NONE when there is none. Commit it or begin to write before the lock is left.
 */
uint32_t pp_slots_reserve(struct pp_queue *queue, uint64_t size);

/* A reserved slot to WRITING; takes its lock. */
void pp_slots_write(struct pp_queue *queue, uint32_t index);

/* A slot whose bytes are written, reserved or in WRITING, to FULL: the last in order. Leaves its
 * lock if it was in WRITING. */
void pp_slots_commit(struct pp_queue *queue, uint32_t index);

/* The first full slot to READING by thread `holder` (0: not by a take); takes its lock. */
void pp_slots_read(struct pp_queue *queue, uint32_t index, uint32_t holder);

/* To FREE: the first full slot, or one in WRITING or READING, whose lock is left. */
void pp_slots_release(struct pp_queue *queue, uint32_t index);

/* As pp_slots_release() for one in READING whose lock is left already; counts it as finished. */
void pp_slots_finish(struct pp_queue *queue, uint32_t index);

/* From READING to FULL again, with its old ticket. Leaves its lock. */
void pp_slots_return(struct pp_queue *queue, uint32_t index);

/* One more task is done. False if there is none that is not. */
bool pp_slots_count_finished(struct pp_queue *queue);

/* ---- the lists, for the repair -------------------------------------------------------------- */

void pp_slots_push_free(struct pp_queue *queue, uint32_t index);
void pp_slots_push_held(struct pp_queue *queue, uint32_t index);

#endif
