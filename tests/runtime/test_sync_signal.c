/* Signals that come to one who waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>
#include <signal.h>
#include <unistd.h>

#include "support_sync.h"

struct post {
    struct pp_lock lock;
    struct pp_condition condition;
    struct pp_semaphore semaphore;
    struct pp_event event;
    uint32_t step;
    uint32_t signals;
};

static struct post *post;

static void note(int number)
{
    (void)number;
    __atomic_fetch_add(&post->signals, 1, __ATOMIC_SEQ_CST);
}

static void reach(uint32_t step)
{
    __atomic_store_n(&post->step, step, __ATOMIC_SEQ_CST);
}

/* Waits for one after the other, each of which its parent ends after a signal. */
static bool wait_for_all(void *user)
{
    const struct sigaction action = {.sa_handler = note};
    bool well = sigaction(SIGUSR1, &action, NULL) == 0;

    (void)user;
    reach(1);
    well = well && pp_event_wait(&post->event, -1, NULL) == PP_OK;
    reach(2);
    well = well && pp_semaphore_acquire(&post->semaphore, -1, NULL) == PP_OK;
    reach(3);
    well = well && pp_lock_acquire(&post->lock, -1, NULL) == PP_OK;
    reach(4);
    well = well && pp_condition_wait(&post->condition, &post->lock, -1, NULL) == PP_OK;
    reach(5);
    return well && pp_lock_release(&post->lock, NULL) == PP_OK;
}

/* It has had a signal in its wait, and waits still. */
static void signal_it(pid_t child, uint32_t step)
{
    assert_true(sync_reaches(&post->step, step));
    assert_true(sync_sleeps(child));
    assert_int_equal(kill(child, SIGUSR1), 0);
    assert_true(sync_reaches(&post->signals, step));
    assert_true(sync_sleeps(child));
    assert_int_equal(post->step, step);
}

static void a_signal_that_is_handled_does_not_end_a_wait(void **state)
{
    pid_t child;

    (void)state;
    post = sync_map(sizeof *post);
    assert_int_equal(pp_lock_acquire(&post->lock, 0, NULL), PP_OK);
    child = sync_fork(wait_for_all, NULL);
    signal_it(child, 1);
    pp_event_set(&post->event);
    signal_it(child, 2);
    assert_int_equal(pp_semaphore_release(&post->semaphore, NULL), PP_OK);
    signal_it(child, 3);
    assert_int_equal(pp_lock_release(&post->lock, NULL), PP_OK);
    signal_it(child, 4);
    assert_int_equal(pp_lock_acquire(&post->lock, -1, NULL), PP_OK);
    pp_condition_notify(&post->condition, 1);
    assert_int_equal(pp_lock_release(&post->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
    sync_unmap(post, sizeof *post);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_that_is_handled_does_not_end_a_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
