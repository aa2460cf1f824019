#include <pixpool/queue.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_copy.h"
#include "runtime/queue_slots.h"

struct put {
    const void *data;
    size_t size;
    uint32_t slot;
};

static enum pp_status look_for_room(struct pp_queue *queue, void *subject)
{
    struct put *put = subject;

    if (queue->head->closed)
        return PP_E_CLOSED;
    put->slot = pp_slots_reserve(queue, put->size);
    if (put->slot == PP_SLOT_NONE)
        return PP_E_TIMEOUT;
    if (put->size > PP_COPY_LOCKED) {
        pp_slots_write(queue, put->slot);
        return PP_OK;
    }
    pp_copy(pp_slot_data(queue, &queue->slots[put->slot]), put->data, put->size);
    pp_slots_commit(queue, put->slot);
    return PP_OK;
}

/* A slot in WRITING to FULL, its bytes being there. */
static enum pp_status commit(struct pp_queue *queue, uint32_t slot, struct pp_patience *patience)
{
    enum pp_status status = pp_queue_lock(queue, patience);

    if (status != PP_OK) {
        /* Nobody has it now: whoever gets at the queue next will free it. */
        pthread_mutex_unlock(&queue->owners[slot]);
        return status;
    }
    if (queue->head->closed) {
        pp_slots_release(queue, slot);
        status = PP_E_CLOSED;
    } else {
        pp_slots_commit(queue, slot);
    }
    pp_queue_unlock(queue);
    return status;
}

enum pp_status pp_queue_put(struct pp_queue *queue, const void *data, size_t size, double seconds,
                            struct pp_error *err)
{
    struct put put = {.data = data, .size = size};
    const struct pp_wish wish = {.look = look_for_room, .subject = &put, .bell = PP_BELL_ROOM};
    struct pp_patience patience = {.seconds = seconds};
    enum pp_status status = PP_E_LIMIT;

    if (size <= queue->bytes)
        status = pp_queue_wait(queue, &wish, &patience);
    if (status == PP_OK && size > PP_COPY_LOCKED) {
        pp_copy(pp_slot_data(queue, &queue->slots[put.slot]), data, size);
        status = commit(queue, put.slot, &patience);
    }
    switch (status) {
    case PP_OK:
        return PP_OK;
    case PP_E_TIMEOUT:
        return pp_error_set(err, status, "cannot put: the queue has had no room for %zu bytes",
                            size);
    case PP_E_CLOSED:
        return pp_error_set(err, status, "cannot put: the queue is closed");
    case PP_E_LIMIT:
        return pp_error_set(err, status, "cannot put %zu bytes: the queue holds %ju", size,
                            (uintmax_t)queue->bytes);
    default:
        return pp_error_set(err, status, "cannot put: the queue's lock is broken");
    }
}
