/* Objects by name, and what is done with any of them. */
#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[PP_MANAGER_KINDS] = {
    "dict", "list", "number", "lock", "semaphore", "event", "barrier", "queue", "condition"};

enum pp_status pp_keeper_has_memory(const struct pp_keeper *keeper, size_t more,
                                    struct pp_error *err)
{
    const uint64_t most = keeper->settings->memory_max;

    if (most == 0 || (keeper->held <= most && more <= most - keeper->held))
        return PP_OK;
    return pp_error_set(err, PP_E_LIMIT, "the objects may take %llu bytes of memory, memory_max",
                        (unsigned long long)most);
}

static struct pp_object *object_of(const struct pp_dict_entry *entry)
{
    struct pp_object *object;

    memcpy(&object, pp_dict_value(entry).data, sizeof object);
    return object;
}

struct pp_object *pp_keeper_look_up(const struct pp_keeper *keeper, struct pp_bytes name)
{
    const struct pp_dict_entry *entry = pp_dict_find(&keeper->objects, name);

    return entry ? object_of(entry) : NULL;
}

static enum pp_status create(struct pp_keeper *keeper, struct pp_bytes name,
                             enum pp_manager_kind kind, struct pp_object **object,
                             struct pp_error *err)
{
    const enum pp_status status = pp_keeper_has_memory(keeper, sizeof **object + name.size, err);
    struct pp_object *new;
    struct pp_dict_entry *entry;

    if (status != PP_OK)
        return status;
    new = calloc(1, sizeof *new);
    entry = pp_dict_entry(name, (struct pp_bytes){&new, sizeof new});
    if (!new || !entry) {
        free(new);
        free(entry);
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the manager has no more");
    }
    new->kind = kind;
    if (kind == PP_MANAGER_DICT)
        pp_dict_init(&new->dict, keeper->hash_key, &keeper->held);
    else if (kind == PP_MANAGER_LIST || kind == PP_MANAGER_QUEUE)
        pp_sequence_init(&new->items, &keeper->held);
    else if (kind == PP_MANAGER_LOCK)
        new->most = 1;
    pp_dict_put(&keeper->objects, entry);
    keeper->held += sizeof *new;
    *object = new;
    return PP_OK;
}

static enum pp_status wrong_kind(const struct pp_object *object, enum pp_status status,
                                 enum pp_manager_kind kind, struct pp_error *err)
{
    return pp_error_set(err, status, "the object of that name is a %s, no %s",
                        kind_names[object->kind], kind_names[kind]);
}

enum pp_status pp_keeper_find(struct pp_kept_call *call, enum pp_manager_kind kind,
                              struct pp_error *err)
{
    const struct pp_dict_entry *entry = pp_dict_find(&call->keeper->objects, call->name);

    if (call->name.size == 0)
        return pp_error_set(err, PP_E_USAGE, "an object without a name");
    if (entry) {
        call->object = object_of(entry);
        if (call->object->kind == kind)
            return PP_OK;
        return wrong_kind(call->object, PP_E_USAGE, kind, err);
    }
    if (kind == PP_MANAGER_SEMAPHORE || kind == PP_MANAGER_BARRIER)
        return pp_error_set(err, PP_E_USAGE, "no %s of that name was made", kind_names[kind]);
    return create(call->keeper, call->name, kind, &call->object, err);
}

static void forget(struct pp_keeper *keeper, struct pp_object *object)
{
    pp_permits_drop(keeper, object);
    pp_kept_condition_drop(keeper, object);
    if (object->kind == PP_MANAGER_DICT)
        pp_dict_clear(&object->dict);
    else if (object->kind == PP_MANAGER_LIST || object->kind == PP_MANAGER_QUEUE)
        pp_sequence_clear(&object->items);
    keeper->held -= sizeof *object;
    free(object);
}

void pp_keeper_forget_all(struct pp_keeper *keeper)
{
    for (const struct pp_dict_entry *entry = keeper->objects.first; entry; entry = entry->after)
        forget(keeper, object_of(entry));
    pp_dict_clear(&keeper->objects);
}

void pp_pack_found(struct pp_pack *pack, struct pp_bytes bytes)
{
    pp_pack_u8(pack, bytes.data != NULL);
    if (bytes.data)
        pp_pack_bytes(pack, bytes);
}

static enum pp_status shut_down(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        call->keeper->ending = true;
    return status;
}

static enum pp_status tell_names(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_dict *objects = &call->keeper->objects;
    const enum pp_status status = pp_kept_call_check(call, err);

    pp_pack_u64(&call->out, objects->count);
    for (const struct pp_dict_entry *entry = objects->first; entry; entry = entry->after)
        pp_pack_bytes(&call->out, pp_dict_key(entry));
    return status;
}

static bool is_sensible(unsigned kind, int64_t number)
{
    if (kind == PP_MANAGER_NUMBER)
        return true;
    if (kind == PP_MANAGER_SEMAPHORE || kind == PP_MANAGER_BARRIER)
        return number > 0;
    return kind == PP_MANAGER_QUEUE ? number >= 0 : kind < PP_MANAGER_KINDS && number == 0;
}

/* What is there must be what would have been made. */
static enum pp_status accept_existing(const struct pp_object *object, enum pp_manager_kind kind,
                                      int64_t number, struct pp_error *err)
{
    if (object->kind != kind)
        return wrong_kind(object, PP_E_CONFLICT, kind, err);
    if (kind != PP_MANAGER_NUMBER && kind != PP_MANAGER_LOCK && object->most != (uint64_t)number)
        return pp_error_set(err, PP_E_CONFLICT, "the %s of that name was made with %llu, not %lld",
                            kind_names[kind], (unsigned long long)object->most, (long long)number);
    return PP_OK;
}

static enum pp_status make(struct pp_kept_call *call, struct pp_error *err)
{
    const unsigned kind = pp_unpack_u8(&call->in);
    const int64_t number = (int64_t)pp_unpack_u64(&call->in);
    const struct pp_dict_entry *entry = pp_dict_find(&call->keeper->objects, call->name);
    enum pp_status status = pp_kept_call_check(call, err);
    struct pp_object *object;

    if (status != PP_OK)
        return status;
    if (call->name.size == 0 || !is_sensible(kind, number))
        return pp_error_set(err, PP_E_USAGE, "an object that cannot be made");
    if (entry)
        return accept_existing(object_of(entry), (enum pp_manager_kind)kind, number, err);
    status = create(call->keeper, call->name, (enum pp_manager_kind)kind, &object, err);
    if (status != PP_OK)
        return status;
    if (kind == PP_MANAGER_NUMBER)
        object->number = (uint64_t)number;
    else if (kind != PP_MANAGER_LOCK)
        object->most = (uint64_t)number;
    return PP_OK;
}

static enum pp_status delete_object(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_keeper *keeper = call->keeper;
    struct pp_dict_entry *entry = pp_dict_find(&keeper->objects, call->name);
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    pp_pack_u8(&call->out, entry != NULL);
    if (!entry)
        return PP_OK;
    pp_waits_refuse(keeper, object_of(entry), PP_E_CLOSED, "the object was deleted");
    pp_dict_take(&keeper->objects, entry);
    forget(keeper, object_of(entry));
    free(entry);
    return PP_OK;
}

struct pp_manager_answer {
    struct pp_pack pack; /* without a size in front */
};

void pp_manager_answer_add(struct pp_manager_answer *answer, struct pp_bytes bytes)
{
    pp_pack_raw(&answer->pack, bytes);
}

static const struct pp_manager_function *function_of(const struct pp_kept_call *call)
{
    const struct pp_manager_function *function = call->keeper->settings->functions;

    while (function && function->name) {
        if (strlen(function->name) == call->name.size &&
            memcmp(function->name, call->name.data, call->name.size) == 0)
            return function;
        function++;
    }
    return NULL;
}

static enum pp_status call_function(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_manager_function *function = function_of(call);
    const struct pp_bytes request = pp_unpack_bytes(&call->in);
    struct pp_manager_answer answer = {.pack = {.most = call->out.most}};
    enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    if (!function)
        return pp_error_set(err, PP_E_USAGE, "the manager has no function of that name");
    status = function->call(call->keeper->settings->user, request, &answer, err);
    call->out.failed |= answer.pack.failed;
    call->out.too_long |= answer.pack.too_long;
    pp_pack_bytes(&call->out, (struct pp_bytes){answer.pack.bytes, answer.pack.size});
    pp_pack_release(&answer.pack);
    return status;
}

const struct pp_operation pp_object_operations[] = {
    [PP_OP_SHUTDOWN] = {PP_NO_OBJECT, false, shut_down},
    [PP_OP_NAMES] = {PP_NO_OBJECT, false, tell_names},
    [PP_OP_MAKE] = {PP_NO_OBJECT, true, make},
    [PP_OP_DELETE] = {PP_NO_OBJECT, false, delete_object},
    [PP_OP_CALL] = {PP_NO_OBJECT, false, call_function},
};
