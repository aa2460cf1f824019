/* Calls of functions in a pool of processes, when nothing goes wrong but in the functions. */
#include "support_tasks.h"

#include <stdlib.h>
#include <string.h>

/* map_async or map of the numbers below `count`. */
static struct pp_async *map_numbers(struct pp_tasks *tasks, const struct pp_call *call,
                                    size_t count)
{
    struct pp_async *async = NULL;
    struct pp_error err = {0};
    uint64_t *numbers;
    struct pp_bytes *items = tasks_numbers(count, &numbers);

    if (pp_tasks_map(tasks, call, items, count, &async, &err) != PP_OK)
        fail_msg("%s", err.text);
    free(items);
    free(numbers);
    return async;
}

static void apply_gives_what_the_function_returns(void **state)
{
    struct pp_tasks *tasks = tasks_started(2);

    (void)state;
    assert_int_equal(tasks_apply_number(tasks, "square", 5), 25);
    assert_int_equal(tasks_apply_number(tasks, "square", 70000), 4900000000);
    pp_tasks_free(tasks);
}

static void map_keeps_the_order_with_any_chunk(void **state)
{
    static const size_t chunks[] = {0, 1, 2, 7, 1000};
    struct pp_tasks *tasks = tasks_started(2);

    (void)state;
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        const struct pp_call call = {.function = "square", .chunk = chunks[i]};
        struct pp_async *async = map_numbers(tasks, &call, 500);

        assert_int_equal(pp_async_count(async), 500);
        assert_true(pp_async_successful(async));
        for (size_t item = 0; item < 500; item++)
            assert_int_equal(tasks_number_of(async, item), item * item);
        pp_async_free(async);
    }
    pp_tasks_free(tasks);
}

static void a_map_of_nothing_ends_at_once(void **state)
{
    const struct pp_call call = {.function = "square"};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *async = NULL;
    struct pp_result result;

    (void)state;
    assert_int_equal(pp_tasks_map_async(tasks, &call, NULL, 0, &async, NULL), PP_OK);
    assert_true(pp_async_ready(async));
    assert_true(pp_async_successful(async));
    assert_int_equal(pp_async_get(async, 0, NULL), PP_OK);
    assert_false(pp_async_result(async, 0, &result));
    pp_async_free(async);
    pp_tasks_close(tasks);
    assert_int_equal(pp_tasks_join(tasks, 10, NULL), PP_OK);
    assert_int_equal(pp_tasks_alive(tasks), 0);
    pp_tasks_free(tasks);
}

static void a_hundred_thousand_items_come_back_each_once(void **state)
{
    const struct pp_call call = {.function = "square", .chunk = 1};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *async = map_numbers(tasks, &call, 100000);

    (void)state;
    for (size_t item = 0; item < 100000; item++)
        assert_int_equal(tasks_number_of(async, item), item * item);
    pp_async_free(async);
    pp_tasks_free(tasks);
}

static void arguments_and_results_are_of_any_size(void **state)
{
    static const uint64_t sizes[] = {0, 1, 900, 960, 961, 1000, 1024, 8100, 8192, 50 << 20};
    const struct pp_call call = {.function = "pattern"}, back = {.function = "sum"};
    struct pp_tasks *tasks = tasks_started(2);
    const int before = tasks_open_fds();

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pp_async *async = tasks_begin(tasks, &call, sizes[i]), *total = NULL;
        struct pp_result result;
        struct pp_bytes argument;
        uint64_t expected = 0;

        assert_int_equal(pp_async_get(async, 60, NULL), PP_OK);
        assert_true(pp_async_result(async, 0, &result));
        assert_int_equal(result.size, sizes[i]);
        for (uint64_t at = 0; at < sizes[i]; at++) {
            if (((const uint8_t *)result.data)[at] != (uint8_t)(at * 7 + (at >> 8)))
                fail_msg("%llu bytes: byte %llu is wrong", (unsigned long long)sizes[i],
                         (unsigned long long)at);
            expected += ((const uint8_t *)result.data)[at];
        }
        argument = (struct pp_bytes){result.data, result.size};
        assert_int_equal(pp_tasks_apply(tasks, &back, &argument, &total, NULL), PP_OK);
        assert_int_equal(tasks_number_of(total, 0), expected);
        pp_async_free(total);
        pp_async_free(async);
    }
    assert_in_range(tasks_open_fds(), before, before + 10); /* the workers' own */
    pp_tasks_free(tasks);
}

static void large_results_in_one_chunk_are_all_there(void **state)
{
    const struct pp_call call = {.function = "pattern", .chunk = 16};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *async = map_numbers(tasks, &call, 600); /* 180 KB in all */
    struct pp_result result;

    (void)state;
    for (size_t item = 0; item < 600; item++) {
        assert_true(pp_async_result(async, item, &result));
        assert_int_equal(result.size, item);
        assert_int_equal((uintptr_t)result.data % (item <= 8 ? 8 : 16), 0);
        if (item > 0)
            assert_int_equal(((const uint8_t *)result.data)[item - 1],
                             (uint8_t)((item - 1) * 7 + ((item - 1) >> 8)));
    }
    pp_async_free(async);
    pp_tasks_free(tasks);
}

static void an_error_of_the_function_comes_with_its_text_and_costs_no_other(void **state)
{
    static const size_t chunks[] = {1, 8};
    struct pp_tasks *tasks = tasks_started(2);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct pp_call call = {.function = "only_even", .chunk = chunks[i]};
        uint64_t *numbers;
        struct pp_bytes *items = tasks_numbers(50, &numbers);
        struct pp_async *async = NULL;
        struct pp_error err = {0};
        struct pp_result result;

        assert_int_equal(pp_tasks_map(tasks, &call, items, 50, &async, &err), PP_E_FORMAT);
        assert_string_equal(err.text, "1 is odd");
        assert_true(pp_async_ready(async));
        assert_false(pp_async_successful(async));
        assert_true(pp_async_result(async, 49, &result));
        assert_int_equal(result.status, PP_E_FORMAT);
        assert_string_equal(result.text, "49 is odd");
        assert_null(result.data);
        assert_int_equal(result.index, 49);
        assert_int_equal(tasks_number_of(async, 48), 48);
        pp_async_free(async);
        free(items);
        free(numbers);
    }
    pp_tasks_free(tasks);
}

static void half_a_result_is_replaced_by_the_error(void **state)
{
    const struct pp_call call = {.function = "fail_late"}, strange = {.function = "strange_status"};
    struct pp_tasks *tasks = tasks_started(1);
    struct pp_async *async = tasks_begin(tasks, &call, 1);
    struct pp_error err = {0}, other = {0};

    (void)state;
    assert_int_equal(pp_async_get(async, 30, &err), PP_E_READ);
    assert_string_equal(err.text, "read");
    pp_async_free(async);
    async = tasks_begin(tasks, &strange, 1);
    assert_int_equal(pp_async_get(async, 30, &other), PP_E_INTERNAL);
    assert_string_equal(other.text, "worker: the function returned no status");
    pp_async_free(async);
    pp_tasks_free(tasks);
}

static void a_wait_has_its_time_out(void **state)
{
    const struct pp_call call = {.function = "sleep"};
    struct pp_tasks *tasks = tasks_started(1);
    struct pp_async *async = tasks_begin(tasks, &call, 300);
    const double begin = tasks_now();
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_async_get(async, 0.05, &err), PP_E_TIMEOUT);
    assert_true(tasks_now() - begin >= 0.05);
    assert_int_equal(pp_async_wait(async, 0, NULL), PP_E_TIMEOUT);
    assert_false(pp_async_ready(async));
    assert_false(pp_async_successful(async));
    assert_int_equal(pp_async_get(async, -1, NULL), PP_OK);
    assert_int_equal(tasks_number_of(async, 0), 90000);
    pp_async_free(async);
    pp_tasks_free(tasks);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apply_gives_what_the_function_returns),
        cmocka_unit_test(map_keeps_the_order_with_any_chunk),
        cmocka_unit_test(a_map_of_nothing_ends_at_once),
        cmocka_unit_test(a_hundred_thousand_items_come_back_each_once),
        cmocka_unit_test(arguments_and_results_are_of_any_size),
        cmocka_unit_test(large_results_in_one_chunk_are_all_there),
        cmocka_unit_test(an_error_of_the_function_comes_with_its_text_and_costs_no_other),
        cmocka_unit_test(half_a_result_is_replaced_by_the_error),
        cmocka_unit_test(a_wait_has_its_time_out),
    };
    int status;

    if (pp_process_main(argc, argv, &tasks_program, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
