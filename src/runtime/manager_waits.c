/* The calls for what lets processes wait for each other. */
#include "runtime/manager_handle.h"

static void begin(struct pp_manager *manager, enum pp_manager_operation operation, const char *name)
{
    pp_manager_begin(manager, operation, pp_manager_name(name));
}

static void begin_wait(struct pp_manager *manager, enum pp_manager_operation operation,
                       const char *name, double seconds)
{
    begin(manager, operation, name);
    pp_pack_u64(&manager->out, pp_manager_nanoseconds(seconds));
}

/* What was asked takes a lock or a unit; `late` (NULL: nothing) is what else the answer says. */
static enum pp_status acquire(struct pp_manager *manager, double seconds, bool *late,
                              struct pp_error *err)
{
    enum pp_status status = pp_manager_ask(manager, seconds, err);
    const bool holder_died = status == PP_OK && pp_unpack_u8(&manager->in) != 0;

    if (late)
        *late = status == PP_OK && pp_unpack_u8(&manager->in) != 0;
    status = pp_manager_end(manager, status, err);
    if (status == PP_OK && holder_died)
        return pp_error_set(err, PP_E_OWNER_DIED, "taken, but its holder before died");
    return status;
}

enum pp_status pp_manager_lock_acquire(struct pp_manager *manager, const char *name, double seconds,
                                       struct pp_error *err)
{
    begin_wait(manager, PP_OP_LOCK_ACQUIRE, name, seconds);
    return acquire(manager, seconds, NULL, err);
}

enum pp_status pp_manager_lock_release(struct pp_manager *manager, const char *name,
                                       struct pp_error *err)
{
    begin(manager, PP_OP_LOCK_RELEASE, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_semaphore_acquire(struct pp_manager *manager, const char *name,
                                            double seconds, struct pp_error *err)
{
    begin_wait(manager, PP_OP_SEMAPHORE_ACQUIRE, name, seconds);
    return acquire(manager, seconds, NULL, err);
}

enum pp_status pp_manager_semaphore_release(struct pp_manager *manager, const char *name,
                                            struct pp_error *err)
{
    begin(manager, PP_OP_SEMAPHORE_RELEASE, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_event_set(struct pp_manager *manager, const char *name,
                                    struct pp_error *err)
{
    begin(manager, PP_OP_EVENT_SET, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_event_clear(struct pp_manager *manager, const char *name,
                                      struct pp_error *err)
{
    begin(manager, PP_OP_EVENT_CLEAR, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_event_wait(struct pp_manager *manager, const char *name, double seconds,
                                     struct pp_error *err)
{
    begin_wait(manager, PP_OP_EVENT_WAIT, name, seconds);
    return pp_manager_end(manager, pp_manager_ask(manager, seconds, err), err);
}

enum pp_status pp_manager_barrier_wait(struct pp_manager *manager, const char *name, double seconds,
                                       uint64_t *turn, struct pp_error *err)
{
    enum pp_status status;
    uint64_t mine;

    begin_wait(manager, PP_OP_BARRIER_WAIT, name, seconds);
    status = pp_manager_ask(manager, seconds, err);
    mine = status == PP_OK ? pp_unpack_u64(&manager->in) : 0;
    if (turn)
        *turn = mine;
    return pp_manager_end(manager, status, err);
}

enum pp_status pp_manager_barrier_reset(struct pp_manager *manager, const char *name,
                                        struct pp_error *err)
{
    begin(manager, PP_OP_BARRIER_RESET, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_queue_put(struct pp_manager *manager, const char *name,
                                    struct pp_bytes item, double seconds, struct pp_error *err)
{
    begin_wait(manager, PP_OP_QUEUE_PUT, name, seconds);
    pp_pack_bytes(&manager->out, item);
    return pp_manager_end(manager, pp_manager_ask(manager, seconds, err), err);
}

enum pp_status pp_manager_queue_get(struct pp_manager *manager, const char *name, double seconds,
                                    struct pp_bytes *item, struct pp_error *err)
{
    enum pp_status status;

    begin_wait(manager, PP_OP_QUEUE_GET, name, seconds);
    status = pp_manager_ask(manager, seconds, err);
    *item = status == PP_OK ? pp_unpack_bytes(&manager->in) : (struct pp_bytes){0};
    return pp_manager_end(manager, status, err);
}

enum pp_status pp_manager_queue_length(struct pp_manager *manager, const char *name,
                                       uint64_t *length, struct pp_error *err)
{
    begin(manager, PP_OP_QUEUE_LENGTH, name);
    return pp_manager_ask_number(manager, length, err);
}

enum pp_status pp_manager_queue_task_done(struct pp_manager *manager, const char *name,
                                          struct pp_error *err)
{
    begin(manager, PP_OP_QUEUE_DONE, name);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_queue_join(struct pp_manager *manager, const char *name, double seconds,
                                     struct pp_error *err)
{
    begin_wait(manager, PP_OP_QUEUE_JOIN, name, seconds);
    return pp_manager_end(manager, pp_manager_ask(manager, seconds, err), err);
}

enum pp_status pp_manager_condition_wait(struct pp_manager *manager, const char *name,
                                         const char *lock, double seconds, struct pp_error *err)
{
    enum pp_status status;
    bool late;

    begin_wait(manager, PP_OP_CONDITION_WAIT, name, seconds);
    pp_pack_bytes(&manager->out, pp_manager_name(lock));
    status = acquire(manager, -1, &late, err);
    if (status == PP_OK && late)
        return pp_error_set(err, PP_E_TIMEOUT, "nobody notified in time");
    return status;
}

static enum pp_status notify(struct pp_manager *manager, const char *name, uint64_t count,
                             struct pp_error *err)
{
    begin(manager, PP_OP_CONDITION_NOTIFY, name);
    pp_pack_u64(&manager->out, count);
    return pp_manager_ask_nothing(manager, err);
}

enum pp_status pp_manager_condition_notify(struct pp_manager *manager, const char *name,
                                           uint32_t count, struct pp_error *err)
{
    return notify(manager, name, count, err);
}

enum pp_status pp_manager_condition_notify_all(struct pp_manager *manager, const char *name,
                                               struct pp_error *err)
{
    return notify(manager, name, UINT64_MAX, err);
}
