/*
 * pixpool/pool.h - a pool of worker processes that loses nothing when a worker dies.
 *
 * The process that starts a pool is its supervisor. Each worker is the supervisor's own program,
 * executed again; main() must therefore hand over to pp_worker_main() before anything else:
 *
 *     int main(int argc, char **argv)
 *     {
 *         int status;
 *         if (pp_worker_main(argc, argv, services, &status))
 *             return status;
 *         ...
 *
 * A task is a few bytes and up to PP_TASK_FDS descriptors; a worker runs the service's run() on it
 * and publishes a result record in shared memory. The pool knows nothing of what either means.
 * Nothing a worker writes is trusted; a worker that dies, hangs or scribbles costs at most the task
 * it was at, and a result published before a death counts.
 *
 * Supervisor side: all functions belong to one thread, the one that called pp_pool_start(); no
 * other thread need exist, and none may be inside an OpenMP region. Workers die with that thread.
 * Callbacks run inside pp_pool_step(), pp_pool_cancel_queued() and pp_pool_kill() on that thread;
 * they may submit, call off and kill, but neither step nor free the pool. SIGCHLD must not be
 * ignored, and nobody else may collect the workers' exits; a pool's start sees to the former.
 */
#ifndef PIXPOOL_POOL_H
#define PIXPOOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/error.h>
#include <pixpool/sandbox.h>

PP_BEGIN_DECLS

#define PP_TASK_PAYLOAD_MAX 8192 /* bytes: a path of PATH_MAX and a header fit */
#define PP_RESULT_MAX       1024 /* bytes of a result record's payload */
#define PP_TASK_FDS         2
#define PP_SETUP_ALIGNMENT  64 /* bytes, of the setup and the bulk in a worker's memory */
#define PP_POOL_WORKERS_MAX 1024

/* ---- worker side ---------------------------------------------------------------------------- */

struct pp_worker;

/*
 * Unless the pool was started with PP_SANDBOX_OFF, run() and stop() run inside the sandbox: they
 * read, write and cut the descriptors they were given and those that start() opened, take memory,
 * start threads, and look at the time. What else they need start() has to get. An attempt to open,
 * connect, execute, fork, signal or make memory executable ends the worker as a crash does.
 */

/* A task as the worker sees it. Valid during run() only. The descriptors are closed after it. */
struct pp_work {
    const void *payload;
    size_t payload_size;
    int fds[PP_TASK_FDS]; /* -1 where none was sent */
    unsigned attempt;     /* 1 for the first */
};

/* What workers of one kind do. Static data; the same table must be known to the supervisor's and
 * the worker's incarnation of the program. */
struct pp_service {
    const char *name; /* [a-z0-9-]+ , at most 10 bytes: it is shown by ps */
    /* Once per worker, with the bytes of pp_pool_settings.setup and .bulk, which stay there, not to
     * be written to, as long as the worker does. *state comes in as `data` and goes to the others.
     */
    enum pp_status (*start)(void **state, const void *setup, size_t setup_size,
                            struct pp_error *err);
    /* One task. Writes at most PP_RESULT_MAX bytes to `result`, which is aligned for any type as
     * the payload is, and returns how many. */
    size_t (*run)(void *state, struct pp_worker *worker, const struct pp_work *work, void *result);
    /* At an ordered end. May be NULL. */
    void (*stop)(void *state);
    const void *data; /* what start() finds in *state: a table for services that share functions */
};

/*
 * If argv says that this process was started as a pool's worker, run it to its end, set *status
 * to its exit status and return true. Otherwise return false at once. `services` ends with NULL.
 * To be called first in main(), before any thread exists.
 */
PP_API bool pp_worker_main(int argc, char **argv, const struct pp_service *const services[],
                           int *status) PP_MUST_CHECK;

/* The threads this worker may use now. Re-read at each parallel region: it grows at the batch's
 * end. Any thread of the worker. */
PP_API unsigned pp_worker_threads(const struct pp_worker *worker);

/* Tell how far the task in work has come, in any rising unit. Any thread; cheap. */
PP_API void pp_worker_progress(struct pp_worker *worker, uint64_t units);

/*
 * Hand a descriptor over with the result of the task in work, at most one a task: for what does not
 * fit into a record. The outcome has it as result_fd, also when this worker dies right after the
 * result was published. It stays open here too. Call it before run() returns; main thread.
 * Errors: PP_E_SYSTEM, PP_E_USAGE for a second one and without pp_pool_settings.result_fds.
 */
PP_API enum pp_status pp_worker_send_fd(struct pp_worker *worker, int fd,
                                        struct pp_error *err) PP_MUST_CHECK;

/*
 * Ask for `bytes` of memory for the task in work, and wait until they are granted. The supervisor
 * refuses with PP_E_LIMIT what exceeds the whole budget; half the budget, divided by the workers,
 * is granted to each without asking; beyond that, requests are granted in the order they come, and
 * one worker's always when no other's is. A grant ends with the task; waiting for it does not count
 * against the time-out. Asked again, up to 16 times a task, it replaces the request before, whose
 * memory must have been given back. Main thread of the worker.
 */
PP_API enum pp_status pp_worker_need_memory(struct pp_worker *worker, uint64_t bytes,
                                            struct pp_error *err) PP_MUST_CHECK;

/* ---- supervisor side ------------------------------------------------------------------------ */

/* A task as the supervisor submits it. The payload is copied. The descriptors are the pool's from
 * a successful submit on; it closes them after the outcome callback. */
struct pp_task {
    uint64_t tag; /* the caller's own name for it, given back with the outcome */
    const void *payload;
    size_t payload_size;
    int fds[PP_TASK_FDS]; /* -1 for none */
    bool large;           /* long enough that no other task should be queued behind it */
    double more_time;     /* seconds it may take beyond the pool's timeout */
    bool small;           /* so short that several may be queued behind it and each other */
    bool tiny;            /* shorter than handing it out: dozens may, and travel together; small
                             unless the pool was started for such */
    bool more; /* others are submitted at once: the one without it, or the next step, hands
                  them out together */
    bool once; /* a crash fails it at once, whatever the pool's retries are */
    /* Time-outs count for each of so many parts rather than for all of it: the clock is set back
     * whenever pp_worker_progress() has moved. A part that hangs is noticed within twice the
     * time-out. 0 is 1. */
    unsigned parts;
};

/* What became of a task. Exactly one outcome is delivered for each task submitted. */
struct pp_outcome {
    uint64_t tag;
    /* PP_OK: run() ended and published `payload`. Else PP_E_CRASHED, PP_E_KILLED, PP_E_TIMEOUT,
     * PP_E_CANCELLED or PP_E_SYSTEM; `text` says more, "" with PP_OK. */
    enum pp_status status;
    const char *text;
    const void *payload; /* NULL unless PP_OK; aligned for any type; valid during the callback */
    size_t payload_size;
    const int *fds;    /* still open during the callback */
    int result_fd;     /* from pp_worker_send_fd(), open during the callback; -1: none */
    unsigned worker;   /* number of the worker's place, from 0 */
    unsigned attempt;  /* attempts charged to the task, this one included */
    int signal;        /* what killed the worker, 0 if nothing did */
    double seconds;    /* from hand-out to outcome, of the last attempt */
    uint64_t progress; /* what pp_worker_progress() had told when the worker died; 0 with PP_OK */
};

struct pp_pool_settings {
    const char *service; /* a name in the table given to pp_worker_main() */
    const void *setup;   /* handed to every worker's start(); copied */
    size_t setup_size;   /* bytes, at most 1 MiB */
    const void *bulk;    /* what follows the setup at the next multiple of PP_SETUP_ALIGNMENT:
                            all workers share one copy of both; copied */
    size_t bulk_size;    /* bytes; 0 for none */
    unsigned workers;    /* processes, 1 to PP_POOL_WORKERS_MAX; 0: one a core */
    unsigned threads;    /* threads a worker may use; 0: 1, raised at the end of the batch so
                            that the sum stays within `cores` */
    unsigned cores;      /* 0: as pp_cores_available() says */
    uint64_t memory;     /* bytes for all workers' requests together; 0: no limit */
    /* Entered by each worker after its start() and before its first task: see worker side. */
    enum pp_sandbox sandbox;
    uint64_t file_size; /* bytes that a worker may write to one file; 0: no limit */
    double timeout;     /* seconds a task may take; 0: no limit */
    unsigned retries;   /* further attempts after a crash or an out-of-memory kill */
    /* After so many tasks a worker ends in order and another takes its place; 0: never. */
    unsigned tasks_per_worker;
    /* When a worker has nothing to do, give it the tasks that wait behind one another worker has
     * been at for some milliseconds: no task then waits for another while somebody is idle. */
    bool recall;
    bool tiny;       /* tiny tasks will come: each worker's results then take 70 KB, not 10 */
    bool result_fds; /* pp_worker_send_fd() may be called; workers in the sandbox may for that make
                        files in memory */
    void *user;      /* given to the callbacks */
    void (*outcome)(void *user, const struct pp_outcome *outcome);
    /* Before a task is handed out again: undo what the last attempt did to its descriptors. */
    void (*rewind)(void *user, uint64_t tag, const int *fds);
};

struct pp_pool;

/*
 * Start a pool. No worker is forked before the first submit. On PP_OK *pool is the caller's.
 * Errors: PP_E_USAGE, PP_E_NO_MEMORY, PP_E_SYSTEM, which includes a sandbox that is required and
 * not to be had.
 */
PP_API enum pp_status pp_pool_start(const struct pp_pool_settings *settings, struct pp_pool **pool,
                                    struct pp_error *err) PP_MUST_CHECK;

/* Whether a submit would be taken now: this is the pool's back-pressure. At most two tasks a worker
 * are outstanding, or eight small ones, or 64 tiny ones; one at the batch's end and behind a large
 * one. */
PP_API bool pp_pool_has_room(const struct pp_pool *pool);

/* Hand in a task; pp_pool_has_room() must have said yes. Errors: PP_E_USAGE for a payload too
 * large, PP_E_NO_MEMORY; the descriptors are then still the caller's. */
PP_API enum pp_status pp_pool_submit(struct pp_pool *pool, const struct pp_task *task,
                                     struct pp_error *err) PP_MUST_CHECK;

/* Say that few or no tasks will follow those submitted: queues are kept short and cores without a
 * task become threads of the workers still busy. May be called again with false. */
PP_API void pp_pool_set_tail(struct pp_pool *pool, bool tail);

/* Tasks submitted whose outcome was not yet delivered. */
PP_API size_t pp_pool_pending(const struct pp_pool *pool);

/*
 * What all workers so far have around them, in *level. False, and nothing in *level, when none has
 * got ready yet or none has a sandbox by the settings.
 */
PP_API bool pp_pool_sandbox(const struct pp_pool *pool, struct pp_sandbox_level *level);

/* Workers alive now. */
PP_API unsigned pp_pool_alive(const struct pp_pool *pool);

/*
 * Have up to so many workers, 1 to PP_POOL_WORKERS_MAX, from now on. More are started as tasks ask
 * for them. Of those too many the idle ones end at once, others when what they have been given is
 * done: no task is interrupted. Budgets stay: workers beyond the first number ask for all their
 * memory. PP_E_USAGE for another number.
 */
PP_API enum pp_status pp_pool_set_workers(struct pp_pool *pool, unsigned workers,
                                          struct pp_error *err) PP_MUST_CHECK;

/* How many workers there may be. */
PP_API unsigned pp_pool_workers(const struct pp_pool *pool);

/* What a worker is at. */
struct pp_pool_glance {
    unsigned worker;   /* the number of its place */
    int64_t process;   /* its id; 0 when it is not known */
    bool busy;         /* it has a task: */
    uint64_t tag;      /* the oldest one's */
    double seconds;    /* since the task before it was done, or it was handed out */
    uint64_t progress; /* what pp_worker_progress() told of it; not to be trusted */
};

/* Look at the first worker whose place has at least the number `from`. False: there is none. */
PP_API bool pp_pool_look(const struct pp_pool *pool, unsigned from, struct pp_pool_glance *glance);

/*
 * Wait at most `wait_ms` milliseconds (-1: until something happens) and deal with what happened:
 * results, deaths, deadlines, watched descriptors. PP_E_SYSTEM: no process could ever be started,
 * or none that can enter a required sandbox. PP_E_INTERNAL: workers keep dying before their first
 * task. After either the pool takes no more tasks; those pending get a PP_E_CANCELLED outcome
 * before the call returns.
 */
PP_API enum pp_status pp_pool_step(struct pp_pool *pool, int wait_ms,
                                   struct pp_error *err) PP_MUST_CHECK;

/*
 * For a loop of the caller's own: the descriptor is readable when pp_pool_step() has something to
 * do, and the time is how many milliseconds may pass until it has to be called all the same, -1 for
 * any. The descriptor stays the pool's.
 */
PP_API int pp_pool_fd(const struct pp_pool *pool);
PP_API int pp_pool_wait_ms(const struct pp_pool *pool);

/* Call `ready` from pp_pool_step() whenever `fd` is readable (level-triggered); NULL unwatches. */
PP_API enum pp_status pp_pool_watch(struct pp_pool *pool, int fd, void (*ready)(void *user, int fd),
                                    void *user, struct pp_error *err) PP_MUST_CHECK;

/* Move every deadline later by the time since the pool last woke undisturbed: for SIGCONT, best
 * from a watched signalfd. Stops much longer than what a step waits are noticed without. */
PP_API void pp_pool_resumed(struct pp_pool *pool);

/* Take back the tasks no worker has begun: each gets a PP_E_CANCELLED outcome at once. Those in
 * work go on. */
PP_API void pp_pool_cancel_queued(struct pp_pool *pool);

/* Kill all workers now, wait for their deaths, keep what they had published, cancel the rest. */
PP_API void pp_pool_kill(struct pp_pool *pool);

/* End the workers (asked first, killed after a second), free everything. Pending tasks get no
 * outcome: step until pp_pool_pending() is 0 first. NULL is allowed. */
PP_API void pp_pool_free(struct pp_pool *pool);

/* Cores this process may use: the smallest of its affinity mask and every cgroup quota above it
 * (v1 and v2, rounded up), at least 1. */
PP_API unsigned pp_cores_available(void);

/* Bytes of memory this process may still use: the smallest of MemAvailable and what every cgroup
 * above it leaves (v1 and v2); 0 when unknown. */
PP_API uint64_t pp_memory_available(void);

PP_END_DECLS

#endif
