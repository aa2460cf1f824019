/* Conditions between processes and threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "support_sync.h"

#define SLEEPERS 6

/* `chances` is what those who sleep wait for: each takes one. */
struct room {
    struct pp_condition condition;
    struct pp_lock lock;
    struct pp_rlock rlock;
    uint32_t chances;
    uint32_t sleeping;
    uint32_t woken;
    uint32_t number;
};

static struct room *room;

static int set_up(void **state)
{
    room = sync_lend(state, sizeof *room);
    return 0;
}

/* ---- notifying ------------------------------------------------------------------------------ */

static bool sleep_until_there_is_a_chance(void *user)
{
    if (pp_lock_acquire(&room->lock, -1, NULL) != PP_OK)
        return false;
    __atomic_fetch_add(&room->sleeping, 1, __ATOMIC_ACQ_REL);
    while (room->chances == 0)
        if (pp_condition_wait(&room->condition, &room->lock, SYNC_PATIENCE_S, NULL) != PP_OK)
            return false;
    room->chances--;
    __atomic_fetch_add(&room->woken, 1, __ATOMIC_ACQ_REL);
    (void)user;
    return pp_lock_release(&room->lock, NULL) == PP_OK;
}

static void *sleep_in_a_thread(void *user)
{
    return sleep_until_there_is_a_chance(user) ? user : NULL;
}

/* Half of them processes, half threads. They sleep as soon as the lock can be had again. */
struct sleepers {
    pid_t children[SLEEPERS / 2];
    pthread_t threads[SLEEPERS / 2];
};

static void start(struct sleepers *sleepers)
{
    for (unsigned i = 0; i < SLEEPERS / 2; i++)
        sleepers->children[i] = sync_fork(sleep_until_there_is_a_chance, NULL);
    for (unsigned i = 0; i < SLEEPERS / 2; i++)
        assert_int_equal(pthread_create(&sleepers->threads[i], NULL, sleep_in_a_thread, room), 0);
    assert_true(sync_reaches(&room->sleeping, SLEEPERS));
}

static void finish(struct sleepers *sleepers)
{
    void *well;

    for (unsigned i = 0; i < SLEEPERS / 2; i++) {
        assert_true(sync_ended_well(sleepers->children[i]));
        assert_int_equal(pthread_join(sleepers->threads[i], &well), 0);
        assert_ptr_equal(well, room);
    }
    assert_int_equal(room->condition.waiting, 0);
}

static void give(uint32_t chances, uint32_t count)
{
    assert_int_equal(pp_lock_acquire(&room->lock, -1, NULL), PP_OK);
    room->chances += chances;
    pp_condition_notify(&room->condition, count);
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
}

static uint32_t woken_after_a_while(void)
{
    usleep(1000 * (PP_SYNC_RECHECK_MS + 50));
    return __atomic_load_n(&room->woken, __ATOMIC_ACQUIRE);
}

static void each_notification_lets_one_go_on(void **state)
{
    struct sleepers sleepers;

    (void)state;
    start(&sleepers);
    assert_int_equal(room->woken, 0);
    for (uint32_t i = 1; i <= SLEEPERS; i++) {
        give(1, 1);
        assert_true(sync_reaches(&room->woken, i));
    }
    finish(&sleepers);
}

static void notifying_some_lets_as_many_go_on_and_the_rest_later(void **state)
{
    struct sleepers sleepers;

    (void)state;
    start(&sleepers);
    give(2, 2);
    assert_true(sync_reaches(&room->woken, 2));
    assert_int_equal(woken_after_a_while(), 2);
    give(4, 4);
    finish(&sleepers);
    give(0, 3);
    assert_int_equal(room->woken, SLEEPERS);
}

static void notifying_all_lets_all_go_on(void **state)
{
    struct sleepers sleepers;

    (void)state;
    start(&sleepers);
    assert_int_equal(pp_lock_acquire(&room->lock, -1, NULL), PP_OK);
    room->chances = SLEEPERS;
    pp_condition_notify_all(&room->condition);
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
    finish(&sleepers);
}

static void a_notification_reaches_all_in_the_end_whomever_it_woke(void **state)
{
    struct sleepers sleepers;

    (void)state;
    /* Only one is woken; that it might be killed is why the others look. */
    start(&sleepers);
    give(SLEEPERS, 1);
    finish(&sleepers);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static bool notify_under_the_lock(void *user)
{
    (void)user;
    give(0, 1);
    return true;
}

static void a_wait_tells_notified_from_timed_out_and_holds_the_lock_after(void **state)
{
    struct pp_error err = {0};
    pid_t child;

    (void)state;
    assert_int_equal(pp_condition_wait(&room->condition, &room->lock, 0, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot wait: this thread does not hold the lock");
    assert_int_equal(pp_lock_acquire(&room->lock, 0, NULL), PP_OK);
    err = (struct pp_error){0};
    assert_int_equal(pp_condition_wait(&room->condition, &room->lock, 0, &err), PP_E_TIMEOUT);
    assert_string_equal(err.text, "nobody notified in time");
    assert_int_equal(pp_condition_wait(&room->condition, &room->lock, 0.3, NULL), PP_E_TIMEOUT);
    child = sync_fork(notify_under_the_lock, NULL);
    assert_int_equal(pp_condition_wait(&room->condition, &room->lock, SYNC_PATIENCE_S, NULL),
                     PP_OK);
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
    assert_int_equal(room->condition.waiting, 0);
    memset(&room->condition, 0xff, sizeof room->condition);
    pp_condition_init(&room->condition);
    assert_int_equal(room->condition.waiting, 0);
}

static bool is_four(void *user)
{
    const uint32_t *number = user;

    return *number == 4;
}

static bool is_one(void *user)
{
    const uint32_t *number = user;

    return *number == 1;
}

static bool count_to_four(void *user)
{
    const struct pp_predicate one = {.holds = is_one, .user = &room->number};
    bool well;

    (void)user;
    well = pp_lock_acquire(&room->lock, -1, NULL) == PP_OK &&
           pp_condition_wait_for(&room->condition, &room->lock, &one, -1, NULL) == PP_OK &&
           pp_lock_release(&room->lock, NULL) == PP_OK;
    for (unsigned i = 0; i < 3 && well; i++) {
        usleep(5000);
        well = pp_lock_acquire(&room->lock, -1, NULL) == PP_OK;
        room->number++;
        pp_condition_notify(&room->condition, 1);
        well = well && pp_lock_release(&room->lock, NULL) == PP_OK;
    }
    return well;
}

static void waiting_for_a_predicate_outlasts_notifications_that_are_not_enough(void **state)
{
    const struct pp_predicate four = {.holds = is_four, .user = &room->number};
    pid_t child = sync_fork(count_to_four, NULL);

    (void)state;
    assert_int_equal(pp_lock_acquire(&room->lock, -1, NULL), PP_OK);
    room->number = 1;
    pp_condition_notify(&room->condition, 1);
    assert_int_equal(pp_condition_wait_for(&room->condition, &room->lock, &four, -1, NULL), PP_OK);
    assert_int_equal(room->number, 4);
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
}

static bool count_to_three(void *user)
{
    (void)user;
    for (unsigned i = 0; i < 3; i++) {
        if (pp_lock_acquire(&room->lock, -1, NULL) != PP_OK)
            return false;
        room->number++;
        pp_condition_notify(&room->condition, 1);
        if (pp_lock_release(&room->lock, NULL) != PP_OK)
            return false;
    }
    return true;
}

static void a_predicate_that_never_holds_is_waited_for_no_longer_than_told(void **state)
{
    const struct pp_predicate four = {.holds = is_four, .user = &room->number};
    struct pp_error err = {0};
    pid_t child = sync_fork(count_to_three, NULL);

    (void)state;
    assert_int_equal(pp_lock_acquire(&room->lock, -1, NULL), PP_OK);
    assert_int_equal(pp_condition_wait_for(&room->condition, &room->lock, &four, 0.2, &err),
                     PP_E_TIMEOUT);
    assert_string_equal(err.text, "nobody notified in time");
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
}

/* ---- a lock held several times -------------------------------------------------------------- */

static bool get_in_between(void *user)
{
    (void)user;
    if (pp_rlock_acquire(&room->rlock, -1, NULL) != PP_OK)
        return false;
    room->number = 4;
    pp_condition_notify(&room->condition, 1);
    return pp_rlock_release(&room->rlock, NULL) == PP_OK;
}

static void a_wait_releases_all_levels_of_an_rlock_and_takes_them_again(void **state)
{
    const struct pp_predicate four = {.holds = is_four, .user = &room->number};
    struct pp_condition *condition = &room->condition;
    pid_t child;

    (void)state;
    assert_int_equal(pp_condition_wait_rlock(condition, &room->rlock, 0, NULL), PP_E_USAGE);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pp_rlock_acquire(&room->rlock, 0, NULL), PP_OK);
    child = sync_fork(get_in_between, NULL);
    assert_int_equal(pp_condition_wait_for_rlock(condition, &room->rlock, &four, -1, NULL), PP_OK);
    assert_true(sync_ended_well(child));
    assert_int_equal(pp_condition_wait_rlock(condition, &room->rlock, 0.01, NULL), PP_E_TIMEOUT);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pp_rlock_release(&room->rlock, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&room->rlock, NULL), PP_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_notification_lets_one_go_on, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(notifying_some_lets_as_many_go_on_and_the_rest_later,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(notifying_all_lets_all_go_on, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_notification_reaches_all_in_the_end_whomever_it_woke,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(
            a_wait_tells_notified_from_timed_out_and_holds_the_lock_after, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(
            waiting_for_a_predicate_outlasts_notifications_that_are_not_enough, set_up,
            sync_take_back),
        cmocka_unit_test_setup_teardown(
            a_predicate_that_never_holds_is_waited_for_no_longer_than_told, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_wait_releases_all_levels_of_an_rlock_and_takes_them_again,
                                        set_up, sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
