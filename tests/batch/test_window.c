#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "batch/cost.h"
#include "batch/window.h"

static struct pp_file_job *new_job(double cost)
{
    struct pp_file_job *job = calloc(1, sizeof *job);

    assert_non_null(job);
    job->staged.fd = -1;
    job->cost = cost;
    return job;
}

static void jobs_come_out_largest_first(void **state)
{
    (void)state;
    struct pp_window_heap heap;
    double last = 1e9;

    assert_int_equal(pp_window_init(&heap, NULL), PP_OK);
    for (unsigned i = 0; i < PP_WINDOW_JOBS; i++)
        pp_window_push(&heap, new_job(i * 2654435761u % 1000));
    assert_true(pp_window_is_full(&heap));
    for (unsigned i = 0; i < PP_WINDOW_JOBS; i++) {
        struct pp_file_job *job = pp_window_pop(&heap);
        assert_non_null(job);
        assert_true(job->cost <= last);
        last = job->cost;
        pp_file_job_free(job);
    }
    assert_null(pp_window_pop(&heap));
    pp_window_release(&heap);
}

static void what_is_left_in_a_window_is_freed_with_it(void **state)
{
    (void)state;
    struct pp_window_heap heap;

    assert_int_equal(pp_window_init(&heap, NULL), PP_OK);
    pp_window_push(&heap, new_job(1));
    pp_window_push(&heap, new_job(2));
    pp_window_release(&heap);
    assert_int_equal(heap.count, 0);
}

static void predictions_follow_what_was_seen(void **state)
{
    (void)state;
    struct pp_cost cost = {0};
    double before = pp_cost_predict(&cost, PP_FORMAT_JPEG, 1000000);

    for (int i = 0; i < 200; i++)
        pp_cost_learn(&cost, PP_FORMAT_JPEG, 1000000, 5000000);
    double after = pp_cost_predict(&cost, PP_FORMAT_JPEG, 1000000);
    assert_true(before > 10e6);
    assert_true(after > 4.9e6 && after < 6.0e6);
}

static void the_finished_cost_reaches_the_total_exactly(void **state)
{
    (void)state;
    struct pp_cost cost = {0};

    pp_cost_found(&cost, PP_FORMAT_JPEG, 12345);
    pp_cost_found(&cost, PP_FORMAT_PNG, 777);
    assert_true(pp_cost_finished(&cost) < pp_cost_total(&cost));
    pp_cost_done(&cost, PP_FORMAT_PNG, 777);
    pp_cost_learn(&cost, PP_FORMAT_JPEG, 12345, 999);
    pp_cost_done(&cost, PP_FORMAT_JPEG, 12345);
    assert_true(pp_cost_finished(&cost) >= pp_cost_total(&cost));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_out_largest_first),
        cmocka_unit_test(what_is_left_in_a_window_is_freed_with_it),
        cmocka_unit_test(predictions_follow_what_was_seen),
        cmocka_unit_test(the_finished_cost_reaches_the_total_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
