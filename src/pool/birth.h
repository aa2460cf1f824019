/*
 * pool/birth.h - what the workers of a pool and other processes have in common at their birth.
 *
 * The only fork of the project is here. What runs between it and the exec makes only calls that are
 * safe after a fork from a process with threads.
 */
#ifndef PP_POOL_BIRTH_H
#define PP_POOL_BIRTH_H

#include <stdbool.h>
#include <sys/types.h>

#include <pixpool/api.h>

#define PP_BIRTH_FAILED                                                                            \
    127 /* exit status when the program cannot be executed; as a shell says it */

/* ---- before, in the parent ---- */

/* Where SIGCHLD is ignored the kernel throws away how a child ended: do not ignore it. */
void pp_birth_want_statuses(void);

/* This very executable, even if its file was replaced since, as a descriptor from `least` on;
 * -1 with errno. */
int pp_birth_program(int least);

/* `fd` moved to a number from `least` on; -1 with errno, also for -1. */
int pp_birth_raise(int fd, int least);

/* Whether this process was started to be somebody's worker or process and its main() went past the
 * call that would have made it so. It must start no others, which would do the same. */
bool pp_birth_is_astray(void);

/* Threads of this process; 0 where the system does not show them. A forked child has one of them,
 * and what the others had locked stays so: only a child that execs at once may have had several. */
unsigned pp_birth_threads(void);

/* ---- the fork ---- */

/* Fork and run `child` in the child, which must not return. All signals are blocked there. Returns
 * 0 or an errno value. */
int pp_birth_fork(void (*child)(void *user), void *user, pid_t *pid) PP_MUST_CHECK;

/* ---- after, in the child ---- */

/* Be sent `number` when `parent`'s thread ends. False: it has ended. */
bool pp_birth_die_with(pid_t parent, int number);

enum pp_birth_signals {
    PP_SIGNALS_WORKER, /* ^C is the supervisor's business; errors of writing are only errors */
    PP_SIGNALS_PROCESS /* as a program's at its start; what nohup had ignored stays so */
};
void pp_birth_reset_signals(enum pp_birth_signals how);

/*
 * sources[i] becomes descriptor i; the standard output and error (sources[1] and [2]) stay as they
 * are, and everything else is closed. `copies` has room for as many. 0 or the errno.
 */
int pp_birth_place_fds(const int *sources, int *copies, int count);

/* What was started with this argument vector came to where it was to come: see is_astray. */
void pp_birth_arrived(char **argv);

#endif
