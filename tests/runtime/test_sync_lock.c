/* Locks between processes and threads, and what becomes of them when their holders die. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>
#include <pthread.h>
#include <string.h>

#include "support_sync.h"

struct locks {
    struct pp_lock lock;
    struct pp_rlock rlock;
    uint32_t reached;
};

static struct locks *locks;

static int set_up(void **state)
{
    locks = sync_lend(state, sizeof *locks);
    return 0;
}

/* ---- a lock --------------------------------------------------------------------------------- */

static void a_lock_is_held_once_and_released_by_its_holder_alone(void **state)
{
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_E_USAGE);
    assert_int_equal(pp_lock_acquire(&locks->lock, -1, &err), PP_OK);
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_E_USAGE);
    assert_int_equal(pp_lock_acquire(&locks->lock, -1, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot acquire the lock: this thread holds it");
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_OK);
    err = (struct pp_error){0};
    assert_int_equal(pp_lock_release(&locks->lock, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot release the lock: this thread does not hold it");
    memset(&locks->lock, 0xff, sizeof locks->lock);
    pp_lock_init(&locks->lock);
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_OK);
}

static bool finds_it_held(void *user)
{
    (void)user;
    return pp_lock_release(&locks->lock, NULL) == PP_E_USAGE &&
           pp_lock_acquire(&locks->lock, 0, NULL) == PP_E_TIMEOUT &&
           pp_lock_acquire(&locks->lock, 0.01, NULL) == PP_E_TIMEOUT &&
           pp_rlock_release(&locks->rlock, NULL) == PP_E_USAGE &&
           pp_rlock_acquire(&locks->rlock, 0, NULL) == PP_E_TIMEOUT &&
           pp_rlock_acquire(&locks->rlock, 0.3, NULL) == PP_E_TIMEOUT;
}

static void *finds_it_held_in_a_thread(void *user)
{
    return finds_it_held(user) ? user : NULL;
}

static void a_child_does_not_hold_what_its_parent_holds_nor_does_a_thread(void **state)
{
    pthread_t thread;
    void *found;

    (void)state;
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_OK);
    assert_int_equal(pp_rlock_acquire(&locks->rlock, 0, NULL), PP_OK);
    assert_true(sync_ended_well(sync_fork(finds_it_held, NULL)));
    assert_int_equal(pthread_create(&thread, NULL, finds_it_held_in_a_thread, locks), 0);
    assert_int_equal(pthread_join(thread, &found), 0);
    assert_ptr_equal(found, locks);
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_OK);
}

static bool waits_for_it(void *user)
{
    (void)user;
    __atomic_store_n(&locks->reached, 1, __ATOMIC_RELEASE);
    return pp_lock_acquire(&locks->lock, -1, NULL) == PP_OK &&
           pp_lock_release(&locks->lock, NULL) == PP_OK;
}

static void who_waits_for_a_lock_gets_it_when_it_is_released(void **state)
{
    pid_t child;

    (void)state;
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_OK);
    child = sync_fork(waits_for_it, NULL);
    assert_true(sync_reaches(&locks->reached, 1));
    assert_true(sync_sleeps(child));
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
}

/* ---- deaths --------------------------------------------------------------------------------- */

static bool dies_holding_both(void *user)
{
    (void)user;
    return pp_lock_acquire(&locks->lock, -1, NULL) == PP_OK &&
           pp_rlock_acquire(&locks->rlock, -1, NULL) == PP_OK &&
           pp_rlock_acquire(&locks->rlock, -1, NULL) == PP_OK;
}

static void *ends_holding_both(void *user)
{
    return dies_holding_both(user) ? user : NULL;
}

static void assert_owner_died_once(void)
{
    struct pp_error err = {0};

    assert_int_equal(pp_lock_acquire(&locks->lock, -1, &err), PP_E_OWNER_DIED);
    assert_string_equal(err.text, "the holder of the lock died");
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_E_USAGE);
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_OK);
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_OK);
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_OK);

    assert_int_equal(pp_rlock_acquire(&locks->rlock, 0, NULL), PP_E_OWNER_DIED);
    assert_int_equal(pp_rlock_acquire(&locks->rlock, 0, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_E_USAGE);
}

static void the_next_holder_is_told_that_the_one_before_died_and_the_one_after_is_not(void **state)
{
    (void)state;
    assert_true(sync_ended_well(sync_fork(dies_holding_both, NULL)));
    assert_owner_died_once();
}

static void a_thread_that_ends_with_a_lock_in_hand_counts_as_dead(void **state)
{
    pthread_t thread;
    void *found;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, ends_holding_both, locks), 0);
    assert_int_equal(pthread_join(thread, &found), 0);
    assert_ptr_equal(found, locks);
    assert_owner_died_once();
}

static bool takes_over_and_dies(void *user)
{
    (void)user;
    return pp_lock_acquire(&locks->lock, 0, NULL) == PP_E_OWNER_DIED;
}

static void one_who_takes_over_and_dies_as_well_is_told_of_too(void **state)
{
    (void)state;
    assert_true(sync_ended_well(sync_fork(dies_holding_both, NULL)));
    assert_true(sync_ended_well(sync_fork(takes_over_and_dies, NULL)));
    assert_owner_died_once();
}

static void the_mutex_keeps_what_tells_its_kind_through_all_of_that(void **state)
{
    uint64_t kind;

    (void)state;
    /* Made of zeros at the first use, possibly by several at once: see src/runtime/robust.c. */
    assert_int_equal(pp_lock_acquire(&locks->lock, 0, NULL), PP_OK);
    assert_int_equal(pp_lock_release(&locks->lock, NULL), PP_OK);
    kind = locks->lock.mutex[2];
    assert_int_not_equal(kind, 0);
    assert_true(sync_ended_well(sync_fork(dies_holding_both, NULL)));
    assert_int_equal(locks->lock.mutex[2], kind);
    assert_owner_died_once();
    assert_int_equal(locks->lock.mutex[2], kind);
}

/* ---- a lock that its holder may acquire again ----------------------------------------------- */

static bool finds_it_free(void *user)
{
    (void)user;
    return pp_rlock_acquire(&locks->rlock, 0, NULL) == PP_OK &&
           pp_rlock_release(&locks->rlock, NULL) == PP_OK;
}

static bool finds_rlock_held(void *user)
{
    (void)user;
    return pp_rlock_acquire(&locks->rlock, 0, NULL) == PP_E_TIMEOUT;
}

static void an_rlock_is_free_when_it_was_released_as_often_as_acquired(void **state)
{
    (void)state;
    assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_E_USAGE);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pp_rlock_acquire(&locks->rlock, i == 1 ? 0 : -1, NULL), PP_OK);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(sync_ended_well(sync_fork(finds_rlock_held, NULL)));
        assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_OK);
    }
    assert_true(sync_ended_well(sync_fork(finds_it_free, NULL)));
    assert_int_equal(pp_rlock_release(&locks->rlock, NULL), PP_E_USAGE);
    memset(&locks->rlock, 0xff, sizeof locks->rlock);
    pp_rlock_init(&locks->rlock);
    assert_int_equal(pp_rlock_acquire(&locks->rlock, 0, NULL), PP_OK);
}

/* ---- a thousand kills ----------------------------------------------------------------------- */

/* Two numbers that are the same whenever nobody holds the lock. */
struct lock_kills {
    struct sync_round round;
    struct pp_lock lock;
    struct pp_rlock rlock;
    uint32_t first, second;
    uint32_t deaths; /* that somebody was told of */
};

static void begin_locks(void *memory)
{
    (void)memory;
}

/* Whether nobody else was inside, which only a death excuses. */
static bool enter_and_leave(struct lock_kills *shared, enum pp_status acquired)
{
    if (acquired == PP_E_OWNER_DIED) {
        __atomic_fetch_add(&shared->deaths, 1, __ATOMIC_RELAXED);
        shared->second = shared->first;
    } else if (acquired != PP_OK || shared->first != shared->second) {
        return false;
    }
    __atomic_store_n(&shared->first, shared->first + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&shared->second, shared->second + 1, __ATOMIC_RELAXED);
    return shared->first == shared->second;
}

static bool use_lock(void *memory, unsigned slot)
{
    struct lock_kills *shared = memory;

    while (sync_goes_on(&shared->round, slot))
        if (!enter_and_leave(shared, pp_lock_acquire(&shared->lock, -1, NULL)) ||
            pp_lock_release(&shared->lock, NULL) != PP_OK)
            return false;
    return true;
}

static bool use_rlock(void *memory, unsigned slot)
{
    struct lock_kills *shared = memory;

    while (sync_goes_on(&shared->round, slot)) {
        enum pp_status status = pp_rlock_acquire(&shared->rlock, -1, NULL);
        if (!enter_and_leave(shared, status) ||
            pp_rlock_acquire(&shared->rlock, -1, NULL) != PP_OK ||
            !enter_and_leave(shared, PP_OK) || pp_rlock_release(&shared->rlock, NULL) != PP_OK ||
            pp_rlock_release(&shared->rlock, NULL) != PP_OK)
            return false;
    }
    return true;
}

/* The survivors took over from the dead, so that nothing is left to be told. */
static bool locks_are_free(void *memory, unsigned victim)
{
    struct lock_kills *shared = memory;

    (void)victim;
    locks->reached += shared->deaths;
    return shared->deaths <= 1 && pp_lock_acquire(&shared->lock, 0, NULL) == PP_OK &&
           pp_lock_release(&shared->lock, NULL) == PP_OK &&
           pp_rlock_acquire(&shared->rlock, 0, NULL) == PP_OK &&
           pp_rlock_release(&shared->rlock, NULL) == PP_OK && shared->first == shared->second;
}

static void kill_users_of(bool (*use)(void *memory, unsigned slot))
{
    const struct sync_kills kills = {.size = sizeof(struct lock_kills),
                                     .children = 3,
                                     .begin = begin_locks,
                                     .child = use,
                                     .consistent = locks_are_free};

    locks->reached = 0;
    assert_int_equal(sync_run_kills(&kills), 0);
    /* Some of the killed held it. */
    assert_true(locks->reached > 0);
}

static void no_killed_holder_or_waiter_leaves_a_lock_taken(void **state)
{
    (void)state;
    kill_users_of(use_lock);
}

static void no_killed_holder_or_waiter_leaves_an_rlock_taken(void **state)
{
    (void)state;
    kill_users_of(use_rlock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lock_is_held_once_and_released_by_its_holder_alone,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(
            a_child_does_not_hold_what_its_parent_holds_nor_does_a_thread, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(who_waits_for_a_lock_gets_it_when_it_is_released, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(
            the_next_holder_is_told_that_the_one_before_died_and_the_one_after_is_not, set_up,
            sync_take_back),
        cmocka_unit_test_setup_teardown(a_thread_that_ends_with_a_lock_in_hand_counts_as_dead,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(one_who_takes_over_and_dies_as_well_is_told_of_too, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(the_mutex_keeps_what_tells_its_kind_through_all_of_that,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(an_rlock_is_free_when_it_was_released_as_often_as_acquired,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(no_killed_holder_or_waiter_leaves_a_lock_taken, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(no_killed_holder_or_waiter_leaves_an_rlock_taken, set_up,
                                        sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
