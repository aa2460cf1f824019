#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "batch/window.h"

static struct pp_file_job *new_job(double cost)
{
    struct pp_file_job *job = pp_file_job_new("in/a.jpg", "out/a.jpg");

    assert_non_null(job);
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

static void a_job_keeps_both_its_names(void **state)
{
    (void)state;
    char input[] = "in/a.jpg", output[] = "";
    struct pp_file_job *job = pp_file_job_new(input, output);

    assert_non_null(job);
    input[0] = 'x';
    assert_string_equal(job->input, "in/a.jpg");
    assert_string_equal(job->output, "");
    assert_int_equal(job->staged.fd, -1);
    pp_file_job_free(job);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_out_largest_first),
        cmocka_unit_test(a_job_keeps_both_its_names),
        cmocka_unit_test(what_is_left_in_a_window_is_freed_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
