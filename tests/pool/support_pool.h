/*
 * A pool of workers that misbehave on request. The test program is its own worker: its main() hands
 * over to support_worker_main() first.
 *
 * A task's payload is a command in words; see support_services.c.
 */
#ifndef PP_TESTS_POOL_SUPPORT_H
#define PP_TESTS_POOL_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include <pixpool/pool.h>

#define SUPPORT_TASKS 20000

/* What was reported for one tag. */
struct report {
    unsigned times;
    enum pp_status status;
    unsigned attempt, worker;
    int signal;
    double seconds;
    uint64_t progress;
    char text[128]; /* the outcome's text, or the result */
    char sent[16];  /* what lies in the descriptor that came along */
};

struct run {
    struct pp_pool *pool;
    struct pp_pool_settings settings;
    struct report *reports; /* by tag */
    size_t delivered, rewound;
    bool small, tiny; /* what run_submit() submits from now on */
    bool more, once;  /* likewise */
    unsigned parts;   /* likewise */
    double more_time; /* likewise */
};

bool support_worker_main(int argc, char **argv, int *status);

/* Settings for a run: two workers, one retry. To be changed before run_start(). */
void run_init(struct run *run);
void run_start(struct run *run);
/* Frees the pool and what was reported. */
void run_end(struct run *run);

/* Submit; there must be room. */
void run_submit(struct run *run, uint64_t tag, const char *command);
/* Step until nothing is pending, or fail after `seconds`. */
void run_finish(struct run *run, double seconds);
/* Submit count tasks, tag from 0 on, as room allows, and finish. */
void run_many(struct run *run, size_t count, const char *command, double seconds);
/* Every tag below count was reported once, as PP_OK with `result` (NULL: any). */
void assert_all_ok(const struct run *run, size_t count, const char *result);

/* Start a process that kills a random worker of `supervisor` with signal `number` every so many
 * microseconds, until it is killed itself. */
pid_t start_killer(pid_t supervisor, unsigned every_us, int number);

double seconds_now(void);
/* Descriptors this process has open. */
int open_fds(void);
/* The children of a process: ids into `pids`, their number back. */
int children_of(pid_t parent, pid_t *pids, int most);
/* Whether the environment asks for the long versions of the loops. */
bool long_tests(void);

#endif
