/*
 * Tasks at hand wait behind the one in work. Where that takes long and another worker has nothing
 * to do, they are taken back and handed out again: a task that waits for what another does, or for
 * a worker that hangs, is thereby never kept from running by the order they were handed out in.
 *
 * What is taken back was not begun, by the same word between the two processes as in calling off;
 * records that say so still follow, and until they have come the worker is given nothing. One that
 * the worker had named when it was asked, and then did not begin, comes back by its record.
 */
#include "base/clock.h"
#include "pool/state.h"

/* Longer than a worker needs to get on a processor, and short beside what people notice. */
#define SLOW_NS (5 * PP_NS_PER_MS)

/* Somebody could begin a task at once, and none is queued. */
static bool is_anybody_idle(const struct pp_pool *pool)
{
    return pool->settings.recall && !pp_list_empty(&pool->idle) && pp_list_empty(&pool->queue) &&
           pp_list_empty(&pool->retries) && !pool->exclusive && !pool->stopping;
}

static bool has_tasks_at_hand(const struct pp_place *place)
{
    return place->state == PP_PLACE_READY && place->load > 1 && !place->recalled;
}

/* They keep their order at the head of the queue. */
static void take_back(struct pp_pool *pool, struct pp_place *place)
{
    struct pp_job *jobs[PP_SLOTS];
    unsigned count;

    place->recall_below = pool->last_id + 1;
    count = pp_place_take_back(pool, place, place->recall_below, jobs);
    while (count > 0)
        pp_job_requeue(pool, jobs[--count]);
    if (place->state == PP_PLACE_READY && place->load > 0) {
        place->recalled = true;
        pp_schedule_rank(pool, place);
    }
}

bool pp_recall(struct pp_pool *pool, uint64_t now)
{
    bool any = false;

    for (unsigned i = 0; i < pool->seats && is_anybody_idle(pool); i++) {
        struct pp_place *place = &pool->places[i];

        if (!has_tasks_at_hand(place))
            continue;
        if (place->slow_id != place->slots[0].id) {
            place->slow_id = place->slots[0].id;
            place->slow_ns = now;
        } else if (now - place->slow_ns >= SLOW_NS) {
            take_back(pool, place);
            any = true;
        }
    }
    return any;
}

uint64_t pp_recall_next(const struct pp_pool *pool)
{
    uint64_t next = UINT64_MAX;

    if (!is_anybody_idle(pool))
        return next;
    for (unsigned i = 0; i < pool->seats; i++) {
        const struct pp_place *place = &pool->places[i];

        if (has_tasks_at_hand(place) && place->slow_id == place->slots[0].id &&
            place->slow_ns + SLOW_NS < next)
            next = place->slow_ns + SLOW_NS;
    }
    return next;
}
