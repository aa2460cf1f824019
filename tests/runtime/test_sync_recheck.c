/*
 * Wake-ups that never come. Each test leaves memory as one leaves it who is killed between a change
 * and its wake-up, or between being woken and going on; moments too short to be hit by kills.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/futex.h>
#include <pixpool/sync.h>

#include "support_sync.h"

struct post {
    struct pp_lock lock;
    struct pp_condition condition;
    struct pp_semaphore semaphore;
    struct pp_event event;
    uint32_t begun;
};

static struct post *post;

static int set_up(void **state)
{
    post = sync_lend(state, sizeof *post);
    return 0;
}

/* A child that sleeps in `wait`. */
static pid_t asleep_in(bool (*wait)(void *user))
{
    pid_t child = sync_fork(wait, NULL);

    assert_true(sync_reaches(&post->begun, 1));
    assert_true(sync_sleeps(child));
    return child;
}

static void begin(void)
{
    __atomic_store_n(&post->begun, 1, __ATOMIC_RELEASE);
}

static bool wait_for_lock(void *user)
{
    (void)user;
    begin();
    return pp_lock_acquire(&post->lock, -1, NULL) == PP_OK &&
           pp_lock_release(&post->lock, NULL) == PP_OK;
}

static void a_lock_taken_past_a_woken_and_killed_waiter_strands_no_other(void **state)
{
    pid_t child;

    (void)state;
    assert_int_equal(pp_lock_acquire(&post->lock, 0, NULL), PP_OK);
    child = asleep_in(wait_for_lock);
    /* So it is when this process got the lock while the one to be woken was killed: nothing in the
     * mutex tells of those who sleep behind it. */
    __atomic_fetch_and((uint32_t *)(void *)post->lock.mutex, ~(uint32_t)FUTEX_WAITERS,
                       __ATOMIC_SEQ_CST);
    assert_int_equal(pp_lock_release(&post->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
}

static bool wait_for_unit(void *user)
{
    (void)user;
    begin();
    return pp_semaphore_acquire(&post->semaphore, -1, NULL) == PP_OK;
}

static void a_unit_added_by_one_who_was_killed_before_waking_is_found(void **state)
{
    pid_t child = asleep_in(wait_for_unit);

    (void)state;
    __atomic_fetch_add(&post->semaphore.units, 1, __ATOMIC_SEQ_CST);
    assert_true(sync_ended_well(child));
    assert_int_equal(pp_semaphore_value(&post->semaphore), 0);
}

static bool wait_for_event(void *user)
{
    (void)user;
    begin();
    return pp_event_wait(&post->event, -1, NULL) == PP_OK;
}

static void an_event_set_by_one_who_was_killed_before_waking_is_found(void **state)
{
    struct pp_event set = {0};
    pid_t child = asleep_in(wait_for_event);

    (void)state;
    pp_event_set(&set);
    __atomic_store_n(&post->event.word, set.word, __ATOMIC_SEQ_CST);
    assert_true(sync_ended_well(child));
}

static bool wait_for_notification(void *user)
{
    bool well = pp_lock_acquire(&post->lock, -1, NULL) == PP_OK;

    (void)user;
    begin();
    return well && pp_condition_wait(&post->condition, &post->lock, -1, NULL) == PP_OK &&
           pp_lock_release(&post->lock, NULL) == PP_OK;
}

static void a_notification_by_one_who_was_killed_before_waking_is_found(void **state)
{
    pid_t child = asleep_in(wait_for_notification);

    (void)state;
    __atomic_fetch_add(&post->condition.sequence, 1, __ATOMIC_SEQ_CST);
    assert_true(sync_ended_well(child));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_lock_taken_past_a_woken_and_killed_waiter_strands_no_other, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_unit_added_by_one_who_was_killed_before_waking_is_found,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(an_event_set_by_one_who_was_killed_before_waking_is_found,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_notification_by_one_who_was_killed_before_waking_is_found,
                                        set_up, sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
