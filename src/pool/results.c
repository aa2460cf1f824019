/* Records come out of the rings, are checked, and become outcomes. */
#include "pool/state.h"

static void deliver(struct pp_pool *pool, struct pp_place *place, const struct pp_record *record)
{
    const struct pp_slot slot = pp_place_shift(pool, place);
    struct pp_outcome outcome = {.worker = place->number, .attempt = slot.attempt};

    place->taken_id = slot.id;
    if (!slot.job)
        return; /* called off: its outcome was delivered then */
    if (record->kind == PP_RECORD_SKIPPED) {
        pp_job_cancel(pool, slot.job);
        return;
    }
    outcome.payload = record->payload;
    outcome.payload_size = record->payload_size;
    pp_job_finish(pool, slot.job, &outcome);
}

/* The copy is local: an outcome callback may call off tasks, which drains rings again, or kill the
 * pool, after which the place is empty. */
static void take_records(struct pp_pool *pool, struct pp_place *place)
{
    struct pp_record record;

    while (place->state != PP_PLACE_EMPTY) {
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

void pp_results_drain(struct pp_pool *pool, struct pp_place *place)
{
    if (place->leaving == PP_LEAVING_SCRIBBLED)
        return;
    if (place->state == PP_PLACE_STARTING &&
        atomic_load(&place->child.cell.results->ready) == PP_WORKER_READY)
        pp_hire_started(pool, place);
    take_records(pool, place);
    if (place->state == PP_PLACE_READY)
        pp_grants_note(pool, place);
}
