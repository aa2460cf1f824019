#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "batch/cost.h"

static struct pp_cost_file file(enum pp_format format, uint64_t bytes, uint64_t pixels)
{
    return (struct pp_cost_file){.format = format, .bytes = bytes, .pixels = pixels};
}

static void assert_near(double value, double wanted, double share)
{
    if (!(fabs(value - wanted) <= share * wanted))
        fail_msg("%g is not within %g %% of %g", value, share * 100, wanted);
}

static void predictions_follow_what_was_seen(void **state)
{
    (void)state;
    const struct pp_cost_file photo = file(PP_FORMAT_JPEG, 1000000, 0);
    struct pp_cost cost = {0};

    assert_true(pp_cost_predict(&cost, &photo) > 10e6);
    for (int i = 0; i < 50; i++)
        pp_cost_learn(&cost, &photo, 5e6);
    assert_near(pp_cost_predict(&cost, &photo), 5e6, 0.1);
    for (int i = 0; i < 4000; i++)
        pp_cost_learn(&cost, &photo, 50e6);
    assert_near(pp_cost_predict(&cost, &photo), 50e6, 0.1);
}

static void bytes_and_pixels_are_told_apart(void **state)
{
    (void)state;
    const struct pp_cost_file plain = file(PP_FORMAT_PNG, 50000, 50000000);
    const struct pp_cost_file dense = file(PP_FORMAT_PNG, 5000000, 2000000);
    struct pp_cost cost = {0};

    for (uint64_t i = 1; i <= 200; i++) {
        const struct pp_cost_file seen = file(PP_FORMAT_PNG, 1000 * i, 1000 * (i * 7919 % 199 + 1));
        pp_cost_learn(&cost, &seen, 30e3 + 3.0 * (double)seen.bytes + 40.0 * (double)seen.pixels);
    }
    assert_near(pp_cost_predict(&cost, &plain), 40.0 * 50e6, 0.1);
    assert_near(pp_cost_predict(&cost, &dense), 3.0 * 5e6 + 40.0 * 2e6, 0.1);
}

/* A chain that makes everything large takes long for the smallest of files. */
static void a_cost_that_does_not_depend_on_the_input_is_learnt(void **state)
{
    (void)state;
    const struct pp_cost_file icon = file(PP_FORMAT_PNG, 700, 0);
    struct pp_cost cost = {0};

    for (int i = 0; i < 4; i++)
        pp_cost_learn(&cost, &icon, 300e6);
    assert_near(pp_cost_predict(&cost, &icon), 300e6, 0.2);
}

static void a_few_files_of_a_format_are_needed_to_know_it(void **state)
{
    (void)state;
    const struct pp_cost_file icon = file(PP_FORMAT_PNG, 700, 0);
    struct pp_cost cost = {0};

    assert_false(pp_cost_is_learnt(&cost, PP_FORMAT_PNG));
    for (int i = 0; i < 10; i++)
        pp_cost_learn(&cost, &icon, 50e3);
    assert_true(pp_cost_is_learnt(&cost, PP_FORMAT_PNG));
    assert_false(pp_cost_is_learnt(&cost, PP_FORMAT_JPEG));
}

static void predictions_stay_positive_whatever_was_seen(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 700, 1 << 20, UINT64_C(1) << 40, UINT64_MAX};
    static const double times[] = {0, 1, 1e6, 1e12, 1e30};
    struct pp_cost cost = {0};
    unsigned seed = 1;

    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245u + 12345u;
        const struct pp_cost_file any = file((enum pp_format)(seed >> 8) % PP_COST_FORMATS,
                                             sizes[(seed >> 12) % 6], sizes[(seed >> 16) % 6]);
        pp_cost_learn(&cost, &any, times[(seed >> 20) % 5]);
        double predicted = pp_cost_predict(&cost, &any);
        assert_true(predicted > 0 && isfinite(predicted));
    }
}

static void the_finished_cost_reaches_the_total_exactly(void **state)
{
    (void)state;
    const struct pp_cost_file one = file(PP_FORMAT_JPEG, 12345, 0);
    const struct pp_cost_file other = file(PP_FORMAT_PNG, 777, 4000000);
    struct pp_cost cost = {0};

    pp_cost_found(&cost, &one);
    pp_cost_found(&cost, &other);
    assert_true(pp_cost_finished(&cost) < pp_cost_total(&cost));
    pp_cost_done(&cost, &other);
    pp_cost_learn(&cost, &one, 999);
    pp_cost_done(&cost, &one);
    assert_true(pp_cost_finished(&cost) >= pp_cost_total(&cost));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_follow_what_was_seen),
        cmocka_unit_test(bytes_and_pixels_are_told_apart),
        cmocka_unit_test(a_cost_that_does_not_depend_on_the_input_is_learnt),
        cmocka_unit_test(a_few_files_of_a_format_are_needed_to_know_it),
        cmocka_unit_test(predictions_stay_positive_whatever_was_seen),
        cmocka_unit_test(the_finished_cost_reaches_the_total_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
