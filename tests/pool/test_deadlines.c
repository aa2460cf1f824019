#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "pool/state.h"
#include "support_pool.h"

static void a_task_may_take_its_own_time_beyond_the_pools(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.timeout = 0.3;
    run_start(&run);
    run.more_time = 5;
    run_submit(&run, 0, "sleep 800");
    run.more_time = 0.2;
    run_submit(&run, 1, "hang");
    run_finish(&run, 10);
    assert_int_equal(run.reports[0].status, PP_OK);
    assert_int_equal(run.reports[1].status, PP_E_TIMEOUT);
    assert_true(run.reports[1].seconds >= 0.5 && run.reports[1].seconds < 1.5);
    assert_string_equal(run.reports[1].text, "no result within 0.5 s");
    run_end(&run);
}

/* Begun later, due earlier: the one with more time must not hide it. */
static void a_task_with_more_time_does_not_keep_another_from_timing_out(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.timeout = 0.4;
    run_start(&run);
    run.more_time = 2.6;
    run_submit(&run, 0, "hang");
    run.more_time = 0;
    run_submit(&run, 1, "hang");
    run_finish(&run, 10);
    assert_int_equal(run.reports[0].status, PP_E_TIMEOUT);
    assert_int_equal(run.reports[1].status, PP_E_TIMEOUT);
    assert_true(run.reports[0].seconds >= 3);
    assert_true(run.reports[1].seconds < 2);
    run_end(&run);
}

static void more_time_ends_with_its_task(void **state)
{
    struct run run;

    (void)state;
    run_init(&run);
    run.settings.workers = 1;
    run.settings.timeout = 0.4;
    run_start(&run);
    run.more_time = 60;
    run_submit(&run, 0, "sleep 500");
    run.more_time = 0;
    run_submit(&run, 1, "hang");
    run_finish(&run, 10);
    assert_int_equal(run.reports[0].status, PP_OK);
    assert_int_equal(run.reports[1].status, PP_E_TIMEOUT);
    run_end(&run);
}

static void spans_are_never_negative_and_can_be_added(void **state)
{
    (void)state;
    assert_int_equal(pp_deadline_span(0), 0);
    assert_int_equal(pp_deadline_span(-1), 0);
    assert_int_equal(pp_deadline_span(NAN), 0);
    assert_int_equal(pp_deadline_span(1.5), 1500000000);
    assert_true(pp_deadline_span(INFINITY) == pp_deadline_span(1e300));
    assert_true(pp_deadline_span(1e300) < UINT64_MAX / 4);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_may_take_its_own_time_beyond_the_pools),
        cmocka_unit_test(a_task_with_more_time_does_not_keep_another_from_timing_out),
        cmocka_unit_test(more_time_ends_with_its_task),
        cmocka_unit_test(spans_are_never_negative_and_can_be_added),
    };
    int status;

    if (support_worker_main(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
