/* Looking for a moment before going to sleep: for how long, how often, and when not at all. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pixpool/sync.h>
#include <pthread.h>

#include "base/clock.h"
#include "runtime/spin.h"

#define WAITS 1000

static const struct pp_deadline never = {.never = true};

/* The processors this process began with; a test without two of them has nothing to look at. */
static cpu_set_t allowed;

static int remember_processors(void **state)
{
    (void)state;
    return sched_getaffinity(0, sizeof allowed, &allowed);
}

static int restore_processors(void **state)
{
    (void)state;
    return sched_setaffinity(0, sizeof allowed, &allowed);
}

static void need_two_processors(void)
{
    if (CPU_COUNT(&allowed) < 2)
        skip();
}

static void keep_to_one_processor(void)
{
    cpu_set_t one;
    unsigned number = 0;

    while (!CPU_ISSET(number, &allowed))
        number++;
    CPU_ZERO(&one);
    CPU_SET(number, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

/* A look to its end. Whether there was one. */
static bool look(uint32_t *hint, bool came)
{
    struct pp_spin spin = pp_spin_begin(hint, &never);
    const bool looks = pp_spin_goes_on(&spin);

    pp_spin_end(&spin, came);
    return looks;
}

static void a_look_lasts_as_long_as_it_should(void **state)
{
    const uint64_t begin = pp_clock_ns();
    uint32_t hint = 0;
    struct pp_spin spin;

    (void)state;
    need_two_processors();
    spin = pp_spin_begin(&hint, &never);
    while (pp_spin_goes_on(&spin))
        assert_true(spin.until >= begin + PP_SPIN_NS);
    assert_true(pp_clock_ns() >= begin + PP_SPIN_NS);
}

static void a_look_does_not_outlast_the_deadline(void **state)
{
    const struct pp_deadline passed = pp_deadline_after(0), soon = pp_deadline_after(1);
    uint32_t hint = 0;
    struct pp_spin spin = pp_spin_begin(&hint, &passed);

    (void)state;
    assert_false(pp_spin_goes_on(&spin));
    pp_spin_end(&spin, false);
    assert_int_equal(hint, 0);
    spin = pp_spin_begin(&hint, &soon);
    assert_true(spin.until <= (uint64_t)soon.at.tv_sec * PP_NS_PER_S + (uint64_t)soon.at.tv_nsec);
}

static void nobody_looks_with_one_processor(void **state)
{
    uint32_t hint = 0;

    (void)state;
    keep_to_one_processor();
    assert_false(look(&hint, false));
    assert_int_equal(hint, 0);
}

static void looks_in_vain_get_rare(void **state)
{
    unsigned skipped = 0, expected = 1, looks = 0;
    uint32_t hint = 0;

    (void)state;
    need_two_processors();
    assert_true(look(&hint, false));
    for (unsigned i = 0; i < WAITS; i++) {
        if (!look(&hint, false)) {
            skipped++;
            continue;
        }
        assert_int_equal(skipped, expected);
        expected = 2 * expected < PP_SPIN_SKIPS_MAX ? 2 * expected : PP_SPIN_SKIPS_MAX;
        skipped = 0;
        looks++;
    }
    assert_int_equal(expected, PP_SPIN_SKIPS_MAX);
    assert_true(looks < WAITS / 20);
}

static void one_that_was_not_in_vain_makes_them_usual(void **state)
{
    uint32_t hint = 0;

    (void)state;
    need_two_processors();
    for (unsigned i = 0; i < WAITS; i++)
        look(&hint, false);
    while (!look(&hint, true))
        assert_int_not_equal(hint, 0);
    assert_int_equal(hint, 0);
    assert_true(look(&hint, true));
    assert_true(look(&hint, true));
}

static void a_hint_that_was_overwritten_rights_itself(void **state)
{
    uint32_t hint = UINT32_MAX;
    unsigned waits = 0;

    (void)state;
    need_two_processors();
    while (!look(&hint, false))
        waits++;
    assert_int_equal(waits, UINT16_MAX);
    for (waits = 0; !look(&hint, false); waits++)
        assert_true(waits < PP_SPIN_SKIPS_MAX);
    assert_int_equal(waits, PP_SPIN_SKIPS_MAX);
}

/* ---- what looks ----------------------------------------------------------------------------- */

struct post {
    struct pp_event event;
    struct pp_semaphore semaphore;
    struct pp_condition condition;
    struct pp_lock own;   /* the condition's */
    struct pp_lock taken; /* by the thread that began the test */
    double timeout;
};

static bool is_over(enum pp_status status)
{
    return status == PP_E_TIMEOUT;
}

/* In a thread: wait for each of them in vain. Returns NULL when that was so. */
static void *wait_for_each(void *user)
{
    struct post *post = user;
    bool held = pp_lock_acquire(&post->own, -1, NULL) == PP_OK;
    bool in_vain = is_over(pp_condition_wait(&post->condition, &post->own, post->timeout, NULL));

    held &= pp_lock_release(&post->own, NULL) == PP_OK;
    in_vain &= is_over(pp_event_wait(&post->event, post->timeout, NULL));
    in_vain &= is_over(pp_semaphore_acquire(&post->semaphore, post->timeout, NULL));
    in_vain &= is_over(pp_lock_acquire(&post->taken, post->timeout, NULL));
    return held && in_vain ? NULL : user;
}

static void wait_in_vain(struct post *post, double timeout)
{
    pthread_t thread;
    void *failed;

    *post = (struct post){.timeout = timeout};
    assert_int_equal(pp_lock_acquire(&post->taken, -1, NULL), PP_OK);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_each, post), 0);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_int_equal(pp_lock_release(&post->taken, NULL), PP_OK);
}

static void expect_looks(const struct post *post, bool any)
{
    assert_int_equal(post->event.hint != 0, any);
    assert_int_equal(post->semaphore.hint != 0, any);
    assert_int_equal(post->condition.hint != 0, any);
    assert_int_equal(post->taken.hint != 0, any);
}

static void whoever_waits_looks_first(void **state)
{
    struct post post;

    (void)state;
    need_two_processors();
    wait_in_vain(&post, 0.1); /* long, so that it cannot pass before the look begins */
    expect_looks(&post, true);
}

static void who_only_tries_does_not_look(void **state)
{
    struct post post;

    (void)state;
    wait_in_vain(&post, 0);
    expect_looks(&post, false);
}

static void whoever_waits_on_the_one_processor_does_not_look(void **state)
{
    struct post post;

    (void)state;
    keep_to_one_processor();
    wait_in_vain(&post, 0.001);
    expect_looks(&post, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_lasts_as_long_as_it_should),
        cmocka_unit_test(a_look_does_not_outlast_the_deadline),
        cmocka_unit_test_teardown(nobody_looks_with_one_processor, restore_processors),
        cmocka_unit_test(looks_in_vain_get_rare),
        cmocka_unit_test(one_that_was_not_in_vain_makes_them_usual),
        cmocka_unit_test(a_hint_that_was_overwritten_rights_itself),
        cmocka_unit_test(whoever_waits_looks_first),
        cmocka_unit_test(who_only_tries_does_not_look),
        cmocka_unit_test_teardown(whoever_waits_on_the_one_processor_does_not_look,
                                  restore_processors),
    };

    return cmocka_run_group_tests(tests, remember_processors, NULL);
}
