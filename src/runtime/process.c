#include <pixpool/process.h>

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/futex.h"
#include "runtime/process_start.h"

static bool is_ours(const struct pp_process *process)
{
    return process->parent == getpid();
}

static enum pp_status not_ours(const struct pp_process *process, struct pp_error *err)
{
    return pp_error_set(err, PP_E_USAGE, "process \"%s\" was started by another process",
                        process->name);
}

/* Collect how it ended, if it has. 0 or an errno value. */
static int collect(struct pp_process *process, int options)
{
    siginfo_t info = {0};

    if (process->ended)
        return 0;
    while (waitid((idtype_t)P_PIDFD, (id_t)process->pidfd, &info, WEXITED | options) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != ECHILD)
            return errno;
        process->ended = true; /* and nobody can say how */
        return 0;
    }
    if (info.si_pid == 0)
        return 0;
    process->ended = true;
    process->end.exited = info.si_code == CLD_EXITED;
    process->end.core = info.si_code == CLD_DUMPED;
    *(process->end.exited ? &process->end.status : &process->end.signal) = info.si_status;
    return 0;
}

/* Sleep until it has ended or the time has come. False: an errno is set. */
static bool sleep_on(const struct pp_process *process, const struct pp_deadline *deadline)
{
    struct pollfd end = {.fd = process->pidfd, .events = POLLIN};
    struct timespec left = {0};
    const uint64_t now = pp_clock_ns();
    const uint64_t at =
        (uint64_t)deadline->at.tv_sec * PP_NS_PER_S + (uint64_t)deadline->at.tv_nsec;

    if (!deadline->never && at > now)
        left =
            (struct timespec){(time_t)((at - now) / PP_NS_PER_S), (long)((at - now) % PP_NS_PER_S)};
    return ppoll(&end, 1, deadline->never ? NULL : &left, NULL) >= 0 || errno == EINTR;
}

enum pp_status pp_process_join(struct pp_process *process, double seconds,
                               struct pp_process_end *end, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    int error;

    if (!is_ours(process))
        return not_ours(process, err);
    for (;;) {
        error = collect(process, WNOHANG);
        if (error)
            return pp_error_errno(err, PP_E_SYSTEM, error, "cannot wait for a process");
        if (process->ended || pp_deadline_passed(&deadline))
            break;
        if (!sleep_on(process, &deadline))
            return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot wait for a process");
    }
    if (!process->ended)
        return pp_error_set(err, PP_E_TIMEOUT, "process \"%s\" has not ended within %g s",
                            process->name, seconds);
    if (end)
        *end = process->end;
    return PP_OK;
}

bool pp_process_is_alive(struct pp_process *process)
{
    return is_ours(process) && collect(process, WNOHANG) == 0 && !process->ended;
}

enum pp_status pp_process_signal(struct pp_process *process, int number, struct pp_error *err)
{
    if (!is_ours(process))
        return not_ours(process, err);
    if (process->ended || pidfd_send_signal(process->pidfd, number, NULL, 0) == 0 || errno == ESRCH)
        return PP_OK;
    return pp_error_errno(err, errno == EINVAL ? PP_E_USAGE : PP_E_SYSTEM, errno,
                          "cannot send a signal to a process");
}

enum pp_status pp_process_terminate(struct pp_process *process, struct pp_error *err)
{
    return pp_process_signal(process, SIGTERM, err);
}

enum pp_status pp_process_kill(struct pp_process *process, struct pp_error *err)
{
    return pp_process_signal(process, SIGKILL, err);
}

pid_t pp_process_pid(const struct pp_process *process)
{
    return process->pid;
}

const char *pp_process_name(const struct pp_process *process)
{
    return process->name;
}

bool pp_process_is_daemon(const struct pp_process *process)
{
    return process->daemon;
}

int pp_process_pidfd(const struct pp_process *process)
{
    return process->pidfd;
}

void pp_process_free(struct pp_process *process)
{
    if (!process)
        return;
    if (is_ours(process) && !process->ended) {
        if (process->daemon)
            pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
        collect(process, 0);
    }
    close(process->pidfd);
    free(process);
}
