/* Semaphores between processes: counting, waiting, and what a killed process leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>

#include "support_sync.h"

struct pair {
    struct pp_semaphore semaphore;
    struct pp_semaphore other;
    uint32_t passed;
};

static struct pair *pair;

static int set_up(void **state)
{
    pair = sync_lend(state, sizeof *pair);
    return 0;
}

static void take_all_of_two_and_give_back(struct pp_semaphore *semaphore)
{
    assert_int_equal(pp_semaphore_value(semaphore), 2);
    assert_int_equal(pp_semaphore_acquire(semaphore, -1, NULL), PP_OK);
    assert_int_equal(pp_semaphore_value(semaphore), 1);
    assert_int_equal(pp_semaphore_acquire(semaphore, 0, NULL), PP_OK);
    assert_int_equal(pp_semaphore_value(semaphore), 0);
    assert_int_equal(pp_semaphore_acquire(semaphore, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_semaphore_value(semaphore), 0);
    assert_int_equal(pp_semaphore_release(semaphore, NULL), PP_OK);
    assert_int_equal(pp_semaphore_value(semaphore), 1);
    assert_int_equal(pp_semaphore_release(semaphore, NULL), PP_OK);
    assert_int_equal(pp_semaphore_value(semaphore), 2);
}

static void a_semaphore_counts_its_units_beyond_the_first_number(void **state)
{
    struct pp_semaphore *semaphore = &pair->semaphore;

    (void)state;
    assert_int_equal(pp_semaphore_init(semaphore, 2, 0, NULL), PP_OK);
    take_all_of_two_and_give_back(semaphore);
    assert_int_equal(pp_semaphore_release(semaphore, NULL), PP_OK);
    assert_int_equal(pp_semaphore_value(semaphore), 3);
    assert_int_equal(pp_semaphore_release(semaphore, NULL), PP_OK);
    assert_int_equal(pp_semaphore_value(semaphore), 4);
}

static void a_bounded_semaphore_refuses_a_unit_too_many(void **state)
{
    struct pp_semaphore *semaphore = &pair->semaphore;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_semaphore_init(semaphore, 2, 2, NULL), PP_OK);
    take_all_of_two_and_give_back(semaphore);
    assert_int_equal(pp_semaphore_release(semaphore, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot release: the semaphore has all its 2 units");
    assert_int_equal(pp_semaphore_value(semaphore), 2);
}

static void units_that_cannot_be_are_refused_and_the_most_are_not(void **state)
{
    struct pp_semaphore *semaphore = &pair->semaphore;

    (void)state;
    assert_int_equal(pp_semaphore_init(semaphore, 3, 2, NULL), PP_E_USAGE);
    assert_int_equal(pp_semaphore_init(semaphore, PP_SEMAPHORE_MAX + 1, 0, NULL), PP_E_USAGE);
    assert_int_equal(pp_semaphore_init(semaphore, 1, PP_SEMAPHORE_MAX + 1, NULL), PP_E_USAGE);
    assert_int_equal(pp_semaphore_init(semaphore, PP_SEMAPHORE_MAX, 0, NULL), PP_OK);
    assert_int_equal(pp_semaphore_release(semaphore, NULL), PP_E_USAGE);
    assert_int_equal(pp_semaphore_value(semaphore), PP_SEMAPHORE_MAX);
    assert_int_equal(pp_semaphore_acquire(semaphore, 0, NULL), PP_OK);
}

static void zeros_are_a_semaphore_without_units_whose_waits_end_in_time(void **state)
{
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_semaphore_acquire(&pair->semaphore, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_semaphore_acquire(&pair->semaphore, 0.01, &err), PP_E_TIMEOUT);
    assert_string_equal(err.text, "the semaphore has no unit");
    assert_int_equal(pp_semaphore_acquire(&pair->semaphore, 0.3, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_semaphore_release(&pair->semaphore, NULL), PP_OK);
    assert_int_equal(pp_semaphore_acquire(&pair->semaphore, -1, NULL), PP_OK);
}

#define TURNS 2000

static bool answer(void *user)
{
    (void)user;
    for (unsigned i = 0; i < TURNS; i++)
        if (pp_semaphore_acquire(&pair->semaphore, -1, NULL) != PP_OK ||
            pp_semaphore_release(&pair->other, NULL) != PP_OK)
            return false;
    return true;
}

static void two_processes_take_turns(void **state)
{
    pid_t child = sync_fork(answer, NULL);

    (void)state;
    for (unsigned i = 0; i < TURNS; i++) {
        assert_int_equal(pp_semaphore_release(&pair->semaphore, NULL), PP_OK);
        assert_int_equal(pp_semaphore_acquire(&pair->other, SYNC_PATIENCE_S, NULL), PP_OK);
    }
    assert_true(sync_ended_well(child));
    assert_int_equal(pp_semaphore_value(&pair->semaphore), 0);
    assert_int_equal(pp_semaphore_value(&pair->other), 0);
}

static bool take_one(void *user)
{
    (void)user;
    __atomic_fetch_add(&pair->passed, 1, __ATOMIC_ACQ_REL);
    return pp_semaphore_acquire(&pair->semaphore, -1, NULL) == PP_OK;
}

static void as_many_go_on_as_units_are_released_at_once(void **state)
{
    pid_t children[6];

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        children[i] = sync_fork(take_one, NULL);
    assert_true(sync_reaches(&pair->passed, 6));
    for (unsigned i = 0; i < 6; i++)
        assert_true(sync_sleeps(children[i]));
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(pp_semaphore_release(&pair->semaphore, NULL), PP_OK);
    for (unsigned i = 0; i < 6; i++)
        assert_true(sync_ended_well(children[i]));
    assert_int_equal(pp_semaphore_value(&pair->semaphore), 0);
}

/* ---- a thousand kills ----------------------------------------------------------------------- */

#define UNITS 2

/* Who certainly holds a unit has its bit in `holders`; from `busy` on to `idle` it may. */
struct semaphore_kills {
    struct sync_round round;
    struct pp_semaphore semaphore;
    uint32_t holders;
    uint32_t busy[SYNC_CHILDREN];
    uint32_t held_when_killed;
};

static void begin_semaphore(void *memory)
{
    struct semaphore_kills *shared = memory;

    (void)!pp_semaphore_init(&shared->semaphore, UNITS, UNITS, NULL);
}

static bool hold_units(void *memory, unsigned slot)
{
    struct semaphore_kills *shared = memory;
    const uint32_t bit = UINT32_C(1) << slot;

    while (sync_goes_on(&shared->round, slot)) {
        uint32_t holders;

        __atomic_store_n(&shared->busy[slot], 1, __ATOMIC_SEQ_CST);
        if (pp_semaphore_acquire(&shared->semaphore, -1, NULL) != PP_OK)
            return false;
        holders = __atomic_or_fetch(&shared->holders, bit, __ATOMIC_SEQ_CST);
        if (__builtin_popcount(holders) > UNITS)
            return false;
        __atomic_and_fetch(&shared->holders, ~bit, __ATOMIC_SEQ_CST);
        if (pp_semaphore_release(&shared->semaphore, NULL) != PP_OK)
            return false;
        __atomic_store_n(&shared->busy[slot], 0, __ATOMIC_SEQ_CST);
    }
    return true;
}

/* What the header tells whoever watches the processes to do. */
static void release_in_its_stead(void *memory, unsigned slot)
{
    struct semaphore_kills *shared = memory;
    const uint32_t bit = UINT32_C(1) << slot;

    if (__atomic_fetch_and(&shared->holders, ~bit, __ATOMIC_SEQ_CST) & bit) {
        shared->held_when_killed = 1;
        (void)!pp_semaphore_release(&shared->semaphore, NULL);
    }
}

static bool units_are_accounted_for(void *memory, unsigned victim)
{
    struct semaphore_kills *shared = memory;
    const uint32_t value = pp_semaphore_value(&shared->semaphore);

    pair->passed += shared->held_when_killed;
    if (shared->held_when_killed || !shared->busy[victim])
        return value == UNITS;
    return value == UNITS || value == UNITS - 1;
}

static void no_killed_holder_or_waiter_costs_more_than_its_unit(void **state)
{
    const struct sync_kills kills = {.size = sizeof(struct semaphore_kills),
                                     .children = SYNC_CHILDREN,
                                     .begin = begin_semaphore,
                                     .child = hold_units,
                                     .mourn = release_in_its_stead,
                                     .consistent = units_are_accounted_for};

    (void)state;
    assert_int_equal(sync_run_kills(&kills), 0);
    assert_true(pair->passed > 0);
}

/* Two release into what two take from; each wakes the others by turns. */
struct flow_kills {
    struct sync_round round;
    struct pp_semaphore full, empty;
    uint32_t stopped;
};

static void begin_flow(void *memory)
{
    struct flow_kills *shared = memory;

    (void)!pp_semaphore_init(&shared->empty, 3, 0, NULL);
}

static bool flow(void *memory, unsigned slot)
{
    struct flow_kills *shared = memory;
    struct pp_semaphore *from = slot < 2 ? &shared->empty : &shared->full;
    struct pp_semaphore *to = slot < 2 ? &shared->full : &shared->empty;

    while (sync_goes_on(&shared->round, slot))
        if (pp_semaphore_acquire(from, -1, NULL) != PP_OK ||
            pp_semaphore_release(to, NULL) != PP_OK)
            return false;
    /* For those who need a few units more than this one was to give them. */
    for (unsigned i = 0; i < 4 * SYNC_STEPS_AFTER; i++)
        if (pp_semaphore_release(to, NULL) != PP_OK)
            return false;
    return true;
}

static bool nobody_is_stranded(void *memory, unsigned victim)
{
    (void)memory;
    (void)victim;
    return true; /* all came to their end */
}

static void no_killed_releaser_strands_those_who_wait(void **state)
{
    const struct sync_kills kills = {.size = sizeof(struct flow_kills),
                                     .children = SYNC_CHILDREN,
                                     .begin = begin_flow,
                                     .child = flow,
                                     .consistent = nobody_is_stranded};

    (void)state;
    assert_int_equal(sync_run_kills(&kills), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_semaphore_counts_its_units_beyond_the_first_number,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_bounded_semaphore_refuses_a_unit_too_many, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(units_that_cannot_be_are_refused_and_the_most_are_not,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(zeros_are_a_semaphore_without_units_whose_waits_end_in_time,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(two_processes_take_turns, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(as_many_go_on_as_units_are_released_at_once, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(no_killed_holder_or_waiter_costs_more_than_its_unit, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(no_killed_releaser_strands_those_who_wait, set_up,
                                        sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
