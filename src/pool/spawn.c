#include "pool/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/birth.h"

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

int pp_child_prepare(struct pp_child *child, enum pp_ring_size records)
{
    int error;

    pp_child_init(child);
    error = pp_cell_create(&child->cell, records);
    if (error)
        return error;
    child->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (child->doorbell >= 0)
        return 0;
    error = errno;
    pp_child_release(child);
    return error;
}

#define PROGRAM_PATH "/proc/self/fd/8"
_Static_assert(PP_FD_PROGRAM == 8, "the path names the descriptor");

/* A worker about to be. */
struct birth {
    const struct pp_spawner *spawner;
    const struct pp_child *child;
    int tasks;
    char *const *argv;
};

static int place_fds(const struct birth *birth)
{
    const struct pp_child *child = birth->child;
    const int sources[PP_FD_END] = {
        [STDIN_FILENO] = birth->spawner->null,     [PP_FD_TASKS] = birth->tasks,
        [PP_FD_RESULTS] = child->cell.results_fd,  [PP_FD_ORDERS] = child->cell.orders_fd,
        [PP_FD_DOORBELL] = child->doorbell,        [PP_FD_SETUP] = birth->spawner->setup,
        [PP_FD_PROGRAM] = birth->spawner->program,
    };
    int copies[PP_FD_END];

    return pp_birth_place_fds(sources, copies, PP_FD_END);
}

/* In the child. */
static void become_worker(void *user)
{
    const struct birth *birth = user;
    const off_t where = offsetof(struct pp_results, start_errno);
    int error, results = birth->child->cell.results_fd;

    if (!pp_birth_die_with(birth->child->cell.orders->supervisor, SIGKILL))
        _exit(PP_BIRTH_FAILED);
    pp_birth_reset_signals(PP_SIGNALS_WORKER);
    error = place_fds(birth);
    if (!error) {
        results = PP_FD_RESULTS;
        execve(PROGRAM_PATH, birth->argv, birth->spawner->environment);
        error = errno;
    }
    if (pwrite(results, &error, sizeof error, where) < 0)
        _exit(PP_BIRTH_FAILED + 1);
    _exit(PP_BIRTH_FAILED);
}

static int fork_worker(const struct pp_spawner *spawner, struct pp_child *child, int tasks)
{
    char name[64], word[] = PP_WORKER_WORD, service[sizeof spawner->service];
    char *const argv[] = {name, word, service, NULL};
    struct birth birth = {spawner, child, tasks, argv};

    snprintf(name, sizeof name, "%.32s: worker %u", program_invocation_short_name,
             child->cell.orders->number);
    memcpy(service, spawner->service, sizeof service);
    return pp_birth_fork(become_worker, &birth, &child->pid);
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
