/* What those hear who wait for a condition when the one they wait for dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>

#include "support_sync.h"

struct room {
    struct pp_condition condition;
    struct pp_lock lock;
    struct pp_rlock rlock;
    uint32_t number;
};

static struct room *room;

static int set_up(void **state)
{
    room = sync_lend(state, sizeof *room);
    return 0;
}

static bool is_four(void *user)
{
    const uint32_t *number = user;

    return *number == 4;
}

static bool die_before_notifying(void *user)
{
    (void)user;
    return pp_lock_acquire(&room->lock, -1, NULL) == PP_OK &&
           pp_rlock_acquire(&room->rlock, -1, NULL) == PP_OK;
}

static void who_waits_is_told_that_the_one_who_was_to_notify_died_with_the_lock(void **state)
{
    const struct pp_predicate four = {.holds = is_four, .user = &room->number};
    struct pp_error err = {0};
    pid_t child;

    (void)state;
    assert_int_equal(pp_lock_acquire(&room->lock, -1, NULL), PP_OK);
    child = sync_fork(die_before_notifying, NULL);
    assert_int_equal(pp_condition_wait_for(&room->condition, &room->lock, &four, -1, &err),
                     PP_E_OWNER_DIED);
    assert_string_equal(err.text, "the holder of the lock died");
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));

    assert_int_equal(pp_rlock_acquire(&room->rlock, -1, NULL), PP_E_OWNER_DIED);
    assert_int_equal(pp_rlock_acquire(&room->rlock, -1, NULL), PP_OK);
    child = sync_fork(die_before_notifying, NULL);
    assert_int_equal(pp_condition_wait_rlock(&room->condition, &room->rlock, -1, NULL),
                     PP_E_OWNER_DIED);
    assert_true(sync_ended_well(child));
    assert_int_equal(pp_rlock_release(&room->rlock, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&room->rlock, NULL), PP_OK);
    assert_int_equal(pp_rlock_release(&room->rlock, NULL), PP_E_USAGE);
}

static bool wait_once(void *user)
{
    enum pp_status status = pp_lock_acquire(&room->lock, -1, NULL);

    (void)user;
    __atomic_store_n(&room->number, 1, __ATOMIC_RELEASE);
    if (status == PP_OK)
        status = pp_condition_wait(&room->condition, &room->lock, -1, NULL);
    return (status == PP_OK || status == PP_E_OWNER_DIED) &&
           pp_lock_release(&room->lock, NULL) == PP_OK;
}

static void who_waits_returns_even_if_another_was_told_of_the_death_and_says_nothing(void **state)
{
    enum pp_status status;
    pid_t child;

    (void)state;
    child = sync_fork(wait_once, NULL);
    assert_true(sync_reaches(&room->number, 1));
    assert_true(sync_sleeps(child));
    assert_true(sync_ended_well(sync_fork(die_before_notifying, NULL)));
    status = pp_lock_acquire(&room->lock, -1, NULL);
    /* On a busy machine the child may have been the first. */
    assert_true(status == PP_E_OWNER_DIED || status == PP_OK);
    assert_int_equal(pp_lock_release(&room->lock, NULL), PP_OK);
    assert_true(sync_ended_well(child));
}

/* ---- a thousand kills ----------------------------------------------------------------------- */

/* Two who put and two who take, ten items at most in between. */
#define MOST   10
#define ENOUGH 20

struct condition_kills {
    struct sync_round round;
    struct pp_condition room, items;
    struct pp_lock lock;
    uint32_t put, taken; /* each changed by one store under the lock: right whoever dies */
    uint32_t stop_at;    /* all stop when so many were taken after the kill */
};

static void begin_buffer(void *memory)
{
    (void)memory;
}

static bool is_over(const struct condition_kills *shared)
{
    return shared->stop_at != 0 && shared->taken >= shared->stop_at;
}

static bool can_go_on(const struct condition_kills *shared, bool puts)
{
    const uint32_t items = shared->put - shared->taken;

    return is_over(shared) || (puts ? items < MOST : items > 0);
}

/* One item; with the lock held. */
static void move_item(struct condition_kills *shared, bool puts)
{
    uint32_t *count = puts ? &shared->put : &shared->taken;

    /* The first who can after the kill says when it is enough. */
    if (shared->stop_at == 0 && __atomic_load_n(&shared->round.killed, __ATOMIC_ACQUIRE))
        shared->stop_at = shared->taken + ENOUGH;
    __atomic_store_n(count, *count + 1, __ATOMIC_RELAXED);
    pp_condition_notify(puts ? &shared->items : &shared->room, 1);
    if (is_over(shared)) {
        pp_condition_notify_all(&shared->items);
        pp_condition_notify_all(&shared->room);
    }
}

static bool put_or_take(void *memory, unsigned slot)
{
    struct condition_kills *shared = memory;
    const bool puts = slot < SYNC_CHILDREN / 2;
    struct pp_condition *condition = puts ? &shared->room : &shared->items;
    bool over = false;

    while (!over) {
        enum pp_status status;

        (void)sync_goes_on(&shared->round, slot);
        status = pp_lock_acquire(&shared->lock, -1, NULL);
        while ((status == PP_OK || status == PP_E_OWNER_DIED) && !can_go_on(shared, puts))
            status = pp_condition_wait(condition, &shared->lock, -1, NULL);
        if (status != PP_OK && status != PP_E_OWNER_DIED)
            return false;
        over = is_over(shared);
        if (!over)
            move_item(shared, puts);
        if (pp_lock_release(&shared->lock, NULL) != PP_OK)
            return false;
    }
    return true;
}

static bool buffer_is_sound(void *memory, unsigned victim)
{
    struct condition_kills *shared = memory;

    (void)victim;
    return shared->taken == shared->stop_at && shared->put - shared->taken <= MOST;
}

static void no_killed_notifier_or_waiter_stops_the_flow(void **state)
{
    const struct sync_kills kills = {.size = sizeof(struct condition_kills),
                                     .children = SYNC_CHILDREN,
                                     .begin = begin_buffer,
                                     .child = put_or_take,
                                     .consistent = buffer_is_sound};

    (void)state;
    assert_int_equal(sync_run_kills(&kills), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            who_waits_is_told_that_the_one_who_was_to_notify_died_with_the_lock, set_up,
            sync_take_back),
        cmocka_unit_test_setup_teardown(
            who_waits_returns_even_if_another_was_told_of_the_death_and_says_nothing, set_up,
            sync_take_back),
        cmocka_unit_test_setup_teardown(no_killed_notifier_or_waiter_stops_the_flow, set_up,
                                        sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
