/*
 * runtime/task_frame.h - the items of a task, and their results, as bytes.
 *
 * A frame is a head and, one after the other, items: each a head and its bytes, filled up to a
 * multiple of PP_FRAME_ALIGNMENT. Arguments and results look alike. One that does not fit into a
 * task's payload or a result's record lies in a sealed memfd, and only its head is there. Pure but
 * for what is said; supervisor and worker.
 */
#ifndef PP_RUNTIME_TASK_FRAME_H
#define PP_RUNTIME_TASK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>

#define PP_FRAME_ALIGNMENT 16

struct pp_frame_head {
    uint32_t word;  /* of arguments: the function's number; of results: nanoseconds they took */
    uint32_t count; /* items */
    uint64_t size;  /* bytes of the whole frame, this head included */
};

struct pp_frame_item {
    uint64_t size;    /* of its bytes */
    uint32_t status;  /* of results, an enum pp_status; with an error the bytes are its text */
    uint32_t attempt; /* of arguments: what pp_reply_attempt() tells */
};

_Static_assert(sizeof(struct pp_frame_head) == PP_FRAME_ALIGNMENT &&
                   sizeof(struct pp_frame_item) == PP_FRAME_ALIGNMENT,
               "bytes begin aligned");

/* What an item with `size` bytes takes. SIZE_MAX: more than there is. */
size_t pp_frame_item_size(size_t size);

/* Put an item at `at`, where there is room; `data` may be NULL: its bytes are filled in later.
 * Returns where the next one goes. */
size_t pp_frame_put(uint8_t *frame, size_t at, const struct pp_frame_item *item, const void *data);

/* Take the item at *at of a frame of `size` bytes, moving *at on; false when none is there whole.
 */
bool pp_frame_take(const uint8_t *frame, size_t size, size_t *at, struct pp_frame_item *item,
                   const void **data);

/* A memfd of `size` bytes mapped for writing at *frame. 0 or an errno value. */
int pp_frame_create(size_t size, int *fd, uint8_t **frame) PP_MUST_CHECK;
/* Unmap `room` bytes of it, cut it to `size` and seal it: nobody will change it. 0 or an errno
 * value; the descriptor stays open. */
int pp_frame_seal(int fd, uint8_t *frame, size_t room, size_t size) PP_MUST_CHECK;
/* Map a sealed frame of `size` bytes, read-only. 0 or an errno value, EPROTO when it is none. */
int pp_frame_map(int fd, size_t size, const uint8_t **frame) PP_MUST_CHECK;

#endif
