/* Queues between processes: waiting for each other, and for who is dead, stopped or busy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pixpool/queue.h>
#include <pixpool/shared.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/queue_bells.h"
#include "runtime/queue_slots.h"
#include "support_queue.h"

#define LONG_S 60.0 /* seconds: nothing takes as long unless it hangs */

static int put_number(struct pp_queue *queue, uint64_t number)
{
    return pp_queue_put(queue, &number, sizeof number, LONG_S, NULL);
}

static uint64_t got_number(struct pp_queue *queue, double seconds)
{
    uint64_t number = UINT64_MAX;
    struct pp_queue_item item = {.data = &number, .room = sizeof number};
    enum pp_status status = pp_queue_get(queue, &item, seconds, NULL);

    return status == PP_OK ? number : UINT64_MAX;
}

/* So long that a child which waits by now sleeps. */
static void let_it_sleep(void)
{
    usleep(50000);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static int get_seven(void *queue)
{
    return got_number(queue, LONG_S) == 7 ? 0 : 1;
}

static void a_getter_that_sleeps_is_woken_by_a_put(void **state)
{
    struct pp_queue *queue = new_queue(3, 100);
    pid_t child = start_child(get_seven, queue);

    (void)state;
    let_it_sleep();
    assert_int_equal(put_number(queue, 7), PP_OK);
    assert_int_equal(end_of_child(child), 0);
    pp_queue_free(queue);
}

static int put_nine(void *queue)
{
    return put_number(queue, 9);
}

static void a_putter_that_sleeps_is_woken_by_a_get(void **state)
{
    struct pp_queue *queue = new_queue(1, 100);

    (void)state;
    assert_int_equal(put_number(queue, 8), PP_OK);
    pid_t child = start_child(put_nine, queue);
    let_it_sleep();
    assert_int_equal(got_number(queue, 0), 8);
    assert_int_equal(got_number(queue, LONG_S), 9);
    assert_int_equal(end_of_child(child), 0);
    pp_queue_free(queue);
}

static int put_until_closed(void *queue)
{
    enum pp_status status;

    do
        status = pp_queue_put(queue, "x", 1, LONG_S, NULL);
    while (status == PP_OK);
    return status == PP_E_CLOSED ? 0 : 1;
}

static int get_until_closed(void *queue)
{
    char byte;
    struct pp_queue_item item = {.data = &byte, .room = 1};
    enum pp_status status;

    do
        status = pp_queue_get(queue, &item, LONG_S, NULL);
    while (status == PP_OK);
    return status == PP_E_CLOSED ? 0 : 1;
}

static void closing_wakes_all_who_wait(void **state)
{
    struct pp_queue *full = new_queue(1, 1), *empty = new_queue(1, 1);
    pid_t children[4];

    (void)state;
    children[0] = start_child(put_until_closed, full);
    children[1] = start_child(put_until_closed, full);
    children[2] = start_child(get_until_closed, empty);
    children[3] = start_child(get_until_closed, empty);
    let_it_sleep();
    assert_int_equal(pp_queue_close(full, NULL), PP_OK);
    assert_int_equal(pp_queue_close(empty, NULL), PP_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(end_of_child(children[i]), 0);
    pp_queue_free(full);
    pp_queue_free(empty);
}

/* ---- many ----------------------------------------------------------------------------------- */

#define NUMBERS UINT64_C(30000)

static int put_numbers(void *queue)
{
    unsigned char bytes[3000];

    for (uint64_t i = 1; i <= NUMBERS; i++) {
        size_t size = 8 + i % 40 * (i % 3 == 0) * 70;

        fill_item(bytes, size, i);
        if (pp_queue_put(queue, bytes, size, LONG_S, NULL) != PP_OK)
            return 1;
    }
    return 0;
}

struct adder {
    struct pp_queue *queue;
    uint64_t *sum, *count;
};

static int add_numbers(void *subject)
{
    struct adder *adder = subject;
    struct pp_queue_item item;
    enum pp_status status;

    while ((status = pp_queue_get_alloc(adder->queue, &item, LONG_S, NULL)) == PP_OK) {
        uint64_t id;

        memcpy(&id, item.data, sizeof id);
        if (!is_item(item.data, item.size, id))
            return 2;
        __atomic_fetch_add(adder->sum, id, __ATOMIC_RELAXED);
        __atomic_fetch_add(adder->count, 1, __ATOMIC_RELAXED);
        free(item.data);
    }
    return status == PP_E_CLOSED ? 0 : 1;
}

static void several_producers_and_consumers_add_up(void **state)
{
    struct pp_queue *queue = new_queue(50, 20000);
    struct pp_shared *shared = NULL;
    pid_t children[6];

    (void)state;
    assert_int_equal(pp_shared_create(2 * sizeof(uint64_t), &shared, NULL), PP_OK);
    uint64_t *sums = pp_shared_data(shared);
    struct adder adder = {queue, &sums[0], &sums[1]};
    for (int i = 0; i < 3; i++) {
        children[i] = start_child(put_numbers, queue);
        children[3 + i] = start_child(add_numbers, &adder);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(end_of_child(children[i]), 0);
    assert_int_equal(pp_queue_close(queue, NULL), PP_OK);
    for (int i = 3; i < 6; i++)
        assert_int_equal(end_of_child(children[i]), 0);
    assert_int_equal(sums[1], 3 * NUMBERS);
    assert_int_equal(sums[0], 3 * (NUMBERS * (NUMBERS + 1) / 2));
    assert_null(audit_queue(queue));
    pp_queue_free(queue);
    pp_shared_free(shared);
}

static int put_ten_to_twenty(void *queue)
{
    for (uint64_t i = 10; i < 20; i++)
        if (put_number(queue, i) != PP_OK)
            return 1;
    return 0;
}

static void a_forked_child_goes_on_where_its_parent_was(void **state)
{
    struct pp_queue *queue = new_queue(30, 1000);

    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(put_number(queue, i), PP_OK);
    pid_t child = start_child(put_ten_to_twenty, queue);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(got_number(queue, LONG_S), i);
    assert_int_equal(got_number(queue, 0), UINT64_MAX);
    assert_int_equal(end_of_child(child), 0);
    pp_queue_free(queue);
}

static int put_what_is_empty(void *subject)
{
    struct pp_queue *queue = subject;
    bool before = pp_queue_is_empty(queue), after;

    if (put_number(queue, before) != PP_OK)
        return 1;
    after = pp_queue_is_empty(queue);
    return put_number(queue, after);
}

static void what_was_put_is_there_at_once(void **state)
{
    struct pp_queue *queue = new_queue(3, 100);

    (void)state;
    assert_int_equal(end_of_child(start_child(put_what_is_empty, queue)), 0);
    assert_int_equal(got_number(queue, 0), true);
    assert_int_equal(got_number(queue, 0), false);
    pp_queue_free(queue);
}

/* ---- another program ------------------------------------------------------------------------ */

/* This program, executed again with a descriptor. */
static int run_executed(const char *word)
{
    struct pp_queue *queue = NULL;

    if (pp_queue_attach(atoi(word), &queue, NULL) != PP_OK)
        return 1;
    if (got_number(queue, LONG_S) != 41 || put_number(queue, 42) != PP_OK)
        return 2;
    pp_queue_free(queue);
    return 0;
}

static int execute_this_program(void *queue)
{
    char word[16];

    snprintf(word, sizeof word, "%d", pp_queue_fd(queue));
    fcntl(pp_queue_fd(queue), F_SETFD, 0);
    execl("/proc/self/exe", "test_queue_processes", word, (char *)NULL);
    return 127;
}

static void an_executed_child_attaches_by_the_descriptor(void **state)
{
    struct pp_queue *queue = new_queue(3, 100);

    (void)state;
    assert_int_equal(put_number(queue, 41), PP_OK);
    assert_int_equal(end_of_child(start_child(execute_this_program, queue)), 0);
    assert_int_equal(got_number(queue, 0), 42);
    pp_queue_free(queue);
}

/* ---- the stopped ---------------------------------------------------------------------------- */

static int stop_with_the_lock(void *queue)
{
    struct pp_patience patience = {.seconds = -1};

    if (pp_queue_lock(queue, &patience) != PP_OK)
        return 1;
    raise(SIGSTOP);
    pp_queue_unlock(queue);
    return 0;
}

static void await_stop(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
}

static void time_outs_are_kept_while_somebody_is_stopped_with_the_lock(void **state)
{
    struct pp_queue *queue = new_queue(3, 100);
    pid_t child = start_child(stop_with_the_lock, queue);
    uint64_t begin;

    (void)state;
    await_stop(child);
    begin = pp_clock_ns();
    assert_int_equal(pp_queue_put(queue, "x", 1, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_put(queue, "x", 1, 0.1, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_join(queue, 0.1, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_size(queue), 0);
    assert_true(pp_clock_ns() - begin < 30 * PP_NS_PER_S);
    kill(child, SIGCONT);
    assert_int_equal(pp_queue_put(queue, "x", 1, LONG_S, NULL), PP_OK);
    assert_int_equal(end_of_child(child), 0);
    pp_queue_free(queue);
}

static int stop_while_writing(void *subject)
{
    struct pp_queue *queue = subject;
    struct pp_patience patience = {.seconds = -1};

    if (pp_queue_lock(queue, &patience) != PP_OK)
        return 1;
    pp_slots_write(queue, pp_slots_reserve(queue, 4000));
    pp_queue_unlock(queue);
    raise(SIGSTOP);
    return 0;
}

static void others_go_past_a_writer_who_is_stopped_until_he_is_killed(void **state)
{
    struct pp_queue *queue = new_queue(2, 10000);
    unsigned char bytes[10000] = {0};
    struct pp_queue_item item = {.data = bytes, .room = sizeof bytes};

    (void)state;
    pid_t child = start_child(stop_while_writing, queue);
    await_stop(child);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(pp_queue_put(queue, bytes, 6000, 0, NULL), PP_OK);
        assert_int_equal(pp_queue_put(queue, bytes, 0, 0, NULL), PP_E_TIMEOUT);
        assert_int_equal(pp_queue_get(queue, &item, 0, NULL), PP_OK);
        assert_int_equal(item.size, 6000);
    }
    kill(child, SIGKILL);
    assert_int_equal(end_of_child(child), -1);
    assert_int_equal(pp_queue_put(queue, bytes, 10000, 0, NULL), PP_OK);
    assert_null(audit_queue(queue));
    pp_queue_free(queue);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_getter_that_sleeps_is_woken_by_a_put),
        cmocka_unit_test(a_putter_that_sleeps_is_woken_by_a_get),
        cmocka_unit_test(closing_wakes_all_who_wait),
        cmocka_unit_test(several_producers_and_consumers_add_up),
        cmocka_unit_test(a_forked_child_goes_on_where_its_parent_was),
        cmocka_unit_test(what_was_put_is_there_at_once),
        cmocka_unit_test(an_executed_child_attaches_by_the_descriptor),
        cmocka_unit_test(time_outs_are_kept_while_somebody_is_stopped_with_the_lock),
        cmocka_unit_test(others_go_past_a_writer_who_is_stopped_until_he_is_killed),
    };

    return argc == 2 ? run_executed(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
