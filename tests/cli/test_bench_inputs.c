#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench_inputs.h"
#include "cli/bench_measure.h"
#include "cli/bench_record.h"

/* `count` inputs of 10, 20, 30 ... bytes. */
static void make_inputs(struct pp_bench_inputs *inputs, size_t count)
{
    char name[16];

    *inputs = (struct pp_bench_inputs){.count = count, .capacity = count, .found = count};
    inputs->items = calloc(count, sizeof *inputs->items);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%03zu.png", i);
        inputs->items[i] =
            (struct pp_bench_input){.path = strdup(name), .fd = -1, .bytes = 10 * (i + 1)};
    }
}

static void what_fits_is_taken_whole(void **state)
{
    struct pp_bench_inputs inputs;

    (void)state;
    make_inputs(&inputs, 4);
    assert_true(pp_bench_inputs_sample(&inputs, 100, 4));
    assert_int_equal(inputs.count, 4);
    pp_bench_inputs_release(&inputs);
}

static void a_sample_is_even_over_the_sizes_and_within_both_limits(void **state)
{
    struct pp_bench_inputs inputs;

    (void)state;
    make_inputs(&inputs, 100); /* 50,500 bytes */
    assert_true(pp_bench_inputs_sample(&inputs, 17000, 100));
    assert_int_equal(inputs.count, 33); /* every third, from the second on */
    assert_string_equal(inputs.items[0].path, "001.png");
    assert_string_equal(inputs.items[32].path, "097.png");
    assert_in_range(pp_bench_inputs_bytes(&inputs), 16000, 17000);
    assert_true(pp_bench_inputs_sample(&inputs, 17000, 5));
    assert_int_equal(inputs.count, 5);
    pp_bench_inputs_release(&inputs);
}

static void nothing_is_left_where_even_one_is_too_large(void **state)
{
    struct pp_bench_inputs inputs;

    (void)state;
    make_inputs(&inputs, 3);
    assert_false(pp_bench_inputs_sample(&inputs, 5, 3));
    assert_int_equal(inputs.count, 0);
    pp_bench_inputs_release(&inputs);
}

static void fingerprint_knows_contents_not_order(void **state)
{
    struct pp_bench_inputs inputs;
    struct pp_bench_input first;
    uint64_t before;

    (void)state;
    make_inputs(&inputs, 3);
    inputs.items[0].hash = 1;
    before = pp_bench_inputs_fingerprint(&inputs);
    first = inputs.items[0];
    inputs.items[0] = inputs.items[2];
    inputs.items[2] = first;
    assert_true(pp_bench_inputs_fingerprint(&inputs) == before);
    inputs.items[2].hash = 2;
    assert_false(pp_bench_inputs_fingerprint(&inputs) == before);
    pp_bench_inputs_release(&inputs);
}

static void filters_are_added_up_by_name(void **state)
{
    struct pp_bench_filter_time filters[PP_BENCH_FILTERS] = {0};
    uint32_t count = 0;

    (void)state;
    pp_bench_filters_add(filters, &count, "gray", 5);
    pp_bench_filters_add(filters, &count, "blur", 7);
    pp_bench_filters_add(filters, &count, "gray", 6);
    assert_int_equal(count, 2);
    assert_string_equal(filters[0].name, "gray");
    assert_int_equal(filters[0].ns, 11);
    assert_int_equal(filters[1].ns, 7);
}

static void filters_beyond_the_room_are_called_others(void **state)
{
    struct pp_bench_filter_time filters[PP_BENCH_FILTERS] = {0};
    uint32_t count = 0;
    char name[PP_BENCH_FILTER_NAME];

    (void)state;
    for (unsigned i = 0; i < PP_BENCH_FILTERS + 3; i++) {
        snprintf(name, sizeof name, "f%u", i);
        pp_bench_filters_add(filters, &count, name, 1);
    }
    assert_int_equal(count, PP_BENCH_FILTERS);
    assert_string_equal(filters[PP_BENCH_FILTERS - 1].name, "others");
    assert_int_equal(filters[PP_BENCH_FILTERS - 1].ns, 4);
}

static void filters_are_shown_in_the_order_of_the_chain(void **state)
{
    struct pp_bench_filter_time filters[] = {{"flatten", 1}, {"blur", 2}, {"gray", 3}};
    struct pp_chain *chain;

    (void)state;
    assert_int_equal(pp_chain_parse("gray,blur=1", &chain, NULL), PP_OK);
    pp_bench_filters_sort(filters, 3, chain);
    assert_string_equal(filters[0].name, "gray");
    assert_int_equal(filters[0].ns, 3);
    assert_string_equal(filters[1].name, "blur");
    assert_string_equal(filters[2].name, "flatten");
    pp_chain_free(chain);
}

static void a_workers_record_is_not_believed_unseen(void **state)
{
    struct pp_bench_record sent, got;

    (void)state;
    memset(&sent, 'x', sizeof sent);
    sent.status = PP_OK;
    sent.filter_count = 0;
    assert_true(pp_bench_record_read(&got, &sent, sizeof sent));
    assert_true(strlen(got.why) < sizeof got.why);
    assert_true(strlen(got.report.path) < sizeof got.report.path);
    assert_false(pp_bench_record_read(&got, &sent, sizeof sent - 1));
    sent.filter_count = PP_BENCH_FILTERS + 1;
    assert_false(pp_bench_record_read(&got, &sent, sizeof sent));
    sent.filter_count = 0;
    sent.status = PP_STATUS_COUNT;
    assert_false(pp_bench_record_read(&got, &sent, sizeof sent));
}

static void assert_steps(unsigned most, const unsigned *steps)
{
    unsigned i = 0;

    do
        assert_int_equal(pp_bench_step(i, most), steps[i]);
    while (steps[i++]);
}

static void scaling_goes_by_powers_of_two_and_ends_at_the_most(void **state)
{
    (void)state;
    assert_steps(1, (const unsigned[]){1, 0});
    assert_steps(2, (const unsigned[]){1, 2, 0});
    assert_steps(6, (const unsigned[]){1, 2, 4, 6, 0});
    assert_steps(8, (const unsigned[]){1, 2, 4, 8, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_taken_whole),
        cmocka_unit_test(a_sample_is_even_over_the_sizes_and_within_both_limits),
        cmocka_unit_test(nothing_is_left_where_even_one_is_too_large),
        cmocka_unit_test(fingerprint_knows_contents_not_order),
        cmocka_unit_test(filters_are_added_up_by_name),
        cmocka_unit_test(filters_beyond_the_room_are_called_others),
        cmocka_unit_test(filters_are_shown_in_the_order_of_the_chain),
        cmocka_unit_test(a_workers_record_is_not_believed_unseen),
        cmocka_unit_test(scaling_goes_by_powers_of_two_and_ends_at_the_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
