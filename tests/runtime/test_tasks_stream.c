/* Streams, the life of workers, and who waits behind whom. */
#include "support_tasks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Numbers from 0 on. */
struct source {
    uint64_t next, end;
    uint64_t given;       /* results fetched */
    uint64_t most_ahead;  /* the most that were pulled beyond these */
    enum pp_status error; /* instead of the end */
};

static enum pp_status next_number(void *user, struct pp_bytes *item, struct pp_error *err)
{
    struct source *source = user;

    if (source->next == source->end && source->error != PP_OK)
        return pp_error_set(err, source->error, "the well has run dry");
    if (source->next == source->end)
        return PP_E_CLOSED;
    *item = (struct pp_bytes){&source->next, sizeof source->next};
    source->next++;
    if (source->next - source->given > source->most_ahead)
        source->most_ahead = source->next - source->given;
    return PP_OK;
}

static struct pp_stream *stream_of(struct pp_tasks *tasks, struct source *source,
                                   struct pp_stream_settings settings)
{
    struct pp_stream *stream = NULL;
    struct pp_error err = {0};

    settings.next = next_number;
    settings.user = source;
    if (pp_tasks_imap(tasks, &settings, &stream, &err) != PP_OK)
        fail_msg("%s", err.text);
    return stream;
}

/* The source counts one further than the number it gives. */
static uint64_t square_of_index(const struct pp_result *result)
{
    return (result->index + 1) * (result->index + 1);
}

static void assert_square(const struct pp_result *result)
{
    uint64_t number;

    assert_int_equal(result->status, PP_OK);
    memcpy(&number, result->data, sizeof number);
    assert_int_equal(number, square_of_index(result));
}

static void a_stream_gives_results_in_order_and_pulls_no_further_than_said(void **state)
{
    struct source source = {.end = 20000};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_stream *stream = stream_of(
        tasks, &source, (struct pp_stream_settings){.function = "square", .chunk = 4, .ahead = 50});
    struct pp_result result;
    struct pp_error err = {0};

    (void)state;
    for (; source.given < 20000; source.given++) {
        assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
        assert_int_equal(result.index, source.given);
        assert_square(&result);
    }
    assert_int_equal(pp_stream_next(stream, 30, &result, &err), PP_E_CLOSED);
    assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_E_CLOSED);
    assert_in_range(source.most_ahead, 8, 51); /* the one given out counts as well */
    pp_stream_free(stream);
    pp_tasks_free(tasks);
}

/* Nothing else is under way, so that nothing else would wake who waits. */
static void the_inputs_end_is_told_when_it_is_seen(void **state)
{
    struct pp_tasks *tasks = tasks_started(1);
    struct pp_result result;
    struct pp_error err = {0};

    (void)state;
    for (uint64_t end = 0; end < 3; end++) {
        const uint64_t begin = pp_clock_ns();
        struct source source = {.end = end};
        struct pp_stream *stream = stream_of(
            tasks, &source, (struct pp_stream_settings){.function = "square", .ahead = 1});
        for (; source.given < end; source.given++)
            assert_int_equal(pp_stream_next(stream, 60, &result, NULL), PP_OK);
        assert_int_equal(pp_stream_next(stream, 60, &result, &err), PP_E_CLOSED);
        assert_true(pp_clock_ns() - begin < 30 * PP_NS_PER_S);
        pp_stream_free(stream);
    }
    pp_tasks_free(tasks);
}

static void an_unordered_stream_gives_each_result_once(void **state)
{
    struct source source = {.end = 3000};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_stream *stream = stream_of(
        tasks, &source, (struct pp_stream_settings){.function = "square", .unordered = true});
    bool *seen = calloc(3000, sizeof *seen);
    struct pp_result result;

    (void)state;
    assert_non_null(seen);
    for (; source.given < 3000; source.given++) {
        assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
        assert_square(&result);
        assert_false(seen[result.index]);
        seen[result.index] = true;
    }
    assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_E_CLOSED);
    free(seen);
    pp_stream_free(stream);
    pp_tasks_free(tasks);
}

static void an_unordered_stream_does_not_wait_for_a_slow_item(void **state)
{
    struct source source = {.next = 12, .end = 112}; /* the first is 13 */
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_stream *stream = stream_of(
        tasks, &source, (struct pp_stream_settings){.function = "hang_at_13", .unordered = true});
    struct pp_result result;

    (void)state;
    for (int i = 0; i < 99; i++) {
        assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
        assert_int_not_equal(result.index, 0);
    }
    assert_int_equal(pp_stream_next(stream, 0.05, &result, NULL), PP_E_TIMEOUT);
    pp_stream_free(stream);
    pp_tasks_free(tasks);
}

static void an_items_error_is_one_of_the_results(void **state)
{
    struct source source = {.end = 10};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_stream *stream =
        stream_of(tasks, &source, (struct pp_stream_settings){.function = "only_even"});
    struct pp_result result;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
        assert_int_equal(result.status, i % 2 ? PP_OK : PP_E_FORMAT);
    }
    pp_stream_free(stream);
    pp_tasks_free(tasks);
}

static void an_error_of_the_input_comes_after_the_items_before_it(void **state)
{
    struct source source = {.end = 5, .error = PP_E_READ};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_stream *stream =
        stream_of(tasks, &source, (struct pp_stream_settings){.function = "square", .chunk = 3});
    struct pp_result result;
    struct pp_error err = {0};

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
    assert_int_equal(pp_stream_next(stream, 30, &result, &err), PP_E_READ);
    assert_string_equal(err.text, "the well has run dry");
    pp_stream_free(stream);
    pp_tasks_free(tasks);
}

static void a_stream_has_its_time_out_and_outlives_its_pool(void **state)
{
    struct source source = {.next = 299, .end = 310};
    struct pp_tasks *tasks = tasks_started(1);
    struct pp_stream *stream =
        stream_of(tasks, &source, (struct pp_stream_settings){.function = "sleep"});
    struct pp_result result;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_stream_next(stream, 0.02, &result, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
    pp_tasks_free(tasks);
    while (pp_stream_next(stream, 30, &result, &err) == PP_OK)
        assert_int_equal(result.status, PP_E_CANCELLED);
    assert_int_equal(err.status, PP_E_CANCELLED);
    pp_stream_free(stream);
    pp_stream_free(NULL);
}

static void a_stream_that_is_freed_early_leaves_nothing(void **state)
{
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_result result;

    (void)state;
    for (int round = 0; round < 20; round++) {
        struct source source = {.end = 1000};
        struct pp_stream *stream =
            stream_of(tasks, &source,
                      (struct pp_stream_settings){.function = "square", .unordered = round % 2});

        for (int i = 0; i < round; i++)
            assert_int_equal(pp_stream_next(stream, 30, &result, NULL), PP_OK);
        pp_stream_free(stream);
    }
    assert_int_equal(tasks_apply_number(tasks, "square", 9), 81);
    pp_tasks_close(tasks);
    assert_int_equal(pp_tasks_join(tasks, 30, NULL), PP_OK);
    pp_tasks_free(tasks);
}

/* ---- the life of workers -------------------------------------------------------------------- */

static void a_worker_is_replaced_after_its_share_and_ends_in_order(void **state)
{
    char path[] = "/tmp/pixpool-ends-XXXXXX";
    const int fd = mkstemp(path);
    const struct pp_tasks_settings settings = {.table = &tasks_table,
                                               .workers = 3,
                                               .max_tasks_per_worker = 10,
                                               .argument = path,
                                               .size = sizeof path - 1};
    struct pp_tasks *tasks = tasks_started_with(&settings);
    const struct pp_call call = {.function = "own_pid", .chunk = 1};
    uint64_t *numbers, pids[100] = {0}, *found;
    struct pp_bytes *items = tasks_numbers(100, &numbers);
    unsigned times[100] = {0}, different = 0;
    struct pp_async *async = NULL;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(pp_tasks_map(tasks, &call, items, 100, &async, NULL), PP_OK);
    for (size_t i = 0; i < 100; i++) {
        for (found = pids; *found != 0 && *found != tasks_number_of(async, i);)
            found++;
        *found = tasks_number_of(async, i);
        assert_in_range(++times[found - pids], 1, 10);
        different += times[found - pids] == 1;
    }
    assert_true(different >= 10);
    pp_async_free(async);
    pp_tasks_close(tasks);
    assert_int_equal(pp_tasks_join(tasks, 30, NULL), PP_OK);
    /* Each finalizer ran, those too of workers that came to no task. */
    assert_in_range(lseek(fd, 0, SEEK_END), different, different + 3);
    unlink(path);
    close(fd);
    pp_tasks_free(tasks);
    free(items);
    free(numbers);
}

static void closing_early_ends_a_pool_of_short_lived_workers(void **state)
{
    const struct pp_tasks_settings settings = {
        .table = &tasks_table, .workers = 3, .max_tasks_per_worker = 1};
    struct pp_tasks *tasks = tasks_started_with(&settings);
    const struct pp_call call = {.function = "sleep"};
    struct pp_async *asyncs[6];

    (void)state;
    for (uint64_t i = 0; i < 6; i++) {
        const struct pp_bytes argument = {&i, sizeof i};

        assert_int_equal(pp_tasks_apply_async(tasks, &call, &argument, &asyncs[i], NULL), PP_OK);
    }
    pp_tasks_close(tasks);
    assert_int_equal(pp_tasks_join(tasks, 30, NULL), PP_OK);
    for (uint64_t i = 0; i < 6; i++) {
        assert_int_equal(tasks_number_of(asyncs[i], 0), i * i);
        pp_async_free(asyncs[i]);
    }
    pp_tasks_free(tasks);
}

static void workers_have_no_descriptors_but_their_own(void **state)
{
    const int stray = open("/dev/null", O_RDONLY); /* without close-on-exec */
    struct pp_tasks *tasks = tasks_started(1);
    const uint64_t before = tasks_apply_number(tasks, "open_fds", 0);
    const uint64_t large = 100000;

    (void)state;
    assert_true(stray >= 0);
    assert_in_range(before, 3, 8);
    for (int i = 0; i < 20; i++) {
        const struct pp_call call = {.function = "pattern"};
        const struct pp_bytes argument = {&large, sizeof large};
        struct pp_async *async = NULL;

        assert_int_equal(pp_tasks_apply(tasks, &call, &argument, &async, NULL), PP_OK);
        pp_async_free(async);
    }
    assert_int_equal(tasks_apply_number(tasks, "open_fds", 0), before);
    pp_tasks_free(tasks);
    close(stray);
}

/* ---- who waits behind whom ------------------------------------------------------------------ */

/* Tiny tasks are queued dozens deep. One that waits for another behind it must not keep it so, as
 * long as another worker is there. */
static void no_item_waits_behind_another_while_a_worker_is_idle(void **state)
{
    static const struct pp_call await = {.function = "await_path", .chunk = 1},
                                make = {.function = "make_path", .chunk = 1};

    (void)state;
    for (int round = 0; round < 20; round++) {
        char path[64];
        struct pp_tasks *tasks = tasks_started(2);
        struct pp_bytes argument;
        struct pp_async *last = NULL, *others[12];

        snprintf(path, sizeof path, "/tmp/pixpool-meet-%d-%d", (int)getpid(), round);
        argument = (struct pp_bytes){path, strlen(path)};
        for (int i = 0; i < 300; i++) /* so that it knows them to be tiny */
            tasks_apply_number(tasks, "square", 1);
        assert_int_equal(pp_tasks_apply_async(tasks, &await, &argument, &others[0], NULL), PP_OK);
        for (uint64_t i = 1; i < 12; i++) {
            const struct pp_call call = {.function = "square"};
            const struct pp_bytes number = {&i, sizeof i};

            assert_int_equal(pp_tasks_apply_async(tasks, &call, &number, &others[i], NULL), PP_OK);
        }
        assert_int_equal(pp_tasks_apply_async(tasks, &make, &argument, &last, NULL), PP_OK);
        for (int i = 0; i < 12; i++) {
            assert_int_equal(pp_async_get(others[i], 30, NULL), PP_OK);
            pp_async_free(others[i]);
        }
        assert_int_equal(pp_async_get(last, 30, NULL), PP_OK);
        pp_async_free(last);
        unlink(path);
        pp_tasks_free(tasks);
    }
}

static void in_the_sandbox_functions_compute_all_the_same(void **state)
{
    const struct pp_tasks_settings settings = {
        .table = &tasks_table, .workers = 1, .sandbox = true};
    struct pp_tasks *tasks = NULL;
    const uint64_t large = 5 << 20;
    const struct pp_call call = {.function = "pattern"}, opens = {.function = "make_path"};
    const struct pp_bytes argument = {&large, sizeof large}, path = {"/tmp/pixpool-never", 18};
    struct pp_async *async = NULL;
    struct pp_error err = {0};

    (void)state;
    if (pp_tasks_start(&settings, &tasks, &err) != PP_OK) {
        print_message("skipped: %s\n", err.text);
        skip();
    }
    assert_int_equal(tasks_apply_number(tasks, "square", 12), 144);
    assert_int_equal(pp_tasks_apply(tasks, &call, &argument, &async, NULL), PP_OK);
    pp_async_free(async);
    assert_int_not_equal(pp_tasks_apply(tasks, &opens, &path, &async, NULL), PP_OK);
    pp_async_free(async);
    assert_int_equal(access("/tmp/pixpool-never", F_OK), -1);
    pp_tasks_free(tasks);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_gives_results_in_order_and_pulls_no_further_than_said),
        cmocka_unit_test(the_inputs_end_is_told_when_it_is_seen),
        cmocka_unit_test(an_unordered_stream_gives_each_result_once),
        cmocka_unit_test(an_unordered_stream_does_not_wait_for_a_slow_item),
        cmocka_unit_test(an_items_error_is_one_of_the_results),
        cmocka_unit_test(an_error_of_the_input_comes_after_the_items_before_it),
        cmocka_unit_test(a_stream_has_its_time_out_and_outlives_its_pool),
        cmocka_unit_test(a_stream_that_is_freed_early_leaves_nothing),
        cmocka_unit_test(a_worker_is_replaced_after_its_share_and_ends_in_order),
        cmocka_unit_test(closing_early_ends_a_pool_of_short_lived_workers),
        cmocka_unit_test(workers_have_no_descriptors_but_their_own),
        cmocka_unit_test(no_item_waits_behind_another_while_a_worker_is_idle),
        cmocka_unit_test(in_the_sandbox_functions_compute_all_the_same),
    };
    int status;

    if (pp_process_main(argc, argv, &tasks_program, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
