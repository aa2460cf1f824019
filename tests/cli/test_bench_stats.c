#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "cli/bench_parts.h"
#include "cli/bench_stats.h"

static void assert_near(double got, double wanted)
{
    assert_true(fabs(got - wanted) <= 1e-9 * (1 + fabs(wanted)));
}

static struct pp_bench_stats stats_of(const double *values, size_t count)
{
    double scratch[16];

    return pp_bench_stats_of(values, count, scratch);
}

static void median_is_the_middle_value_in_any_order(void **state)
{
    const double odd[] = {9, 1, 5}, even[] = {8, 2, 4, 6};

    (void)state;
    assert_near(stats_of(odd, 3).median, 5);
    assert_near(stats_of(even, 4).median, 5);
    assert_near(odd[0], 9);
}

static void mean_deviation_and_bounds_are_those_of_a_sample(void **state)
{
    const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct pp_bench_stats stats = stats_of(values, 8);

    (void)state;
    assert_near(stats.mean, 5);
    assert_near(stats.stddev, sqrt(32.0 / 7));
    assert_near(stats.cv, sqrt(32.0 / 7) / 5);
    assert_near(stats.min, 2);
    assert_near(stats.max, 9);
    assert_int_equal(stats.count, 8);
}

static void spread_is_not_moved_by_one_disturbed_repeat(void **state)
{
    const double quiet[] = {98, 99, 100, 101, 102}, disturbed[] = {98, 99, 100, 101, 9000};

    (void)state;
    assert_near(stats_of(quiet, 5).spread, 1.4826 * 0.01);
    assert_near(stats_of(disturbed, 5).spread, 1.4826 * 0.01);
}

static void one_value_has_no_deviation_and_none_gives_zeros(void **state)
{
    const double one[] = {3};
    struct pp_bench_stats none = stats_of(one, 0);

    (void)state;
    assert_near(stats_of(one, 1).median, 3);
    assert_near(stats_of(one, 1).stddev, 0);
    assert_near(stats_of(one, 1).spread, 0);
    assert_near(none.median, 0);
    assert_near(none.mean, 0);
}

static void percentile_is_the_value_of_the_nearest_rank(void **state)
{
    double values[100];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        values[i] = (double)i + 1;
    assert_near(pp_bench_percentile(values, 100, 0.50), 50);
    assert_near(pp_bench_percentile(values, 100, 0.99), 99);
    assert_near(pp_bench_percentile(values, 100, 1), 100);
    assert_near(pp_bench_percentile(values, 100, 0), 1);
    assert_near(pp_bench_percentile(values, 1, 0.99), 1);
    assert_near(pp_bench_percentile(values, 3, 0.5), 2);
    assert_near(pp_bench_percentile(values, 0, 0.5), 0);
}

static void verdict_names_the_largest_share(void **state)
{
    double decode[PP_STAGE_COUNT] = {
        [PP_STAGE_READ] = 2, [PP_STAGE_DECODE] = 6, [PP_STAGE_WRITE] = 2};
    double io[PP_STAGE_COUNT] = {[PP_STAGE_READ] = 4, [PP_STAGE_ENCODE] = 5, [PP_STAGE_WRITE] = 4};
    double filter[PP_STAGE_COUNT] = {[PP_STAGE_FILTER] = 1};
    double nothing[PP_STAGE_COUNT] = {0}, share;

    (void)state;
    assert_int_equal(pp_bench_parts_bound(decode, &share), PP_BENCH_DECODE_BOUND);
    assert_near(share, 0.6);
    assert_int_equal(pp_bench_parts_bound(io, &share), PP_BENCH_IO_BOUND);
    assert_near(share, 8.0 / 13);
    assert_int_equal(pp_bench_parts_bound(filter, &share), PP_BENCH_FILTER_BOUND);
    assert_near(share, 1);
    (void)pp_bench_parts_bound(nothing, &share);
    assert_near(share, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_is_the_middle_value_in_any_order),
        cmocka_unit_test(mean_deviation_and_bounds_are_those_of_a_sample),
        cmocka_unit_test(spread_is_not_moved_by_one_disturbed_repeat),
        cmocka_unit_test(one_value_has_no_deviation_and_none_gives_zeros),
        cmocka_unit_test(percentile_is_the_value_of_the_nearest_rank),
        cmocka_unit_test(verdict_names_the_largest_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
