#include "runtime/manager_handle.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

struct pp_bytes pp_manager_name(const char *name)
{
    return (struct pp_bytes){name, strlen(name)};
}

void pp_manager_begin(struct pp_manager *manager, enum pp_manager_operation operation,
                      struct pp_bytes name)
{
    pp_pack_clear(&manager->out);
    pp_pack_u8(&manager->out, (uint8_t)operation);
    pp_pack_bytes(&manager->out, name);
}

uint64_t pp_manager_nanoseconds(double seconds)
{
    /* The comparison is also false of what is no number. */
    if (!(seconds >= 0 && seconds <= 3e9))
        return UINT64_MAX;
    return (uint64_t)(seconds * (double)PP_NS_PER_S);
}

/* A connection has one process: a fork's child makes its own. */
static enum pp_status renew(struct pp_manager *manager, struct pp_error *err)
{
    if (manager->owner == getpid())
        return PP_OK;
    pp_client_free(manager->client);
    manager->client = NULL;
    manager->child = 0;
    manager->owner = getpid();
    return pp_client_connect(manager->address, PP_MANAGER_SERVICE, manager->patience,
                             &manager->client, err);
}

/* The manager's own words for what it refused. */
static enum pp_status read_status(struct pp_manager *manager, struct pp_error *err)
{
    const uint8_t status = pp_unpack_u8(&manager->in);
    struct pp_bytes text;

    if (status == PP_OK && !manager->in.failed)
        return PP_OK;
    text = pp_unpack_bytes(&manager->in);
    if (!pp_unpack_is_done(&manager->in) || status >= PP_STATUS_COUNT)
        return pp_error_set(err, PP_E_CORRUPT, "the manager's answer makes no sense");
    return pp_error_set(err, (enum pp_status)status, "%.*s", (int)text.size,
                        text.data ? (const char *)text.data : "");
}

enum pp_status pp_manager_ask(struct pp_manager *manager, double seconds, struct pp_error *err)
{
    const bool for_ever = manager->patience < 0 || pp_manager_nanoseconds(seconds) == UINT64_MAX;
    enum pp_status status = renew(manager, err);
    struct pp_reply reply;

    if (status != PP_OK)
        return status;
    if (!manager->client)
        return pp_error_set(err, PP_E_CLOSED, "the manager is gone");
    if (manager->out.too_long)
        return pp_error_set(err, PP_E_LIMIT, "a call over the largest message");
    if (manager->out.failed)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot ask the manager");
    status = pp_client_call(manager->client, manager->out.bytes, manager->out.size,
                            for_ever ? -1 : seconds + manager->patience, &reply, err);
    if (status != PP_OK)
        return status;
    manager->in = (struct pp_unpack){reply.bytes, reply.size, false};
    return read_status(manager, err);
}

enum pp_status pp_manager_end(const struct pp_manager *manager, enum pp_status status,
                              struct pp_error *err)
{
    if (status == PP_OK && !pp_unpack_is_done(&manager->in))
        return pp_error_set(err, PP_E_CORRUPT, "the manager's answer makes no sense");
    return status;
}

enum pp_status pp_manager_ask_nothing(struct pp_manager *manager, struct pp_error *err)
{
    return pp_manager_end(manager, pp_manager_ask(manager, 0, err), err);
}

enum pp_status pp_manager_ask_number(struct pp_manager *manager, uint64_t *number,
                                     struct pp_error *err)
{
    const enum pp_status status = pp_manager_ask(manager, 0, err);

    *number = status == PP_OK ? pp_unpack_u64(&manager->in) : 0;
    return pp_manager_end(manager, status, err);
}

enum pp_status pp_manager_ask_flag(struct pp_manager *manager, bool *flag, struct pp_error *err)
{
    const enum pp_status status = pp_manager_ask(manager, 0, err);
    const bool found = status == PP_OK && pp_unpack_u8(&manager->in) != 0;

    if (flag)
        *flag = found;
    return pp_manager_end(manager, status, err);
}

enum pp_status pp_manager_ask_found(struct pp_manager *manager, struct pp_bytes *bytes,
                                    struct pp_error *err)
{
    const enum pp_status status = pp_manager_ask(manager, 0, err);

    *bytes = (struct pp_bytes){0};
    if (status == PP_OK && pp_unpack_u8(&manager->in) != 0)
        *bytes = pp_unpack_bytes(&manager->in);
    return pp_manager_end(manager, status, err);
}

/* All are looked at once, so that walking through them cannot fail. */
enum pp_status pp_manager_ask_items(struct pp_manager *manager, struct pp_manager_items *items,
                                    struct pp_error *err)
{
    const enum pp_status status = pp_manager_ask(manager, 0, err);

    *items = (struct pp_manager_items){0};
    if (status != PP_OK)
        return status;
    items->count = pp_unpack_u64(&manager->in);
    items->at = manager->in.at;
    items->left = manager->in.left;
    for (uint64_t i = 0; i < items->count && !manager->in.failed; i++)
        pp_unpack_bytes(&manager->in);
    return pp_manager_end(manager, status, err);
}

bool pp_manager_items_next(struct pp_manager_items *items, struct pp_bytes *item)
{
    struct pp_unpack unpack = {items->at, items->left, false};

    *item = (struct pp_bytes){0};
    if (items->count == 0)
        return false;
    *item = pp_unpack_bytes(&unpack);
    items->count--;
    items->at = unpack.at;
    items->left = unpack.left;
    return true;
}

enum pp_status pp_manager_connect(const char *address, double seconds, struct pp_manager **manager,
                                  struct pp_error *err)
{
    struct pp_manager *new;
    enum pp_status status;

    *manager = NULL;
    if (strlen(address) >= PP_MANAGER_ADDRESS)
        return pp_error_set(err, PP_E_USAGE, "%s: too long for an address", address);
    new = calloc(1, sizeof *new);
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot connect to a manager");
    memcpy(new->address, address, strlen(address) + 1);
    new->patience = seconds;
    new->owner = getpid();
    status = pp_client_connect(address, PP_MANAGER_SERVICE, seconds, &new->client, err);
    if (status != PP_OK) {
        free(new);
        return status;
    }
    *manager = new;
    return PP_OK;
}

const char *pp_manager_address(const struct pp_manager *manager)
{
    return manager->address;
}

int64_t pp_manager_process(const struct pp_manager *manager)
{
    return manager->client ? pp_client_server(manager->client) : -1;
}

enum pp_status pp_manager_make(struct pp_manager *manager, const char *name,
                               enum pp_manager_kind kind, int64_t number, struct pp_error *err)
{
    pp_manager_begin(manager, PP_OP_MAKE, pp_manager_name(name));
    pp_pack_u8(&manager->out, (uint8_t)kind);
    pp_pack_u64(&manager->out, (uint64_t)number);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_delete(struct pp_manager *manager, const char *name, bool *found,
                                 struct pp_error *err)
{
    pp_manager_begin(manager, PP_OP_DELETE, pp_manager_name(name));
    return pp_manager_ask_flag(manager, found, err);
}

enum pp_status pp_manager_names(struct pp_manager *manager, struct pp_manager_items *names,
                                struct pp_error *err)
{
    pp_manager_begin(manager, PP_OP_NAMES, pp_manager_name(""));
    return pp_manager_ask_items(manager, names, err);
}

enum pp_status pp_manager_call(struct pp_manager *manager, const char *function,
                               struct pp_bytes request, struct pp_bytes *answer,
                               struct pp_error *err)
{
    enum pp_status status;

    pp_manager_begin(manager, PP_OP_CALL, pp_manager_name(function));
    pp_pack_bytes(&manager->out, request);
    status = pp_manager_ask(manager, 0, err);
    *answer = status == PP_OK ? pp_unpack_bytes(&manager->in) : (struct pp_bytes){0};
    return pp_manager_end(manager, status, err);
}
