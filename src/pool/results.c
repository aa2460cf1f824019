/*
 * Records come out of the rings, are checked, and become outcomes.
 *
 * A worker rings when it publishes into an empty ring. For tiny tasks each ring would cost more
 * than the task: a worker with many of them is asked to ring when half of what it has is done, and
 * looked at unasked LISTEN_NS later at the latest. If nothing has come by then, one of its tasks
 * takes long, and it is asked to ring for the next.
 */
#include <unistd.h>

#include "base/clock.h"
#include "pool/message.h"
#include "pool/state.h"

#define LISTEN_NS PP_NS_PER_MS

/* False: it said that it sent one, and did not, or may not. */
static bool take_fd(const struct pp_pool *pool, const struct pp_place *place,
                    const struct pp_record *record, int *fd)
{
    *fd = -1;
    if (!record->with_fd)
        return true;
    if (pool->settings.result_fds)
        *fd = pp_message_answer_receive(place->child.socket, record->id);
    return *fd >= 0;
}

static void deliver(struct pp_pool *pool, struct pp_place *place, const struct pp_record *record)
{
    struct pp_outcome outcome = {.worker = place->number};
    struct pp_slot slot;

    if (!take_fd(pool, place, record, &outcome.result_fd)) {
        pp_place_kill(pool, place, PP_LEAVING_SCRIBBLED);
        return;
    }
    slot = pp_place_shift(pool, place);
    place->taken_id = slot.id;
    outcome.attempt = slot.attempt;
    if (slot.job && record->kind == PP_RECORD_SKIPPED && slot.id < place->recall_below) {
        pp_job_requeue(pool, slot.job);
    } else if (slot.job && record->kind == PP_RECORD_SKIPPED) {
        pp_job_cancel(pool, slot.job);
    } else if (slot.job) { /* else it was called off: its outcome was delivered then */
        outcome.payload = record->payload;
        outcome.payload_size = record->payload_size;
        pp_job_finish(pool, slot.job, &outcome);
    }
    if (outcome.result_fd >= 0)
        close(outcome.result_fd);
}

/* The copy is local: an outcome callback may call off tasks, which drains rings again, or kill the
 * pool, after which the place is empty. */
static void take_records(struct pp_pool *pool, struct pp_place *place)
{
    struct pp_record record;

    while (place->state != PP_PLACE_EMPTY && place->leaving != PP_LEAVING_SCRIBBLED) {
        const struct pp_ring_expected expected = {.outstanding = place->load,
                                                  .id = place->slots[0].id,
                                                  .attempt = place->slots[0].attempt};

        switch (pp_ring_take(&place->ring, &expected, &record)) {
        case PP_RING_EMPTY:
            return;
        case PP_RING_BROKEN:
            pp_place_kill(pool, place, PP_LEAVING_SCRIBBLED);
            return;
        case PP_RING_TAKEN:
            pool->hiring.barren = 0;
            deliver(pool, place, &record);
        }
    }
}

/* All it has is tiny, so that the weight is their number. */
static bool may_be_hushed(const struct pp_place *place)
{
    return place->state == PP_PLACE_READY && place->load > 1 && place->weight == place->load;
}

void pp_results_hush(struct pp_pool *pool, struct pp_place *place)
{
    if (!may_be_hushed(place))
        return;
    pp_ring_hush(&place->ring, place->load / 2);
    if (pp_list_empty(&pool->hushed))
        pool->listen_ns = pp_clock_ns() + LISTEN_NS;
    pp_list_append(&pool->hushed, &place->hush);
}

void pp_results_drain(struct pp_pool *pool, struct pp_place *place)
{
    const uint64_t taken = place->ring.head;

    if (place->leaving == PP_LEAVING_SCRIBBLED)
        return;
    if (place->state == PP_PLACE_STARTING &&
        atomic_load(&place->child.cell.results->ready) == PP_WORKER_READY)
        pp_hire_started(pool, place);
    take_records(pool, place);
    if (place->state == PP_PLACE_READY)
        pp_grants_note(pool, place);
    if (place->ring.head != taken) {
        pp_list_remove(&place->hush);
        pp_results_hush(pool, place);
    }
}

void pp_results_listen(struct pp_pool *pool, uint64_t now)
{
    struct pp_link mine;
    struct pp_place *place;

    if (pp_list_empty(&pool->hushed) || now < pool->listen_ns)
        return;
    pp_link_init(&mine, NULL);
    pp_list_move(&mine, &pool->hushed);
    while ((place = pp_list_first(&mine)) != NULL) {
        pp_list_remove(&place->hush);
        if (place->ring.head == atomic_load(&place->child.cell.results->tail))
            pp_ring_listen(&place->ring);
        pp_results_drain(pool, place);
    }
}
