#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "batch/pauses.h"

static void a_run_that_was_never_paused_has_not_rested(void **state)
{
    struct pp_pauses pauses = {0};

    (void)state;
    pp_pauses_note(&pauses, false, 5);
    assert_int_equal(pp_pauses_ns(&pauses, 1000), 0);
}

static void a_rest_counts_while_it_goes_on(void **state)
{
    struct pp_pauses pauses = {0};

    (void)state;
    pp_pauses_note(&pauses, true, 100);
    assert_int_equal(pp_pauses_ns(&pauses, 100), 0);
    assert_int_equal(pp_pauses_ns(&pauses, 160), 60);
    pp_pauses_note(&pauses, true, 170); /* it began at 100 all the same */
    assert_int_equal(pp_pauses_ns(&pauses, 180), 80);
}

static void rests_add_up_and_the_time_between_them_does_not_count(void **state)
{
    struct pp_pauses pauses = {0};

    (void)state;
    pp_pauses_note(&pauses, true, 100);
    pp_pauses_note(&pauses, false, 130);
    pp_pauses_note(&pauses, false, 140);
    assert_int_equal(pp_pauses_ns(&pauses, 900), 30);
    pp_pauses_note(&pauses, true, 1000);
    assert_int_equal(pp_pauses_ns(&pauses, 1007), 37);
    pp_pauses_note(&pauses, false, 1010);
    assert_int_equal(pp_pauses_ns(&pauses, 5000), 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_was_never_paused_has_not_rested),
        cmocka_unit_test(a_rest_counts_while_it_goes_on),
        cmocka_unit_test(rests_add_up_and_the_time_between_them_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
