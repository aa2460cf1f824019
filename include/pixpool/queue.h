/*
 * pixpool/queue.h - a queue of items between processes, in shared memory.
 *
 * Any number of producers and consumers, in any processes and threads. An item is any number of
 * bytes, none included. Items come out in the order in which they were put, that is, in which
 * pp_queue_put() returned for them. Putting and getting make no system call unless somebody waits.
 *
 * A queue has no name in the file system: a forked child has it, another process attaches by the
 * descriptor, which an exec'd child inherits or a pipe carries. All must be in one PID namespace.
 *
 * What a death at any instruction does, be it by SIGKILL, exec, or the end of a thread:
 *   - in pp_queue_put(): the item is in the queue, or its room is free again;
 *   - in pp_queue_get(): the item is in the queue, or the dead has had it, as if the death had come
 *     just after the call. An item once got is its getter's: it does not come back;
 *   - between pp_queue_take() and pp_queue_done(): the item comes back, as the next to be got. It
 *     may have been worked on before; `redelivered` says how often that has been so.
 *
 * So each item is got once; one in a dead getter's hands not at all; one taken once or, for each
 * death with it, once more. Nobody is kept waiting by a death: who waits notices it within some
 * 0.1 s. While nobody has to wait it is noticed after 64 puts and gets at the latest.
 *
 * Time-outs are seconds: 0 only tries, negative waits for ever, which here is not what Python's
 * negative ones do. They are kept even while another process is stopped in the middle of a call;
 * beside them each call has 0.05 s to get at the queue.
 *
 * Unless said otherwise all functions may be called from any process and thread, but not from a
 * signal handler. The processes trust each other: one that writes over the memory breaks the queue.
 *
 * Beside Python's: it holds bytes, not objects; nothing is buffered, so that what was put can be
 * got by others at once; the room is limited; there is one kind with all of Queue, SimpleQueue and
 * JoinableQueue; closing is for all processes.
 */
#ifndef PIXPOOL_QUEUE_H
#define PIXPOOL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

struct pp_queue;

/* What is got or taken. */
struct pp_queue_item {
    void *data;           /* where its bytes are to go (get), or are (take, get_alloc) */
    size_t room;          /* bytes there are at `data`, for a get */
    size_t size;          /* of the item, in bytes */
    unsigned redelivered; /* how many have died or given up with it in their hands */
    uint32_t slot;        /* the library's own */
    uint64_t ticket;      /* the same */
};

/* ---- the queue ------------------------------------------------------------------------------ */

/*
 * A queue for at most `items` items at a time (1 to 2^30) of at most `bytes` bytes together (0: all
 * are empty), so that this is also the most for one. Items being put or taken count. Its memory is
 * at most a fifth more than `bytes`, 128 for each item and two pages. On PP_OK *queue is the
 * caller's to free.
 * Errors: PP_E_USAGE, PP_E_NO_MEMORY, PP_E_SYSTEM when descriptors are missing.
 */
PP_API enum pp_status pp_queue_create(size_t items, size_t bytes, struct pp_queue **queue,
                                      struct pp_error *err) PP_MUST_CHECK;

/* The queue that another process made, by its descriptor, which stays the caller's. PP_E_USAGE if
 * that is no queue; otherwise as pp_queue_create(). */
PP_API enum pp_status pp_queue_attach(int fd, struct pp_queue **queue,
                                      struct pp_error *err) PP_MUST_CHECK;

/* The descriptor to hand on. It stays this struct's; close-on-exec is set. */
PP_API int pp_queue_fd(const struct pp_queue *queue);

/* This process's part of it; the queue and its items stay as long as others have it. No thread of
 * this process may be using the struct or have an item taken by it. NULL is allowed. */
PP_API void pp_queue_free(struct pp_queue *queue);

/* ---- putting and getting -------------------------------------------------------------------- */

/*
 * Put `size` bytes, copied; they are in the queue when this returns PP_OK, and only then. Waits for
 * room. It takes bytes that lie in a row: what others hold in the middle does not block it, but a
 * large item may be overtaken by smaller ones as long as there is no gap for it.
 * Errors: PP_E_TIMEOUT, PP_E_CLOSED, PP_E_LIMIT for an item larger than the queue, PP_E_INTERNAL.
 */
PP_API enum pp_status pp_queue_put(struct pp_queue *queue, const void *data, size_t size,
                                   double seconds, struct pp_error *err) PP_MUST_CHECK;

/*
 * Get the next item into item->data, which has item->room bytes; size and redelivered are told.
 * Errors: PP_E_TIMEOUT; PP_E_CLOSED when the queue is closed, empty, and nothing that others have
 * taken can come back; PP_E_LIMIT when there is not room enough: item->size says how much it takes
 * and the item stays the next; PP_E_INTERNAL.
 */
PP_API enum pp_status pp_queue_get(struct pp_queue *queue, struct pp_queue_item *item,
                                   double seconds, struct pp_error *err) PP_MUST_CHECK;

/* As pp_queue_get(), into new memory at item->data (not NULL, whatever the size), which the caller
 * frees with free(). Also PP_E_NO_MEMORY; the item then stays. */
PP_API enum pp_status pp_queue_get_alloc(struct pp_queue *queue, struct pp_queue_item *item,
                                         double seconds, struct pp_error *err) PP_MUST_CHECK;

/*
 * Take the next item for work: item->data are its bytes in the queue itself, aligned to 8, which
 * may be read and written until pp_queue_done(). It keeps its room. If the calling thread ends
 * before, the item is the next to be got. A thread may have at most 1000 taken. Errors as
 * pp_queue_get(), but never PP_E_LIMIT.
 */
PP_API enum pp_status pp_queue_take(struct pp_queue *queue, struct pp_queue_item *item,
                                    double seconds, struct pp_error *err) PP_MUST_CHECK;

/*
 * The work is done: the item goes, and counts as pp_queue_task_done() does, in one step. By the
 * thread that took it. Errors: PP_E_USAGE when it has not taken it or has done it before;
 * PP_E_INTERNAL. Waits for nobody but the queue's lock.
 */
PP_API enum pp_status pp_queue_done(struct pp_queue *queue, const struct pp_queue_item *item,
                                    struct pp_error *err) PP_MUST_CHECK;

/* ---- the whole of it ------------------------------------------------------------------------ */

/* An item got by pp_queue_get() has been worked on. PP_E_USAGE when there have not been so many. */
PP_API enum pp_status pp_queue_task_done(struct pp_queue *queue,
                                         struct pp_error *err) PP_MUST_CHECK;

/*
 * Wait until every item ever put is done. An item taken by who died comes back and counts when it
 * is done by another; one that was got is never done if its getter dies first, so take where that
 * matters. Errors: PP_E_TIMEOUT, PP_E_INTERNAL.
 */
PP_API enum pp_status pp_queue_join(struct pp_queue *queue, double seconds,
                                    struct pp_error *err) PP_MUST_CHECK;

/*
 * No puts any more, in any process: PP_E_CLOSED for those that wait, too, and those still copying.
 * Gets go on until nothing is left. Once more is allowed.
 */
PP_API enum pp_status pp_queue_close(struct pp_queue *queue, struct pp_error *err) PP_MUST_CHECK;

/* Items that can be got now; of what use that is when others get and put is the caller's to know.
 */
PP_API size_t pp_queue_size(struct pp_queue *queue);

/* Whether none can be got, and whether not even an item without bytes can be put. */
PP_API bool pp_queue_is_empty(struct pp_queue *queue);
PP_API bool pp_queue_is_full(struct pp_queue *queue);

PP_END_DECLS

#endif
