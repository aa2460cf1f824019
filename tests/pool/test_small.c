/* Small tasks are queued several behind one another. Nothing else may change by that. */
#include "support_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static void init_small(struct run *run, unsigned workers)
{
    run_init(run);
    run->settings.workers = workers;
    run->small = true;
}

static void fill(struct run *run, uint64_t *tag, const char *command)
{
    while (pp_pool_has_room(run->pool))
        run_submit(run, (*tag)++, command);
}

static void at_most_eight_small_tasks_a_worker_are_outstanding(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_small(&run, 2);
    run_start(&run);
    fill(&run, &tag, "echo");
    assert_int_equal(tag, 16);
    run_finish(&run, 10);
    pp_pool_set_tail(run.pool, true);
    fill(&run, &tag, "echo");
    assert_int_equal(tag, 18);
    run_finish(&run, 10);
    assert_all_ok(&run, 18, "done");
    run_end(&run);
}

static void small_tasks_are_shared_out_evenly(void **state)
{
    unsigned first = 0;
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_small(&run, 2);
    run_start(&run);
    fill(&run, &tag, "sleep 20");
    run_finish(&run, 10);
    for (unsigned i = 0; i < 16; i++)
        first += run.reports[i].worker == 0;
    assert_in_range(first, 7, 9);
    run_end(&run);
}

static void a_usual_task_weighs_as_much_as_four_small_ones(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_small(&run, 1);
    run_start(&run);
    run.small = false;
    run_submit(&run, tag++, "echo");
    run.small = true;
    fill(&run, &tag, "echo");
    assert_int_equal(tag, 5);
    run_finish(&run, 10);
    assert_all_ok(&run, 5, "done");
    run_end(&run);
}

/* The large one comes behind seven small ones; the other worker must not run dry for that. */
static void what_one_worker_has_too_much_of_keeps_no_other_waiting(void **state)
{
    const struct pp_task large = {
        .tag = 1000, .payload = "sleep 500", .payload_size = 9, .fds = {-1, -1}, .large = true};
    struct run run;
    uint64_t tag = 0;
    size_t most = 0;

    (void)state;
    init_small(&run, 2);
    run_start(&run);
    fill(&run, &tag, "sleep 10");
    while (run.delivered == 0)
        assert_int_equal(pp_pool_step(run.pool, 100, NULL), PP_OK);
    assert_int_equal(pp_pool_submit(run.pool, &large, NULL), PP_OK);
    while (run.reports[1000].times == 0 && tag < 900) {
        fill(&run, &tag, "sleep 2");
        if (run.delivered > 20 && pp_pool_pending(run.pool) > most)
            most = pp_pool_pending(run.pool);
        assert_int_equal(pp_pool_step(run.pool, 100, NULL), PP_OK);
    }
    assert_in_range(most, 9, 16);
    assert_int_equal(run.reports[1000].times, 1);
    run_finish(&run, 10);
    assert_int_equal(run.delivered, tag + 1);
    run_end(&run);
}

static void a_crash_charges_the_task_in_work_and_none_at_hand(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_small(&run, 1);
    run.settings.retries = 1;
    run_start(&run);
    for (; tag < 3; tag++)
        run_submit(&run, tag, "echo");
    run_submit(&run, tag++, "signal-once 11");
    fill(&run, &tag, "echo");
    assert_int_equal(tag, 8);
    run_finish(&run, 10);
    assert_all_ok(&run, 8, "done");
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(run.reports[i].attempt, i == 3 ? 2 : 1);
    run_end(&run);
}

static void all_results_published_before_a_death_count(void **state)
{
    struct timespec pause = {0, 500000000};
    struct run run;

    (void)state;
    init_small(&run, 1);
    run.settings.retries = 0;
    run_start(&run);
    run_submit(&run, 0, "echo");
    run_finish(&run, 10);
    run_submit(&run, 1, "sleep 60"); /* until all are at hand */
    for (uint64_t tag = 2; tag < 6; tag++)
        run_submit(&run, tag, "echo");
    run_submit(&run, 6, "signal 11");
    run_submit(&run, 7, "echo");
    run_submit(&run, 8, "echo");
    nanosleep(&pause, NULL); /* five published, one died of, two at hand */
    run_finish(&run, 10);
    assert_int_equal(run.delivered, 9);
    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(run.reports[i].status, i == 6 ? PP_E_CRASHED : PP_OK);
    assert_int_equal(run.rewound, 2);
    run_end(&run);
}

static void a_time_out_costs_the_task_in_work_alone(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_small(&run, 1);
    run.settings.timeout = 0.6;
    run_start(&run);
    run_submit(&run, tag++, "echo");
    run_submit(&run, tag++, "hang");
    fill(&run, &tag, "sleep 120"); /* together they take longer than one may */
    run_finish(&run, 10);
    assert_int_equal(run.delivered, 8);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(run.reports[i].status, i == 1 ? PP_E_TIMEOUT : PP_OK);
    run_end(&run);
}

static void kills_at_random_lose_and_double_no_small_task(void **state)
{
    const size_t count = long_tests() ? 20000 : 3000;
    struct run run;
    pid_t killer;

    (void)state;
    init_small(&run, 2);
    run.settings.retries = 0;
    run_start(&run);
    killer = start_killer(getpid(), 3000, SIGKILL);
    assert_true(killer > 0);
    run_many(&run, count, "sleep 1", 120);
    kill(killer, SIGKILL);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_all_ok(&run, count, "done");
    assert_true(run.rewound > 0);
    run_end(&run);
}

static void cancelling_small_tasks_at_any_moment_gives_one_outcome_each(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    init_small(&run, 2);
    run_start(&run);
    for (unsigned round = 0; round < 300; round++) {
        fill(&run, &tag, "echo");
        if (round % 3 > 0)
            assert_int_equal(pp_pool_step(run.pool, (int)round % 2, NULL), PP_OK);
        pp_pool_cancel_queued(run.pool);
    }
    run_finish(&run, 10);
    assert_int_equal(run.delivered, tag);
    for (uint64_t i = 0; i < tag; i++)
        assert_int_equal(run.reports[i].times, 1);
    fill(&run, &tag, "echo"); /* nothing called off takes room for ever */
    assert_int_equal(pp_pool_pending(run.pool), 16);
    run_finish(&run, 10);
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_eight_small_tasks_a_worker_are_outstanding),
        cmocka_unit_test(small_tasks_are_shared_out_evenly),
        cmocka_unit_test(a_usual_task_weighs_as_much_as_four_small_ones),
        cmocka_unit_test(what_one_worker_has_too_much_of_keeps_no_other_waiting),
        cmocka_unit_test(a_crash_charges_the_task_in_work_and_none_at_hand),
        cmocka_unit_test(all_results_published_before_a_death_count),
        cmocka_unit_test(a_time_out_costs_the_task_in_work_alone),
        cmocka_unit_test(kills_at_random_lose_and_double_no_small_task),
        cmocka_unit_test(cancelling_small_tasks_at_any_moment_gives_one_outcome_each),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
