/*
 * pool/spawn.h - starting a worker: fork, descriptors at fixed numbers, exec of the program itself.
 *
 * A worker begins as a fresh program: nothing of the supervisor's
 * heap, threads or OpenMP state is in it. Supervisor's thread only.
 */
#ifndef PP_POOL_SPAWN_H
#define PP_POOL_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixpool/error.h>
#include <pixpool/pool.h>

#include "pool/cell.h"

/* argv[1] of a worker; argv[2] is the service's name. */
#define PP_WORKER_WORD "--pixpool-worker"

/* Where a worker finds its descriptors. */
enum pp_worker_fd {
    PP_FD_TASKS = 3, /* the socket */
    PP_FD_RESULTS,
    PP_FD_ORDERS,
    PP_FD_DOORBELL,
    PP_FD_SETUP,   /* sealed memfd with the setup bytes */
    PP_FD_PROGRAM, /* what it was executed from; open until then, so that a tool that puts itself
                      between, as valgrind does, still finds the program under that number */
    PP_FD_END      /* descriptors from here on are in nobody's way */
};

/* What all workers of a pool have in common. */
struct pp_spawner {
    int program; /* this very executable, even if its file was replaced since */
    int setup;   /* memfd */
    int null;    /* /dev/null, their standard input */
    char **environment;
    char service[16];
};

/* Errors: PP_E_USAGE (service name), PP_E_NO_MEMORY, PP_E_SYSTEM; the spawner is then released. */
enum pp_status pp_spawner_init(struct pp_spawner *spawner, const struct pp_pool_settings *settings,
                               struct pp_error *err) PP_MUST_CHECK;
void pp_spawner_release(struct pp_spawner *spawner);

/* The supervisor's ends of one worker. */
struct pp_child {
    pid_t pid;
    int pidfd; /* -1 where the system has none */
    int socket, doorbell;
    struct pp_cell cell;
};

/* The descriptors of a child not yet born or released, all -1. */
void pp_child_init(struct pp_child *child);
/* Make the cell and the other channels. Returns 0 or an errno value (the child is then released).
 * The orders may be filled in before pp_child_fork(). */
int pp_child_prepare(struct pp_child *child, enum pp_ring_size records) PP_MUST_CHECK;
/* Start the process. Returns 0 or an errno value; the child is then released. */
int pp_child_fork(const struct pp_spawner *spawner, struct pp_child *child) PP_MUST_CHECK;
/* Close and unmap; does not end the process. */
void pp_child_release(struct pp_child *child);

/* The descriptor that poll() and epoll report readable or hung up when the process has ended. */
int pp_child_end_fd(const struct pp_child *child);
/* SIGKILL. The process cannot be another by now, for only pp_child_reap() collects it. */
void pp_child_kill(const struct pp_child *child);
/* Collect how it ended; `wait`: until it has. False when it has not. info->si_pid is 0 when someone
 * else collected it. */
bool pp_child_reap(const struct pp_child *child, bool wait, siginfo_t *info);

#endif
