/*
 * A worker at a task for too long is killed, whatever it does: loops, hangs, or was stopped. All
 * tasks are given the same time, so that lists in order of beginning are in order of deadlines.
 */
#include "base/clock.h"
#include "pool/state.h"

void pp_deadline_restart(struct pp_pool *pool, struct pp_place *place)
{
    pp_list_remove(&place->clock);
    place->due_ns = UINT64_MAX;
    if (!(pool->settings.timeout > 0) || place->state != PP_PLACE_READY || place->load == 0 ||
        place->wish > 0)
        return;
    place->due_ns = pp_clock_ns() + (uint64_t)(pool->settings.timeout * (double)PP_NS_PER_S);
    pp_list_append(&pool->running, &place->clock);
}

/* What was published in time counts, even if the supervisor only looks now. */
void pp_deadlines_enforce(struct pp_pool *pool, uint64_t now)
{
    struct pp_place *place;

    while ((place = pp_list_first(&pool->running)) != NULL && place->due_ns <= now) {
        pp_results_drain(pool, place);
        if (place->due_ns <= now)
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
    /* Pauses that ended before the last step was over have been made use of in it. */
    if (pool->hiring.not_before_ns > pool->stepped_ns && pool->occupied < pool->limit)
        next = earlier(next, pool->hiring.not_before_ns);
    if (pool->hold_until_ns > pool->stepped_ns)
        next = earlier(next, pool->hold_until_ns);
    return next;
}

static void shift(struct pp_link *list, uint64_t by)
{
    for (struct pp_link *link = list->next; link != list; link = link->next) {
        struct pp_place *place = link->owner;

        place->due_ns += by;
    }
}

void pp_pool_resumed(struct pp_pool *pool)
{
    const uint64_t lost = pp_clock_ns() - pool->stepped_ns;

    shift(&pool->starting, lost);
    shift(&pool->running, lost);
    pool->stepped_ns += lost;
}
