/* Events between processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pixpool/sync.h>
#include <string.h>
#include <unistd.h>

#include "support_sync.h"

struct stage {
    struct pp_event event;
    uint32_t waiting;
    uint32_t told;
};

static struct stage *stage;

static int set_up(void **state)
{
    stage = sync_lend(state, sizeof *stage);
    return 0;
}

static bool set_it_later(void *user)
{
    (void)user;
    usleep(20000);
    stage->told = 42;
    pp_event_set(&stage->event);
    return true;
}

static void an_event_lets_go_while_it_is_set_and_not_before_or_after(void **state)
{
    struct pp_event *event = &stage->event;
    struct pp_error err = {0};
    pid_t child;

    (void)state;
    assert_false(pp_event_is_set(event));
    assert_int_equal(pp_event_wait(event, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_event_wait(event, 0.3, &err), PP_E_TIMEOUT);
    assert_string_equal(err.text, "the event was not set in time");
    pp_event_set(event);
    pp_event_set(event);
    assert_true(pp_event_is_set(event));
    assert_int_equal(pp_event_wait(event, -1, NULL), PP_OK);
    assert_int_equal(pp_event_wait(event, 0, NULL), PP_OK);
    pp_event_clear(event);
    pp_event_clear(event);
    assert_false(pp_event_is_set(event));
    assert_int_equal(pp_event_wait(event, 0, NULL), PP_E_TIMEOUT);
    child = sync_fork(set_it_later, NULL);
    assert_int_equal(pp_event_wait(event, -1, NULL), PP_OK);
    assert_int_equal(stage->told, 42);
    assert_true(sync_ended_well(child));
    memset(event, 0xff, sizeof *event);
    pp_event_init(event);
    assert_false(pp_event_is_set(event));
}

static bool wait_for_it(void *user)
{
    (void)user;
    __atomic_fetch_add(&stage->waiting, 1, __ATOMIC_ACQ_REL);
    return pp_event_wait(&stage->event, -1, NULL) == PP_OK;
}

static void all_who_wait_go_on_even_if_it_is_cleared_before_they_look(void **state)
{
    struct pp_event brief;
    pid_t children[6];

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        children[i] = sync_fork(wait_for_it, NULL);
    assert_true(sync_reaches(&stage->waiting, 6));
    for (unsigned i = 0; i < 6; i++)
        assert_true(sync_sleeps(children[i]));
    /* In one step, so that no child runs while it is set. */
    brief.word = __atomic_load_n(&stage->event.word, __ATOMIC_SEQ_CST);
    pp_event_set(&brief);
    pp_event_clear(&brief);
    __atomic_store_n(&stage->event.word, brief.word, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 6; i++)
        assert_true(sync_ended_well(children[i]));
    assert_false(pp_event_is_set(&stage->event));
}

/* ---- a thousand kills ----------------------------------------------------------------------- */

/* The first child sets and clears, the others wait. */
struct event_kills {
    struct sync_round round;
    struct pp_event event;
};

static void begin_event(void *memory)
{
    (void)memory;
}

static bool set_and_wait(void *memory, unsigned slot)
{
    struct event_kills *shared = memory;

    while (sync_goes_on(&shared->round, slot)) {
        if (slot == 0) {
            pp_event_clear(&shared->event);
            pp_event_set(&shared->event);
        } else if (pp_event_wait(&shared->event, -1, NULL) != PP_OK) {
            return false;
        }
    }
    return true;
}

/* In the dead one's stead, or else to no avail: it is cleared and set a few times more. */
static void set_it(void *memory, unsigned slot)
{
    struct event_kills *shared = memory;

    (void)slot;
    pp_event_set(&shared->event);
}

static bool it_is_set(void *memory, unsigned victim)
{
    struct event_kills *shared = memory;

    (void)victim;
    return pp_event_is_set(&shared->event);
}

static void no_killed_setter_or_waiter_leaves_others_waiting_for_a_set_event(void **state)
{
    const struct sync_kills kills = {.size = sizeof(struct event_kills),
                                     .children = SYNC_CHILDREN,
                                     .begin = begin_event,
                                     .child = set_and_wait,
                                     .mourn = set_it,
                                     .consistent = it_is_set};

    (void)state;
    assert_int_equal(sync_run_kills(&kills), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_lets_go_while_it_is_set_and_not_before_or_after,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(all_who_wait_go_on_even_if_it_is_cleared_before_they_look,
                                        set_up, sync_take_back),
        cmocka_unit_test_setup_teardown(
            no_killed_setter_or_waiter_leaves_others_waiting_for_a_set_event, set_up,
            sync_take_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
