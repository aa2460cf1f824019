/*
 * runtime/tasks_state.h - what the supervisor of a pool of functions knows.
 *
 * The story, file by file:
 *   tasks.c         start, drive, close, join, terminate, free
 *   tasks_feed.c    items become tasks of the pool below, as it has room
 *   tasks_settle.c  outcomes become results of items
 *   tasks_call.c    calls: map and apply
 *   tasks_stream.c  streams: imap
 *
 * A call has items; a chunk of them is one task of the pool. Outcomes arrive inside
 * pp_pool_step() and only change what is known here; callbacks to the caller come after it, from
 * pp_tasks_tell(). All of it belongs to one thread.
 */
#ifndef PP_RUNTIME_TASKS_STATE_H
#define PP_RUNTIME_TASKS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/pool.h>
#include <pixpool/tasks.h>

#include "pool/list.h"
#include "runtime/futex.h"

/* The bytes that some items' results lie in: a copy of a record, or a mapping. */
struct pp_bundle {
    size_t refs;
    void *mapping; /* NULL: `bytes` */
    size_t mapped;
    _Alignas(max_align_t) uint8_t bytes[];
};

/* There are as many as a call has items, so that it is small. */
struct pp_item {
    struct pp_bundle *bundle; /* NULL: none is needed */
    const void *data;         /* in it; of an error, its text */
    size_t size;
    uint32_t attempt;
    uint8_t status; /* an enum pp_status */
    uint8_t signal;
    bool ended;
};
_Static_assert(PP_STATUS_COUNT <= UINT8_MAX, "a status has room");

struct pp_stream;

/* A call, or what a stream is made of. */
struct pp_async {
    struct pp_tasks *tasks; /* NULL: freed */
    struct pp_link link;    /* in tasks->calls */
    struct pp_link feed;    /* in tasks->feeding, while it has items to hand out */
    struct pp_link done;    /* in tasks->ended, until its callback was called */
    struct pp_call call;
    uint32_t function;
    const struct pp_bytes *arguments;
    struct pp_bytes own;      /* apply: the argument's copy, which `arguments` points to */
    struct pp_item *items;    /* of a call, by index */
    size_t count;             /* items; of a stream, those pulled so far */
    size_t next;              /* the first that was not handed out */
    size_t ended, failed;     /* how many */
    size_t first_failed;      /* by index */
    bool released;            /* the caller has freed the handle */
    bool telling;             /* its callback is being called */
    struct pp_stream *stream; /* NULL: a call */
};

/* An item of a stream. */
struct pp_node {
    struct pp_item item;
    struct pp_link link; /* in stream->nodes, or in stream->ready */
    size_t index;
    size_t size; /* of the argument */
    _Alignas(max_align_t) uint8_t argument[];
};

struct pp_stream {
    struct pp_async base;
    struct pp_stream_settings settings;
    struct pp_link nodes;  /* in the order they were pulled; unordered: those without a result */
    struct pp_link ready;  /* unordered: those with one */
    size_t held;           /* pulled and not given out */
    struct pp_node *given; /* what the caller looks at */
    bool exhausted;        /* nothing more is pulled */
    struct pp_error input; /* why, if not for its end */
};

/* Items that are one task below; or that wait to be tried one by one. */
struct pp_chunk {
    struct pp_link link; /* in tasks->again, tasks->doomed */
    struct pp_async *async;
    size_t count, next;
    unsigned lost; /* attempts lost in company */
    struct pp_item *items[];
};

/* What a function's items are like, as was seen lately. */
struct pp_habit {
    uint64_t ns;   /* an item takes; 0: unknown */
    uint64_t size; /* and its result takes of a frame */
};

struct pp_tasks {
    struct pp_pool *pool; /* NULL: joined */
    struct pp_tasks_settings settings;
    unsigned workers;
    unsigned functions;      /* in the table */
    struct pp_habit *habits; /* of each */
    struct pp_link calls;    /* all handles and streams */
    struct pp_link feeding;  /* those with items to hand out, oldest first */
    struct pp_link again;    /* chunks whose items are to be tried one by one */
    struct pp_link doomed;   /* chunks the pool gave back as it ended */
    struct pp_link ended;    /* calls whose callbacks are due */
    size_t open;             /* calls that have not ended */
    uint64_t pulled_out;     /* streams whose input was seen to end, so far */
    bool closed, terminated, in_callback;
    bool starved;          /* there was no memory for a chunk */
    struct pp_error fatal; /* takes no calls any more */
    uint8_t *scratch;      /* PP_TASK_PAYLOAD_MAX bytes to make a frame in */
};

/* ---- tasks.c ---- */

/* PP_E_USAGE inside a callback, the error it ended by, or PP_OK. */
enum pp_status pp_tasks_may_drive(const struct pp_tasks *tasks, struct pp_error *err);
/* One step, at the longest until the deadline. */
enum pp_status pp_tasks_drive(struct pp_tasks *tasks, const struct pp_deadline *deadline,
                              struct pp_error *err);
/* Call the callbacks that are due, unless this is inside one. */
void pp_tasks_tell(struct pp_tasks *tasks);

/* ---- tasks_feed.c ---- */

/* Hand out what the pool has room for. `driven`: a step follows, which sends it all at once. */
void pp_tasks_feed(struct pp_tasks *tasks, bool driven);
/* All that was not handed out ends with this error. */
void pp_tasks_give_up(struct pp_tasks *tasks, enum pp_status status, const char *text);

/* ---- tasks_settle.c ---- */

/* The pool's callback. */
void pp_tasks_outcome(void *user, const struct pp_outcome *outcome);
/* All items of the chunk from `next` on end with an error; frees the chunk. */
void pp_chunk_fail(struct pp_tasks *tasks, struct pp_chunk *chunk, enum pp_status status,
                   const char *text, int signal, unsigned attempt);
/* One item ends with an error. */
void pp_item_fail(struct pp_async *async, struct pp_item *item, enum pp_status status,
                  const char *text);
/* Give back what an item's result takes. */
void pp_item_release(struct pp_item *item);
/* What became of an item that has ended. */
void pp_item_tell(const struct pp_item *item, size_t index, struct pp_result *result);

/* ---- tasks_call.c ---- */

/* Free it if nobody has a handle of it, none of its items is under way, and its callback was
 * called.
 */
void pp_async_dispose(struct pp_async *async);
/* The function's number; PP_E_USAGE when the table has none of that name. */
enum pp_status pp_tasks_find(const struct pp_tasks *tasks, const char *name, uint32_t *function,
                             struct pp_error *err);
/* Whether a call can be begun. */
enum pp_status pp_tasks_takes_calls(const struct pp_tasks *tasks, struct pp_error *err);
/* Fill in the links and enter it among the calls. */
void pp_async_enter(struct pp_async *async, struct pp_tasks *tasks);

/* ---- tasks_stream.c ---- */

/* The argument of an item. */
struct pp_bytes pp_stream_argument(const struct pp_item *item);
size_t pp_stream_index(const struct pp_item *item);
/* Pull at most `most` items into items[]; how many came. Ends the feeding when the input does. */
size_t pp_stream_pull(struct pp_stream *stream, struct pp_item **items, size_t most);
/* How many may be pulled now. */
size_t pp_stream_room(const struct pp_stream *stream);
/* An item has its result. */
void pp_stream_ended(struct pp_stream *stream, struct pp_item *item);
/* Nothing more is pulled, and that is why. */
void pp_stream_stop(struct pp_stream *stream, enum pp_status status, const char *text);

#endif
