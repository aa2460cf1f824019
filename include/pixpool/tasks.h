/*
 * pixpool/tasks.h - a pool of processes that call functions: map, apply, imap.
 *
 * The calls of Python's multiprocessing.Pool over the pool of <pixpool/pool.h>. Arguments and
 * results are bytes, of any size; what they mean is the functions' business. The functions stand in
 * a table that the program's main() gives to pp_process_main() (<pixpool/process.h>), which turns
 * the program, executed again, into a worker.
 *
 * What holds, whatever the workers do:
 *
 *   - Each item of a call gets one result: bytes, or an error of its own. A function's own error
 * comes with its text; a worker that crashes, exits or hangs costs the item it was at, no other.
 *   - A killed worker's item is run again, as is a crashed one's if `retries` says so: an item may
 *     be begun more than once, and what a function does beside its result should bear that. What
 *     was published before a death counts and is not run again.
 *   - An item never waits behind another while a worker has nothing to do (for longer than some
 *     milliseconds), unless both are in one chunk.
 *   - In a chunk of several items each has its own result and its own deadline. When a worker is
 *     lost at a chunk, its items are run again one by one, those too that had ended: only the one
 *     at fault fails, and it fails after `retries` more attempts of its own.
 *
 * There is no thread behind this. Whoever waits drives the pool: pp_async_wait() and _get(),
 * pp_stream_next(), pp_tasks_join(), the blocking calls, and pp_tasks_step() for loops of one's
 * own. Between such calls the workers go on with what they have at hand, which is 2 items each, or
 * up to 64 very short ones. Callbacks run inside the calls that drive; there one may begin further
 * calls and terminate, but not drive.
 *
 * All functions of the supervisor's side belong to the thread that called pp_tasks_start(). Workers
 * die with that thread. A struct pp_tasks does not work in a forked child.
 */
#ifndef PIXPOOL_TASKS_H
#define PIXPOOL_TASKS_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/api.h>
#include <pixpool/bytes.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

/* ---- worker side ---------------------------------------------------------------------------- */

struct pp_reply;

struct pp_task_function {
    const char *name;
    /*
     * One item. `argument` is aligned for any type of its size, not to be written to, and valid
     * during the call. Put the result into the reply; without that it has 0 bytes. A status other
     * than PP_OK, with a text in *err, is the item's error instead.
     */
    enum pp_status (*call)(void *context, const void *argument, size_t size, struct pp_reply *reply,
                           struct pp_error *err);
};

/* Functions that share their workers. Static data, the same in every incarnation of the program. */
struct pp_task_table {
    const char *name; /* [a-z0-9-]+, at most 10 bytes: workers are shown by it in ps */
    /* Once per worker, with pp_tasks_settings.argument, which stays there. *context goes to the
     * functions. An error, or a death, in several workers ends the pool. May be NULL. */
    enum pp_status (*initialize)(void **context, const void *argument, size_t size,
                                 struct pp_error *err);
    /* At an ordered end of a worker. May be NULL. */
    void (*finalize)(void *context);
    const struct pp_task_function *functions; /* ends with a NULL name */
};

/* `size` bytes to write the result into, aligned for any type of that size; it is exactly these.
 * Large ones are shared memory that reaches the supervisor without being copied. A second call
 * replaces the first. NULL, with the error, when there is no memory. */
PP_API void *pp_reply_room(struct pp_reply *reply, size_t size, struct pp_error *err);

/* The same, filled with a copy. */
PP_API enum pp_status pp_reply_set(struct pp_reply *reply, const void *data, size_t size,
                                   struct pp_error *err);

/* 1; more after attempts that were charged to the item or to its chunk. */
PP_API unsigned pp_reply_attempt(const struct pp_reply *reply);

/* ---- supervisor side: the pool -------------------------------------------------------------- */

struct pp_tasks;

struct pp_tasks_settings {
    const struct pp_task_table *table;
    unsigned workers;     /* 0: one a core */
    const void *argument; /* for the initializer; copied once, shared by all workers */
    size_t size;          /* bytes, of any number */
    /* A worker ends in order after so many tasks (chunks) and a fresh one takes its place; 0:
     * never.
     */
    unsigned max_tasks_per_worker;
    double timeout;   /* seconds an item may take; 0: any */
    unsigned retries; /* further attempts of an item that crashed its worker */
    /* Workers run in the sandbox of <pixpool/pool.h>, all of it, or none starts: what they open,
     * the initializer has to. Off is what most want: the functions are the program's own, and use
     * files and sockets as they like. */
    bool sandbox;
    /* Calls begun and not ended that there may be; further ones first drive the pool until one has
     * ended. 0: 65,536. Streams do not count. */
    size_t queue;
};

/*
 * Start a pool of workers; they are started by the first tasks. On PP_OK *tasks is the caller's.
 * Errors: PP_E_USAGE, PP_E_NO_MEMORY, PP_E_SYSTEM.
 */
PP_API enum pp_status pp_tasks_start(const struct pp_tasks_settings *settings,
                                     struct pp_tasks **tasks, struct pp_error *err) PP_MUST_CHECK;

/* No further calls. */
PP_API void pp_tasks_close(struct pp_tasks *tasks);

/* Kill the workers and give all items that have no result PP_E_CANCELLED. Implies closing. */
PP_API void pp_tasks_terminate(struct pp_tasks *tasks);

/*
 * Wait until all calls have ended (streams: all their items; what of a stream was not yet pulled is
 * not) and end the workers in order. Errors: PP_E_USAGE before pp_tasks_close(), PP_E_TIMEOUT, and
 * those of pp_tasks_step().
 */
PP_API enum pp_status pp_tasks_join(struct pp_tasks *tasks, double seconds,
                                    struct pp_error *err) PP_MUST_CHECK;

/* Terminate, if it was not joined, and free. Handles of calls stay valid, with their results. NULL
 * is allowed. */
PP_API void pp_tasks_free(struct pp_tasks *tasks);

/* Workers alive now. */
PP_API unsigned pp_tasks_alive(const struct pp_tasks *tasks);

/*
 * For a loop of one's own: when the descriptor is readable, or so many milliseconds (-1: any) have
 * passed, call pp_tasks_step(tasks, 0). The descriptor stays the pool's, and is -1 after a join.
 */
PP_API int pp_tasks_fd(const struct pp_tasks *tasks);
PP_API int pp_tasks_wait_ms(const struct pp_tasks *tasks);

/*
 * Drive the pool: wait at most `seconds` (negative: until something happens) and deal with what
 * happened. Errors: PP_E_SYSTEM when no worker can be started, PP_E_INTERNAL when they die before
 * their first task, an initializer's error among the reasons; all items then have that as their
 * error, and no further calls are taken. PP_E_USAGE inside a callback.
 */
PP_API enum pp_status pp_tasks_step(struct pp_tasks *tasks, double seconds,
                                    struct pp_error *err) PP_MUST_CHECK;

/* ---- supervisor side: calls ----------------------------------------------------------------- */

/* A call begun: the handle of its results. */
struct pp_async;

struct pp_call {
    const char *function; /* a name in the table */
    /* Items that go to a worker as one task, at most: fewer where so many small results would not
     * fit into a record. 0: a map's items in four chunks a worker, of at most 64 items. */
    size_t chunk;
    /* When all items have ended: `callback` if all went well, else `error_callback` with the error
     * of the first by index that did not. May be NULL. The handle is valid in them in any case. */
    void (*callback)(void *user, struct pp_async *async);
    void (*error_callback)(void *user, struct pp_async *async, const struct pp_error *error);
    void *user;
};

/*
 * Begin a call of `function` for one argument, which is copied. *async is the caller's to free;
 * `async` may be NULL where the callbacks are all that is wanted.
 * Errors: PP_E_USAGE (no such function), PP_E_CLOSED, PP_E_NO_MEMORY, PP_E_LIMIT (the queue is full
 * and this is a callback), and those of pp_tasks_step().
 */
PP_API enum pp_status pp_tasks_apply_async(struct pp_tasks *tasks, const struct pp_call *call,
                                           const struct pp_bytes *argument, struct pp_async **async,
                                           struct pp_error *err) PP_MUST_CHECK;

/* The same for `count` items. The items and their bytes are not copied: they must stay as they are
 * until the call has ended. */
PP_API enum pp_status pp_tasks_map_async(struct pp_tasks *tasks, const struct pp_call *call,
                                         const struct pp_bytes *items, size_t count,
                                         struct pp_async **async,
                                         struct pp_error *err) PP_MUST_CHECK;

/*
 * Begin a call, wait for its end and tell what pp_async_get() does. Unless *async is NULL it is the
 * caller's to free, also after an error: the items that went well have their results.
 */
PP_API enum pp_status pp_tasks_apply(struct pp_tasks *tasks, const struct pp_call *call,
                                     const struct pp_bytes *argument, struct pp_async **async,
                                     struct pp_error *err) PP_MUST_CHECK;
PP_API enum pp_status pp_tasks_map(struct pp_tasks *tasks, const struct pp_call *call,
                                   const struct pp_bytes *items, size_t count,
                                   struct pp_async **async, struct pp_error *err) PP_MUST_CHECK;

/* Wait until all items have ended. Errors: PP_E_TIMEOUT, PP_E_USAGE inside a callback. */
PP_API enum pp_status pp_async_wait(struct pp_async *async, double seconds,
                                    struct pp_error *err) PP_MUST_CHECK;

/* The same, and PP_OK only if all went well; else the error of the first by index that did not. */
PP_API enum pp_status pp_async_get(struct pp_async *async, double seconds,
                                   struct pp_error *err) PP_MUST_CHECK;

/* Whether all items have ended; whether they have and all went well. */
PP_API bool pp_async_ready(const struct pp_async *async);
PP_API bool pp_async_successful(const struct pp_async *async);

/* Items of the call. */
PP_API size_t pp_async_count(const struct pp_async *async);

/* What became of one item. */
struct pp_result {
    size_t index; /* which item it is, from 0 */
    /* PP_OK, what the function returned, or PP_E_CRASHED, PP_E_KILLED, PP_E_TIMEOUT,
     * PP_E_CANCELLED, PP_E_SYSTEM, PP_E_INTERNAL. */
    enum pp_status status;
    const char *text; /* says more; "" with PP_OK */
    int signal;       /* what killed the worker, 0 if nothing did */
    unsigned attempt; /* attempts charged to the item */
    const void *data; /* the bytes, aligned for any type of their size; NULL unless PP_OK */
    size_t size;
};

/* Item `index` of a call; false while it has not ended, or when there is no such item. What it
 * points to is valid until the handle is freed. */
PP_API bool pp_async_result(const struct pp_async *async, size_t index, struct pp_result *result);

/* Free the handle and the results. A call that has not ended goes on by itself, with its callbacks.
 * NULL is allowed. */
PP_API void pp_async_free(struct pp_async *async);

/* ---- supervisor side: streams --------------------------------------------------------------- */

struct pp_stream;

struct pp_stream_settings {
    const char *function;
    size_t chunk;   /* 0: 1 */
    bool unordered; /* results as they come rather than in the items' order */
    /* Items pulled whose results were not yet given out by pp_stream_next(): at most so many are in
     * memory. 0: 64 a worker, times the chunk. */
    size_t ahead;
    /* The next item, whose bytes are copied before the next call; PP_E_CLOSED when there is none;
     * another error ends the stream after the items before it. Called while the pool is driven. */
    enum pp_status (*next)(void *user, struct pp_bytes *item, struct pp_error *err);
    void *user;
};

/* Python's imap. On PP_OK *stream is the caller's to free. Errors: as pp_tasks_map_async(). */
PP_API enum pp_status pp_tasks_imap(struct pp_tasks *tasks,
                                    const struct pp_stream_settings *settings,
                                    struct pp_stream **stream, struct pp_error *err) PP_MUST_CHECK;

/*
 * The next result into *result, an item's error among them; valid until the next call or
 * pp_stream_free(). Errors: PP_E_CLOSED at the end, PP_E_TIMEOUT (then ask again), the input's
 * error, PP_E_USAGE inside a callback.
 */
PP_API enum pp_status pp_stream_next(struct pp_stream *stream, double seconds,
                                     struct pp_result *result, struct pp_error *err) PP_MUST_CHECK;

/* Nothing more is pulled; what is at work goes on to its end, unseen. NULL is allowed. */
PP_API void pp_stream_free(struct pp_stream *stream);

PP_END_DECLS

#endif
