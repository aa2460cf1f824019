/*
 * runtime/queue_room.h - where the bytes of a queue's items go.
 *
 * Blocks of equal size and a map with a bit for each. An item has as many as it needs, one after
 * the other; the search for them begins where the last one ended, so that a queue in order is a
 * ring, and goes on over whatever is in the way: an item that somebody holds for long keeps nobody
 * from what lies before and behind it. Under the head's lock alone.
 */
#ifndef PP_RUNTIME_QUEUE_ROOM_H
#define PP_RUNTIME_QUEUE_ROOM_H

#include "runtime/queue_state.h"

/* Mark the blocks for `size` bytes as in use and tell the first; false when there is no such room,
 * of bytes or of blocks in a row. */
bool pp_room_take(struct pp_queue *queue, uint64_t size, uint64_t *block);

/* The blocks of an item of `size` bytes are free again. */
void pp_room_free(struct pp_queue *queue, uint64_t block, uint64_t size);

/* For the repair: nothing is in use; then each item's blocks are. */
void pp_room_clear(struct pp_queue *queue);
void pp_room_mark(struct pp_queue *queue, uint64_t block, uint64_t size);

#endif
