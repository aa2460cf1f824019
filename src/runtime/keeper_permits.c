/* Locks and semaphores: units that clients have until they give them back, or are gone. A lock is a
 * semaphore of one unit whose holder may take it again. */
#include "runtime/keeper.h"

#include <stdlib.h>

static struct pp_holding *next_of(const struct pp_keeper *keeper, const struct pp_holding *holding)
{
    const struct pp_link *next = holding ? holding->link.next : keeper->holdings.next;

    return next->owner;
}

static struct pp_holding *find(const struct pp_keeper *keeper, const struct pp_object *object,
                               uint64_t client)
{
    struct pp_holding *holding = next_of(keeper, NULL);

    while (holding && (holding->object != object || holding->client != client))
        holding = next_of(keeper, holding);
    return holding;
}

static struct pp_holding *create(struct pp_keeper *keeper, struct pp_object *object,
                                 uint64_t client)
{
    struct pp_holding *holding = malloc(sizeof *holding);

    if (!holding)
        return NULL;
    *holding = (struct pp_holding){.object = object, .client = client};
    pp_link_init(&holding->link, holding);
    pp_list_append(&keeper->holdings, &holding->link);
    return holding;
}

static void forget(struct pp_holding *holding)
{
    pp_list_remove(&holding->link);
    free(holding);
}

bool pp_permit_take(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                    enum pp_status *status)
{
    struct pp_object *object = wait->object;
    struct pp_holding *holding = find(keeper, object, wait->client);
    const bool again = holding && object->kind == PP_MANAGER_LOCK;

    if (!again && object->permit.taken >= object->most)
        return false;
    if (!holding)
        holding = create(keeper, object, wait->client);
    if (!holding) {
        *status = PP_E_NO_MEMORY;
        return true;
    }
    holding->depth++;
    if (!again)
        object->permit.taken++;
    pp_pack_u8(out, object->permit.holder_died);
    object->permit.holder_died = false;
    return true;
}

enum pp_status pp_permit_release(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_object *object = call->object;
    struct pp_holding *holding = find(call->keeper, object, call->client);
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    if (!holding)
        return pp_error_set(err, PP_E_USAGE, "cannot release what was not acquired");
    holding->depth--;
    if (holding->depth == 0 || object->kind == PP_MANAGER_SEMAPHORE)
        object->permit.taken--;
    if (holding->depth == 0)
        forget(holding);
    pp_waits_serve(call->keeper, object);
    return PP_OK;
}

struct pp_holding *pp_permit_lay_down(struct pp_keeper *keeper, struct pp_object *lock,
                                      uint64_t client)
{
    struct pp_holding *holding = find(keeper, lock, client);

    if (!holding)
        return NULL;
    pp_list_remove(&holding->link);
    lock->permit.taken--;
    return holding;
}

bool pp_permit_take_up(struct pp_keeper *keeper, struct pp_holding *holding, bool *holder_died)
{
    struct pp_object *lock = holding->object;

    if (lock->permit.taken >= lock->most)
        return false;
    lock->permit.taken++;
    pp_list_append(&keeper->holdings, &holding->link);
    *holder_died = lock->permit.holder_died;
    lock->permit.holder_died = false;
    return true;
}

void pp_permits_leave(struct pp_keeper *keeper, uint64_t client)
{
    struct pp_holding *holding = next_of(keeper, NULL);

    while (holding) {
        struct pp_object *object = holding->object;

        if (holding->client != client) {
            holding = next_of(keeper, holding);
            continue;
        }
        object->permit.taken -= object->kind == PP_MANAGER_LOCK ? 1 : holding->depth;
        object->permit.holder_died = object->kind == PP_MANAGER_LOCK;
        forget(holding);
        pp_waits_serve(keeper, object);
        if (object->kind == PP_MANAGER_LOCK)
            pp_kept_condition_alarm(keeper, object);
        holding = next_of(keeper, NULL); /* what was given back may have changed hands */
    }
}

void pp_permits_drop(struct pp_keeper *keeper, const struct pp_object *object)
{
    struct pp_holding *holding = next_of(keeper, NULL);

    if (object->kind != PP_MANAGER_LOCK && object->kind != PP_MANAGER_SEMAPHORE)
        return;
    while (holding) {
        struct pp_holding *next = next_of(keeper, holding);

        if (holding->object == object)
            forget(holding);
        holding = next;
    }
}
