/* The calls for a manager's dicts. */
#include "runtime/manager_handle.h"

static void begin(struct pp_manager *manager, enum pp_manager_operation operation, const char *name)
{
    pp_manager_begin(manager, operation, pp_manager_name(name));
}

static void begin_with_key(struct pp_manager *manager, enum pp_manager_operation operation,
                           const char *name, struct pp_bytes key)
{
    begin(manager, operation, name);
    pp_pack_bytes(&manager->out, key);
}

enum pp_status pp_manager_dict_set(struct pp_manager *manager, const char *name,
                                   struct pp_bytes key, struct pp_bytes value, struct pp_error *err)
{
    begin_with_key(manager, PP_OP_DICT_SET, name, key);
    pp_pack_bytes(&manager->out, value);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_dict_get(struct pp_manager *manager, const char *name,
                                   struct pp_bytes key, struct pp_bytes *value,
                                   struct pp_error *err)
{
    begin_with_key(manager, PP_OP_DICT_GET, name, key);
    return pp_manager_ask_found(manager, value, err);
}

enum pp_status pp_manager_dict_pop(struct pp_manager *manager, const char *name,
                                   struct pp_bytes key, struct pp_bytes *value,
                                   struct pp_error *err)
{
    begin_with_key(manager, PP_OP_DICT_POP, name, key);
    return pp_manager_ask_found(manager, value, err);
}

enum pp_status pp_manager_dict_pop_last(struct pp_manager *manager, const char *name,
                                        struct pp_bytes item[2], struct pp_error *err)
{
    enum pp_status status;

    item[0] = item[1] = (struct pp_bytes){0};
    begin(manager, PP_OP_DICT_POP_LAST, name);
    status = pp_manager_ask(manager, 0, err);
    if (status == PP_OK && pp_unpack_u8(&manager->in) != 0) {
        item[0] = pp_unpack_bytes(&manager->in);
        item[1] = pp_unpack_bytes(&manager->in);
    }
    return pp_manager_end(manager, status, err);
}

enum pp_status pp_manager_dict_set_default(struct pp_manager *manager, const char *name,
                                           const struct pp_bytes key_and_fallback[2],
                                           struct pp_bytes *value, struct pp_error *err)
{
    begin_with_key(manager, PP_OP_DICT_SET_DEFAULT, name, key_and_fallback[0]);
    pp_pack_bytes(&manager->out, key_and_fallback[1]);
    return pp_manager_ask_found(manager, value, err);
}

enum pp_status pp_manager_dict_delete(struct pp_manager *manager, const char *name,
                                      struct pp_bytes key, bool *found, struct pp_error *err)
{
    begin_with_key(manager, PP_OP_DICT_DELETE, name, key);
    return pp_manager_ask_flag(manager, found, err);
}

enum pp_status pp_manager_dict_contains(struct pp_manager *manager, const char *name,
                                        struct pp_bytes key, bool *found, struct pp_error *err)
{
    begin_with_key(manager, PP_OP_DICT_CONTAINS, name, key);
    return pp_manager_ask_flag(manager, found, err);
}

enum pp_status pp_manager_dict_length(struct pp_manager *manager, const char *name,
                                      uint64_t *length, struct pp_error *err)
{
    begin(manager, PP_OP_DICT_LENGTH, name);
    return pp_manager_ask_number(manager, length, err);
}

enum pp_status pp_manager_dict_keys(struct pp_manager *manager, const char *name,
                                    struct pp_manager_items *keys, struct pp_error *err)
{
    begin(manager, PP_OP_DICT_KEYS, name);
    return pp_manager_ask_items(manager, keys, err);
}

enum pp_status pp_manager_dict_values(struct pp_manager *manager, const char *name,
                                      struct pp_manager_items *values, struct pp_error *err)
{
    begin(manager, PP_OP_DICT_VALUES, name);
    return pp_manager_ask_items(manager, values, err);
}

enum pp_status pp_manager_dict_items(struct pp_manager *manager, const char *name,
                                     struct pp_manager_items *items, struct pp_error *err)
{
    begin(manager, PP_OP_DICT_ITEMS, name);
    return pp_manager_ask_items(manager, items, err);
}

enum pp_status pp_manager_dict_update(struct pp_manager *manager, const char *name,
                                      const struct pp_bytes (*pairs)[2], size_t count,
                                      struct pp_error *err)
{
    begin(manager, PP_OP_DICT_UPDATE, name);
    pp_pack_u64(&manager->out, 2 * (uint64_t)count);
    for (size_t i = 0; i < count; i++) {
        pp_pack_bytes(&manager->out, pairs[i][0]);
        pp_pack_bytes(&manager->out, pairs[i][1]);
    }
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_dict_clear(struct pp_manager *manager, const char *name,
                                     struct pp_error *err)
{
    begin(manager, PP_OP_DICT_CLEAR, name);
    return pp_manager_ask_nothing(manager, err);
}
