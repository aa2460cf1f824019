#include "runtime/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

#define CLIENTS_USUAL     256
#define MESSAGE_MAX_USUAL ((size_t)64 << 20)
#define PATIENCE_USUAL    10.0

/* The groups of operations in their order. */
static const struct pp_operation *operation_of(uint8_t number)
{
    if (number < PP_OP_DICT_SET)
        return &pp_object_operations[number];
    if (number < PP_OP_LIST_EXTEND)
        return &pp_dict_operations[number - PP_OP_DICT_SET];
    if (number < PP_OP_NUMBER_GET)
        return &pp_list_operations[number - PP_OP_LIST_EXTEND];
    if (number < PP_OP_LOCK_ACQUIRE)
        return &pp_number_operations[number - PP_OP_NUMBER_GET];
    return number < PP_OP_COUNT ? &pp_wait_operations[number - PP_OP_LOCK_ACQUIRE] : NULL;
}

static enum pp_status malformed(struct pp_error *err)
{
    return pp_error_set(err, PP_E_USAGE, "the request makes no sense");
}

enum pp_status pp_kept_call_check(const struct pp_kept_call *call, struct pp_error *err)
{
    return pp_unpack_is_done(&call->in) ? PP_OK : malformed(err);
}

static enum pp_status answer_status(const struct pp_pack *out, const char **text)
{
    if (!out->failed)
        return PP_OK;
    *text = out->too_long ? "the answer is over the manager's largest message"
                          : "the manager has no memory for the answer";
    return out->too_long ? PP_E_LIMIT : PP_E_NO_MEMORY;
}

void pp_keeper_answer(struct pp_keeper *keeper, uint64_t client, struct pp_pack *out,
                      enum pp_status status, const struct pp_error *err)
{
    const char *text = err->text;

    if (status == PP_OK)
        status = answer_status(out, &text);
    if (status != PP_OK) {
        pp_pack_clear(out);
        pp_pack_u8(out, (uint8_t)status);
        pp_pack_bytes(out, (struct pp_bytes){text, strlen(text)});
    }
    /* Without memory for a few words the client learns it by its time running out. */
    if (!out->failed)
        (void)!pp_server_reply(keeper->server, client, out->bytes, out->size);
}

static enum pp_status deal_with(struct pp_kept_call *call, size_t size, struct pp_error *err)
{
    const struct pp_operation *operation = operation_of(pp_unpack_u8(&call->in));
    enum pp_status status = PP_OK;

    call->name = pp_unpack_bytes(&call->in);
    if (!operation || call->in.failed)
        return malformed(err);
    if (call->name.size > PP_MANAGER_NAME)
        return pp_error_set(err, PP_E_USAGE, "a name of %zu bytes: the most are %d",
                            call->name.size, PP_MANAGER_NAME);
    if (operation->grows)
        status = pp_keeper_has_memory(call->keeper, size, err);
    if (status == PP_OK && operation->kind != PP_NO_OBJECT)
        status = pp_keeper_find(call, (enum pp_manager_kind)operation->kind, err);
    if (status == PP_OK)
        status = operation->run(call, err);
    return status;
}

/* Give back what those had who left; others, whom that serves, may leave in turn. */
static void settle_departed(struct pp_keeper *keeper)
{
    while (keeper->departed_count > 0) {
        const uint64_t client = keeper->departed[--keeper->departed_count];

        pp_waits_leave(keeper, client);
        pp_permits_leave(keeper, client);
    }
    keeper->busy = false;
}

static void take_request(void *user, const struct pp_request *request)
{
    struct pp_keeper *keeper = user;
    struct pp_error err = {0};
    struct pp_kept_call call = {.keeper = keeper,
                                .client = request->client,
                                .in = {request->bytes, request->size, false},
                                .out = {.most = keeper->message_max}};
    enum pp_status status;

    keeper->busy = true;
    pp_pack_u8(&call.out, PP_OK);
    status = deal_with(&call, request->size, &err);
    if (!call.later)
        pp_keeper_answer(keeper, request->client, &call.out, status, &err);
    pp_pack_release(&call.out);
    settle_departed(keeper);
}

/* Nobody comes while one is busy, so there cannot be more of them than clients. */
static void client_left(void *user, uint64_t client)
{
    struct pp_keeper *keeper = user;
    const bool was_busy = keeper->busy;

    keeper->departed[keeper->departed_count++] = client;
    keeper->busy = true;
    if (!was_busy)
        settle_departed(keeper);
}

static uint64_t look_at_time(void *user, uint64_t now)
{
    struct pp_keeper *keeper = user;

    keeper->busy = true;
    pp_waits_expire(keeper, now);
    settle_departed(keeper);
    return keeper->due_ns;
}

static enum pp_status open_server(struct pp_keeper *keeper, struct pp_error *err)
{
    const struct pp_manager_settings *settings = keeper->settings;
    const struct pp_server_settings server = {
        .path = settings->address,
        .service = PP_MANAGER_SERVICE,
        .clients = settings->clients > 0 ? settings->clients : CLIENTS_USUAL,
        .message_max = settings->message_max > 0 ? settings->message_max : MESSAGE_MAX_USUAL,
        .patience = settings->patience > 0 ? settings->patience : PATIENCE_USUAL,
        .follow_processes = true,
        .user = keeper,
        .request = take_request,
        .left = client_left,
        .timers = look_at_time,
    };

    if (!settings->address)
        return pp_error_set(err, PP_E_USAGE, "cannot serve: no address");
    if (getrandom(keeper->hash_key, sizeof keeper->hash_key, 0) != sizeof keeper->hash_key)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot serve");
    keeper->message_max = server.message_max;
    keeper->departed = calloc(server.clients, sizeof *keeper->departed);
    if (!keeper->departed)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot serve");
    return pp_server_start(&server, &keeper->server, err);
}

enum pp_status pp_keeper_serve(const struct pp_manager_settings *settings, int end_fd,
                               void (*begun)(bool *told), bool *told, struct pp_error *err)
{
    struct pp_keeper keeper = {.settings = settings, .due_ns = UINT64_MAX};
    struct pp_error why = {0};
    enum pp_status status;

    pp_link_init(&keeper.holdings, NULL);
    pp_link_init(&keeper.waits, NULL);
    pp_dict_init(&keeper.objects, keeper.hash_key, &keeper.held);
    status = open_server(&keeper, err);
    if (status == PP_OK && end_fd >= 0)
        status = pp_server_end_by(keeper.server, end_fd, err);
    if (status == PP_OK && begun)
        begun(told);
    if (status == PP_OK && settings->ready)
        settings->ready(settings->user, settings->address);
    if (status == PP_OK) {
        while (status == PP_OK && !keeper.ending)
            status = pp_server_step(keeper.server, -1, &why);
        status = status == PP_E_CLOSED ? PP_OK : status;
        if (status != PP_OK)
            pp_error_set(err, status, "%s", why.text);
    }
    pp_server_free(keeper.server);
    pp_waits_forget_all(&keeper);
    pp_keeper_forget_all(&keeper);
    free(keeper.departed);
    return status;
}

enum pp_status pp_manager_serve(const struct pp_manager_settings *settings, struct pp_error *err)
{
    return pp_keeper_serve(settings, -1, NULL, NULL, err);
}
