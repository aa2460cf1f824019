/* Items that are tasks: taking, finishing, joining, and what becomes of the tasks of the dead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/queue.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "support_queue.h"

#define LONG_S 60.0 /* seconds: nothing takes as long unless it hangs */

static void put_byte(struct pp_queue *queue, char byte)
{
    assert_int_equal(pp_queue_put(queue, &byte, 1, LONG_S, NULL), PP_OK);
}

static enum pp_status get_byte(struct pp_queue *queue, char *byte)
{
    struct pp_queue_item item = {.data = byte, .room = 1};

    return pp_queue_get(queue, &item, LONG_S, NULL);
}

/* ---- joining -------------------------------------------------------------------------------- */

static void joining_waits_for_as_many_done_as_were_put(void **state)
{
    struct pp_queue *queue = new_queue(3, 10);
    struct pp_error few = {0}, many = {0};
    struct pp_queue_item item;
    uint64_t begin = pp_clock_ns();
    char byte;

    (void)state;
    assert_int_equal(pp_queue_join(queue, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_task_done(queue, &many), PP_E_USAGE);
    assert_string_equal(many.text, "more tasks done than were put");
    put_byte(queue, 'a');
    put_byte(queue, 'b');
    assert_int_equal(pp_queue_join(queue, 0.2, &few), PP_E_TIMEOUT);
    assert_string_equal(few.text, "the queue has tasks that are not done");
    assert_true(pp_clock_ns() - begin >= 200 * PP_NS_PER_MS);
    assert_int_equal(get_byte(queue, &byte), PP_OK);
    assert_int_equal(pp_queue_task_done(queue, NULL), PP_OK);
    assert_int_equal(pp_queue_take(queue, &item, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_join(queue, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_done(queue, &item, NULL), PP_OK);
    assert_int_equal(pp_queue_join(queue, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_task_done(queue, NULL), PP_E_USAGE);
    pp_queue_free(queue);
}

static int work_until_q(void *queue)
{
    char byte = 0;

    while (get_byte(queue, &byte) == PP_OK && byte != 'q') {
        usleep(2000);
        if (pp_queue_task_done(queue, NULL) != PP_OK)
            return 1;
    }
    return byte == 'q' ? 0 : 1;
}

static void joining_ends_when_the_workers_have_done_all(void **state)
{
    struct pp_queue *queue = new_queue(20, 20);
    pid_t workers[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        workers[i] = start_child(work_until_q, queue);
    for (char byte = '0'; byte <= '9'; byte++)
        put_byte(queue, byte);
    assert_int_equal(pp_queue_join(queue, LONG_S, NULL), PP_OK);
    assert_true(pp_queue_is_empty(queue));
    for (int i = 0; i < 4; i++)
        put_byte(queue, 'q');
    for (int i = 0; i < 4; i++)
        assert_int_equal(end_of_child(workers[i]), 0);
    pp_queue_free(queue);
}

/* ---- the dead ------------------------------------------------------------------------------- */

static int take_and_wait(void *queue)
{
    struct pp_queue_item item;

    if (pp_queue_take(queue, &item, LONG_S, NULL) != PP_OK || item.redelivered != 0)
        return 1;
    raise(SIGSTOP);
    return pp_queue_done(queue, &item, NULL);
}

static void await_stop(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
}

/* A child that has the next item, and is stopped. */
static pid_t start_taker(struct pp_queue *queue)
{
    pid_t child = start_child(take_and_wait, queue);

    await_stop(child);
    return child;
}

static void kill_child(pid_t child)
{
    kill(child, SIGKILL);
    assert_int_equal(end_of_child(child), -1);
}

static int work_until_closed(void *queue)
{
    struct pp_queue_item item;
    enum pp_status status;

    while ((status = pp_queue_take(queue, &item, LONG_S, NULL)) == PP_OK) {
        if (pp_queue_done(queue, &item, NULL) != PP_OK)
            return 1;
    }
    return status == PP_E_CLOSED ? 0 : 1;
}

static void what_the_dead_had_taken_is_the_next_to_be_got_and_says_so(void **state)
{
    struct pp_queue *queue = new_queue(5, 10);
    struct pp_queue_item item;
    pid_t first, second;

    (void)state;
    put_byte(queue, 'a');
    put_byte(queue, 'b');
    put_byte(queue, 'c');
    first = start_taker(queue);
    second = start_taker(queue);
    kill_child(second);
    kill_child(first);
    assert_int_equal(pp_queue_size(queue), 3);
    for (char byte = 'a'; byte <= 'c'; byte++) {
        assert_int_equal(pp_queue_take(queue, &item, 0, NULL), PP_OK);
        assert_int_equal(*(char *)item.data, byte);
        assert_int_equal(item.redelivered, byte < 'c' ? 1 : 0);
        assert_int_equal(pp_queue_done(queue, &item, NULL), PP_OK);
    }
    assert_int_equal(pp_queue_join(queue, 0, NULL), PP_OK);
    pp_queue_free(queue);
}

static void who_sleeps_notices_a_death_though_nobody_else_does_anything(void **state)
{
    struct pp_queue *queue = new_queue(5, 10);

    (void)state;
    put_byte(queue, 'a');
    pid_t taker = start_taker(queue);
    pid_t worker = start_child(work_until_closed, queue);
    usleep(50000);
    kill_child(taker);
    assert_int_equal(pp_queue_join(queue, LONG_S, NULL), PP_OK);
    assert_int_equal(pp_queue_close(queue, NULL), PP_OK);
    assert_int_equal(end_of_child(worker), 0);
    pp_queue_free(queue);
}

static void a_closed_queue_is_not_at_its_end_while_something_may_come_back(void **state)
{
    struct pp_queue *queue = new_queue(5, 10);
    struct pp_queue_item item;

    (void)state;
    put_byte(queue, 'a');
    put_byte(queue, 'b');
    pid_t dies = start_taker(queue), works = start_taker(queue);
    assert_int_equal(pp_queue_close(queue, NULL), PP_OK);
    assert_int_equal(pp_queue_take(queue, &item, 0.15, NULL), PP_E_TIMEOUT);
    kill_child(dies);
    assert_int_equal(pp_queue_take(queue, &item, LONG_S, NULL), PP_OK);
    assert_int_equal(*(char *)item.data, 'a');
    assert_int_equal(pp_queue_done(queue, &item, NULL), PP_OK);
    pid_t sleeper = start_child(work_until_closed, queue);
    usleep(50000);
    kill(works, SIGCONT);
    assert_int_equal(end_of_child(works), 0);
    assert_int_equal(end_of_child(sleeper), 0);
    assert_int_equal(pp_queue_take(queue, &item, LONG_S, NULL), PP_E_CLOSED);
    assert_int_equal(pp_queue_join(queue, 0, NULL), PP_OK);
    pp_queue_free(queue);
}

static void *take_and_end(void *queue)
{
    struct pp_queue_item item;

    return pp_queue_take(queue, &item, LONG_S, NULL) == PP_OK ? queue : NULL;
}

static void what_a_thread_took_comes_back_when_the_thread_ends(void **state)
{
    struct pp_queue *queue = new_queue(5, 10);
    struct pp_queue_item item;
    pthread_t thread;
    void *result;

    (void)state;
    put_byte(queue, 'a');
    assert_int_equal(pthread_create(&thread, NULL, take_and_end, queue), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, queue);
    assert_int_equal(pp_queue_take(queue, &item, LONG_S, NULL), PP_OK);
    assert_int_equal(item.redelivered, 1);
    assert_int_equal(pp_queue_done(queue, &item, NULL), PP_OK);
    pp_queue_free(queue);
}

static int take_and_execute(void *queue)
{
    struct pp_queue_item item;

    if (pp_queue_take(queue, &item, LONG_S, NULL) != PP_OK)
        return 1;
    raise(SIGSTOP);
    execl("/bin/sleep", "sleep", "60", (char *)NULL);
    return 127;
}

static void what_a_process_took_comes_back_when_it_becomes_another_program(void **state)
{
    struct pp_queue *queue = new_queue(5, 10);
    struct pp_queue_item item;

    (void)state;
    put_byte(queue, 'a');
    pid_t child = start_child(take_and_execute, queue);
    await_stop(child);
    kill(child, SIGCONT);
    assert_int_equal(pp_queue_take(queue, &item, LONG_S, NULL), PP_OK);
    assert_int_equal(item.redelivered, 1);
    assert_int_equal(pp_queue_done(queue, &item, NULL), PP_OK);
    kill_child(child);
    pp_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joining_waits_for_as_many_done_as_were_put),
        cmocka_unit_test(joining_ends_when_the_workers_have_done_all),
        cmocka_unit_test(what_the_dead_had_taken_is_the_next_to_be_got_and_says_so),
        cmocka_unit_test(who_sleeps_notices_a_death_though_nobody_else_does_anything),
        cmocka_unit_test(a_closed_queue_is_not_at_its_end_while_something_may_come_back),
        cmocka_unit_test(what_a_thread_took_comes_back_when_the_thread_ends),
        cmocka_unit_test(what_a_process_took_comes_back_when_it_becomes_another_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
