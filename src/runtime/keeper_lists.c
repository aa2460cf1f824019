/* What a manager does with its lists. */
#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>

static enum pp_status no_memory(struct pp_error *err)
{
    return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "the manager has no more");
}

/* An index as it was given, from either end, within 0 and the count. */
static size_t within(int64_t index, size_t count)
{
    if (index < 0)
        index += (int64_t)count;
    if (index < 0)
        return 0;
    return (uint64_t)index < count ? (size_t)index : count;
}

/* Whether there is an item at the index as it was given. */
static bool is_there(int64_t index, size_t count)
{
    return index < 0 ? index >= -(int64_t)count : (uint64_t)index < count;
}

/* Take out and free what has just been appended. */
static void undo(struct pp_sequence *list, size_t count)
{
    while (list->count > count)
        free(pp_sequence_take(list, list->count - 1));
}

static enum pp_status extend(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_sequence *list = &call->object->items;
    const uint64_t more = pp_unpack_u64(&call->in);
    const size_t before = list->count;
    enum pp_status status;

    /* Each takes its size, 4 bytes, at least. */
    if (more > call->in.left / 4)
        call->in.failed = true;
    else if (!pp_sequence_reserve(list, (size_t)more))
        return no_memory(err);
    for (uint64_t i = 0; i < more && !call->in.failed; i++) {
        struct pp_item *item = pp_item_new(pp_unpack_bytes(&call->in));

        if (!item) {
            undo(list, before);
            return no_memory(err);
        }
        pp_sequence_insert(list, list->count, item);
    }
    status = pp_kept_call_check(call, err);
    if (status != PP_OK)
        undo(list, before);
    return status;
}

static enum pp_status insert(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_sequence *list = &call->object->items;
    const int64_t index = (int64_t)pp_unpack_u64(&call->in);
    const struct pp_bytes bytes = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);
    struct pp_item *item;

    if (status != PP_OK)
        return status;
    item = pp_sequence_reserve(list, 1) ? pp_item_new(bytes) : NULL;
    if (!item)
        return no_memory(err);
    pp_sequence_insert(list, within(index, list->count), item);
    return PP_OK;
}

static enum pp_status set(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_sequence *list = &call->object->items;
    const int64_t index = (int64_t)pp_unpack_u64(&call->in);
    const struct pp_bytes bytes = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);
    struct pp_item *item;
    size_t at;

    if (status != PP_OK)
        return status;
    if (!is_there(index, list->count))
        return pp_error_set(err, PP_E_USAGE, "no item %lld in a list of %zu", (long long)index,
                            list->count);
    item = pp_sequence_reserve(list, 1) ? pp_item_new(bytes) : NULL;
    if (!item)
        return no_memory(err);
    at = within(index, list->count);
    pp_sequence_insert(list, at, item);
    free(pp_sequence_take(list, at + 1));
    return PP_OK;
}

/* Where the item is that the request's index means; false: there is none. */
static bool locate(struct pp_kept_call *call, size_t *at)
{
    const int64_t index = (int64_t)pp_unpack_u64(&call->in);

    *at = within(index, call->object->items.count);
    return !call->in.failed && is_there(index, call->object->items.count);
}

static enum pp_status get(struct pp_kept_call *call, struct pp_error *err)
{
    size_t at;
    const bool found = locate(call, &at);

    pp_pack_found(&call->out, found ? pp_item_bytes(pp_sequence_at(&call->object->items, at))
                                    : (struct pp_bytes){0});
    return pp_kept_call_check(call, err);
}

static enum pp_status pop(struct pp_kept_call *call, struct pp_error *err)
{
    size_t at;
    const bool found = locate(call, &at);
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status != PP_OK)
        return status;
    pp_pack_found(&call->out, found ? pp_item_bytes(pp_sequence_at(&call->object->items, at))
                                    : (struct pp_bytes){0});
    if (found && !call->out.failed)
        free(pp_sequence_take(&call->object->items, at));
    return PP_OK;
}

static enum pp_status slice(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_sequence *list = &call->object->items;
    const size_t begin = within((int64_t)pp_unpack_u64(&call->in), list->count);
    const size_t end = within((int64_t)pp_unpack_u64(&call->in), list->count);

    pp_pack_u64(&call->out, begin < end ? end - begin : 0);
    for (size_t i = begin; i < end; i++)
        pp_pack_bytes(&call->out, pp_item_bytes(pp_sequence_at(list, i)));
    return pp_kept_call_check(call, err);
}

static enum pp_status remove_equal(struct pp_kept_call *call, struct pp_error *err)
{
    struct pp_sequence *list = &call->object->items;
    const struct pp_bytes bytes = pp_unpack_bytes(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);
    size_t at;

    if (status != PP_OK)
        return status;
    at = pp_sequence_find(list, bytes);
    pp_pack_u8(&call->out, at < list->count);
    if (at < list->count && !call->out.failed)
        free(pp_sequence_take(list, at));
    return PP_OK;
}

static enum pp_status index_of(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_sequence *list = &call->object->items;
    const size_t at = pp_sequence_find(list, pp_unpack_bytes(&call->in));

    pp_pack_u64(&call->out, at < list->count ? at : UINT64_MAX);
    return pp_kept_call_check(call, err);
}

static enum pp_status count_equal(struct pp_kept_call *call, struct pp_error *err)
{
    const struct pp_sequence *list = &call->object->items;
    const struct pp_bytes bytes = pp_unpack_bytes(&call->in);
    uint64_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += pp_item_compare(pp_item_bytes(pp_sequence_at(list, i)), bytes) == 0;
    pp_pack_u64(&call->out, count);
    return pp_kept_call_check(call, err);
}

static enum pp_status length(struct pp_kept_call *call, struct pp_error *err)
{
    pp_pack_u64(&call->out, call->object->items.count);
    return pp_kept_call_check(call, err);
}

static enum pp_status reverse(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        pp_sequence_reverse(&call->object->items);
    return status;
}

static enum pp_status sort(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        pp_sequence_sort(&call->object->items);
    return status;
}

static enum pp_status clear(struct pp_kept_call *call, struct pp_error *err)
{
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        pp_sequence_clear(&call->object->items);
    return status;
}

#define AT(operation) [PP_OP_LIST_##operation - PP_OP_LIST_EXTEND]

const struct pp_operation pp_list_operations[] = {
    AT(EXTEND) = {PP_MANAGER_LIST, true, extend},
    AT(INSERT) = {PP_MANAGER_LIST, true, insert},
    AT(SET) = {PP_MANAGER_LIST, true, set},
    AT(GET) = {PP_MANAGER_LIST, false, get},
    AT(POP) = {PP_MANAGER_LIST, false, pop},
    AT(SLICE) = {PP_MANAGER_LIST, false, slice},
    AT(REMOVE) = {PP_MANAGER_LIST, false, remove_equal},
    AT(INDEX) = {PP_MANAGER_LIST, false, index_of},
    AT(COUNT) = {PP_MANAGER_LIST, false, count_equal},
    AT(LENGTH) = {PP_MANAGER_LIST, false, length},
    AT(REVERSE) = {PP_MANAGER_LIST, false, reverse},
    AT(SORT) = {PP_MANAGER_LIST, false, sort},
    AT(CLEAR) = {PP_MANAGER_LIST, false, clear},
};
