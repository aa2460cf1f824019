/* The calls for a manager's lists and numbers. */
#include "runtime/manager_handle.h"

static void begin(struct pp_manager *manager, enum pp_manager_operation operation, const char *name)
{
    pp_manager_begin(manager, operation, pp_manager_name(name));
}

static void begin_with_index(struct pp_manager *manager, enum pp_manager_operation operation,
                             const char *name, int64_t index)
{
    begin(manager, operation, name);
    pp_pack_u64(&manager->out, (uint64_t)index);
}

static void begin_with_item(struct pp_manager *manager, enum pp_manager_operation operation,
                            const char *name, struct pp_bytes item)
{
    begin(manager, operation, name);
    pp_pack_bytes(&manager->out, item);
}

enum pp_status pp_manager_list_append(struct pp_manager *manager, const char *name,
                                      struct pp_bytes item, struct pp_error *err)
{
    return pp_manager_list_extend(manager, name, &item, 1, err);
}

enum pp_status pp_manager_list_extend(struct pp_manager *manager, const char *name,
                                      const struct pp_bytes *items, size_t count,
                                      struct pp_error *err)
{
    begin_with_index(manager, PP_OP_LIST_EXTEND, name, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        pp_pack_bytes(&manager->out, items[i]);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_list_insert(struct pp_manager *manager, const char *name, int64_t index,
                                      struct pp_bytes item, struct pp_error *err)
{
    begin_with_index(manager, PP_OP_LIST_INSERT, name, index);
    pp_pack_bytes(&manager->out, item);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_list_set(struct pp_manager *manager, const char *name, int64_t index,
                                   struct pp_bytes item, struct pp_error *err)
{
    begin_with_index(manager, PP_OP_LIST_SET, name, index);
    pp_pack_bytes(&manager->out, item);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_list_get(struct pp_manager *manager, const char *name, int64_t index,
                                   struct pp_bytes *item, struct pp_error *err)
{
    begin_with_index(manager, PP_OP_LIST_GET, name, index);
    return pp_manager_ask_found(manager, item, err);
}

enum pp_status pp_manager_list_pop(struct pp_manager *manager, const char *name, int64_t index,
                                   struct pp_bytes *item, struct pp_error *err)
{
    begin_with_index(manager, PP_OP_LIST_POP, name, index);
    return pp_manager_ask_found(manager, item, err);
}

enum pp_status pp_manager_list_slice(struct pp_manager *manager, const char *name,
                                     const int64_t begin_and_end[2], struct pp_manager_items *items,
                                     struct pp_error *err)
{
    begin_with_index(manager, PP_OP_LIST_SLICE, name, begin_and_end[0]);
    pp_pack_u64(&manager->out, (uint64_t)begin_and_end[1]);
    return pp_manager_ask_items(manager, items, err);
}

enum pp_status pp_manager_list_remove(struct pp_manager *manager, const char *name,
                                      struct pp_bytes item, bool *found, struct pp_error *err)
{
    begin_with_item(manager, PP_OP_LIST_REMOVE, name, item);
    return pp_manager_ask_flag(manager, found, err);
}

enum pp_status pp_manager_list_index(struct pp_manager *manager, const char *name,
                                     struct pp_bytes item, int64_t *index, struct pp_error *err)
{
    uint64_t number;
    enum pp_status status;

    begin_with_item(manager, PP_OP_LIST_INDEX, name, item);
    status = pp_manager_ask_number(manager, &number, err);
    *index = (int64_t)number;
    return status;
}

enum pp_status pp_manager_list_count(struct pp_manager *manager, const char *name,
                                     struct pp_bytes item, uint64_t *count, struct pp_error *err)
{
    begin_with_item(manager, PP_OP_LIST_COUNT, name, item);
    return pp_manager_ask_number(manager, count, err);
}

enum pp_status pp_manager_list_length(struct pp_manager *manager, const char *name,
                                      uint64_t *length, struct pp_error *err)
{
    begin(manager, PP_OP_LIST_LENGTH, name);
    return pp_manager_ask_number(manager, length, err);
}

enum pp_status pp_manager_list_reverse(struct pp_manager *manager, const char *name,
                                       struct pp_error *err)
{
    begin(manager, PP_OP_LIST_REVERSE, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_list_sort(struct pp_manager *manager, const char *name,
                                    struct pp_error *err)
{
    begin(manager, PP_OP_LIST_SORT, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_list_clear(struct pp_manager *manager, const char *name,
                                     struct pp_error *err)
{
    begin(manager, PP_OP_LIST_CLEAR, name);
    return pp_manager_ask_nothing(manager, err);
}

static enum pp_status ask_signed(struct pp_manager *manager, int64_t *number, struct pp_error *err)
{
    uint64_t unsigned_number;
    const enum pp_status status = pp_manager_ask_number(manager, &unsigned_number, err);

    if (number)
        *number = (int64_t)unsigned_number;
    return status;
}

enum pp_status pp_manager_number_get(struct pp_manager *manager, const char *name, int64_t *number,
                                     struct pp_error *err)
{
    begin(manager, PP_OP_NUMBER_GET, name);
    return ask_signed(manager, number, err);
}

enum pp_status pp_manager_number_set(struct pp_manager *manager, const char *name, int64_t number,
                                     struct pp_error *err)
{
    begin_with_index(manager, PP_OP_NUMBER_SET, name, number);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_number_add(struct pp_manager *manager, const char *name, int64_t more,
                                     int64_t *sum, struct pp_error *err)
{
    begin_with_index(manager, PP_OP_NUMBER_ADD, name, more);
    return ask_signed(manager, sum, err);
}

enum pp_status pp_manager_number_exchange(struct pp_manager *manager, const char *name,
                                          const int64_t expected_and_new[2], int64_t *before,
                                          struct pp_error *err)
{
    begin_with_index(manager, PP_OP_NUMBER_EXCHANGE, name, expected_and_new[0]);
    pp_pack_u64(&manager->out, (uint64_t)expected_and_new[1]);
    return ask_signed(manager, before, err);
}
