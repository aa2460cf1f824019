/* What processes wait for each other with, through a manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support_manager.h"

#define LONG 20 /* seconds: what is waited for comes much sooner */

static int hold_and_go(struct pp_manager *manager)
{
    return pp_manager_lock_acquire(manager, "lock", LONG, NULL) == PP_OK ? 0 : 1;
}

static void a_lock_comes_back_from_a_process_that_ends(void **state)
{
    struct pp_error err = {0};

    assert_int_equal(manager_client_result(manager_client(*state, hold_and_go)), 0);
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", LONG, &err), PP_E_OWNER_DIED);
    assert_string_equal(err.text, "taken, but its holder before died");
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", LONG, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
}

static void a_lock_belongs_to_the_handle_that_took_it(void **state)
{
    struct pp_manager *other = manager_connect(*state);
    struct pp_error err = {0};

    assert_int_equal(pp_manager_lock_release(*state, "lock", &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot release what was not acquired");
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(*state, "lock", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(other, "lock", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_lock_acquire(other, "lock", 0.02, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_lock_release(other, "lock", NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(other, "lock", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_lock_release(*state, "lock", NULL), PP_OK);
    assert_int_equal(pp_manager_lock_acquire(other, "lock", 0, NULL), PP_OK);
    pp_manager_free(other);
}

/* Alone between acquiring and releasing, it adds to what it read before. */
static int count_slowly(struct pp_manager *manager)
{
    for (unsigned i = 0; i < 100; i++) {
        int64_t number;

        if (pp_manager_lock_acquire(manager, "lock", LONG, NULL) != PP_OK ||
            pp_manager_number_get(manager, "n", &number, NULL) != PP_OK ||
            pp_manager_number_set(manager, "n", number + 1, NULL) != PP_OK ||
            pp_manager_lock_release(manager, "lock", NULL) != PP_OK)
            return 1;
    }
    return 0;
}

static void only_one_holds_a_lock(void **state)
{
    pid_t clients[4];
    int64_t number;

    for (unsigned i = 0; i < 4; i++)
        clients[i] = manager_client(*state, count_slowly);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(manager_client_result(clients[i]), 0);
    assert_int_equal(pp_manager_number_get(*state, "n", &number, NULL), PP_OK);
    assert_int_equal(number, 400);
}

static int hold_units_for_ever(struct pp_manager *manager)
{
    if (pp_manager_semaphore_acquire(manager, "s", LONG, NULL) != PP_OK ||
        pp_manager_semaphore_acquire(manager, "s", LONG, NULL) != PP_OK)
        return 1;
    pause();
    return 2;
}

static void a_semaphore_has_as_many_units_as_it_was_made_with(void **state)
{
    pid_t client;

    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", 0, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_make(*state, "s", PP_MANAGER_SEMAPHORE, 3, NULL), PP_OK);
    client = manager_client(*state, hold_units_for_ever);
    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", LONG, NULL), PP_OK);
    while (pp_manager_semaphore_acquire(*state, "s", 0, NULL) == PP_OK) {
        assert_int_equal(pp_manager_semaphore_release(*state, "s", NULL), PP_OK);
        usleep(1000);
    }
    kill(client, SIGKILL);
    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", LONG, NULL), PP_OK);
    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", LONG, NULL), PP_OK);
    assert_int_equal(pp_manager_semaphore_acquire(*state, "s", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(manager_client_result(client), 1000 + SIGKILL);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pp_manager_semaphore_release(*state, "s", NULL), PP_OK);
    assert_int_equal(pp_manager_semaphore_release(*state, "s", NULL), PP_E_USAGE);
}

static int wait_then_clear(struct pp_manager *manager)
{
    if (pp_manager_event_wait(manager, "e", LONG, NULL) != PP_OK ||
        pp_manager_event_clear(manager, "e", NULL) != PP_OK)
        return 1;
    return pp_manager_event_wait(manager, "e", 0.001, NULL) == PP_E_TIMEOUT ? 0 : 2;
}

static void an_event_lets_all_pass_until_it_is_cleared(void **state)
{
    pid_t client = manager_client(*state, wait_then_clear);

    assert_int_equal(pp_manager_event_wait(*state, "e", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_event_set(*state, "e", NULL), PP_OK);
    assert_int_equal(manager_client_result(client), 0);
    assert_int_equal(pp_manager_event_wait(*state, "e", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_event_set(*state, "e", NULL), PP_OK);
    assert_int_equal(pp_manager_event_wait(*state, "e", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_event_wait(*state, "e", -1, NULL), PP_OK);
}

/* Three rounds, each with its turn added up. */
static int meet(struct pp_manager *manager)
{
    for (unsigned round = 0; round < 3; round++) {
        uint64_t turn;

        if (pp_manager_barrier_wait(manager, "b", LONG, &turn, NULL) != PP_OK)
            return 1;
        if (pp_manager_number_add(manager, "turns", (int64_t)1 << 8 * turn, NULL, NULL) != PP_OK)
            return 2;
    }
    return 0;
}

static void a_barrier_holds_until_all_have_come(void **state)
{
    pid_t clients[3];
    int64_t turns;

    assert_int_equal(pp_manager_make(*state, "b", PP_MANAGER_BARRIER, 3, NULL), PP_OK);
    for (unsigned i = 0; i < 3; i++)
        clients[i] = manager_client(*state, meet);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(manager_client_result(clients[i]), 0);
    assert_int_equal(pp_manager_number_get(*state, "turns", &turns, NULL), PP_OK);
    assert_int_equal(turns, 0x030303);
    assert_int_equal(pp_manager_make(*state, "alone", PP_MANAGER_BARRIER, 1, NULL), PP_OK);
    assert_int_equal(pp_manager_barrier_wait(*state, "alone", 0, NULL, NULL), PP_OK);
}

static int wait_for_nobody(struct pp_manager *manager)
{
    return (int)pp_manager_barrier_wait(manager, "b", LONG, NULL, NULL);
}

static int wait_and_tell(struct pp_manager *manager)
{
    (void)!pp_manager_event_set(manager, "there", NULL);
    return wait_for_nobody(manager);
}

static void a_barrier_that_one_gives_up_is_broken_until_it_is_reset(void **state)
{
    pid_t waiting, killed;

    assert_int_equal(pp_manager_make(*state, "b", PP_MANAGER_BARRIER, 3, NULL), PP_OK);
    assert_int_equal(pp_manager_barrier_wait(*state, "b", 0.01, NULL, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_barrier_wait(*state, "b", LONG, NULL, NULL), PP_E_CANCELLED);
    assert_int_equal(pp_manager_barrier_reset(*state, "b", NULL), PP_OK);
    waiting = manager_client(*state, wait_for_nobody);
    killed = manager_client(*state, wait_and_tell);
    assert_int_equal(pp_manager_event_wait(*state, "there", LONG, NULL), PP_OK);
    usleep(20000);
    kill(killed, SIGKILL);
    assert_int_equal(manager_client_result(killed), 1000 + SIGKILL);
    assert_int_equal(manager_client_result(waiting), PP_E_CANCELLED);
}

static int take_from_queue(struct pp_manager *manager)
{
    struct pp_bytes item;
    uint64_t length;

    if (pp_manager_queue_length(manager, "q", &length, NULL) != PP_OK || length != 2)
        return 1;
    if (pp_manager_queue_get(manager, "q", LONG, &item, NULL) != PP_OK || !bytes_are(item, "5"))
        return 2;
    if (pp_manager_queue_get(manager, "q", LONG, &item, NULL) != PP_OK || !bytes_are(item, "6"))
        return 3;
    /* One more comes from who waited for room. */
    return pp_manager_queue_get(manager, "q", LONG, &item, NULL) == PP_OK && bytes_are(item, "7")
               ? 0
               : 4;
}

static void a_queue_takes_as_many_as_it_was_made_for(void **state)
{
    struct pp_bytes item;
    uint64_t length;
    pid_t client;

    assert_int_equal(pp_manager_make(*state, "q", PP_MANAGER_QUEUE, 2, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_get(*state, "q", 0, &item, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("5"), 0, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("6"), 0, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("x"), 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("x"), 0.01, NULL), PP_E_TIMEOUT);
    client = manager_client(*state, take_from_queue);
    assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("7"), LONG, NULL), PP_OK);
    assert_int_equal(manager_client_result(client), 0);
    assert_int_equal(pp_manager_queue_length(*state, "q", &length, NULL), PP_OK);
    assert_int_equal(length, 0);
}

static int take_ten(struct pp_manager *manager)
{
    int sum = 0;

    for (unsigned i = 0; i < 10; i++) {
        struct pp_bytes item;

        if (pp_manager_queue_get(manager, "q", LONG, &item, NULL) != PP_OK || item.size != 1)
            return 255;
        sum += *(const unsigned char *)item.data;
    }
    return pp_manager_number_add(manager, "sum", sum, NULL, NULL) == PP_OK ? 0 : 1;
}

static void each_item_of_a_queue_goes_to_one(void **state)
{
    pid_t clients[4];
    int64_t sum;

    for (unsigned i = 0; i < 4; i++)
        clients[i] = manager_client(*state, take_ten);
    for (unsigned char i = 1; i <= 40; i++)
        assert_int_equal(pp_manager_queue_put(*state, "q", (struct pp_bytes){&i, 1}, LONG, NULL),
                         PP_OK);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(manager_client_result(clients[i]), 0);
    assert_int_equal(pp_manager_number_get(*state, "sum", &sum, NULL), PP_OK);
    assert_int_equal(sum, 820);
}

static int get_and_do_two(struct pp_manager *manager)
{
    for (unsigned i = 0; i < 2; i++) {
        struct pp_bytes item;

        if (pp_manager_queue_get(manager, "q", LONG, &item, NULL) != PP_OK ||
            pp_manager_number_add(manager, "n", 1, NULL, NULL) != PP_OK ||
            pp_manager_queue_task_done(manager, "q", NULL) != PP_OK)
            return 1;
    }
    return 0;
}

static void joining_a_queue_waits_until_all_that_was_put_is_done(void **state)
{
    struct pp_bytes item;
    pid_t clients[2];
    int64_t number;

    assert_int_equal(pp_manager_queue_join(*state, "q", 0, NULL), PP_OK);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("x"), 0, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_join(*state, "q", 0.01, NULL), PP_E_TIMEOUT);
    for (unsigned i = 0; i < 2; i++)
        clients[i] = manager_client(*state, get_and_do_two);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(manager_client_result(clients[i]), 0);
    assert_int_equal(pp_manager_queue_join(*state, "q", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_queue_get(*state, "q", 0, &item, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_join(*state, "q", 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_manager_queue_task_done(*state, "q", NULL), PP_OK);
    assert_int_equal(pp_manager_queue_join(*state, "q", 0, NULL), PP_OK);
    assert_int_equal(pp_manager_number_get(*state, "n", &number, NULL), PP_OK);
    assert_int_equal(number, 4);
}

static int join_and_count(struct pp_manager *manager)
{
    int64_t number;

    if (pp_manager_event_set(manager, "there", NULL) != PP_OK ||
        pp_manager_queue_join(manager, "q", LONG, NULL) != PP_OK ||
        pp_manager_number_get(manager, "n", &number, NULL) != PP_OK)
        return 99;
    return (int)number;
}

static void who_joins_goes_on_with_the_last_that_is_done(void **state)
{
    pid_t client;

    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("x"), 0, NULL), PP_OK);
    client = manager_client(*state, join_and_count);
    assert_int_equal(pp_manager_event_wait(*state, "there", LONG, NULL), PP_OK);
    assert_int_equal(get_and_do_two(*state), 0);
    assert_int_equal(get_and_do_two(*state), 0);
    assert_int_equal(manager_client_result(client), 4);
}

static void no_more_is_done_than_was_got(void **state)
{
    struct pp_error err = {0};
    struct pp_bytes item;

    assert_int_equal(pp_manager_queue_task_done(*state, "q", NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_queue_put(*state, "q", bytes_of("x"), 0, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_task_done(*state, "q", &err), PP_E_USAGE);
    assert_string_equal(err.text, "more are done than were got");
    assert_int_equal(pp_manager_queue_get(*state, "q", 0, &item, NULL), PP_OK);
    assert_int_equal(pp_manager_queue_task_done(*state, "q", NULL), PP_OK);
    assert_int_equal(pp_manager_queue_task_done(*state, "q", NULL), PP_E_USAGE);
}

static int wait_for_event(struct pp_manager *manager)
{
    (void)!pp_manager_event_set(manager, "there", NULL);
    return (int)pp_manager_event_wait(manager, "e", -1, NULL);
}

static void who_waits_for_what_is_deleted_is_told(void **state)
{
    pid_t client = manager_client(*state, wait_for_event);
    bool found = false;

    assert_int_equal(pp_manager_event_wait(*state, "there", LONG, NULL), PP_OK);
    while (!found) {
        usleep(10000);
        assert_int_equal(pp_manager_delete(*state, "e", &found, NULL), PP_OK);
    }
    assert_int_equal(manager_client_result(client), PP_E_CLOSED);
}

#define MANAGER_TEST(test) cmocka_unit_test_setup_teardown(test, manager_begin, manager_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANAGER_TEST(a_lock_comes_back_from_a_process_that_ends),
        MANAGER_TEST(a_lock_belongs_to_the_handle_that_took_it),
        MANAGER_TEST(only_one_holds_a_lock),
        MANAGER_TEST(a_semaphore_has_as_many_units_as_it_was_made_with),
        MANAGER_TEST(an_event_lets_all_pass_until_it_is_cleared),
        MANAGER_TEST(a_barrier_holds_until_all_have_come),
        MANAGER_TEST(a_barrier_that_one_gives_up_is_broken_until_it_is_reset),
        MANAGER_TEST(a_queue_takes_as_many_as_it_was_made_for),
        MANAGER_TEST(each_item_of_a_queue_goes_to_one),
        MANAGER_TEST(joining_a_queue_waits_until_all_that_was_put_is_done),
        MANAGER_TEST(who_joins_goes_on_with_the_last_that_is_done),
        MANAGER_TEST(no_more_is_done_than_was_got),
        MANAGER_TEST(who_waits_for_what_is_deleted_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
