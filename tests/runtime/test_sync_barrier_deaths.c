/* What a party that is killed does to a barrier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>
#include <signal.h>
#include <unistd.h>

#include "support_sync.h"

static struct pp_barrier *barrier;

static int set_up(void **state)
{
    barrier = sync_lend(state, sizeof *barrier);
    return 0;
}

static bool come(void *user)
{
    (void)user;
    return pp_barrier_wait(barrier, SYNC_PATIENCE_S, NULL, NULL, NULL) == PP_OK;
}

static void one_killed_while_it_waits_has_come(void **state)
{
    pid_t child;

    (void)state;
    assert_int_equal(pp_barrier_init(barrier, 2, SYNC_PATIENCE_S, NULL), PP_OK);
    child = sync_fork(come, NULL);
    assert_true(sync_reaches(&barrier->count, 1));
    assert_true(sync_sleeps(child));
    kill(child, SIGKILL);
    assert_false(sync_ended_well(child));
    assert_int_equal(pp_barrier_wait(barrier, 0, NULL, NULL, NULL), PP_OK);
    assert_int_equal(pp_barrier_wait(barrier, 0.01, NULL, NULL, NULL), PP_E_TIMEOUT);
}

static enum pp_status die(void *user, struct pp_error *err)
{
    (void)user;
    (void)err;
    _exit(0);
}

static bool come_and_die_in_the_action(void *user)
{
    const struct pp_barrier_action action = {.run = die};

    (void)user;
    (void)!pp_barrier_wait(barrier, -1, &action, NULL, NULL);
    return false;
}

static bool come_in_vain(void *user)
{
    (void)user;
    return pp_barrier_wait(barrier, -1, NULL, NULL, NULL) == PP_E_CANCELLED;
}

static void one_that_dies_in_its_action_breaks_the_barrier(void **state)
{
    pid_t child, last;

    (void)state;
    assert_int_equal(pp_barrier_init(barrier, 2, -1, NULL), PP_OK);
    child = sync_fork(come_in_vain, NULL);
    assert_true(sync_reaches(&barrier->count, 1));
    last = sync_fork(come_and_die_in_the_action, NULL);
    assert_true(sync_ended_well(last));
    assert_true(sync_ended_well(child));
    assert_true(pp_barrier_is_broken(barrier));
    assert_int_equal(pp_barrier_reset(barrier, NULL), PP_OK);
    assert_false(pp_barrier_is_broken(barrier));
}

static void who_comes_after_one_that_died_at_it_finds_the_barrier_broken(void **state)
{
    (void)state;
    assert_int_equal(pp_barrier_init(barrier, 1, -1, NULL), PP_OK);
    assert_true(sync_ended_well(sync_fork(come_and_die_in_the_action, NULL)));
    assert_int_equal(pp_barrier_wait(barrier, 10, NULL, NULL, NULL), PP_E_CANCELLED);
    assert_true(pp_barrier_is_broken(barrier));
}

/* ---- a thousand kills ----------------------------------------------------------------------- */

struct barrier_kills {
    struct sync_round round;
    struct pp_barrier barrier;
    uint32_t passed[SYNC_CHILDREN];
};

static void begin_barrier(void *memory)
{
    struct barrier_kills *shared = memory;

    (void)!pp_barrier_init(&shared->barrier, 3, -1, NULL);
}

/* Until it is broken, with nobody a whole round ahead of another. */
static bool pass_until_cancelled(void *memory, unsigned slot)
{
    struct barrier_kills *shared = memory;
    enum pp_status status;

    do {
        (void)sync_goes_on(&shared->round, slot);
        status = pp_barrier_wait(&shared->barrier, -1, NULL, NULL, NULL);
        if (status == PP_OK)
            __atomic_fetch_add(&shared->passed[slot], 1, __ATOMIC_RELAXED);
    } while (status == PP_OK);
    return status == PP_E_CANCELLED;
}

/* What the header tells whoever sees to the processes to do. */
static void abort_it(void *memory, unsigned slot)
{
    struct barrier_kills *shared = memory;

    (void)slot;
    (void)!pp_barrier_abort(&shared->barrier, NULL);
}

static bool survivors_agree(void *memory, unsigned victim)
{
    struct barrier_kills *shared = memory;
    const uint32_t first = shared->passed[(victim + 1) % 3];
    const uint32_t second = shared->passed[(victim + 2) % 3];

    return pp_barrier_is_broken(&shared->barrier) && first == second &&
           pp_barrier_reset(&shared->barrier, NULL) == PP_OK &&
           !pp_barrier_is_broken(&shared->barrier);
}

static void no_killed_party_keeps_the_others_when_the_barrier_is_aborted(void **state)
{
    const struct sync_kills kills = {.size = sizeof(struct barrier_kills),
                                     .children = 3,
                                     .begin = begin_barrier,
                                     .child = pass_until_cancelled,
                                     .mourn = abort_it,
                                     .consistent = survivors_agree};

    (void)state;
    assert_int_equal(sync_run_kills(&kills), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_killed_while_it_waits_has_come, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(one_that_dies_in_its_action_breaks_the_barrier, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(
            who_comes_after_one_that_died_at_it_finds_the_barrier_broken, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(
            no_killed_party_keeps_the_others_when_the_barrier_is_aborted, set_up, sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
