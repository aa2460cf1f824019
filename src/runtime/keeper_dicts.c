/* What a manager does with its dicts. */
#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>

static enum pp_status no_memory(struct pp_error *err)
{
    return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the manager has no more");
}

static enum pp_status set(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_bytes key = pp_unpack_bytes(&call->in), value = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);
    struct pp_dict_entry *entry;

    if (status != PP_OK)
        return status;
    entry = pp_dict_entry(key, value);
    if (!entry)
        return no_memory(err);
    pp_dict_put(&call->object->dict, entry);
    return PP_OK;
}

/* The entry of the key that is all of the request. */
static enum pp_status find(struct pp_kept_call *call, struct pp_dict_entry **entry,
                           struct pp_error *err)
{
    const struct pp_bytes key = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);

    *entry = status == PP_OK ? pp_dict_find(&call->object->dict, key) : NULL;
    return status;
}

static struct pp_bytes value_of(const struct pp_dict_entry *entry)
{
    return entry ? pp_dict_value(entry) : (struct pp_bytes){0};
}

static enum pp_status get(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_dict_entry *entry;
    const enum pp_status status = find(call, &entry, err);

    pp_pack_found(&call->out, value_of(entry));
    return status;
}

/* What cannot be told stays where it is. */
static void take_told(struct pp_kept_call *call, struct pp_dict_entry *entry)
{
    if (!entry || call->out.failed)
        return;
    pp_dict_take(&call->object->dict, entry);
    free(entry);
}

static enum pp_status pop(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_dict_entry *entry;
    const enum pp_status status = find(call, &entry, err);

    pp_pack_found(&call->out, value_of(entry));
    take_told(call, entry);
    return status;
}

static enum pp_status pop_last(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_dict_entry *entry = call->object->dict.last;
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    pp_pack_found(&call->out, entry ? pp_dict_key(entry) : (struct pp_bytes){0});
    if (entry)
        pp_pack_bytes(&call->out, pp_dict_value(entry));
    take_told(call, entry);
    return PP_OK;
}

static enum pp_status set_default(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_bytes key = pp_unpack_bytes(&call->in), value = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);
    struct pp_dict_entry *entry;

    if (status != PP_OK)
        return status;
    entry = pp_dict_find(&call->object->dict, key);
    if (!entry) {
        entry = pp_dict_entry(key, value);
        if (!entry)
            return no_memory(err);
        pp_dict_put(&call->object->dict, entry);
    }
    pp_pack_found(&call->out, pp_dict_value(entry));
    return PP_OK;
}

static enum pp_status delete_key(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_dict_entry *entry;
    const enum pp_status status = find(call, &entry, err);

    pp_pack_u8(&call->out, entry != NULL);
    take_told(call, entry);
    return status;
}

static enum pp_status contains(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_dict_entry *entry;
    const enum pp_status status = find(call, &entry, err);

    pp_pack_u8(&call->out, entry != NULL);
    return status;
}

static enum pp_status length(struct pp_kept_call *call, struct pp_error *err)
{
    pp_pack_u64(&call->out, call->object->dict.count);
    return pp_kept_call_check(call, err);
}

static enum pp_status keys(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_dict *dict = &call->object->dict;

    pp_pack_u64(&call->out, dict->count);
    for (const struct pp_dict_entry *entry = dict->first; entry; entry = entry->after)
        pp_pack_bytes(&call->out, pp_dict_key(entry));
    return pp_kept_call_check(call, err);
}

static enum pp_status values(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_dict *dict = &call->object->dict;

    pp_pack_u64(&call->out, dict->count);
    for (const struct pp_dict_entry *entry = dict->first; entry; entry = entry->after)
        pp_pack_bytes(&call->out, pp_dict_value(entry));
    return pp_kept_call_check(call, err);
}

static enum pp_status items(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_dict *dict = &call->object->dict;

    pp_pack_u64(&call->out, 2 * (uint64_t)dict->count);
    for (const struct pp_dict_entry *entry = dict->first; entry; entry = entry->after) {
        pp_pack_bytes(&call->out, pp_dict_key(entry));
        pp_pack_bytes(&call->out, pp_dict_value(entry));
    }
    return pp_kept_call_check(call, err);
}

static void free_chain(struct pp_dict_entry *entry)
{
    while (entry) {
        struct pp_dict_entry *after = entry->after;

        free(entry);
        entry = after;
    }
}

/* All entries are made before the first is put. */
static enum pp_status update(struct pp_kept_call *call, struct pp_error *err)
{
    const uint64_t count = pp_unpack_u64(&call->in);
    struct pp_dict_entry *first = NULL, **end = &first, *entry = NULL;
    enum pp_status status;

    for (uint64_t i = 0; i + 1 < count && !call->in.failed; i += 2) {
        const struct pp_bytes key = pp_unpack_bytes(&call->in), value = pp_unpack_bytes(&call->in);

        *end = pp_dict_entry(key, value);
        if (!*end) {
            free_chain(first);
            return no_memory(err);
        }
        end = &(*end)->after;
    }
    status = pp_kept_call_check(call, err);
    if (status != PP_OK) {
        free_chain(first);
        return status;
    }
    while ((entry = first) != NULL) {
        first = entry->after;
        pp_dict_put(&call->object->dict, entry);
    }
    return PP_OK;
}

static enum pp_status clear(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        pp_dict_clear(&call->object->dict);
    return status;
}

#define AT(operation) [PP_OP_DICT_##operation - PP_OP_DICT_SET]

const struct pp_operation pp_dict_operations[] = {
    AT(SET) = {PP_MANAGER_DICT, true, set},
    AT(GET) = {PP_MANAGER_DICT, false, get},
    AT(POP) = {PP_MANAGER_DICT, false, pop},
    AT(POP_LAST) = {PP_MANAGER_DICT, false, pop_last},
    AT(SET_DEFAULT) = {PP_MANAGER_DICT, true, set_default},
    AT(DELETE) = {PP_MANAGER_DICT, false, delete_key},
    AT(CONTAINS) = {PP_MANAGER_DICT, false, contains},
    AT(LENGTH) = {PP_MANAGER_DICT, false, length},
    AT(KEYS) = {PP_MANAGER_DICT, false, keys},
    AT(VALUES) = {PP_MANAGER_DICT, false, values},
    AT(ITEMS) = {PP_MANAGER_DICT, false, items},
    AT(UPDATE) = {PP_MANAGER_DICT, true, update},
    AT(CLEAR) = {PP_MANAGER_DICT, false, clear},
};
