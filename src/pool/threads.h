/*
 * pool/threads.h - how many threads a worker can really have.
 *
 * OpenMP run-times end the process when a thread cannot be created (a limit of processes, a control
 * group's pids.max, memory). So before a worker uses more than one, as many are created on trial.
 * What the trial found holds for the worker's life: libgomp keeps the threads it once created.
 */
#ifndef PP_POOL_THREADS_H
#define PP_POOL_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>

struct pp_threads {
    _Atomic unsigned proven; /* the most there have been at once, the caller's own included */
    _Atomic bool exhausted;  /* more cannot be had */
};

/* `wanted` or, where those cannot be had, as many as can, at least 1. A trial takes some 10 us a
 * thread, once. Any thread. Nobody can promise that others will not take them meanwhile. */
unsigned pp_threads_available(struct pp_threads *threads, unsigned wanted);

#endif
