/* Barriers between processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>
#include <unistd.h>

#include "support_sync.h"

#define PARTIES 5

/* Counters stand in for lists that each party adds to. */
struct meeting {
    struct pp_barrier barrier, other;
    uint32_t passes;
    uint32_t before, after;
    uint32_t indices[PARTIES];
    uint32_t acted;
    uint32_t passed, cancelled, timed_out, again;
};

static struct meeting *meeting;

static int set_up(void **state)
{
    meeting = sync_lend(state, sizeof *meeting);
    assert_int_equal(pp_barrier_init(&meeting->barrier, PARTIES, SYNC_PATIENCE_S, NULL), PP_OK);
    assert_int_equal(pp_barrier_init(&meeting->other, PARTIES, SYNC_PATIENCE_S, NULL), PP_OK);
    return 0;
}

static void count(uint32_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
}

static uint32_t counted(const uint32_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

/* All parties but one are children; this process is the last. */
static void run_parties(bool (*party)(void *user))
{
    pid_t children[PARTIES - 1];

    for (unsigned i = 0; i < PARTIES - 1; i++)
        children[i] = sync_fork(party, NULL);
    assert_true(party(NULL));
    for (unsigned i = 0; i < PARTIES - 1; i++)
        assert_true(sync_ended_well(children[i]));
}

static enum pp_status come(uint32_t *index)
{
    return pp_barrier_wait(&meeting->barrier, -1, NULL, index, NULL);
}

/* ---- rounds --------------------------------------------------------------------------------- */

static bool pass_in_step(void *user)
{
    (void)user;
    for (uint32_t i = 0; i < meeting->passes; i++) {
        count(&meeting->before);
        if (counted(&meeting->after) != i * PARTIES || come(NULL) != PP_OK)
            return false;
        count(&meeting->after);
        if (counted(&meeting->before) != (i + 1) * PARTIES || come(NULL) != PP_OK)
            return false;
    }
    return true;
}

static void nobody_passes_before_all_have_come(void **state)
{
    (void)state;
    meeting->passes = 1;
    run_parties(pass_in_step);
    assert_int_equal(pp_barrier_waiting(&meeting->barrier), 0);
    assert_false(pp_barrier_is_broken(&meeting->barrier));
}

static void a_thousand_rounds_are_passed_in_step(void **state)
{
    (void)state;
    meeting->passes = 500;
    run_parties(pass_in_step);
    assert_int_equal(pp_barrier_waiting(&meeting->barrier), 0);
    assert_false(pp_barrier_is_broken(&meeting->barrier));
}

static bool note_index(void *user)
{
    uint32_t index = PARTIES;

    (void)user;
    if (come(&index) != PP_OK || index >= PARTIES)
        return false;
    count(&meeting->indices[index]);
    return true;
}

static void each_party_gets_an_index_of_its_own(void **state)
{
    (void)state;
    run_parties(note_index);
    for (unsigned i = 0; i < PARTIES; i++)
        assert_int_equal(meeting->indices[i], 1);
}

static void one_party_never_waits_and_none_is_refused(void **state)
{
    struct pp_barrier *barrier = &meeting->barrier;
    struct pp_barrier blank = {.parties = 0};
    uint32_t index = 7;

    (void)state;
    assert_int_equal(pp_barrier_init(barrier, 1, -1, NULL), PP_OK);
    assert_int_equal(pp_barrier_wait(barrier, -1, NULL, &index, NULL), PP_OK);
    assert_int_equal(index, 0);
    assert_int_equal(pp_barrier_wait(barrier, 0, NULL, NULL, NULL), PP_OK);
    assert_int_equal(pp_barrier_init(barrier, 0, -1, NULL), PP_E_USAGE);
    assert_int_equal(pp_barrier_wait(&blank, -1, NULL, NULL, NULL), PP_E_USAGE);
}

/* ---- the action ----------------------------------------------------------------------------- */

static enum pp_status act(void *user, struct pp_error *err)
{
    (void)err;
    count(user);
    return PP_OK;
}

static bool come_and_see_it_done(void *user)
{
    const struct pp_barrier_action action = {.run = act, .user = &meeting->acted};

    (void)user;
    return pp_barrier_wait(&meeting->barrier, -1, &action, NULL, NULL) == PP_OK &&
           counted(&meeting->acted) == 1;
}

static void the_action_is_run_once_before_anybody_passes(void **state)
{
    (void)state;
    run_parties(come_and_see_it_done);
    assert_int_equal(meeting->acted, 1);
}

static enum pp_status refuse(void *user, struct pp_error *err)
{
    (void)user;
    return pp_error_set(err, PP_E_LIMIT, "enough");
}

static bool come_to_a_failure(void *user)
{
    const struct pp_barrier_action action = {.run = refuse};
    struct pp_error err = {0};
    enum pp_status status = pp_barrier_wait(&meeting->barrier, -1, &action, NULL, &err);

    (void)user;
    count(status == PP_E_LIMIT ? &meeting->acted : &meeting->cancelled);
    return err.status == status;
}

static void an_action_that_fails_breaks_the_barrier(void **state)
{
    (void)state;
    run_parties(come_to_a_failure);
    assert_int_equal(meeting->acted, 1);
    assert_int_equal(meeting->cancelled, PARTIES - 1);
    assert_true(pp_barrier_is_broken(&meeting->barrier));
}

/* ---- broken and reset ----------------------------------------------------------------------- */

/* One aborts where the others wait. */
static bool come_or_abort(void *user)
{
    uint32_t index;
    struct pp_error err = {0};

    (void)user;
    if (come(&index) != PP_OK)
        return false;
    if (index == PARTIES / 2)
        return pp_barrier_abort(&meeting->barrier, NULL) == PP_OK;
    count(pp_barrier_wait(&meeting->barrier, -1, NULL, NULL, &err) == PP_E_CANCELLED
              ? &meeting->cancelled
              : &meeting->passed);
    return true;
}

static void aborting_cancels_all_who_wait_and_all_who_come(void **state)
{
    struct pp_error err = {0};

    (void)state;
    run_parties(come_or_abort);
    assert_int_equal(meeting->passed, 0);
    assert_int_equal(meeting->cancelled, PARTIES - 1);
    assert_true(pp_barrier_is_broken(&meeting->barrier));
    assert_int_equal(pp_barrier_waiting(&meeting->barrier), 0);
    assert_int_equal(pp_barrier_wait(&meeting->barrier, -1, NULL, NULL, &err), PP_E_CANCELLED);
    assert_string_equal(err.text, "the barrier is broken");
}

/* One resets where the others wait, and all pass once more. */
static bool come_or_reset(void *user)
{
    uint32_t index;

    (void)user;
    if (come(&index) != PP_OK)
        return false;
    if (index == PARTIES / 2) {
        while (pp_barrier_waiting(&meeting->barrier) < PARTIES - 1)
            usleep(100);
        if (pp_barrier_reset(&meeting->barrier, NULL) != PP_OK)
            return false;
    } else {
        count(come(NULL) == PP_E_CANCELLED ? &meeting->cancelled : &meeting->passed);
    }
    if (come(NULL) == PP_OK)
        count(&meeting->again);
    return true;
}

static void a_reset_cancels_those_who_wait_and_the_next_round_is_whole(void **state)
{
    (void)state;
    run_parties(come_or_reset);
    assert_int_equal(meeting->passed, 0);
    assert_int_equal(meeting->cancelled, PARTIES - 1);
    assert_int_equal(meeting->again, PARTIES);
}

/* Broken by one, put right by another when all have left it. */
static bool come_abort_and_reset(void *user)
{
    uint32_t index;

    if (!come_or_abort(user) || pp_barrier_wait(&meeting->other, -1, NULL, &index, NULL) != PP_OK)
        return false;
    if (index == PARTIES / 2 && pp_barrier_reset(&meeting->barrier, NULL) != PP_OK)
        return false;
    if (pp_barrier_wait(&meeting->other, -1, NULL, NULL, NULL) != PP_OK)
        return false;
    if (come(NULL) == PP_OK)
        count(&meeting->again);
    return true;
}

static void a_barrier_that_was_broken_serves_again_after_a_reset(void **state)
{
    (void)state;
    run_parties(come_abort_and_reset);
    assert_int_equal(meeting->passed, 0);
    assert_int_equal(meeting->cancelled, PARTIES - 1);
    assert_int_equal(meeting->again, PARTIES);
}

/* ---- time-outs ------------------------------------------------------------------------------ */

/* All but one come, for as long as the barrier says or a short while. */
static bool come_in_vain(double timeout)
{
    uint32_t index;
    enum pp_status status;

    if (pp_barrier_wait(&meeting->other, -1, NULL, &index, NULL) != PP_OK)
        return false;
    /* One is late: it comes when the barrier is broken. */
    while (index == PARTIES / 2 && !pp_barrier_is_broken(&meeting->barrier))
        usleep(1000);
    status = pp_barrier_wait(&meeting->barrier, timeout, NULL, NULL, NULL);
    count(status == PP_E_TIMEOUT ? &meeting->timed_out : &meeting->cancelled);
    return status == PP_E_TIMEOUT || status == PP_E_CANCELLED;
}

static bool come_for_a_while(void *user)
{
    (void)user;
    return come_in_vain(0.1);
}

static bool come_for_the_usual_time(void *user)
{
    (void)user;
    return come_in_vain(-1);
}

static void a_time_out_breaks_the_barrier_for_all(void **state)
{
    (void)state;
    run_parties(come_for_a_while);
    assert_int_equal(meeting->timed_out + meeting->cancelled, PARTIES);
    assert_true(meeting->timed_out >= 1);
    assert_true(pp_barrier_is_broken(&meeting->barrier));
}

static void a_barrier_has_a_time_out_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(pp_barrier_init(&meeting->barrier, PARTIES, 0.1, NULL), PP_OK);
    run_parties(come_for_the_usual_time);
    assert_int_equal(meeting->timed_out + meeting->cancelled, PARTIES);
    assert_true(meeting->timed_out >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_passes_before_all_have_come, set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_thousand_rounds_are_passed_in_step, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(each_party_gets_an_index_of_its_own, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(one_party_never_waits_and_none_is_refused, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(the_action_is_run_once_before_anybody_passes, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(an_action_that_fails_breaks_the_barrier, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(aborting_cancels_all_who_wait_and_all_who_come, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(a_reset_cancels_those_who_wait_and_the_next_round_is_whole,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_barrier_that_was_broken_serves_again_after_a_reset,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(a_time_out_breaks_the_barrier_for_all, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(a_barrier_has_a_time_out_of_its_own, set_up,
                                        sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
