/*
 * SIGINT, SIGTERM and SIGHUP end a run in order: what is in work may finish for a few seconds,
 * nothing else begins. The second one ends it at once. SIGCONT comes after a time in which nobody
 * could work, so all deadlines move.
 */
#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/run.h"

#define GRACE_NS (5 * PP_NS_PER_S)

static void kill_workers(struct pp_run *run)
{
    if (run->phase == PP_RUN_KILLED)
        return;
    run->phase = PP_RUN_KILLED;
    pp_pool_kill(run->pool);
}

static void take_signal(struct pp_run *run, int signal)
{
    if (signal == SIGCONT) {
        pp_pool_resumed(run->pool);
        return;
    }
    if (run->result->signal != 0) {
        kill_workers(run);
        return;
    }
    run->result->signal = signal;
    run->stop_ns = pp_clock_ns();
    pp_run_stop(run);
}

void pp_run_cancel(struct pp_run *run)
{
    run->result->cancelled |= run->result->signal == 0;
    take_signal(run, SIGINT);
}

static void signal_ready(void *user, int fd)
{
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof info) == sizeof info)
        take_signal(user, (int)info.ssi_signo);
}

/* What the caller ignores, as below nohup or in a script's background job, stays ignored: a blocked
 * signal would be queued all the same. */
static void choose_signals(sigset_t *mask)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;

    sigemptyset(mask);
    sigaddset(mask, SIGCONT);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(mask, ends[i]);
    }
}

enum pp_status pp_run_signals_begin(struct pp_run *run, struct pp_error *err)
{
    sigset_t mask;

    run->signal_fd = -1;
    if (!run->settings->handle_signals || !run->pool)
        return PP_OK;
    choose_signals(&mask);
    if (sigprocmask(SIG_BLOCK, &mask, &run->old_mask) != 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot block signals");
    run->signal_fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (run->signal_fd < 0) {
        int errnum = errno;
        sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
        return pp_error_errno(err, PP_E_SYSTEM, errnum, "cannot listen for signals");
    }
    return pp_pool_watch(run->pool, run->signal_fd, signal_ready, run, err);
}

void pp_run_signals_end(struct pp_run *run)
{
    if (run->signal_fd < 0)
        return;
    close(run->signal_fd);
    run->signal_fd = -1;
    sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
}

void pp_run_signals_tick(struct pp_run *run)
{
    if (run->stop_ns != 0 && pp_clock_ns() - run->stop_ns > GRACE_NS)
        kill_workers(run);
}
