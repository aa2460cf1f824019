/* What happens to a worker must cost at most the task it was at. */
#include "support_pool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One bad command among good ones. */
static void run_with(struct run *run, size_t count, const char *bad, size_t at)
{
    const double until = seconds_now() + 20;

    run_start(run);
    for (size_t tag = 0; tag < count || pp_pool_pending(run->pool) > 0;) {
        for (; tag < count && pp_pool_has_room(run->pool); tag++)
            run_submit(run, tag, tag == at ? bad : "echo");
        assert_int_equal(pp_pool_step(run->pool, 100, NULL), PP_OK);
        assert_true(seconds_now() < until);
    }
}

static void assert_others_ok(const struct run *run, size_t count, size_t but)
{
    assert_int_equal(run->delivered, count);
    for (size_t tag = 0; tag < count; tag++) {
        assert_int_equal(run->reports[tag].times, 1);
        if (tag != but)
            assert_int_equal(run->reports[tag].status, PP_OK);
    }
}

static void a_crash_is_tried_twice_and_costs_one_task(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_with(&run, 50, "signal 11", 20);
    assert_others_ok(&run, 50, 20);
    assert_int_equal(run.reports[20].status, PP_E_CRASHED);
    assert_int_equal(run.reports[20].attempt, 2);
    assert_int_equal(run.reports[20].signal, SIGSEGV);
    assert_int_equal(run.reports[20].progress, 7);
    assert_string_equal(run.reports[20].text, "worker crashed with SIGSEGV (2 attempts)");
    run_end(&run);
}

static void every_signal_of_its_own_making_counts_as_a_crash(void **state)
{
    static const int signals[] = {SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS};

    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        char command[32];
        struct run run;

        run_init(&run);
        run.settings.retries = 0;
        snprintf(command, sizeof command, "signal %d", signals[i]);
        run_with(&run, 6, command, 2);
        assert_others_ok(&run, 6, 2);
        assert_int_equal(run.reports[2].status, PP_E_CRASHED);
        assert_int_equal(run.reports[2].attempt, 1);
        assert_int_equal(run.reports[2].signal, signals[i]);
        run_end(&run);
    }
}

static void a_crash_that_does_not_recur_is_a_success(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_with(&run, 20, "signal-once 11", 7);
    assert_all_ok(&run, 20, "done");
    assert_int_equal(run.reports[7].attempt, 2);
    assert_true(run.rewound >= 1);
    run_end(&run);
}

static void several_crashes_at_once_are_kept_apart(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 4;
    run_start(&run);
    for (uint64_t tag = 0; tag < 60 || pp_pool_pending(run.pool) > 0;) {
        for (; tag < 60 && pp_pool_has_room(run.pool); tag++)
            run_submit(&run, tag, tag % 3 == 0 ? "signal 11" : "echo");
        assert_int_equal(pp_pool_step(run.pool, 100, NULL), PP_OK);
    }
    for (unsigned tag = 0; tag < 60; tag++) {
        assert_int_equal(run.reports[tag].times, 1);
        assert_int_equal(run.reports[tag].status, tag % 3 == 0 ? PP_E_CRASHED : PP_OK);
    }
    run_end(&run);
}

static void leaving_in_the_middle_of_a_task_is_a_crash(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_with(&run, 20, "exit 0", 5);
    assert_others_ok(&run, 20, 5);
    assert_int_equal(run.reports[5].status, PP_E_CRASHED);
    assert_string_equal(run.reports[5].text, "worker exited with status 0 (2 attempts)");
    run_end(&run);
}

static void a_result_published_before_death_counts(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run_start(&run);
    for (uint64_t tag = 0; tag < 20; tag++) {
        run_submit(&run, tag, "publish-and-die");
        run_finish(&run, 10);
        /* the death falls into the next, harmless task or into idleness */
        run_submit(&run, 100 + tag, tag % 2 ? "sleep 10" : "echo");
        run_finish(&run, 10);
    }
    assert_int_equal(run.delivered, 40);
    for (uint64_t tag = 0; tag < 20; tag++) {
        assert_int_equal(run.reports[tag].status, PP_OK);
        assert_int_equal(run.reports[tag].attempt, 1);
        assert_int_equal(run.reports[100 + tag].times, 1);
        assert_int_equal(run.reports[100 + tag].status, PP_OK);
        assert_int_equal(run.reports[100 + tag].attempt, 1);
    }
    run_end(&run);
}

static void a_result_is_found_after_death_without_a_doorbell(void **state)
{
    struct timespec pause = {0, 100000000};
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run_start(&run);
    run_submit(&run, 0, "echo");
    run_finish(&run, 10);
    run_submit(&run, 1, "publish-and-die");
    run_submit(&run, 2, "echo");
    nanosleep(&pause, NULL); /* published and dead before the supervisor looks */
    run_finish(&run, 10);
    assert_all_ok(&run, 3, "done");
    assert_int_equal(run.rewound, 0);
    run_end(&run);
}

static void an_idle_worker_may_be_killed(void **state)
{
    struct run run;
    pid_t pids[8];

    (void)state;
    run_init(&run);
    run_start(&run);
    for (uint64_t tag = 0; tag < 30; tag++) {
        run_submit(&run, tag, "echo");
        run_finish(&run, 10);
        for (int i = children_of(getpid(), pids, 8); i-- > 0;)
            kill(pids[i], SIGKILL);
    }
    assert_all_ok(&run, 30, "done");
    run_end(&run);
}

static void a_scribbled_cell_costs_one_attempt(void **state)
{
    struct run run;

    (void)state;
    for (unsigned byte = 0; byte < 256; byte += 85) {
        char command[32];

        run_init(&run);
        snprintf(command, sizeof command, "scribble-once %u", byte);
        run_with(&run, 20, command, 3);
        assert_all_ok(&run, 20, "done");
        assert_int_equal(run.reports[3].attempt, 2);
        run_end(&run);
    }
    run_init(&run);
    run_with(&run, 20, "scribble 255", 3);
    assert_others_ok(&run, 20, 3);
    assert_int_equal(run.reports[3].status, PP_E_CRASHED);
    assert_string_equal(run.reports[3].text, "worker overwrote its results (2 attempts)");
    run_end(&run);
}

static void a_hung_task_ends_at_its_limit(void **state)
{
    static const char *const commands[] = {"hang", "stop"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct run run;

        run_init(&run);
        run.settings.timeout = 0.4;
        run_with(&run, 12, commands[i], 4);
        assert_others_ok(&run, 12, 4);
        assert_int_equal(run.reports[4].status, PP_E_TIMEOUT);
        assert_int_equal(run.reports[4].attempt, 1);
        assert_true(run.reports[4].seconds >= 0.4 && run.reports[4].seconds < 1.4);
        assert_string_equal(run.reports[4].text, "no result within 0.4 s");
        run_end(&run);
    }
}

static void the_clock_of_a_queued_task_starts_when_it_is_begun(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run.settings.timeout = 0.5;
    run_start(&run);
    run_submit(&run, 0, "sleep 350");
    run_submit(&run, 1, "sleep 350");
    run_finish(&run, 5);
    assert_all_ok(&run, 2, "done");
    run_end(&run);
}

static void resuming_moves_deadlines(void **state)
{
    struct timespec pause = {0, 600000000};
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run.settings.timeout = 0.5;
    run_start(&run);
    run_submit(&run, 0, "sleep 850");
    while (pp_pool_step(run.pool, 10, NULL) == PP_OK && pp_pool_alive(run.pool) == 0)
        ;
    assert_int_equal(pp_pool_step(run.pool, 50, NULL), PP_OK);
    nanosleep(&pause, NULL); /* as if this process had been stopped */
    pp_pool_resumed(run.pool);
    run_finish(&run, 5);
    assert_all_ok(&run, 1, "done");
    run_end(&run);
}

static void a_result_that_waited_for_the_supervisor_is_in_time(void **state)
{
    struct timespec pause = {0, 500000000};
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run.settings.timeout = 0.3;
    run_start(&run);
    run_submit(&run, 0, "echo");
    run_finish(&run, 5);
    run_submit(&run, 1, "sleep 100");
    nanosleep(&pause, NULL);
    run_finish(&run, 5);
    assert_all_ok(&run, 2, "done");
    run_end(&run);
}

static void kills_at_random(size_t count, const char *command, unsigned every_us, int number)
{
    struct run run;
    pid_t killer;

    run_init(&run);
    run_start(&run);
    run.settings.retries = 0;
    killer = start_killer(getpid(), every_us, number);
    assert_true(killer > 0);
    run_many(&run, count, command, 120);
    kill(killer, SIGKILL);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_all_ok(&run, count, "done");
    assert_true(run.rewound > 0); /* some kills did hit a task */
    run_end(&run);
}

static void kills_at_random_lose_and_double_nothing(void **state)
{
    (void)state;
    kills_at_random(long_tests() ? 20000 : 2000, "sleep 1", 3000, SIGKILL);
    kills_at_random(long_tests() ? 5000 : 500, "sleep 2", 20000, SIGKILL);
    kills_at_random(long_tests() ? 5000 : 300, "sleep 2", 20000, SIGTERM);
}

static void long_tasks_get_through_frequent_kills(void **state)
{
    (void)state;
    kills_at_random(long_tests() ? 400 : 30, "sleep 45", 20000, SIGKILL);
}

static void a_task_that_always_gets_its_worker_killed_is_given_up(void **state)
{
    struct run run;

    (void)state;
    if (!long_tests()) {
        print_message("skipped: takes 12 s; set PP_TEST_LONG\n");
        skip();
    }
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "killed-after 700");
    run_submit(&run, 1, "echo");
    run_finish(&run, 60);
    assert_int_equal(run.reports[0].status, PP_E_KILLED);
    assert_string_equal(run.reports[0].text, "worker was killed by SIGKILL (handed out 16 times)");
    assert_int_equal(run.reports[1].status, PP_OK);
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_is_tried_twice_and_costs_one_task),
        cmocka_unit_test(every_signal_of_its_own_making_counts_as_a_crash),
        cmocka_unit_test(a_crash_that_does_not_recur_is_a_success),
        cmocka_unit_test(several_crashes_at_once_are_kept_apart),
        cmocka_unit_test(leaving_in_the_middle_of_a_task_is_a_crash),
        cmocka_unit_test(a_result_published_before_death_counts),
        cmocka_unit_test(a_result_is_found_after_death_without_a_doorbell),
        cmocka_unit_test(an_idle_worker_may_be_killed),
        cmocka_unit_test(a_scribbled_cell_costs_one_attempt),
        cmocka_unit_test(a_hung_task_ends_at_its_limit),
        cmocka_unit_test(the_clock_of_a_queued_task_starts_when_it_is_begun),
        cmocka_unit_test(resuming_moves_deadlines),
        cmocka_unit_test(a_result_that_waited_for_the_supervisor_is_in_time),
        cmocka_unit_test(kills_at_random_lose_and_double_nothing),
        cmocka_unit_test(long_tasks_get_through_frequent_kills),
        cmocka_unit_test(a_task_that_always_gets_its_worker_killed_is_given_up),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
