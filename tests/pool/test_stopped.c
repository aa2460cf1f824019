/* A process group that is stopped and continued, as ^Z and fg do: time in which nobody could work
 * is held against no task. */
#include "support_pool.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUSY 2 /* tasks in work when the stop comes */

static void sleep_s(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&left, NULL);
}

static void resumed(void *pool, int fd)
{
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof info) == sizeof info)
        pp_pool_resumed(pool);
}

static bool watch_for_continuing(struct run *run)
{
    sigset_t mask;
    int fd;

    sigemptyset(&mask);
    sigaddset(&mask, SIGCONT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd >= 0 && pp_pool_watch(run->pool, fd, resumed, run->pool, NULL) == PP_OK;
}

/* In the child: no assertions. Tasks that are busy, one that hangs behind them. */
static int supervise(struct run *run, bool watching, int wait_ms)
{
    static const char *const commands[] = {"spend 400", "spend 400", "hang"};
    bool all = true;

    alarm(30);
    if (pp_pool_start(&run->settings, &run->pool, NULL) != PP_OK)
        return 3;
    if (watching && !watch_for_continuing(run))
        return 4;
    for (uint64_t tag = 0; tag <= BUSY; tag++) {
        const struct pp_task task = {.tag = tag,
                                     .payload = commands[tag],
                                     .payload_size = strlen(commands[tag]),
                                     .fds = {-1, -1}};

        if (pp_pool_submit(run->pool, &task, NULL) != PP_OK)
            return 5;
    }
    while (pp_pool_pending(run->pool) > 0)
        if (pp_pool_step(run->pool, wait_ms, NULL) != PP_OK)
            return 6;
    for (unsigned tag = 0; tag < BUSY; tag++)
        all = all && run->reports[tag].status == PP_OK;
    return all && run->reports[BUSY].status == PP_E_TIMEOUT ? 0 : 1;
}

static pid_t start_group(struct run *run, bool watching, int wait_ms)
{
    const pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        _exit(supervise(run, watching, wait_ms));
    }
    setpgid(pid, pid);
    return pid;
}

/* Stopped `after` seconds, for longer than a task may take. */
static void stop_and_continue(double after, bool watching, int wait_ms)
{
    struct run run;
    double begin;
    int status;
    pid_t pid;

    run_init(&run);
    run.settings.timeout = 0.9;
    begin = seconds_now();
    pid = start_group(&run, watching, wait_ms);
    assert_true(pid > 0);
    sleep_s(after);
    assert_int_equal(kill(-pid, SIGSTOP), 0);
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    assert_true(WIFSTOPPED(status));
    sleep_s(1.6);
    assert_int_equal(kill(-pid, SIGCONT), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    free(run.reports);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    /* 0.4 s of work, then 0.9 s of hanging, and one deadline moved by a step at most */
    assert_in_range((uint64_t)((seconds_now() - begin) * 1000), 2800, 5500);
}

static void a_stop_is_no_timeout_when_the_caller_tells_of_it(void **state)
{
    (void)state;
    stop_and_continue(0.15, true, 50);
    stop_and_continue(0.30, true, -1); /* a wait the stop is no longer than */
}

static void a_stop_while_the_task_hangs_still_ends_it(void **state)
{
    (void)state;
    stop_and_continue(0.80, true, 50);
}

static void a_long_stop_is_noticed_without_being_told(void **state)
{
    (void)state;
    stop_and_continue(0.20, false, 50);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_is_no_timeout_when_the_caller_tells_of_it),
        cmocka_unit_test(a_stop_while_the_task_hangs_still_ends_it),
        cmocka_unit_test(a_long_stop_is_noticed_without_being_told),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
