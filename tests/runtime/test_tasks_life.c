/* A pool's callbacks, who drives it, and the order of its ending. */
#include "support_tasks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct heard {
    struct pp_tasks *tasks;
    unsigned good, bad;
    uint64_t number;
    enum pp_status waited;
    char text[64];
};

static void note_good(void *user, struct pp_async *async)
{
    struct heard *heard = user;

    heard->good++;
    heard->number = tasks_number_of(async, 0);
}

static void note_bad(void *user, struct pp_async *async, const struct pp_error *error)
{
    struct heard *heard = user;

    assert_true(pp_async_ready(async));
    heard->bad++;
    memcpy(heard->text, error->text, strlen(error->text) + 1);
}

static void callbacks_are_called_once_each(void **state)
{
    struct heard heard = {0};
    const struct pp_call call = {
        .function = "only_even", .callback = note_good, .error_callback = note_bad, .user = &heard};
    struct pp_tasks *tasks = tasks_started(2);
    const uint64_t number = 4;
    const struct pp_bytes argument = {&number, sizeof number};
    struct pp_async *async = tasks_begin(tasks, &call, 7);

    (void)state;
    assert_int_equal(pp_tasks_apply_async(tasks, &call, &argument, NULL, NULL), PP_OK);
    pp_tasks_close(tasks);
    assert_int_equal(pp_tasks_join(tasks, 30, NULL), PP_OK);
    assert_int_equal(heard.good, 1);
    assert_int_equal(heard.number, 4);
    assert_int_equal(heard.bad, 1);
    assert_string_equal(heard.text, "7 is odd");
    pp_async_free(async);
    pp_tasks_free(tasks);
}

/* Submits another until the number is 0, and may not wait. */
static void go_on(void *user, struct pp_async *async)
{
    struct heard *heard = user;
    const struct pp_call call = {.function = "square", .callback = go_on, .user = heard};
    const struct pp_bytes argument = {&heard->number, sizeof heard->number};

    (void)async;
    heard->good++;
    heard->waited = pp_tasks_step(heard->tasks, 0, NULL);
    if (heard->number > 0 && heard->number--)
        assert_int_equal(pp_tasks_apply_async(heard->tasks, &call, &argument, NULL, NULL), PP_OK);
}

static void a_callback_may_submit_and_may_not_wait(void **state)
{
    struct heard heard = {.number = 200};
    const struct pp_call call = {.function = "square", .callback = go_on, .user = &heard};
    struct pp_tasks *tasks = tasks_started(2);

    (void)state;
    heard.tasks = tasks;
    for (int i = 0; i < 3; i++)
        pp_async_free(tasks_begin(tasks, &call, 1));
    while (heard.good < 203)
        assert_int_equal(pp_tasks_step(tasks, 30, NULL), PP_OK);
    assert_int_equal(heard.waited, PP_E_USAGE);
    pp_tasks_free(tasks);
}

static void free_own_handle(void *user, struct pp_async *async)
{
    struct pp_async **handle = user;

    assert_ptr_equal(async, *handle);
    pp_async_free(async);
    *handle = NULL;
}

static void a_callback_may_free_the_handle(void **state)
{
    struct pp_async *async = NULL;
    const struct pp_call call = {.function = "square", .callback = free_own_handle, .user = &async};
    struct pp_tasks *tasks = tasks_started(1);

    (void)state;
    async = tasks_begin(tasks, &call, 3);
    while (async)
        assert_int_equal(pp_tasks_step(tasks, 30, NULL), PP_OK);
    pp_tasks_free(tasks);
}

/* ---- the pool's life ------------------------------------------------------------------------ */

static void the_order_of_ending_is_kept_to(void **state)
{
    const struct pp_call call = {.function = "square"}, unknown = {.function = "cube"};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *async = tasks_begin(tasks, &call, 6), *none = NULL;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_tasks_join(tasks, 0, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot join a pool that is not closed");
    assert_int_equal(pp_tasks_map_async(tasks, &unknown, NULL, 0, &none, NULL), PP_E_USAGE);
    pp_tasks_close(tasks);
    assert_int_equal(pp_tasks_map_async(tasks, &call, NULL, 0, &none, NULL), PP_E_CLOSED);
    assert_null(none);
    assert_int_equal(pp_tasks_join(tasks, 30, NULL), PP_OK);
    assert_int_equal(pp_tasks_join(tasks, 30, NULL), PP_OK);
    assert_int_equal(pp_tasks_fd(tasks), -1);
    pp_tasks_free(tasks);
    assert_int_equal(tasks_number_of(async, 0), 36); /* it outlives the pool */
    pp_async_free(async);
    pp_tasks_free(NULL);
    pp_async_free(NULL);
}

static void the_initializer_gets_its_argument(void **state)
{
    const size_t size = 3 << 20;
    char *text = malloc(size);
    const struct pp_tasks_settings settings = {
        .table = &tasks_table, .workers = 2, .argument = text, .size = size};
    const struct pp_call call = {.function = "told_at_start"};
    struct pp_result result;
    struct pp_tasks *tasks;
    struct pp_async *async;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', size);
    tasks = tasks_started_with(&settings);
    async = tasks_begin(tasks, &call, 0);
    assert_int_equal(pp_async_get(async, 60, NULL), PP_OK);
    assert_true(pp_async_result(async, 0, &result));
    assert_int_equal(result.size, size);
    assert_memory_equal(result.data, text, size);
    pp_async_free(async);
    pp_tasks_free(tasks);
    free(text);
}

static void a_loop_of_ones_own_can_drive(void **state)
{
    const struct pp_call call = {.function = "sleep"};
    struct pp_tasks *tasks = tasks_started(2);
    struct pp_async *asyncs[6];
    size_t ready = 0;

    (void)state;
    for (uint64_t i = 0; i < 6; i++)
        asyncs[i] = tasks_begin(tasks, &call, 10 * i);
    while (ready < 6) {
        struct pollfd events = {.fd = pp_tasks_fd(tasks), .events = POLLIN};

        assert_true(poll(&events, 1, pp_tasks_wait_ms(tasks)) >= 0);
        assert_int_equal(pp_tasks_step(tasks, 0, NULL), PP_OK);
        ready = 0;
        for (uint64_t i = 0; i < 6; i++)
            ready += pp_async_ready(asyncs[i]);
    }
    for (uint64_t i = 0; i < 6; i++)
        pp_async_free(asyncs[i]);
    pp_tasks_free(tasks);
}

static void a_full_queue_drives_the_pool(void **state)
{
    const struct pp_tasks_settings settings = {.table = &tasks_table, .workers = 2, .queue = 5};
    const struct pp_call call = {.function = "square"};
    struct pp_tasks *tasks = tasks_started_with(&settings);
    struct pp_async *asyncs[200];
    size_t waiting = 0;

    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        asyncs[i] = tasks_begin(tasks, &call, i);
        waiting = 0;
        for (uint64_t j = 0; j <= i; j++)
            waiting += !pp_async_ready(asyncs[j]);
        assert_in_range(waiting, 0, 5);
    }
    for (uint64_t i = 0; i < 200; i++) {
        assert_int_equal(pp_async_get(asyncs[i], 30, NULL), PP_OK);
        assert_int_equal(tasks_number_of(asyncs[i], 0), i * i);
        pp_async_free(asyncs[i]);
    }
    pp_tasks_free(tasks);
}

static void do_nothing(int number)
{
    (void)number;
}

static void interruptions_do_not_end_a_call(void **state)
{
    const struct sigaction action = {.sa_handler = do_nothing};
    struct pp_tasks *tasks = tasks_started(2);
    const pid_t parent = getpid(), nagger = fork();

    (void)state;
    if (nagger == 0) {
        for (int i = 0; i < 60; i++) {
            tasks_sleep_ms(3);
            kill(parent, SIGUSR1);
        }
        _exit(0);
    }
    sigaction(SIGUSR1, &action, NULL);
    assert_int_equal(tasks_apply_number(tasks, "sleep", 100), 10000);
    for (uint64_t i = 0; i < 300; i++)
        assert_int_equal(tasks_apply_number(tasks, "square", i), i * i);
    while (waitpid(nagger, NULL, 0) != nagger)
        assert_int_equal(errno, EINTR);
    signal(SIGUSR1, SIG_DFL);
    pp_tasks_free(tasks);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_are_called_once_each),
        cmocka_unit_test(a_callback_may_submit_and_may_not_wait),
        cmocka_unit_test(a_callback_may_free_the_handle),
        cmocka_unit_test(the_order_of_ending_is_kept_to),
        cmocka_unit_test(the_initializer_gets_its_argument),
        cmocka_unit_test(a_loop_of_ones_own_can_drive),
        cmocka_unit_test(interruptions_do_not_end_a_call),
        cmocka_unit_test(a_full_queue_drives_the_pool),
    };
    int status;

    if (pp_process_main(argc, argv, &tasks_program, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
