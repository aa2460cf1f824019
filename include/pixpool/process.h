/*
 * pixpool/process.h - functions run in processes of their own.
 *
 * There are two ways to start one:
 *
 *   by name     The program is executed again and runs the registered function of that name. The
 *               child begins as a fresh program: of its parent it has the environment, the working
 *               directory, standard output and error, the argument's bytes and the descriptors that
 *               were named, and nothing else. Works with any number of threads in the parent.
 *               main() must hand over first thing:
 *
 *                   int main(int argc, char **argv)
 *                   {
 *                       int status;
 *                       if (pp_process_main(argc, argv, &program, &status))
 *                           return status;
 *                       ...
 *
 *   by pointer  The process is forked and the child calls the function. It inherits everything,
 *               memory and descriptors as well. Refused where other threads exist: what they were
 *               at, a lock of malloc's for one, would stay half done in the child for ever.
 *
 * Both children have /dev/null as standard input, no signal blocked, and every signal as at a
 * program's start (but SIGHUP, SIGINT and SIGQUIT stay ignored where they were, as nohup has it).
 *
 * A daemon dies, by SIGKILL, with the thread that started it, whatever ends that: it needs no
 * tidying up at the program's end. Any other process outlives its parent if nobody waits for it;
 * this library does nothing at the program's exit (Python joins there, here pp_process_free()
 * does).
 *
 * Processes are watched by a pidfd, so that no number used anew is ever waited for or signalled
 * (Linux 5.4). SIGCHLD must not be ignored, for then the kernel forgets how children ended; a start
 * sees to that. EINTR is dealt with.
 *
 * A struct pp_process belongs to the process that started it; a child forked meanwhile can neither
 * wait for nor signal it. One thread at a time, any thread, but the start of a daemon.
 */
#ifndef PIXPOOL_PROCESS_H
#define PIXPOOL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <pixpool/api.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

struct pp_service;    /* <pixpool/pool.h> */
struct pp_task_table; /* <pixpool/tasks.h> */

/*
 * What the child does. `argument` is its own copy, read-only, aligned for any type; `fds` are the
 * descriptors handed over, in order, close-on-exec in an executed child. Returns the exit status,
 * of which the system keeps the lowest 8 bits.
 */
typedef int pp_process_run(const void *argument, size_t size, const int *fds, size_t fd_count);

struct pp_process_function {
    const char *name;
    pp_process_run *run;
};

/* All that the program can be started as. Static data; each member may be NULL. */
struct pp_program {
    const struct pp_process_function *functions; /* ends with a NULL name */
    const struct pp_task_table *const *tasks;    /* ends with NULL */
    const struct pp_service *const *services;    /* of pools; ends with NULL */
};

/*
 * If argv says that this process was started as a process, as a worker for pp_tasks or as a pool's
 * worker, run it to its end, set *status to its exit status and return true; main() then returns
 * that. Otherwise return false at once. To be called first in main(), before any thread exists.
 */
PP_API bool pp_process_main(int argc, char **argv, const struct pp_program *program,
                            int *status) PP_MUST_CHECK;

struct pp_process_settings {
    const char *name;     /* shown by ps; NULL: the function's name, or the program's */
    const char *function; /* started by name; NULL: */
    pp_process_run *run;  /* started by pointer */
    const void *argument; /* copied; of any size */
    size_t size;
    const int *fds; /* to hand over; they stay the caller's as well */
    size_t fd_count;
    bool daemon;
};

struct pp_process;

/*
 * Start a process. By name, this returns when the child has found its function. On PP_OK *process
 * is the caller's to free.
 * Errors: PP_E_USAGE (no such function; threads; a main() that does not hand over), PP_E_NO_MEMORY,
 * PP_E_SYSTEM.
 */
PP_API enum pp_status pp_process_start(const struct pp_process_settings *settings,
                                       struct pp_process **process,
                                       struct pp_error *err) PP_MUST_CHECK;

/* How a process ended: either exited or ended by a signal. Neither: somebody else collected it, or
 * SIGCHLD was ignored after the start, and nobody can say. */
struct pp_process_end {
    bool exited;
    int status; /* 0 to 255, if it exited */
    int signal; /* what ended it, else 0 */
    bool core;  /* and it left a memory image */
};

/*
 * Wait until the process has ended, `seconds` at the longest (negative: for ever; 0: only look).
 * *end may be NULL; it is told again by every later call.
 * Errors: PP_E_TIMEOUT, PP_E_USAGE when this is not the parent, PP_E_SYSTEM.
 */
PP_API enum pp_status pp_process_join(struct pp_process *process, double seconds,
                                      struct pp_process_end *end,
                                      struct pp_error *err) PP_MUST_CHECK;

/* Whether it has not ended yet. False in a process that is not the parent. */
PP_API bool pp_process_is_alive(struct pp_process *process);

/*
 * Send SIGTERM, which it may handle; SIGKILL, which it cannot; any signal. To one that has ended,
 * nothing happens. Errors: PP_E_USAGE when this is not the parent, PP_E_SYSTEM.
 */
PP_API enum pp_status pp_process_terminate(struct pp_process *process, struct pp_error *err);
PP_API enum pp_status pp_process_kill(struct pp_process *process, struct pp_error *err);
PP_API enum pp_status pp_process_signal(struct pp_process *process, int number,
                                        struct pp_error *err);

/* Its number. Once it was joined the system may give it to another. */
PP_API pid_t pp_process_pid(const struct pp_process *process);
PP_API const char *pp_process_name(const struct pp_process *process);
PP_API bool pp_process_is_daemon(const struct pp_process *process);

/* A descriptor that poll() and epoll report readable when the process has ended: for waiting for
 * several, or beside other things. It stays this struct's. */
PP_API int pp_process_pidfd(const struct pp_process *process);

/* Free it. One that was not joined is first waited for, a daemon killed before that: no zombie and
 * no unknown process is left. In a process that is not the parent it is only freed. NULL is
 * allowed. */
PP_API void pp_process_free(struct pp_process *process);

PP_END_DECLS

#endif
