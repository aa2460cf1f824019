/* Tasks are handed out, idle workers first; cores without a task become threads. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pool/message.h"
#include "pool/state.h"

/* How long to leave it when the kernel has no buffer or too many descriptors are under way. */
#define HOLD_NS (10 * PP_NS_PER_MS)

/* Tasks it may still be given before another worker takes its place. */
static unsigned left_to_give(const struct pp_pool *pool, const struct pp_place *place)
{
    const unsigned most = pool->settings.tasks_per_worker;

    return most > 0 ? most - place->given : UINT_MAX;
}

void pp_schedule_rank(struct pp_pool *pool, struct pp_place *place)
{
    pp_list_remove(&place->room);
    if (place->state != PP_PLACE_READY || place->surplus)
        return;
    place->recalled &= place->load > 0;
    if (place->load == 0 && left_to_give(pool, place) == 0)
        pp_place_retire(pool, place);
    else if (place->recalled || left_to_give(pool, place) == 0)
        return;
    else if (place->load == 0 && place->fresh)
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

    place->load--;
    memmove(place->slots, place->slots + 1, sizeof *place->slots * place->load);
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

static void occupy(struct pp_pool *pool, struct pp_place *place, struct pp_job *job, uint64_t now)
{
    /* Nothing comes behind a task that may have no company. */
    const unsigned weight = job->company == PP_COMPANY_ANY ? job->weight : PP_WEIGHT_FULL;

    if (job->company == PP_COMPANY_ANY)
        pool->queued--;
    if (job->company == PP_COMPANY_OWN_POOL)
        pool->exclusive = job;
    pp_list_remove(&job->link);
    job->handed++;
    job->handed_ns = now;
    place->fresh = false;
    place->given++;
    place->slots[place->load++] = (struct pp_slot){++pool->last_id, job->charged + 1, weight, job};
    set_weight(pool, place, place->weight + weight);
    if (place->load == 1) {
        pool->busy++;
        place->since_ns = job->handed_ns;
        pp_deadline_restart(pool, place);
    }
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

/* As it will be when `before` others have been handed out first. */
static struct pp_message head_of(struct pp_pool *pool, const struct pp_job *job, unsigned before)
{
    if (job->handed > 0 && pool->settings.rewind)
        pool->settings.rewind(pool->settings.user, job->tag, job->fds);
    return (struct pp_message){.id = pool->last_id + 1 + before,
                               .attempt = job->charged + 1,
                               .single = has_lost_a_worker(job),
                               .payload_size = (uint32_t)job->payload_size};
}

/* True when the next one may be tried, whether this one went out or not. */
static bool hand_out(struct pp_pool *pool, struct pp_place *place, struct pp_job *job)
{
    struct pp_message message = head_of(pool, job, 0);
    const int error = pp_message_send(place->child.socket, &message, job->payload, job->fds);

    if (error)
        return hand_out_failed(pool, place, job, error);
    occupy(pool, place, job, pp_clock_ns());
    pp_schedule_rank(pool, place);
    pp_results_hush(pool, place);
    return true;
}

static bool may_travel_in_company(const struct pp_job *job)
{
    return job->weight == PP_WEIGHT_TINY && job->fds[0] < 0 && job->fds[1] < 0;
}

/* The first of the queue, at most so many, in one message. As hand_out(). */
static bool hand_out_several(struct pp_pool *pool, struct pp_place *place, unsigned most)
{
    struct pp_parcel parcel;
    const struct pp_link *link = pool->queue.next;
    unsigned count = 0;
    uint64_t now;
    int error;

    pp_parcel_init(&parcel);
    for (; link != &pool->queue && count < most; link = link->next, count++) {
        const struct pp_job *job = link->owner;
        struct pp_message message;

        if (!may_travel_in_company(job) || !pp_parcel_has_room(&parcel, job->payload_size))
            break;
        message = head_of(pool, job, count);
        pp_parcel_add(&parcel, &message, job->payload);
    }
    error = pp_parcel_send(place->child.socket, &parcel);
    if (error)
        return hand_out_failed(pool, place, pp_list_first(&pool->queue), error);
    now = pp_clock_ns();
    while (count-- > 0)
        occupy(pool, place, pp_list_first(&pool->queue), now);
    pp_schedule_rank(pool, place);
    pp_results_hush(pool, place);
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

static unsigned length(const struct pp_link *list)
{
    unsigned count = 0;

    for (const struct pp_link *link = list->next; link != list; link = link->next)
        count++;
    return count;
}

/* How many tiny ones each that has room gets at once, of those there are. */
static size_t fair_share(const struct pp_pool *pool)
{
    const size_t rooms = length(&pool->idle) + length(&pool->partial);

    return rooms > 0 ? (pool->queued + rooms - 1) / rooms : 0;
}

/* As many of its share as it can be given. */
static unsigned portion(const struct pp_pool *pool, const struct pp_place *place, size_t share)
{
    unsigned most = PP_WEIGHT_FULL - place->weight;

    if (!may_queue_behind(pool))
        most = 1;
    if (most > left_to_give(pool, place))
        most = left_to_give(pool, place);
    return share < most ? (unsigned)share : most;
}

static void hand_out_queue(struct pp_pool *pool)
{
    const size_t share = pp_list_empty(&pool->queue) ? 0 : fair_share(pool);
    struct pp_job *job;

    while ((job = pp_list_first(&pool->queue)) != NULL) {
        const struct pp_job *retry = pp_list_first(&pool->retries);
        struct pp_place *place = pp_list_first(&pool->idle);

        if (pool->exclusive || (retry && retry->company == PP_COMPANY_OWN_POOL))
            return;
        if (!place && may_queue_behind(pool))
            place = pp_list_first(&pool->partial);
        if (!place)
            return;
        if (may_travel_in_company(job) ? !hand_out_several(pool, place, portion(pool, place, share))
                                       : !hand_out(pool, place, job))
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
