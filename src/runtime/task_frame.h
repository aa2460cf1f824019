/*
 * runtime/task_frame.h - the items of a task, and their results, as bytes.
 *
 * A frame is a head and, one after the other, items: each a word that says what it is, and its
 * bytes. These are aligned for any type that has room in them: at PP_FRAME_WORD where there are no
 * more than that, as with a number, which so takes two words; else at PP_FRAME_ALIGNMENT. What is
 * between is zero. Arguments and results look alike. A frame that does not fit into a task's
 * payload or a result's record lies in a sealed memfd, and only its head is there. Pure but for
 * what is said; supervisor and worker.
 */
#ifndef PP_RUNTIME_TASK_FRAME_H
#define PP_RUNTIME_TASK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <pixpool/api.h>

#define PP_FRAME_WORD      8
#define PP_FRAME_ALIGNMENT 16

/* Bytes an item can have. */
#define PP_FRAME_ITEM_MAX ((size_t)PTRDIFF_MAX >> 16)

struct pp_frame_head {
    uint32_t word;  /* of arguments: the function's number; of results: nanoseconds they took */
    uint32_t count; /* items */
    uint64_t size;  /* bytes of the whole frame, this head included */
};

/* The word: 48 bits of size, 8 of status, 8 of attempt. */
#define PP_FRAME_STATUS_SHIFT  48
#define PP_FRAME_ATTEMPT_SHIFT 56
#define PP_FRAME_SIZE_MASK     ((UINT64_C(1) << PP_FRAME_STATUS_SHIFT) - 1)

_Static_assert(PP_FRAME_ITEM_MAX <= PP_FRAME_SIZE_MASK, "any size has room in the word");

/* What the word says. */
struct pp_frame_item {
    size_t size;     /* of its bytes */
    uint8_t status;  /* of results, an enum pp_status; with an error the bytes are its text */
    uint8_t attempt; /* of arguments: attempts lost before those that the task counts */
};

_Static_assert(sizeof(struct pp_frame_head) == PP_FRAME_ALIGNMENT, "bytes begin aligned");

/* Where the bytes of an item begin, `size` of them, which itself begins at `at`. */
static inline size_t pp_frame_bytes_at(size_t at, size_t size)
{
    const size_t unit = size <= PP_FRAME_WORD ? PP_FRAME_WORD : PP_FRAME_ALIGNMENT;

    return (at + PP_FRAME_WORD + unit - 1) & ~(unit - 1);
}

/* Where it ends and the next begins. SIZE_MAX: there is not so much. `at` is PTRDIFF_MAX at most.
 */
static inline size_t pp_frame_end(size_t at, size_t size)
{
    if (size > PP_FRAME_ITEM_MAX)
        return SIZE_MAX;
    return (pp_frame_bytes_at(at, size) + size + PP_FRAME_WORD - 1) & ~(size_t)(PP_FRAME_WORD - 1);
}

/* Put an item at `at`, where there is room; `data` may be NULL: its bytes are filled in later.
 * Returns where the next one goes. */
size_t pp_frame_put(uint8_t *frame, size_t at, const struct pp_frame_item *item, const void *data);

/* Take the item at *at of a frame of `size` bytes, moving *at on; false when none is there whole.
 */
static inline bool pp_frame_take(const uint8_t *frame, size_t size, size_t *at,
                                 struct pp_frame_item *item, const void **data)
{
    uint64_t word;
    size_t end;

    if (*at > size || size - *at < sizeof word)
        return false;
    memcpy(&word, frame + *at, sizeof word);
    *item = (struct pp_frame_item){.size = (size_t)(word & PP_FRAME_SIZE_MASK),
                                   .status = (uint8_t)(word >> PP_FRAME_STATUS_SHIFT),
                                   .attempt = (uint8_t)(word >> PP_FRAME_ATTEMPT_SHIFT)};
    end = pp_frame_end(*at, item->size);
    if (end > size)
        return false;
    *data = frame + pp_frame_bytes_at(*at, item->size);
    *at = end;
    return true;
}

/* A memfd of `size` bytes mapped for writing at *frame. 0 or an errno value. */
int pp_frame_create(size_t size, int *fd, uint8_t **frame) PP_MUST_CHECK;
/* Unmap `room` bytes of it, cut it to `size` and seal it: nobody will change it. 0 or an errno
 * value; the descriptor stays open. */
int pp_frame_seal(int fd, uint8_t *frame, size_t room, size_t size) PP_MUST_CHECK;
/* Map a sealed frame of `size` bytes, read-only. 0 or an errno value, EPROTO when it is none. */
int pp_frame_map(int fd, size_t size, const uint8_t **frame) PP_MUST_CHECK;

#endif
