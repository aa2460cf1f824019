/* Tiny tasks by the dozen, tasks taken back from behind slow ones, workers that are replaced, and
 * what else calls of functions need of the pool. */
#include "support_pool.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void init_tiny(struct run *run, unsigned workers)
{
    run_init(run);
    run->settings.workers = workers;
    run->settings.tiny = run->settings.result_fds = true;
    run->tiny = true;
}

static void fill(struct run *run, uint64_t *tag, const char *command)
{
    while (pp_pool_has_room(run->pool))
        run_submit(run, (*tag)++, command);
}

/* Until so many outcomes were delivered. */
static void deliver(struct run *run, size_t count)
{
    const double until = seconds_now() + 30;

    while (run->delivered < count && seconds_now() < until)
        assert_int_equal(pp_pool_step(run->pool, 1000, NULL), PP_OK);
    assert_int_equal(run->delivered, count);
}

static void at_most_64_tiny_tasks_a_worker_are_outstanding(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_tiny(&run, 2);
    run_start(&run);
    fill(&run, &tag, "echo");
    assert_int_equal(tag, 128);
    run_finish(&run, 10);
    assert_all_ok(&run, 128, "done");
    run_end(&run);
}

static void in_a_pool_that_was_not_started_for_them_tiny_tasks_are_small(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_tiny(&run, 2);
    run.settings.tiny = false;
    run_start(&run);
    fill(&run, &tag, "echo");
    assert_int_equal(tag, 16);
    run_finish(&run, 10);
    assert_all_ok(&run, 16, "done");
    run_end(&run);
}

static void many_tiny_tasks_come_back_each_once(void **state)
{
    struct run run;

    (void)state;
    init_tiny(&run, 2);
    run.more = true;
    run_start(&run);
    run_many(&run, SUPPORT_TASKS, "echo", 60);
    assert_all_ok(&run, SUPPORT_TASKS, "done");
    run_end(&run);
}

/* Both get about half of what is submitted at once. */
static void tiny_tasks_are_shared_out_evenly(void **state)
{
    unsigned first = 0;
    struct run run;

    (void)state;
    init_tiny(&run, 2);
    run_start(&run);
    run_submit(&run, 0, "sleep 200"); /* both workers come, and have begun */
    run_submit(&run, 1, "sleep 200");
    run_finish(&run, 10);
    run.more = true;
    for (uint64_t tag = 2; tag < 62; tag++)
        run_submit(&run, tag, "sleep 3");
    run_finish(&run, 10);
    for (unsigned i = 2; i < 62; i++)
        first += run.reports[i].worker == 0;
    assert_in_range(first, 28, 32);
    run_end(&run);
}

/* The pool looks by itself at a worker that was asked to be quiet. */
static void a_result_before_a_slow_tiny_task_is_noticed_meanwhile(void **state)
{
    struct run run;

    (void)state;
    init_tiny(&run, 1);
    run_start(&run);
    run_submit(&run, 0, "echo");
    run_finish(&run, 10);
    run.more = true;
    for (uint64_t tag = 1; tag < 5; tag++)
        run_submit(&run, tag, "echo");
    for (uint64_t tag = 5; tag < 30; tag++)
        run_submit(&run, tag, "hang");
    deliver(&run, 5);
    assert_int_equal(pp_pool_pending(run.pool), 25);
    pp_pool_kill(run.pool);
    run_end(&run);
}

static void kills_at_random_lose_and_double_no_tiny_task(void **state)
{
    struct run run;
    pid_t killer;

    (void)state;
    init_tiny(&run, 2);
    run.settings.retries = 0;
    run.settings.recall = true;
    run_start(&run);
    killer = start_killer(getpid(), 2000, SIGKILL);
    assert_true(killer > 0);
    run_many(&run, 1000, "sleep 1", 120);
    kill(killer, SIGKILL);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_all_ok(&run, 1000, "done");
    run_end(&run);
}

/* ---- recall --------------------------------------------------------------------------------- */

static void what_waits_behind_a_slow_task_goes_to_an_idle_worker(void **state)
{
    struct run run;

    (void)state;
    init_tiny(&run, 2);
    run.settings.recall = true;
    run_start(&run);
    run.more = true;
    run_submit(&run, 0, "hang");
    for (uint64_t tag = 1; tag < 100; tag++)
        run_submit(&run, tag, "echo");
    deliver(&run, 99);
    assert_int_equal(run.reports[0].times, 0);
    for (uint64_t tag = 100; tag < 200; tag++) /* nothing goes behind it any more for long */
        run_submit(&run, tag, "echo");
    deliver(&run, 199);
    pp_pool_kill(run.pool);
    assert_int_equal(run.reports[0].status, PP_E_CANCELLED);
    for (unsigned i = 1; i < 200; i++)
        assert_true(run.reports[i].times == 1 && run.reports[i].status == PP_OK);
    run_end(&run);
}

/* They end just when what is behind them is taken back. */
static void taking_back_at_any_moment_loses_and_doubles_nothing(void **state)
{
    const unsigned rounds = long_tests() ? 2000 : 150;
    struct run run;

    (void)state;
    init_tiny(&run, 2);
    run.settings.recall = true;
    run_start(&run);
    for (unsigned round = 0; round < rounds; round++) {
        const uint64_t first = round * 8;

        run.more = true;
        for (uint64_t tag = first; tag < first + 8; tag++)
            run_submit(&run, tag, tag == first || tag == first + 1 ? "sleep 5" : "echo");
        run_finish(&run, 10);
    }
    assert_all_ok(&run, rounds * 8, "done");
    run_end(&run);
}

/* ---- tasks of a worker ---------------------------------------------------------------------- */

static void a_worker_does_its_share_and_is_replaced(void **state)
{
    static const unsigned shares[] = {1, 7};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct run run;
        unsigned different = 0;

        init_tiny(&run, 2);
        run.settings.tasks_per_worker = shares[i];
        run_start(&run);
        run_many(&run, 70, "pid", 60);
        assert_all_ok(&run, 70, NULL);
        for (unsigned tag = 0; tag < 70; tag++) {
            unsigned times = 0;

            for (unsigned other = 0; other < 70; other++)
                times += strcmp(run.reports[other].text, run.reports[tag].text) == 0;
            assert_in_range(times, 1, shares[i]);
            different += times == shares[i];
        }
        assert_true(different > 0);
        run_end(&run);
    }
}

static void a_share_holds_while_workers_are_killed(void **state)
{
    struct run run;
    pid_t killer;

    (void)state;
    init_tiny(&run, 2);
    run.settings.tasks_per_worker = 5;
    run_start(&run);
    killer = start_killer(getpid(), 3000, SIGKILL);
    run_many(&run, 250, "sleep 1", 120);
    kill(killer, SIGKILL);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_all_ok(&run, 250, "done");
    run_end(&run);
}

/* ---- descriptors of results ----------------------------------------------------------------- */

static void a_descriptor_comes_with_its_result(void **state)
{
    const int before = open_fds();
    struct run run;
    char command[32];

    (void)state;
    init_tiny(&run, 2);
    run_start(&run);
    for (uint64_t tag = 0; tag < 60; tag++) {
        snprintf(command, sizeof command, "send %d %d", (int)tag, tag % 3 > 0);
        run_submit(&run, tag, command);
    }
    run_finish(&run, 10);
    for (unsigned tag = 0; tag < 60; tag++) {
        snprintf(command, sizeof command, "%u", tag);
        assert_string_equal(run.reports[tag].text, "ok");
        assert_string_equal(run.reports[tag].sent, tag % 3 > 0 ? command : "");
    }
    run_submit(&run, 60, "send 1 2");
    run_finish(&run, 10);
    assert_string_equal(run.reports[60].text, "usage");
    run_end(&run);
    init_tiny(&run, 1);
    run.settings.result_fds = false;
    run_start(&run);
    run_submit(&run, 0, "send 1 1");
    run_finish(&run, 10);
    assert_string_equal(run.reports[0].text, "usage");
    run_end(&run);
    assert_int_equal(open_fds(), before);
}

/* ---- parts and time-outs -------------------------------------------------------------------- */

static void each_part_has_its_time(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.timeout = 1;
    run.parts = 200;
    run_start(&run);
    run_submit(&run, 0, "parts 75 0"); /* 1.5 s */
    run_submit(&run, 1, "parts 10 1"); /* hangs in its last part */
    run_finish(&run, 30);
    assert_string_equal(run.reports[0].text, "75 parts");
    assert_int_equal(run.reports[1].status, PP_E_TIMEOUT);
    assert_int_equal(run.reports[1].progress, 1009);
    run_end(&run);
}

/* A worker that makes believe it goes on does not go on for ever. */
static void all_parts_together_have_an_end(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.timeout = 0.2;
    run.parts = 3;
    run_start(&run);
    run_submit(&run, 0, "parts 100000 0");
    run_finish(&run, 30);
    assert_int_equal(run.reports[0].status, PP_E_TIMEOUT);
    run_end(&run);
}

static void a_task_that_may_fail_once_is_not_retried(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.once = true;
    run_start(&run);
    run_submit(&run, 0, "signal-once 11");
    run.once = false;
    run_submit(&run, 1, "signal-once 11");
    run_finish(&run, 30);
    assert_int_equal(run.reports[0].status, PP_E_CRASHED);
    assert_int_equal(run.reports[1].status, PP_OK);
    run_end(&run);
}

static void a_loop_of_the_callers_own_can_drive(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "sleep 30");
    run_submit(&run, 1, "sleep 60");
    while (run.delivered < 2) {
        struct pollfd events = {.fd = pp_pool_fd(run.pool), .events = POLLIN};

        assert_true(poll(&events, 1, pp_pool_wait_ms(run.pool)) >= 0);
        assert_int_equal(pp_pool_step(run.pool, 0, NULL), PP_OK);
    }
    assert_all_ok(&run, 2, "done");
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_64_tiny_tasks_a_worker_are_outstanding),
        cmocka_unit_test(in_a_pool_that_was_not_started_for_them_tiny_tasks_are_small),
        cmocka_unit_test(many_tiny_tasks_come_back_each_once),
        cmocka_unit_test(tiny_tasks_are_shared_out_evenly),
        cmocka_unit_test(a_result_before_a_slow_tiny_task_is_noticed_meanwhile),
        cmocka_unit_test(kills_at_random_lose_and_double_no_tiny_task),
        cmocka_unit_test(what_waits_behind_a_slow_task_goes_to_an_idle_worker),
        cmocka_unit_test(taking_back_at_any_moment_loses_and_doubles_nothing),
        cmocka_unit_test(a_worker_does_its_share_and_is_replaced),
        cmocka_unit_test(a_share_holds_while_workers_are_killed),
        cmocka_unit_test(a_descriptor_comes_with_its_result),
        cmocka_unit_test(each_part_has_its_time),
        cmocka_unit_test(all_parts_together_have_an_end),
        cmocka_unit_test(a_task_that_may_fail_once_is_not_retried),
        cmocka_unit_test(a_loop_of_the_callers_own_can_drive),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
