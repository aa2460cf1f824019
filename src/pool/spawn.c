#include "pool/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_FAILED 127 /* as a shell says it */

void pp_child_init(struct pp_child *child)
{
    *child = (struct pp_child){.pidfd = -1, .socket = -1, .doorbell = -1};
    child->cell.results_fd = child->cell.orders_fd = -1;
}

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void pp_child_release(struct pp_child *child)
{
    close_if_open(&child->pidfd);
    close_if_open(&child->socket);
    close_if_open(&child->doorbell);
    pp_cell_release(&child->cell);
    child->pid = 0;
}

int pp_child_prepare(struct pp_child *child)
{
    int error;

    pp_child_init(child);
    error = pp_cell_create(&child->cell);
    if (error)
        return error;
    child->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (child->doorbell >= 0)
        return 0;
    error = errno;
    pp_child_release(child);
    return error;
}

/* Signals that end or hurt a process act again; ^C is the supervisor's business alone, and a write
 * to a closed pipe or beyond the limit of a file's size is an error like any other. What the user
 * had ignored (nohup) stays ignored. */
static void reset_signals(void)
{
    static const int to_default[] = {SIGTERM, SIGCHLD, SIGSEGV, SIGBUS,  SIGABRT, SIGILL, SIGFPE,
                                     SIGSYS,  SIGTRAP, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (size_t i = 0; i < sizeof to_default / sizeof to_default[0]; i++)
        sigaction(to_default[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Close all but the sources and the standard streams: the copies need room under a low limit, and
 * what a stranger left open is no worker's business. */
static void close_others(const int sources[PP_FD_END])
{
    int from = STDERR_FILENO + 1;

    for (;;) {
        int next = -1;

        for (int i = 0; i < PP_FD_END; i++)
            if (sources[i] >= from && (next < 0 || sources[i] < next))
                next = sources[i];
        if (next < 0)
            break;
        if (next > from)
            close_range((unsigned)from, (unsigned)next - 1, 0);
        from = next + 1;
    }
    close_range((unsigned)from, ~0U, 0);
}

/* What has one of the fixed numbers itself is first copied out of the way. */
static int place_fds(const struct pp_spawner *spawner, const struct pp_child *child, int tasks)
{
    const int sources[PP_FD_END] = {
        [STDIN_FILENO] = spawner->null,           [PP_FD_TASKS] = tasks,
        [PP_FD_RESULTS] = child->cell.results_fd, [PP_FD_ORDERS] = child->cell.orders_fd,
        [PP_FD_DOORBELL] = child->doorbell,       [PP_FD_SETUP] = spawner->setup,
        [PP_FD_PROGRAM] = spawner->program,
    };
    int copies[PP_FD_END];

    close_others(sources);
    for (int i = PP_FD_TASKS; i < PP_FD_END; i++) {
        copies[i] =
            sources[i] >= PP_FD_END ? sources[i] : fcntl(sources[i], F_DUPFD_CLOEXEC, PP_FD_END);
        if (copies[i] < 0)
            return errno;
    }
    copies[STDIN_FILENO] = sources[STDIN_FILENO];
    if (dup2(copies[STDIN_FILENO], STDIN_FILENO) < 0)
        return errno;
    for (int i = PP_FD_TASKS; i < PP_FD_END; i++)
        if (dup2(copies[i], i) < 0)
            return errno;
    return 0;
}

#define PROGRAM_PATH "/proc/self/fd/8"
_Static_assert(PP_FD_PROGRAM == 8, "the path names the descriptor");

/* In the child. Only calls that are safe after a fork from a process with threads. */
static void become_worker(const struct pp_spawner *spawner, const struct pp_child *child, int tasks,
                          char *const argv[])
{
    const off_t where = offsetof(struct pp_results, start_errno);
    int error, results = child->cell.results_fd;

    /* Asked for before the check: whichever way the supervisor dies, one of the two notices. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->cell.orders->supervisor)
        _exit(EXEC_FAILED);
    reset_signals();
    error = place_fds(spawner, child, tasks);
    if (!error) {
        results = PP_FD_RESULTS;
        execve(PROGRAM_PATH, argv, spawner->environment);
        error = errno;
    }
    if (pwrite(results, &error, sizeof error, where) < 0)
        _exit(EXEC_FAILED + 1);
    _exit(EXEC_FAILED);
}

/* Handlers of the supervisor must not run in the child, hence all signals wait meanwhile. */
static int fork_worker(const struct pp_spawner *spawner, struct pp_child *child, int tasks)
{
    char name[64], word[] = PP_WORKER_WORD, service[sizeof spawner->service];
    char *const argv[] = {name, word, service, NULL};
    sigset_t all, before;
    int error;

    snprintf(name, sizeof name, "%.32s: worker %u", program_invocation_short_name,
             child->cell.orders->number);
    memcpy(service, spawner->service, sizeof service);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    child->pid = fork();
    error = errno;
    if (child->pid == 0)
        become_worker(spawner, child, tasks, argv);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return child->pid < 0 ? error : 0;
}

/* The process cannot have been collected yet, so the number still is its own. Where pidfds are
 * missing (before Linux 5.3, under some tools and old container filters) the socket's hang-up has
 * to tell of the end. */
static int watch_process(struct pp_child *child)
{
    int error;

    child->pidfd = pidfd_open(child->pid, 0);
    if (child->pidfd >= 0 || errno == ENOSYS || errno == EPERM)
        return 0;
    error = errno;
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    return error;
}

int pp_child_fork(const struct pp_spawner *spawner, struct pp_child *child)
{
    int pair[2], error;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        error = errno;
        pp_child_release(child);
        return error;
    }
    child->socket = pair[0];
    child->cell.orders->supervisor = getpid();
    error = fork_worker(spawner, child, pair[1]);
    close(pair[1]);
    pp_cell_close_fds(&child->cell);
    if (!error)
        error = watch_process(child);
    if (error)
        pp_child_release(child);
    return error;
}

int pp_child_end_fd(const struct pp_child *child)
{
    return child->pidfd >= 0 ? child->pidfd : child->socket;
}

void pp_child_kill(const struct pp_child *child)
{
    if (child->pidfd >= 0)
        pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
    else
        kill(child->pid, SIGKILL);
}

bool pp_child_reap(const struct pp_child *child, bool wait, siginfo_t *info)
{
    const bool by_fd = child->pidfd >= 0;
    int result;

    /* A closed socket is all the notice there is: it may come a moment before the end, or from a
     * worker gone astray. Either way that is the end of it. */
    if (!by_fd && !wait)
        pp_child_kill(child);
    memset(info, 0, sizeof *info);
    do
        result =
            waitid(by_fd ? (idtype_t)P_PIDFD : P_PID, (id_t)(by_fd ? child->pidfd : child->pid),
                   info, WEXITED | (wait || !by_fd ? 0 : WNOHANG));
    while (result != 0 && errno == EINTR);
    return result != 0 || info->si_pid != 0;
}
