/* Threads are promised to a worker only where they can be had, and never to a second attempt. */
#include "support_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/threads.h"

/* Root has no limit of processes, hence someone else, of whom there are no other processes. */
static bool allow_processes(rlim_t count)
{
    const struct rlimit limit = {count, count};

    if (geteuid() != 0 || setresgid(61235, 61235, 61235) != 0 ||
        setresuid(61235, 61235, 61235) != 0 || access("/proc/self/exe", X_OK) != 0)
        return false;
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1); /* that would take one process more */
    return setrlimit(RLIMIT_NPROC, &limit) == 0;
}

static void *idle(void *argument)
{
    return argument;
}

/* Whether as many threads more can be had right now, which is what libgomp does next. */
static bool create_at_once(unsigned count)
{
    pthread_t threads[8];

    for (unsigned i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, idle, NULL) != 0)
            return false;
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return true;
}

/* In a child that may have `processes` in all. Its exit status: 0 as expected, 2 not possible. */
static void expect_in_child(rlim_t processes, unsigned wanted, unsigned expected)
{
    const pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct pp_threads threads = {0};

        if (processes > 0 && !allow_processes(processes))
            _exit(2);
        if (pp_threads_available(&threads, wanted) != expected || !create_at_once(expected - 1))
            _exit(1);
        _exit(pp_threads_available(&threads, wanted) == expected &&
                      pp_threads_available(&threads, 1) == 1
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) {
        print_message("skipped: needs root and a program others may run\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void threads_that_can_be_had_are(void **state)
{
    (void)state;
    expect_in_child(0, 1, 1);
    expect_in_child(0, 2, 2);
    expect_in_child(0, 5, 5);
}

static void threads_that_cannot_be_had_are_not_promised(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        expect_in_child(1, 4, 1);
        expect_in_child(3, 4, 3);
        expect_in_child(4, 4, 4);
    }
}

static void many_threads(struct run *run)
{
    run_init(run);
    run->settings.workers = 1;
    run->settings.threads = 3;
    run_start(run);
}

static void the_second_attempt_after_a_crash_has_one_thread(void **state)
{
    struct run run;

    (void)state;
    many_threads(&run);
    run_submit(&run, 0, "spend-threads 10");
    run_submit(&run, 1, "signal-once-threads 11");
    run_finish(&run, 10);
    run_submit(&run, 2, "spend-threads 10");
    run_finish(&run, 10);
    assert_int_equal(run.reports[1].attempt, 2);
    assert_string_equal(run.reports[0].text, "3 threads");
    assert_string_equal(run.reports[1].text, "1 threads");
    assert_string_equal(run.reports[2].text, "3 threads");
    run_end(&run);
}

static void the_second_attempt_after_a_kill_has_one_thread(void **state)
{
    struct timespec pause = {0, 200000000};
    struct run run;
    pid_t pid;

    (void)state;
    many_threads(&run);
    run_submit(&run, 0, "echo");
    run_finish(&run, 10);
    run_submit(&run, 1, "spend-threads 500");
    run_submit(&run, 2, "spend-threads 10"); /* goes back with it, and is not to blame */
    nanosleep(&pause, NULL);
    assert_int_equal(children_of(getpid(), &pid, 1), 1);
    kill(pid, SIGKILL);
    run_finish(&run, 10);
    assert_int_equal(run.reports[1].status, PP_OK);
    assert_string_equal(run.reports[1].text, "1 threads");
    assert_string_equal(run.reports[2].text, "3 threads");
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_that_can_be_had_are),
        cmocka_unit_test(threads_that_cannot_be_had_are_not_promised),
        cmocka_unit_test(the_second_attempt_after_a_crash_has_one_thread),
        cmocka_unit_test(the_second_attempt_after_a_kill_has_one_thread),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
