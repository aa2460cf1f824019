/* What a manager does with its numbers. They are kept without a sign, which wraps around. */
#include "runtime/keeper.h"

static enum pp_status get(struct pp_kept_call *call, struct pp_error *err)
{
    pp_pack_u64(&call->out, call->object->number);
    return pp_kept_call_check(call, err);
}

static enum pp_status set(struct pp_kept_call *call, struct pp_error *err)
{
    const uint64_t number = pp_unpack_u64(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK)
        call->object->number = number;
    return status;
}

static enum pp_status add(struct pp_kept_call *call, struct pp_error *err)
{
    const uint64_t more = pp_unpack_u64(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);

    if (status == PP_OK && !call->out.failed)
        call->object->number += more;
    pp_pack_u64(&call->out, call->object->number);
    return status;
}

static enum pp_status exchange(struct pp_kept_call *call, struct pp_error *err)
{
    const uint64_t expected = pp_unpack_u64(&call->in), number = pp_unpack_u64(&call->in);
    const enum pp_status status = pp_kept_call_check(call, err);

    pp_pack_u64(&call->out, call->object->number);
    if (status == PP_OK && !call->out.failed && call->object->number == expected)
        call->object->number = number;
    return status;
}

#define AT(operation) [PP_OP_NUMBER_##operation - PP_OP_NUMBER_GET]

const struct pp_operation pp_number_operations[] = {
    AT(GET) = {PP_MANAGER_NUMBER, false, get},
    AT(SET) = {PP_MANAGER_NUMBER, false, set},
    AT(ADD) = {PP_MANAGER_NUMBER, false, add},
    AT(EXCHANGE) = {PP_MANAGER_NUMBER, false, exchange},
};
