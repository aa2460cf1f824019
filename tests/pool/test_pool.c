#include "support_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void every_task_gets_its_result(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_many(&run, 500, "echo", 20);
    assert_all_ok(&run, 500, "done");
    assert_int_equal(run.rewound, 0);
    run_end(&run);
}

static void no_worker_is_started_before_the_first_task(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 4;
    run_start(&run);
    assert_int_equal(pp_pool_alive(run.pool), 0);
    run_submit(&run, 0, "echo");
    assert_int_equal(pp_pool_alive(run.pool), 1);
    run_finish(&run, 10);
    run_end(&run);
}

static void at_most_two_tasks_a_worker_are_outstanding(void **state)
{
    struct run run;
    unsigned taken = 0;

    (void)state;
    run_init(&run);
    run_start(&run);
    while (pp_pool_has_room(run.pool))
        run_submit(&run, taken++, "echo");
    assert_int_equal(taken, 4);
    assert_int_equal(pp_pool_pending(run.pool), 4);
    run_finish(&run, 10);
    pp_pool_set_tail(run.pool, true);
    for (taken = 0; pp_pool_has_room(run.pool); taken++)
        run_submit(&run, 10 + taken, "echo");
    assert_int_equal(taken, 2);
    run_finish(&run, 10);
    run_end(&run);
}

static void nothing_is_queued_behind_a_large_task(void **state)
{
    const struct pp_task large = {
        .tag = 0, .payload = "sleep 300", .payload_size = 9, .fds = {-1, -1}, .large = true};
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    assert_int_equal(pp_pool_submit(run.pool, &large, NULL), PP_OK);
    for (unsigned tag = 1; tag <= 2; tag++)
        run_submit(&run, tag, "echo");
    assert_false(pp_pool_has_room(run.pool));
    while (run.delivered < 2)
        assert_int_equal(pp_pool_step(run.pool, 100, NULL), PP_OK);
    assert_int_equal(run.reports[0].times, 0);
    run_finish(&run, 10);
    assert_all_ok(&run, 3, "done");
    assert_int_not_equal(run.reports[0].worker, run.reports[2].worker);
    run_end(&run);
}

static void descriptors_travel_and_are_closed_after_the_outcome(void **state)
{
    struct pp_task task = {.tag = 0, .payload = "copy", .payload_size = 4};
    struct run run;
    char bytes[16];
    int in[2], out[2], before;

    (void)state;
    before = open_fds();
    run_init(&run);
    run_start(&run);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(write(in[1], "12345", 5), 5);
    task.fds[0] = in[0];
    task.fds[1] = out[1];
    assert_int_equal(pp_pool_submit(run.pool, &task, NULL), PP_OK);
    run_finish(&run, 10);
    assert_all_ok(&run, 1, "copied 5");
    assert_int_equal(read(out[0], bytes, sizeof bytes), 5);
    assert_int_equal(fcntl(in[0], F_GETFD), -1);
    close(in[1]);
    close(out[0]);
    run_end(&run);
    assert_int_equal(open_fds(), before);
}

static void a_bad_descriptor_fails_its_task_alone(void **state)
{
    const struct pp_task bad = {.tag = 1, .payload = "copy", .payload_size = 4, .fds = {999, -1}};
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "echo");
    assert_int_equal(pp_pool_submit(run.pool, &bad, NULL), PP_OK);
    run_submit(&run, 2, "echo");
    run_finish(&run, 10);
    assert_int_equal(run.reports[0].status, PP_OK);
    assert_int_equal(run.reports[1].status, PP_E_SYSTEM);
    assert_int_equal(run.reports[2].status, PP_OK);
    run_end(&run);
}

static void idle_cores_become_threads_at_the_end(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "threads 1");
    run_submit(&run, 1, "threads 1");
    run_finish(&run, 10);
    run_submit(&run, 2, "threads 2");
    run_submit(&run, 3, "threads 4");
    pp_pool_set_tail(run.pool, true);
    run_finish(&run, 10);
    assert_string_equal(run.reports[0].text, "1 threads");
    assert_string_equal(run.reports[2].text, "2 threads");
    assert_string_equal(run.reports[3].text, "4 threads");
    pp_pool_set_tail(run.pool, false);
    run_submit(&run, 4, "threads 1");
    run_finish(&run, 10);
    assert_string_equal(run.reports[4].text, "1 threads");
    run_end(&run);
}

static void a_fixed_thread_count_stays(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.threads = 3;
    run_start(&run);
    pp_pool_set_tail(run.pool, true);
    run_submit(&run, 0, "threads 3");
    run_finish(&run, 10);
    assert_string_equal(run.reports[0].text, "3 threads");
    run_end(&run);
}

static void workers_have_a_quiet_openmp_environment(void **state)
{
    struct run run;

    (void)state;
    setenv("OMP_NUM_THREADS", "77", 1);
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "openmp");
    run_finish(&run, 10);
    assert_string_equal(run.reports[0].text, "passive clean");
    run_end(&run);
    unsetenv("OMP_NUM_THREADS");
}

static void read_one(void *user, int fd)
{
    char byte;
    unsigned *count = user;

    assert_int_equal(read(fd, &byte, 1), 1);
    ++*count;
}

static void payload_and_result_are_aligned_for_any_type(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    run_many(&run, 3, "aligned", 10);
    assert_all_ok(&run, 3, "0");
    run_end(&run);
}

static void a_watched_descriptor_is_served(void **state)
{
    unsigned count = 0;
    struct run run;
    int ends[2];

    (void)state;
    run_init(&run);
    run_start(&run);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pp_pool_watch(run.pool, ends[0], read_one, &count, NULL), PP_OK);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    assert_int_equal(pp_pool_step(run.pool, -1, NULL), PP_OK);
    assert_int_equal(pp_pool_step(run.pool, -1, NULL), PP_OK);
    assert_int_equal(count, 2);
    assert_int_equal(pp_pool_watch(run.pool, ends[0], NULL, NULL, NULL), PP_OK);
    assert_int_equal(write(ends[1], "c", 1), 1);
    assert_int_equal(pp_pool_step(run.pool, 20, NULL), PP_OK);
    assert_int_equal(count, 2);
    run_end(&run);
    close(ends[0]);
    close(ends[1]);
}

static void cancelling_takes_back_what_is_not_begun(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run_start(&run);
    for (unsigned tag = 0; tag < 4; tag++)
        run_submit(&run, tag, "sleep 200");
    for (int i = 0; i < 10; i++)
        assert_int_equal(pp_pool_step(run.pool, 10, NULL), PP_OK);
    pp_pool_cancel_queued(run.pool);
    assert_int_equal(run.delivered, 2);
    assert_int_equal(pp_pool_pending(run.pool), 2);
    run_submit(&run, 4, "echo");
    run_finish(&run, 10);
    assert_int_equal(run.reports[2].status, PP_E_CANCELLED);
    assert_int_equal(run.reports[3].status, PP_E_CANCELLED);
    for (unsigned tag = 0; tag < 5; tag++)
        assert_int_equal(run.reports[tag].times, 1);
    assert_int_equal(run.reports[0].status, PP_OK);
    assert_int_equal(run.reports[1].status, PP_OK);
    assert_int_equal(run.reports[4].status, PP_OK);
    run_end(&run);
}

static void cancelling_at_any_moment_gives_one_outcome_each(void **state)
{
    const unsigned rounds = long_tests() ? 2000 : 300;
    struct run run;
    uint64_t tag = 0;

    (void)state;
    run_init(&run);
    run_start(&run);
    for (unsigned round = 0; round < rounds; round++) {
        while (pp_pool_has_room(run.pool))
            run_submit(&run, tag++, "echo");
        if (round % 3 > 0)
            assert_int_equal(pp_pool_step(run.pool, (int)round % 2, NULL), PP_OK);
        pp_pool_cancel_queued(run.pool);
    }
    run_finish(&run, 10);
    assert_int_equal(run.delivered, tag);
    for (uint64_t i = 0; i < tag; i++)
        assert_int_equal(run.reports[i].times, 1);
    run_end(&run);
}

static void killing_keeps_results_and_cancels_the_rest(void **state)
{
    struct run run;
    pid_t pids[8];

    (void)state;
    run_init(&run);
    run_start(&run);
    run_submit(&run, 0, "echo");
    run_finish(&run, 10);
    for (unsigned tag = 1; tag < 5; tag++)
        run_submit(&run, tag, "hang");
    assert_int_equal(pp_pool_step(run.pool, 20, NULL), PP_OK);
    pp_pool_kill(run.pool);
    assert_int_equal(pp_pool_pending(run.pool), 0);
    assert_int_equal(pp_pool_alive(run.pool), 0);
    assert_int_equal(children_of(getpid(), pids, 8), 0);
    for (unsigned tag = 1; tag < 5; tag++)
        assert_int_equal(run.reports[tag].status, PP_E_CANCELLED);
    run_submit(&run, 5, "echo");
    run_finish(&run, 10);
    assert_int_equal(run.reports[5].status, PP_OK);
    run_end(&run);
}

static void freeing_leaves_no_process_and_no_descriptor(void **state)
{
    const int before = open_fds();
    struct run run;
    pid_t pids[8];

    (void)state;
    run_init(&run);
    run_start(&run);
    run_many(&run, 10, "echo", 10);
    run_submit(&run, 11, "hang");
    assert_int_equal(pp_pool_step(run.pool, 20, NULL), PP_OK);
    run_end(&run);
    assert_int_equal(children_of(getpid(), pids, 8), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(open_fds(), before);
}

static void settings_without_sense_are_refused(void **state)
{
    struct pp_pool *pool;
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = PP_POOL_WORKERS_MAX + 1;
    assert_int_equal(pp_pool_start(&run.settings, &pool, NULL), PP_E_USAGE);
    run.settings.workers = 1;
    run.settings.service = "a-name-far-too-long-for-a-service";
    assert_int_equal(pp_pool_start(&run.settings, &pool, NULL), PP_E_USAGE);
    assert_null(pool);
    free(run.reports);
}

/* Not a limit, for machines differ; the figure is for the reader. */
static void empty_tasks_are_cheap(void **state)
{
    const size_t count = SUPPORT_TASKS;
    struct rusage before, after;
    double cpu, begin;
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.service = "nothing";
    run_start(&run);
    getrusage(RUSAGE_SELF, &before);
    begin = seconds_now();
    run_many(&run, count, "", 60);
    getrusage(RUSAGE_SELF, &after);
    cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec -
                   before.ru_stime.tv_sec) *
              1e6 +
          (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec -
                   before.ru_stime.tv_usec);
    print_message("%.0f empty tasks/s, %.1f us of the supervisor's CPU each\n",
                  (double)count / (seconds_now() - begin), cpu / (double)count);
    assert_all_ok(&run, count, "");
    run_end(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_gets_its_result),
        cmocka_unit_test(no_worker_is_started_before_the_first_task),
        cmocka_unit_test(at_most_two_tasks_a_worker_are_outstanding),
        cmocka_unit_test(nothing_is_queued_behind_a_large_task),
        cmocka_unit_test(descriptors_travel_and_are_closed_after_the_outcome),
        cmocka_unit_test(a_bad_descriptor_fails_its_task_alone),
        cmocka_unit_test(idle_cores_become_threads_at_the_end),
        cmocka_unit_test(a_fixed_thread_count_stays),
        cmocka_unit_test(workers_have_a_quiet_openmp_environment),
        cmocka_unit_test(payload_and_result_are_aligned_for_any_type),
        cmocka_unit_test(a_watched_descriptor_is_served),
        cmocka_unit_test(cancelling_takes_back_what_is_not_begun),
        cmocka_unit_test(cancelling_at_any_moment_gives_one_outcome_each),
        cmocka_unit_test(killing_keeps_results_and_cancels_the_rest),
        cmocka_unit_test(freeing_leaves_no_process_and_no_descriptor),
        cmocka_unit_test(settings_without_sense_are_refused),
        cmocka_unit_test(empty_tasks_are_cheap),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
