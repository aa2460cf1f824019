/* Workers that die, hang or never start: each costs the item it was at, and no other. */
#include "support_tasks.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* For each of two kinds of chunks; a worker's start takes long under a sanitizer. */
#ifdef __SANITIZE_ADDRESS__
#define KILLS 100
#else
#define KILLS 500
#endif

/* A map of the numbers below `count` that has to end; whether all went well is not asked. */
static struct pp_async *map_numbers(struct pp_tasks *tasks, const char *function, size_t chunk,
                                    size_t count)
{
    const struct pp_call call = {.function = function, .chunk = chunk};
    struct pp_async *async = NULL;
    struct pp_error err = {0};
    uint64_t *numbers;
    struct pp_bytes *items = tasks_numbers(count, &numbers);

    assert_int_equal(pp_tasks_map_async(tasks, &call, items, count, &async, &err), PP_OK);
    if (pp_async_wait(async, 60, &err) != PP_OK)
        fail_msg("%s", err.text);
    free(items);
    free(numbers);
    return async;
}

static struct pp_async *apply(struct pp_tasks *tasks, const char *function, const void *data,
                              size_t size)
{
    const struct pp_call call = {.function = function};
    const struct pp_bytes argument = {data, size};
    struct pp_async *async = NULL;
    struct pp_error err = {0};

    if (pp_tasks_apply_async(tasks, &call, &argument, &async, &err) != PP_OK)
        fail_msg("%s", err.text);
    return async;
}

/* All squares but those of item 13 (of each thousand), which has this error. */
static void assert_only_13_failed(const struct pp_async *async, enum pp_status status,
                                  const char *text)
{
    struct pp_result result;

    for (size_t item = 0; item < pp_async_count(async); item++) {
        if (item % 1000 != 13) {
            assert_int_equal(tasks_number_of(async, item), item * item);
            continue;
        }
        assert_true(pp_async_result(async, item, &result));
        assert_int_equal(result.status, status);
        assert_string_equal(result.text, text);
    }
}

static void a_crash_costs_the_item_at_fault_alone(void **state)
{
    static const size_t chunks[] = {1, 10, 40};
    struct pp_tasks *tasks = tasks_started(2);

    (void)state;
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        struct pp_async *async = map_numbers(tasks, "signal_at_13", chunks[i], 2000);
        struct pp_result result;

        assert_only_13_failed(async, PP_E_CRASHED, "worker crashed with SIGSEGV (1 attempt)");
        assert_true(pp_async_result(async, 1013, &result));
        assert_int_equal(result.signal, SIGSEGV);
        assert_int_equal(result.attempt, chunks[i] > 1 ? 2 : 1);
        pp_async_free(async);
    }
    pp_tasks_free(tasks);
}

static void a_worker_that_exits_in_the_middle_costs_its_item(void **state)
{
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *async = map_numbers(tasks, "exit_at_13", 5, 100);

    (void)state;
    assert_only_13_failed(async, PP_E_CRASHED, "worker exited with status 0 (1 attempt)");
    pp_async_free(async);
    pp_tasks_free(tasks);
}

static void a_crash_is_retried_as_often_as_was_asked(void **state)
{
    const struct pp_tasks_settings settings = {.table = &tasks_table, .workers = 2, .retries = 1};
    struct pp_tasks *tasks = tasks_started_with(&settings);
    const uint64_t number = 7, always = 13;
    struct pp_async *once = apply(tasks, "signal_once", &number, sizeof number);
    struct pp_async *twice = apply(tasks, "signal_at_13", &always, sizeof always);
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_async_get(once, 30, NULL), PP_OK);
    assert_int_equal(tasks_number_of(once, 0), 49);
    assert_int_equal(pp_async_get(twice, 30, &err), PP_E_CRASHED);
    assert_string_equal(err.text, "worker crashed with SIGSEGV (2 attempts)");
    pp_async_free(once);
    pp_async_free(twice);
    pp_tasks_free(tasks);
}

static void a_hung_item_is_ended_at_its_deadline(void **state)
{
    static const size_t chunks[] = {1, 6};
    const struct pp_tasks_settings settings = {.table = &tasks_table, .workers = 2, .timeout = 0.3};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pp_tasks *tasks = tasks_started_with(&settings);
        struct pp_async *async = map_numbers(tasks, "hang_at_13", chunks[i], 60);

        assert_only_13_failed(async, PP_E_TIMEOUT, "no result within 0.3 s");
        pp_async_free(async);
        pp_tasks_free(tasks);
    }
}

/* Together they take far longer than one may. */
static void a_deadline_is_each_items_own(void **state)
{
    const struct pp_tasks_settings settings = {.table = &tasks_table, .workers = 1, .timeout = 1};
    const struct pp_call call = {.function = "sleep", .chunk = 8};
    struct pp_tasks *tasks = tasks_started_with(&settings);
    const uint64_t ms = 200;
    struct pp_async *async = NULL;
    struct pp_bytes items[8];

    (void)state;
    for (size_t i = 0; i < 8; i++)
        items[i] = (struct pp_bytes){&ms, sizeof ms};
    assert_int_equal(pp_tasks_map(tasks, &call, items, 8, &async, NULL), PP_OK);
    pp_async_free(async);
    pp_tasks_free(tasks);
}

static void idle_workers_that_are_killed_are_replaced(void **state)
{
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *async = map_numbers(tasks, "square", 1, 100);
    pid_t pids[8];
    const int count = tasks_children(pids, 8);

    (void)state;
    pp_async_free(async);
    assert_int_equal(count, 2);
    for (int i = 0; i < count; i++)
        kill(pids[i], SIGKILL);
    async = map_numbers(tasks, "square", 1, 100);
    assert_true(pp_async_successful(async));
    pp_async_free(async);
    pp_tasks_free(tasks);
}

/* ---- workers that do not start -------------------------------------------------------------- */

static unsigned errors_told;

static void note_error(void *user, struct pp_async *async, const struct pp_error *error)
{
    (void)async;
    errors_told++;
    assert_string_equal(error->text, user);
}

static void an_initializer_that_fails_or_dies_is_told_in_time(void **state)
{
    static const struct {
        const struct pp_task_table *table;
        const char *text;
    } cases[] = {
        {&tasks_refusing, "workers die at their start: no luck today"},
        {&tasks_dying, "workers die at their start: crashed with SIGSEGV"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct pp_tasks_settings settings = {.table = cases[i].table, .workers = 2};
        const struct pp_call call = {.function = "square",
                                     .chunk = 1,
                                     .error_callback = note_error,
                                     .user = (void *)(uintptr_t)cases[i].text};
        struct pp_tasks *tasks = tasks_started_with(&settings);
        uint64_t *numbers;
        struct pp_bytes *items = tasks_numbers(1000, &numbers);
        struct pp_async *async = NULL, *after = NULL;
        const double begin = tasks_now();
        struct pp_error err = {0};
        struct pp_result result;

        errors_told = 0;
        assert_int_equal(pp_tasks_map(tasks, &call, items, 1000, &async, &err), PP_E_INTERNAL);
        assert_string_equal(err.text, cases[i].text);
        assert_true(tasks_now() - begin < 10);
        assert_int_equal(errors_told, 1);
        assert_true(pp_async_result(async, 999, &result));
        assert_string_equal(result.text, cases[i].text);
        assert_int_equal(pp_tasks_map_async(tasks, &call, items, 1, &after, NULL), PP_E_INTERNAL);
        pp_tasks_close(tasks);
        assert_int_equal(pp_tasks_join(tasks, 10, NULL), PP_OK);
        pp_async_free(async);
        pp_tasks_free(tasks);
        free(items);
        free(numbers);
    }
}

static void a_program_without_the_table_is_told_in_time(void **state)
{
    static const struct pp_task_function functions[] = {{"x", NULL}, {NULL, NULL}};
    static const struct pp_task_table foreign = {.name = "foreign", .functions = functions};
    const struct pp_tasks_settings settings = {.table = &foreign, .workers = 1};
    const struct pp_tasks_settings none = {.workers = 1};
    struct pp_tasks *tasks = tasks_started_with(&settings), *nothing = NULL;
    struct pp_async *async = apply(tasks, "x", NULL, 0);
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_async_get(async, 30, &err), PP_E_INTERNAL);
    assert_string_equal(err.text, "workers die at their start: this program has no such service");
    pp_async_free(async);
    pp_tasks_free(tasks);
    assert_int_equal(pp_tasks_start(&none, &nothing, NULL), PP_E_USAGE);
}

/* ---- ending --------------------------------------------------------------------------------- */

static void terminating_cancels_what_has_no_result(void **state)
{
    struct pp_tasks *tasks = tasks_started(2);
    const struct pp_call call = {.function = "sleep"};
    const uint64_t ms = 30000;
    const struct pp_bytes items[] = {{&ms, 8}, {&ms, 8}, {&ms, 8}, {&ms, 8},
                                     {&ms, 8}, {&ms, 8}, {&ms, 8}, {&ms, 8}};
    const double begin = tasks_now();
    struct pp_async *async = NULL, *done = map_numbers(tasks, "square", 1, 10);
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_tasks_map_async(tasks, &call, items, 8, &async, NULL), PP_OK);
    assert_int_equal(pp_async_wait(async, 0.1, NULL), PP_E_TIMEOUT);
    pp_tasks_terminate(tasks);
    assert_true(tasks_now() - begin < 10);
    assert_int_equal(pp_async_get(async, 0, &err), PP_E_CANCELLED);
    assert_string_equal(err.text, "not done: the pool was terminated");
    assert_int_equal(pp_tasks_join(tasks, 10, NULL), PP_OK);
    assert_true(pp_async_successful(done));
    pp_async_free(async);
    pp_async_free(done);
    pp_tasks_free(tasks);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

static void freeing_a_pool_ends_its_calls(void **state)
{
    struct pp_tasks *tasks = tasks_started(2);
    const uint64_t ms = 30000;
    struct pp_async *kept = apply(tasks, "sleep", &ms, sizeof ms);

    (void)state;
    pp_async_free(apply(tasks, "sleep", &ms, sizeof ms));
    pp_tasks_free(tasks);
    assert_true(pp_async_ready(kept));
    assert_int_equal(pp_async_get(kept, -1, NULL), PP_E_CANCELLED);
    pp_async_free(kept);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void workers_die_with_their_supervisor(void **state)
{
    int ends[2];
    pid_t supervisor, worker = 0;
    double until;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    supervisor = fork();
    if (supervisor == 0) {
        struct pp_tasks *tasks = tasks_started(1);
        const pid_t pid = (pid_t)tasks_apply_number(tasks, "own_pid", 0);

        (void)!write(ends[1], &pid, sizeof pid);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    assert_int_equal(read(ends[0], &worker, sizeof worker), sizeof worker);
    for (until = tasks_now() + 10; tasks_process_lives(worker) && tasks_now() < until;)
        tasks_sleep_ms(2);
    assert_false(tasks_process_lives(worker));
    close(ends[0]);
    close(ends[1]);
}

/* ---- kills without end ---------------------------------------------------------------------- */

/* Numbers without end. */
static enum pp_status next_number(void *user, struct pp_bytes *item, struct pp_error *err)
{
    uint64_t *next = user;

    (void)err;
    ++*next;
    *item = (struct pp_bytes){next, sizeof *next};
    return PP_OK;
}

/* Each time some results have come, a worker is killed, whatever it is at. */
static void kill_workers(struct pp_stream *stream, unsigned kills)
{
    unsigned seed = 20240301;
    size_t index = 0;

    while (kills > 0) {
        const unsigned results = (unsigned)rand_r(&seed) % 200;
        struct pp_result result;
        uint64_t number;
        pid_t pids[8];
        int count;

        for (unsigned i = 0; i < results; i++, index++) {
            assert_int_equal(pp_stream_next(stream, 60, &result, NULL), PP_OK);
            assert_int_equal(result.index, index);
            if (result.status != PP_OK)
                fail_msg("item %zu: %s", index, result.text);
            memcpy(&number, result.data, sizeof number);
            assert_int_equal(number, (index + 1) * (index + 1));
        }
        count = tasks_children(pids, 8);
        if (count > 0 && kill(pids[(unsigned)rand_r(&seed) % (unsigned)count], SIGKILL) == 0)
            kills--;
    }
}

static void a_thousand_kills_lose_and_spoil_nothing(void **state)
{
    static const size_t chunks[] = {1, 5};
    const unsigned kills = getenv("PP_TEST_LONG") ? 5000 : KILLS;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint64_t next = 0;
        const struct pp_stream_settings settings = {
            .function = "square", .chunk = chunks[i], .next = next_number, .user = &next};
        struct pp_tasks *tasks = tasks_started(2);
        struct pp_stream *stream = NULL;

        assert_int_equal(pp_tasks_imap(tasks, &settings, &stream, NULL), PP_OK);
        kill_workers(stream, kills);
        pp_stream_free(stream);
        pp_tasks_free(tasks);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_costs_the_item_at_fault_alone),
        cmocka_unit_test(a_worker_that_exits_in_the_middle_costs_its_item),
        cmocka_unit_test(a_crash_is_retried_as_often_as_was_asked),
        cmocka_unit_test(a_hung_item_is_ended_at_its_deadline),
        cmocka_unit_test(a_deadline_is_each_items_own),
        cmocka_unit_test(idle_workers_that_are_killed_are_replaced),
        cmocka_unit_test(an_initializer_that_fails_or_dies_is_told_in_time),
        cmocka_unit_test(a_program_without_the_table_is_told_in_time),
        cmocka_unit_test(terminating_cancels_what_has_no_result),
        cmocka_unit_test(freeing_a_pool_ends_its_calls),
        cmocka_unit_test(workers_die_with_their_supervisor),
        cmocka_unit_test(a_thousand_kills_lose_and_spoil_nothing),
    };
    int status;

    if (pp_process_main(argc, argv, &tasks_program, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
