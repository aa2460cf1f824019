/* Tasks are handed out, idle workers first; cores without a task become threads. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pool/message.h"
#include "pool/state.h"

/* How long to leave it when the kernel has no buffer or too many descriptors are under way. */
#define HOLD_NS (10 * PP_NS_PER_MS)

void pp_schedule_rank(struct pp_pool *pool, struct pp_place *place)
{
    pp_list_remove(&place->room);
    if (place->state != PP_PLACE_READY || place->surplus)
        return;
    if (place->load == 0 && place->fresh)
        pp_list_prepend(&pool->idle, &place->room); /* where a retry looks for it */
    else if (place->load == 0)
        pp_list_append(&pool->idle, &place->room);
    else if (place->weight < PP_WEIGHT_FULL)
        pp_list_append(&pool->partial, &place->room);
}

static unsigned excess(unsigned weight)
{
    return weight > PP_WEIGHT_FULL ? weight - PP_WEIGHT_FULL : 0;
}

static void set_weight(struct pp_pool *pool, struct pp_place *place, unsigned weight)
{
    pool->excess -= excess(place->weight);
    place->weight = weight;
    pool->excess += excess(weight);
}

struct pp_slot pp_place_shift(struct pp_pool *pool, struct pp_place *place)
{
    const struct pp_slot oldest = place->slots[0];

    memmove(place->slots, place->slots + 1, sizeof *place->slots * (PP_SLOTS - 1));
    place->load--;
    set_weight(pool, place, place->weight - oldest.weight);
    if (place->load == 0)
        pool->busy--;
    if (oldest.job && oldest.job == pool->exclusive)
        pool->exclusive = NULL;
    place->since_ns = pp_clock_ns();
    pp_grants_release(pool, place);
    pp_deadline_restart(pool, place);
    pp_schedule_rank(pool, place);
    return oldest;
}

static void occupy(struct pp_pool *pool, struct pp_place *place, struct pp_job *job, uint64_t id)
{
    /* Nothing comes behind a task that may have no company. */
    const unsigned weight = job->company == PP_COMPANY_ANY ? job->weight : PP_WEIGHT_FULL;

    if (job->company == PP_COMPANY_ANY)
        pool->queued--;
    if (job->company == PP_COMPANY_OWN_POOL)
        pool->exclusive = job;
    pp_list_remove(&job->link);
    job->handed++;
    job->handed_ns = pp_clock_ns();
    place->fresh = false;
    place->slots[place->load++] = (struct pp_slot){id, job->charged + 1, weight, job};
    set_weight(pool, place, place->weight + weight);
    if (place->load == 1) {
        pool->busy++;
        place->since_ns = job->handed_ns;
        pp_deadline_restart(pool, place);
    }
    pp_schedule_rank(pool, place);
}

/* False: leave it for now. */
static bool hand_out_failed(struct pp_pool *pool, struct pp_place *place, struct pp_job *job,
                            int error)
{
    struct pp_outcome outcome = {.status = PP_E_SYSTEM, .attempt = job->charged};
    char text[96];

    switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
    case ETOOMANYREFS:
        pool->hold_until_ns = pp_clock_ns() + HOLD_NS;
        return false;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
        /* Dead, and not yet reported; or it closed its end, which comes to the same. */
        pp_place_kill(pool, place, PP_LEAVING_RETIRED);
        return true;
    default:
        snprintf(text, sizeof text, "cannot be handed out: %s", strerror(error));
        outcome.text = text;
        if (job->company == PP_COMPANY_ANY)
            pool->queued--;
        pp_list_remove(&job->link);
        pp_job_finish(pool, job, &outcome);
        return true;
    }
}

/* Whatever ended a worker at this task, threads that could not be had among it, must not meet the
 * same conditions again. */
static bool has_lost_a_worker(const struct pp_job *job)
{
    return job->charged > 0 || job->killed > 0;
}

/* True when the next one may be tried, whether this one went out or not. */
static bool hand_out(struct pp_pool *pool, struct pp_place *place, struct pp_job *job)
{
    struct pp_message message = {.id = pool->last_id + 1,
                                 .attempt = job->charged + 1,
                                 .single = has_lost_a_worker(job),
                                 .payload_size = (uint32_t)job->payload_size};
    int error;

    if (job->handed > 0 && pool->settings.rewind)
        pool->settings.rewind(pool->settings.user, job->tag, job->fds);
    error = pp_message_send(place->child.socket, &message, job->payload, job->fds);
    if (error)
        return hand_out_failed(pool, place, job, error);
    pool->last_id++;
    occupy(pool, place, job, message.id);
    return true;
}

static void publish_share(struct pp_pool *pool, unsigned share)
{
    if (share == pool->share)
        return;
    pool->share = share;
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].state != PP_PLACE_EMPTY)
            atomic_store_explicit(&pool->places[i].child.cell.orders->threads, share,
                                  memory_order_relaxed);
}

/* While tasks queue, a core is best used by one more task. At the end the idle workers' cores go to
 * those still busy. */
static void share_cores(struct pp_pool *pool)
{
    size_t tasks = pool->busy + pool->queued;
    unsigned share = 1;

    if (pool->settings.threads > 0)
        return;
    if (tasks > pool->limit)
        tasks = pool->limit;
    if (pool->tail && tasks > 0 && tasks < pool->cores)
        share = pool->cores / (unsigned)tasks;
    publish_share(pool, share);
}

static void hand_out_retries(struct pp_pool *pool)
{
    struct pp_job *job;

    while (!pool->exclusive && (job = pp_list_first(&pool->retries)) != NULL) {
        struct pp_place *place = pp_list_first(&pool->idle);

        if (!place)
            return;
        if (job->company == PP_COMPANY_OWN_WORKER ? !place->fresh : pool->busy > 0)
            return;
        if (!hand_out(pool, place, job))
            return;
    }
}

/* Nobody is given a second task that a worker just starting could begin at once, nor while a retry
 * waits for a worker to fall idle and be replaced. */
static bool may_queue_behind(const struct pp_pool *pool)
{
    return !pool->tail && pool->starting_count == 0 && pp_list_empty(&pool->retries);
}

static void hand_out_queue(struct pp_pool *pool)
{
    struct pp_job *job;

    while ((job = pp_list_first(&pool->queue)) != NULL) {
        const struct pp_job *retry = pp_list_first(&pool->retries);
        struct pp_place *place = pp_list_first(&pool->idle);

        if (pool->exclusive || (retry && retry->company == PP_COMPANY_OWN_POOL))
            return;
        if (!place && may_queue_behind(pool))
            place = pp_list_first(&pool->partial);
        if (!place || !hand_out(pool, place, job))
            return;
    }
}

void pp_schedule(struct pp_pool *pool, uint64_t now)
{
    if (pool->stopping || pool->fatal.status != PP_OK || now < pool->hold_until_ns)
        return;
    hand_out_retries(pool);
    hand_out_queue(pool);
    share_cores(pool);
}
