/*
 * A worker at a task for too long is killed, whatever it does: loops, hangs, or was stopped. The
 * lists are in order of deadlines: most tasks are given the same time and go to the end, only those
 * with more or less look for their place from there.
 */
#include "base/clock.h"
#include "pool/state.h"

/* Later than this, a wait was not ended by a busy machine: the process had been stopped, its
 * control group frozen, or the whole machine. */
#define LATE_NS (PP_NS_PER_S / 2)

/* So long a worker that was asked to end may take. */
#define END_NS (10 * PP_NS_PER_S)

/* More than this is for ever, and sums of such times do not overflow. */
#define LONGEST_NS (UINT64_C(1) << 60)

uint64_t pp_deadline_span(double seconds)
{
    double ns = seconds * (double)PP_NS_PER_S;

    if (!(ns > 0))
        return 0;
    return ns < (double)LONGEST_NS ? (uint64_t)ns : LONGEST_NS;
}

static void insert_by_deadline(struct pp_link *list, struct pp_place *place)
{
    struct pp_link *before = list->prev;

    while (before != list && ((const struct pp_place *)before->owner)->due_ns > place->due_ns)
        before = before->prev;
    pp_list_insert(before, &place->clock);
}

void pp_deadline_restart(struct pp_pool *pool, struct pp_place *place)
{
    const struct pp_job *job;

    pp_list_remove(&place->clock);
    place->due_ns = UINT64_MAX;
    if (!(pool->settings.timeout > 0) || place->state != PP_PLACE_READY || place->load == 0 ||
        place->wish > 0)
        return;
    job = place->slots[0].job;
    place->due_ns = pp_clock_ns() + pp_deadline_span(pool->settings.timeout);
    if (job) /* else it was called off meanwhile */
        place->due_ns += job->more_ns;
    place->latest_ns = place->due_ns;
    if (job && job->parts > 1)
        place->latest_ns += pp_deadline_span(pool->settings.timeout * (job->parts - 1));
    place->parts_seen = 0;
    insert_by_deadline(&pool->running, place);
}

void pp_deadline_of_end(struct pp_pool *pool, struct pp_place *place)
{
    pp_list_remove(&place->clock);
    place->due_ns = place->latest_ns = pp_clock_ns() + END_NS;
    insert_by_deadline(&pool->running, place);
}

/* It has begun another part since. False: kill it. */
static bool put_off(struct pp_pool *pool, struct pp_place *place, uint64_t now)
{
    const uint64_t parts = atomic_load(&place->child.cell.results->progress);

    if (parts == place->parts_seen || now >= place->latest_ns)
        return false;
    place->parts_seen = parts;
    place->due_ns = now + pp_deadline_span(pool->settings.timeout);
    if (place->due_ns > place->latest_ns)
        place->due_ns = place->latest_ns;
    pp_list_remove(&place->clock);
    insert_by_deadline(&pool->running, place);
    return true;
}

/* What was published in time counts, even if the supervisor only looks now. */
void pp_deadlines_enforce(struct pp_pool *pool, uint64_t now)
{
    struct pp_place *place;

    while ((place = pp_list_first(&pool->running)) != NULL && place->due_ns <= now) {
        pp_results_drain(pool, place);
        if (place->due_ns <= now && !put_off(pool, place, now))
            pp_place_kill(pool, place, PP_LEAVING_TIMEOUT);
    }
    while ((place = pp_list_first(&pool->starting)) != NULL && place->due_ns <= now) {
        pp_results_drain(pool, place);
        if (place->state == PP_PLACE_STARTING)
            pp_place_kill(pool, place, PP_LEAVING_SLOW);
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t pp_deadline_next(const struct pp_pool *pool)
{
    const struct pp_place *running = pp_list_first(&pool->running);
    const struct pp_place *starting = pp_list_first(&pool->starting);
    uint64_t next = UINT64_MAX;

    if (running)
        next = running->due_ns;
    if (starting)
        next = earlier(next, starting->due_ns);
    /* Pauses that ended before the last wait did have been made use of after it. */
    if (pool->hiring.not_before_ns > pool->awake_ns && pool->occupied < pool->limit)
        next = earlier(next, pool->hiring.not_before_ns);
    if (pool->hold_until_ns > pool->awake_ns)
        next = earlier(next, pool->hold_until_ns);
    if (!pp_list_empty(&pool->hushed))
        next = earlier(next, pool->listen_ns);
    return earlier(next, pp_recall_next(pool));
}

static void shift(struct pp_link *list, uint64_t by)
{
    for (struct pp_link *link = list->next; link != list; link = link->next) {
        struct pp_place *place = link->owner;

        place->due_ns += by;
        place->latest_ns += by;
    }
}

static void forget(struct pp_pool *pool, uint64_t lost)
{
    shift(&pool->starting, lost);
    shift(&pool->running, lost);
    if (pool->hiring.failing_since_ns > 0)
        pool->hiring.failing_since_ns += lost;
    pool->awake_ns += lost;
}

/* Not everybody is told by a SIGCONT: of a frozen control group nobody is. */
void pp_deadlines_waited(struct pp_pool *pool, int asked_ms, uint64_t begin, uint64_t end)
{
    const uint64_t most = (uint64_t)asked_ms * PP_NS_PER_MS;

    if (asked_ms >= 0 && end - begin > most + LATE_NS)
        forget(pool, end - begin - most);
}

void pp_pool_resumed(struct pp_pool *pool)
{
    forget(pool, pp_clock_ns() - pool->awake_ns);
}
