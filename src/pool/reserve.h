/*
 * pool/reserve.h - descriptors held so that a worker can be started when all others are taken.
 *
 * The pool's caller opens descriptors for every task. Were there none left by the time a worker is
 * needed, the tasks would wait for a worker and the worker for the tasks' descriptors. What is held
 * here has no content; it is let go for the moment in which a worker is made. Supervisor's thread.
 */
#ifndef PP_POOL_RESERVE_H
#define PP_POOL_RESERVE_H

#include <stdbool.h>

#define PP_RESERVE_MAX 12 /* what starting a pool takes for a moment, and a worker */

struct pp_reserve {
    int fds[PP_RESERVE_MAX];
    unsigned count;
};

/* Hold `count` descriptors from now on, no more and as far as possible no less; new ones are copies
 * of `source`. Returns whether there are as many. */
bool pp_reserve_hold(struct pp_reserve *reserve, int source, unsigned count);

#endif
