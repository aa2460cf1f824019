/* Jobs of a team: each done once, in the order asked for, by whoever has nothing else to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/team.h"

#define JOBS        500
#define THREADS_MAX 4u

struct count {
    struct pp_team team;
    struct pp_job jobs[JOBS];
    atomic_uint done;
    bool waits;
};

static void add_one(void *user)
{
    atomic_fetch_add((atomic_uint *)user, 1);
}

static void post_many(void *user)
{
    struct count *count = user;

    for (size_t i = 0; i < JOBS; i++) {
        count->jobs[i] = (struct pp_job){.run = add_one, .user = &count->done};
        pp_team_post(&count->team, &count->jobs[i], i % 3 ? PP_JOB_LAST : PP_JOB_NEXT);
    }
    for (size_t i = 0; count->waits && i < JOBS; i++)
        pp_team_wait(&count->team, &count->jobs[i]);
    if (count->waits)
        assert_int_equal(atomic_load(&count->done), JOBS);
}

static void every_job_is_done_once_when_the_region_ends(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= THREADS_MAX; threads++) {
        struct count count = {.waits = false};
        pp_team_init(&count.team);
        for (unsigned turn = 1; turn <= 3; turn++) {
            pp_team_lead(&count.team, threads, post_many, &count);
            assert_int_equal(atomic_load(&count.done), turn * JOBS);
            assert_int_equal(pp_team_size(&count.team), 1);
        }
        pp_team_release(&count.team);
    }
}

static void every_job_waited_for_is_done_within_a_region_and_outside(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
        struct count count = {.waits = true};
        pp_team_init(&count.team);
        pp_team_lead(&count.team, threads, post_many, &count);
        atomic_store(&count.done, 0);
        post_many(&count);
        pp_team_release(&count.team);
    }
}

static void see_size(void *user)
{
    struct count *count = user;

    atomic_store(&count->done, pp_team_size(&count->team));
}

static void a_team_knows_how_many_it_is(void **state)
{
    struct count count = {.waits = false};

    (void)state;
    pp_team_init(&count.team);
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
        pp_team_lead(&count.team, threads, see_size, &count);
        assert_in_range(atomic_load(&count.done), 1, threads);
    }
    assert_int_equal(pp_team_size(NULL), 1);
    pp_team_release(&count.team);
}

/* ---- one after the other -------------------------------------------------------------------- */

#define LINKS 5u
#define STEPS 400u

/* Jobs in a ring, each after the one before it, posted again and again as far ahead as may be. */
struct chain;

struct link {
    struct chain *chain;
    unsigned index;
};

struct chain {
    struct pp_team team;
    struct pp_job jobs[LINKS];
    struct link links[LINKS];
    unsigned steps;    /* by the jobs; guarded by their order alone */
    atomic_int inside; /* of them at once */
    atomic_int faults;
};

static void take_step(void *user)
{
    const struct link *link = user;
    struct chain *chain = link->chain;

    if (atomic_fetch_add(&chain->inside, 1) != 0 || chain->steps % LINKS != link->index)
        atomic_fetch_add(&chain->faults, 1);
    chain->steps++;
    atomic_fetch_sub(&chain->inside, 1);
}

static void walk_ring(void *user)
{
    struct chain *chain = user;
    unsigned posted = 0;

    for (unsigned i = 0; i < LINKS; i++) {
        chain->links[i] = (struct link){chain, i};
        chain->jobs[i] = (struct pp_job){.run = take_step,
                                         .user = &chain->links[i],
                                         .after = &chain->jobs[(i + LINKS - 1) % LINKS]};
    }
    while (posted < LINKS - 1)
        pp_team_post(&chain->team, &chain->jobs[posted++], PP_JOB_NEXT);
    for (unsigned step = 0; step < STEPS; step++) {
        pp_team_wait(&chain->team, &chain->jobs[step % LINKS]);
        pp_team_post(&chain->team, &chain->jobs[posted++ % LINKS], PP_JOB_NEXT);
    }
}

static void jobs_that_come_after_others_never_overlap(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
        struct chain chain = {.steps = 0};
        pp_team_init(&chain.team);
        pp_team_lead(&chain.team, threads, walk_ring, &chain);
        assert_int_equal(chain.steps, STEPS + LINKS - 1);
        assert_int_equal(atomic_load(&chain.faults), 0);
        pp_team_release(&chain.team);
    }
}

/* ---- waiting -------------------------------------------------------------------------------- */

struct meeting {
    struct pp_team team;
    struct pp_job slow, quick;
    atomic_bool begun, met;
};

static void wait_for_the_other(void *user)
{
    struct meeting *meeting = user;

    atomic_store(&meeting->begun, true);
    while (!atomic_load(&meeting->met))
        ;
}

static void meet(void *user)
{
    atomic_store(&((struct meeting *)user)->met, true);
}

/* The slow job ends only when the quick one is done, which nobody else is there for. */
static void lead_meeting(void *user)
{
    struct meeting *meeting = user;

    if (pp_team_size(&meeting->team) < 2)
        return;
    pp_team_post(&meeting->team, &meeting->slow, PP_JOB_NEXT);
    while (!atomic_load(&meeting->begun))
        ;
    pp_team_post(&meeting->team, &meeting->quick, PP_JOB_LAST);
    pp_team_wait(&meeting->team, &meeting->slow);
    assert_true(atomic_load(&meeting->met));
}

static void who_waits_for_a_job_does_others_meanwhile(void **state)
{
    struct meeting meeting = {.begun = false};

    (void)state;
    pp_team_init(&meeting.team);
    meeting.slow = (struct pp_job){.run = wait_for_the_other, .user = &meeting};
    meeting.quick = (struct pp_job){.run = meet, .user = &meeting};
    pp_team_lead(&meeting.team, 2, lead_meeting, &meeting);
    pp_team_release(&meeting.team);
}

static void a_job_never_posted_is_not_waited_for(void **state)
{
    struct pp_team team;
    struct pp_job job = {.run = add_one};

    (void)state;
    pp_team_init(&team);
    pp_team_wait(&team, &job);
    pp_team_wait(NULL, &job);
    pp_team_release(&team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_done_once_when_the_region_ends),
        cmocka_unit_test(every_job_waited_for_is_done_within_a_region_and_outside),
        cmocka_unit_test(a_team_knows_how_many_it_is),
        cmocka_unit_test(jobs_that_come_after_others_never_overlap),
        cmocka_unit_test(who_waits_for_a_job_does_others_meanwhile),
        cmocka_unit_test(a_job_never_posted_is_not_waited_for),
    };

    return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}
