/* More workers or fewer while tasks are in work: none is interrupted, lost or done twice. */
#include "support_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS 600

static void set(struct run *run, unsigned workers)
{
    struct pp_error err = {0};

    assert_int_equal(pp_pool_set_workers(run->pool, workers, &err), PP_OK);
    assert_int_equal(pp_pool_workers(run->pool), workers);
}

/* Step until so many workers are there, or fail. */
static void await_alive(struct run *run, unsigned count)
{
    const double end = seconds_now() + 20;

    while (pp_pool_alive(run->pool) != count) {
        struct pp_error err = {0};

        assert_true(seconds_now() < end);
        assert_int_equal(pp_pool_step(run->pool, 10, &err), PP_OK);
    }
}

static void fill(struct run *run, uint64_t *tag, const char *command)
{
    while (pp_pool_has_room(run->pool))
        run_submit(run, (*tag)++, command);
}

static void more_workers_come_when_there_are_tasks_for_them(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    run_init(&run);
    run_start(&run);
    fill(&run, &tag, "sleep 100");
    assert_int_equal(tag, 4);
    await_alive(&run, 2);
    set(&run, 5);
    fill(&run, &tag, "sleep 100");
    assert_int_equal(tag, 10);
    await_alive(&run, 5);
    run_finish(&run, 20);
    assert_all_ok(&run, 10, NULL);
    run_end(&run);
}

static void idle_workers_end_when_they_are_too_many(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 4;
    run_start(&run);
    for (uint64_t tag = 0; tag < 4; tag++)
        run_submit(&run, tag, "sleep 50");
    run_finish(&run, 20);
    assert_int_equal(pp_pool_alive(run.pool), 4);
    set(&run, 1);
    await_alive(&run, 1);
    run_submit(&run, 4, "echo");
    run_finish(&run, 20);
    assert_all_ok(&run, 5, NULL);
    assert_int_equal(pp_pool_alive(run.pool), 1);
    run_end(&run);
}

static void busy_workers_end_after_what_they_have_been_given(void **state)
{
    struct run run;
    uint64_t tag = 0;

    (void)state;
    run_init(&run);
    run.settings.workers = 4;
    run.settings.retries = 0;
    run_start(&run);
    fill(&run, &tag, "sleep 100");
    assert_int_equal(tag, 8);
    await_alive(&run, 4);
    while (run.delivered == 0)
        assert_int_equal(pp_pool_step(run.pool, 10, NULL), PP_OK);
    set(&run, 2);
    assert_false(pp_pool_has_room(run.pool));
    run_finish(&run, 20);
    assert_all_ok(&run, 8, NULL);
    for (uint64_t i = 0; i < 8; i++)
        assert_int_equal(run.reports[i].attempt, 1);
    await_alive(&run, 2);
    run_end(&run);
}

static void a_number_that_changes_all_the_time_loses_nothing(void **state)
{
    static const unsigned numbers[] = {1, 6, 2, 9, 3, 1, 4};
    struct run run;
    uint64_t tag = 0;

    (void)state;
    run_init(&run);
    run_start(&run);
    for (unsigned i = 0; tag < TASKS; i++) {
        set(&run, numbers[i % 7]);
        for (unsigned steps = 0; steps < 4; steps++) {
            while (tag < TASKS && pp_pool_has_room(run.pool))
                run_submit(&run, tag++, "echo");
            assert_int_equal(pp_pool_step(run.pool, 1, NULL), PP_OK);
        }
    }
    run_finish(&run, 60);
    assert_int_equal(run.delivered, TASKS);
    assert_all_ok(&run, TASKS, "done");
    run_end(&run);
}

static void workers_killed_while_the_number_changes_cost_nothing(void **state)
{
    struct run run;
    uint64_t tag = 0;
    pid_t killer;

    (void)state;
    run_init(&run);
    run_start(&run);
    killer = start_killer(getpid(), 20000, SIGKILL);
    for (unsigned i = 0; tag < TASKS / 2; i++) {
        set(&run, 1 + i % 5);
        for (unsigned steps = 0; steps < 4; steps++) {
            while (tag < TASKS / 2 && pp_pool_has_room(run.pool))
                run_submit(&run, tag++, "sleep 1");
            assert_int_equal(pp_pool_step(run.pool, 1, NULL), PP_OK);
        }
    }
    kill(killer, SIGKILL);
    waitpid(killer, NULL, 0);
    run_finish(&run, 60);
    assert_all_ok(&run, TASKS / 2, NULL);
    run_end(&run);
}

static void workers_beyond_the_first_number_are_within_the_memory_too(void **state)
{
    struct run run;
    double begin;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run.settings.memory = (uint64_t)400 << 20;
    run_start(&run);
    set(&run, 4);
    begin = seconds_now();
    for (uint64_t tag = 0; tag < 4; tag++)
        run_submit(&run, tag, "need 300 100");
    run_finish(&run, 20);
    assert_all_ok(&run, 4, "granted");
    assert_true(seconds_now() - begin >= 0.3);
    run_end(&run);
}

static void a_look_tells_who_is_at_what(void **state)
{
    struct pp_pool_glance glance;
    struct run run;
    unsigned busy = 0, workers = 0;

    (void)state;
    run_init(&run);
    run_start(&run);
    assert_false(pp_pool_look(run.pool, 0, &glance));
    run_submit(&run, 7, "sleep 300");
    await_alive(&run, 1);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(pp_pool_step(run.pool, 10, NULL), PP_OK);
    for (unsigned from = 0; pp_pool_look(run.pool, from, &glance); from = glance.worker + 1) {
        workers++;
        assert_true(glance.process > 0);
        if (!glance.busy)
            continue;
        busy++;
        assert_int_equal(glance.tag, 7);
        assert_true(glance.seconds > 0 && glance.seconds < 20);
    }
    assert_int_equal(workers, 1);
    assert_int_equal(busy, 1);
    run_finish(&run, 20);
    assert_true(pp_pool_look(run.pool, 0, &glance));
    assert_false(glance.busy);
    run_end(&run);
}

static void numbers_that_cannot_be_are_refused(void **state)
{
    struct pp_error err = {0};
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    assert_int_equal(pp_pool_set_workers(run.pool, 0, &err), PP_E_USAGE);
    assert_string_equal(err.text, "a pool has 1 to 1024 workers, not 0");
    assert_int_equal(pp_pool_set_workers(run.pool, PP_POOL_WORKERS_MAX + 1, NULL), PP_E_USAGE);
    assert_int_equal(pp_pool_workers(run.pool), 2);
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_workers_come_when_there_are_tasks_for_them),
        cmocka_unit_test(idle_workers_end_when_they_are_too_many),
        cmocka_unit_test(busy_workers_end_after_what_they_have_been_given),
        cmocka_unit_test(a_number_that_changes_all_the_time_loses_nothing),
        cmocka_unit_test(workers_killed_while_the_number_changes_cost_nothing),
        cmocka_unit_test(workers_beyond_the_first_number_are_within_the_memory_too),
        cmocka_unit_test(a_look_tells_who_is_at_what),
        cmocka_unit_test(numbers_that_cannot_be_are_refused),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
