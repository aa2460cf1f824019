/* Conditions through a manager, and what deaths do to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "support_manager.h"

#define LONG    20 /* seconds: what is waited for comes much sooner */
#define WAITERS 5

/* The lock is put down by the wait alone: whoever has it after `n` was counted knows that so many
 * wait. */
static enum pp_status count_and_wait(struct pp_manager *manager, double seconds)
{
    if (pp_manager_lock_acquire(manager, "lock", LONG, NULL) != PP_OK ||
        pp_manager_number_add(manager, "n", 1, NULL, NULL) != PP_OK)
        return PP_E_INTERNAL;
    return pp_manager_condition_wait(manager, "c", "lock", seconds, NULL);
}

/* Returns with the lock held. */
static void lock_with_waiters(struct pp_manager *manager, int64_t count)
{
    for (unsigned tries = 0; tries < 20000; tries++) {
        int64_t number;

        assert_int_equal(pp_manager_lock_acquire(manager, "lock", LONG, NULL), PP_OK);
        assert_int_equal(pp_manager_number_get(manager, "n", &number, NULL), PP_OK);
        if (number == count)
            return;
        assert_int_equal(pp_manager_lock_release(manager, "lock", NULL), PP_OK);
        usleep(1000);
    }
    fail_msg("they do not come to wait");
}

static int64_t number(struct pp_manager *manager, const char *name)
{
    int64_t value;

    assert_int_equal(pp_manager_number_get(manager, name, &value, NULL), PP_OK);
    return value;
}

/* 0: it was notified and has the lock. One whom nobody lets go on is ended, which is no result that
 * any test expects; with a time-out it would hear of deaths in the end. */
static int wait_and_go_on(struct pp_manager *manager)
{
    enum pp_status status;

    alarm(LONG);
    status = count_and_wait(manager, -1);
    if (status != PP_OK)
        return (int)status;
    if (pp_manager_number_add(manager, "gone on", 1, NULL, NULL) != PP_OK)
        return 98;
    return pp_manager_lock_release(manager, "lock", NULL) == PP_OK ? 0 : 99;
}

static void a_notification_lets_one_go_on_who_has_the_lock_then(void **state)
{
    pid_t clients[WAITERS];

    for (unsigned i = 0; i < WAITERS; i++)
        clients[i] = manager_client(*state, wait_and_go_on);
    lock_with_waiters(*state, WAITERS);
    for (int64_t i = 1; i <= WAITERS; i++) {
        assert_int_equal(pp_manager_condition_notify(*state, "c", 1, NULL), PP_OK);
        assert_int_equal(number(*state, "gone on"), i - 1);
        assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
        /* It comes before us, since it waits for the lock already; no other does. */
        assert_int_equal(pp_manager_lock_acquire(*state, "lock", LONG, NULL), PP_OK);
        assert_int_equal(number(*state, "gone on"), i);
    }
    for (unsigned i = 0; i < WAITERS; i++)
        assert_int_equal(manager_client_result(clients[i]), 0);
}

static void notifying_some_or_all_lets_so_many_go_on(void **state)
{
    pid_t clients[WAITERS];

    for (unsigned i = 0; i < WAITERS; i++)
        clients[i] = manager_client(*state, wait_and_go_on);
    lock_with_waiters(*state, WAITERS);
    assert_int_equal(pp_manager_condition_notify(*state, "c", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_condition_notify(*state, "c", 2, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", LONG, NULL), PP_OK);
    assert_int_equal(number(*state, "gone on"), 2);
    assert_int_equal(pp_manager_condition_notify_all(*state, "c", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    for (unsigned i = 0; i < WAITERS; i++)
        assert_int_equal(manager_client_result(clients[i]), 0);
    assert_int_equal(number(*state, "gone on"), WAITERS);
}

static void without_one_who_waits_a_notification_is_gone(void **state)
{
    assert_int_equal(pp_manager_condition_notify(*state, "c", 3, NULL), PP_OK);
    assert_int_equal(pp_manager_condition_notify_all(*state, "c", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_condition_wait(*state, "c", "lock", 0, NULL), PP_E_TIMEOUT);
}

static void a_wait_without_a_notification_ends_in_time_with_the_lock(void **state)
{
    static const double times[] = {0, 0.02};
    struct pp_manager *other = manager_connect(*state);
    struct pp_error err = {0};

    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
        assert_int_equal(pp_manager_condition_wait(*state, "c", "lock", times[i], &err),
                         PP_E_TIMEOUT);
        assert_string_equal(err.text, "nobody notified in time");
        assert_int_equal(pp_manager_lock_acquire(other, "lock", 0, NULL), PP_E_TIMEOUT);
        assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    }
    pp_manager_free(other);
}

static void a_lock_taken_twice_is_put_down_and_taken_twice_again(void **state)
{
    pid_t client;
    enum pp_status status;

    assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
    client = manager_client(*state, wait_and_go_on);
    while (number(*state, "n") == 0) {
        status = pp_manager_condition_wait(*state, "c", "lock", 0.001, NULL);
        assert_int_equal(status, PP_E_TIMEOUT);
    }
    /* It waits now: between its counting and its wait it has the lock, which we have again. */
    assert_int_equal(pp_manager_condition_notify(*state, "c", 1, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(number(*state, "gone on"), 0);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_E_USAGE);
    assert_int_equal(manager_client_result(client), 0);
}

static void who_does_not_hold_the_lock_cannot_wait(void **state)
{
    struct pp_manager *other = manager_connect(*state);
    struct pp_error err = {0};

    assert_int_equal(pp_manager_condition_wait(*state, "c", "lock", 0, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot wait: the lock is not held");
    assert_int_equal(pp_manager_lock_acquire(other, "lock", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_condition_wait(*state, "c", "lock", LONG, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_condition_wait(other, "c", "c", LONG, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_condition_wait(other, "lock", "lock", LONG, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_lock_release(other, "lock", NULL), PP_OK);
    pp_manager_free(other);
}

/* One who is notified and killed before he has the lock hands it on. */
static void a_killed_waiters_notification_goes_to_the_next(void **state)
{
    pid_t first = manager_client(*state, wait_and_go_on), second;

    lock_with_waiters(*state, 1);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    second = manager_client(*state, wait_and_go_on);
    lock_with_waiters(*state, 2);
    assert_int_equal(pp_manager_condition_notify(*state, "c", 1, NULL), PP_OK);
    kill(first, SIGKILL);
    assert_int_equal(manager_client_result(first), 1000 + SIGKILL);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(manager_client_result(second), 0);
    assert_int_equal(number(*state, "gone on"), 1);
}

static int die_with_the_lock(struct pp_manager *manager)
{
    if (pp_manager_lock_acquire(manager, "lock", LONG, NULL) != PP_OK)
        return 1;
    raise(SIGKILL);
    return 2;
}

/* Whoever holds the lock may have changed what the others wait for. */
static void those_who_wait_hear_of_the_death_of_the_locks_holder(void **state)
{
    pid_t first = manager_client(*state, wait_and_go_on), second, dying;

    lock_with_waiters(*state, 1);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    second = manager_client(*state, wait_and_go_on);
    lock_with_waiters(*state, 2);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    dying = manager_client(*state, die_with_the_lock);
    assert_int_equal(manager_client_result(dying), 1000 + SIGKILL);
    /* The first is told, and ends with the lock in its hand, so that the second is told as well. */
    assert_int_equal(manager_client_result(first), PP_E_OWNER_DIED);
    assert_int_equal(manager_client_result(second), PP_E_OWNER_DIED);
}

static void who_waits_is_told_when_condition_or_lock_is_deleted(void **state)
{
    static const char *const names[] = {"c", "lock"};

    for (unsigned i = 0; i < 2; i++) {
        pid_t client;

        assert_int_equal(pp_manager_number_set(*state, "n", 0, NULL), PP_OK);
        client = manager_client(*state, wait_and_go_on);
        lock_with_waiters(*state, 1);
        assert_int_equal(pp_manager_delete(*state, names[i], NULL, NULL), PP_OK);
        assert_int_equal(manager_client_result(client), PP_E_CLOSED);
        if (i == 0)
            assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    }
}

static void who_is_notified_goes_on_though_the_condition_is_deleted(void **state)
{
    pid_t client = manager_client(*state, wait_and_go_on);

    lock_with_waiters(*state, 1);
    assert_int_equal(pp_manager_condition_notify(*state, "c", 1, NULL), PP_OK);
    assert_int_equal(pp_manager_delete(*state, "c", NULL, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(manager_client_result(client), 0);
}

/* Take what there is, for ever; wait where there is nothing. */
static int take_until_killed(struct pp_manager *manager)
{
    for (;;) {
        enum pp_status status = pp_manager_lock_acquire(manager, "lock", LONG, NULL);
        struct pp_bytes item;

        while (status == PP_OK || status == PP_E_OWNER_DIED) {
            if (pp_manager_list_pop(manager, "things", 0, &item, NULL) != PP_OK)
                return 1;
            if (item.data)
                break;
            status = pp_manager_condition_wait(manager, "c", "lock", -1, NULL);
        }
        if ((status != PP_OK && status != PP_E_OWNER_DIED) ||
            pp_manager_number_add(manager, "taken", 1, NULL, NULL) != PP_OK ||
            pp_manager_lock_release(manager, "lock", NULL) != PP_OK)
            return 2;
    }
}

static void put_one(struct pp_manager *manager)
{
    const enum pp_status status = pp_manager_lock_acquire(manager, "lock", LONG, NULL);

    assert_true(status == PP_OK || status == PP_E_OWNER_DIED);
    assert_int_equal(pp_manager_list_append(manager, "things", bytes_of("x"), NULL), PP_OK);
    assert_int_equal(pp_manager_condition_notify(manager, "c", 1, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(manager, "lock", NULL), PP_OK);
}

/* Each thing is notified of once; were a notification lost with a dead, one would be left while
 * somebody waits. */
static void three_hundred_killed_waiters_lose_no_notification(void **state)
{
    pid_t clients[WAITERS];
    uint64_t left = 1;

    for (unsigned i = 0; i < WAITERS; i++)
        clients[i] = manager_client(*state, take_until_killed);
    for (unsigned kills = 0; kills < 300; kills++) {
        const unsigned victim = (unsigned)rand() % WAITERS;

        for (unsigned puts = (unsigned)rand() % 4; puts > 0; puts--)
            put_one(*state);
        usleep((useconds_t)rand() % 1000);
        kill(clients[victim], SIGKILL);
        assert_int_equal(manager_client_result(clients[victim]), 1000 + SIGKILL);
        clients[victim] = manager_client(*state, take_until_killed);
    }
    for (unsigned tries = 0; left > 0 && tries < LONG * 1000; tries++) {
        usleep(1000);
        assert_int_equal(pp_manager_list_length(*state, "things", &left, NULL), PP_OK);
    }
    assert_int_equal(left, 0);
    assert_true(number(*state, "taken") > 0);
    for (unsigned i = 0; i < WAITERS; i++) {
        kill(clients[i], SIGKILL);
        assert_int_equal(manager_client_result(clients[i]), 1000 + SIGKILL);
    }
}

#define MANAGER_TEST(test) cmocka_unit_test_setup_teardown(test, manager_begin, manager_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANAGER_TEST(a_notification_lets_one_go_on_who_has_the_lock_then),
        MANAGER_TEST(notifying_some_or_all_lets_so_many_go_on),
        MANAGER_TEST(without_one_who_waits_a_notification_is_gone),
        MANAGER_TEST(a_wait_without_a_notification_ends_in_time_with_the_lock),
        MANAGER_TEST(a_lock_taken_twice_is_put_down_and_taken_twice_again),
        MANAGER_TEST(who_does_not_hold_the_lock_cannot_wait),
        MANAGER_TEST(a_killed_waiters_notification_goes_to_the_next),
        MANAGER_TEST(those_who_wait_hear_of_the_death_of_the_locks_holder),
        MANAGER_TEST(who_waits_is_told_when_condition_or_lock_is_deleted),
        MANAGER_TEST(who_is_notified_goes_on_though_the_condition_is_deleted),
        MANAGER_TEST(three_hundred_killed_waiters_lose_no_notification),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
