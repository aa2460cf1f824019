/*
 * runtime/keeper.h - the manager's process: what it keeps, and what its files offer each other.
 *
 *   keeper.c          serve: requests come and are answered
 *   keeper_objects.c  objects by name, and what is done with any of them
 *   keeper_dicts.c, keeper_lists.c, keeper_numbers.c  what is done with these
 *   keeper_waits.c    who waits, for what, until when
 *   keeper_permits.c  locks and semaphores
 *   keeper_meeting.c  events, barriers, queues
 *   keeper_conditions.c  conditions
 *
 * One thread. A call is dealt with from end to end before the next, so nothing here is locked. A
 * client that leaves while another's call is dealt with, since the answer to it could not be sent,
 * is remembered and its things are given back afterwards.
 */
#ifndef PP_RUNTIME_KEEPER_H
#define PP_RUNTIME_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/manager.h>

#include "pool/list.h"
#include "runtime/dict.h"
#include "runtime/manager_protocol.h"
#include "runtime/pack.h"
#include "runtime/sequence.h"
#include "runtime/server.h"

struct pp_object {
    enum pp_manager_kind kind;
    uint64_t most; /* units, parties or items; 0 for the others, and for any number of items */
    uint64_t unfinished; /* items put into a queue and not done */
    union {
        struct pp_dict dict;
        struct pp_sequence items; /* of a list or a queue */
        uint64_t number;
        struct {
            uint64_t taken;   /* units */
            bool holder_died; /* who had it last; the next is told */
        } permit;             /* a lock's or a semaphore's */
        bool is_set;          /* an event */
        struct {
            uint64_t waiting;
            bool broken;
        } barrier;
    };
};

/* Units of a lock or a semaphore that a client has. */
struct pp_holding {
    struct pp_link link; /* in keeper->holdings */
    struct pp_object *object;
    uint64_t client;
    uint64_t depth; /* times a lock was taken; units of a semaphore */
};

/* A call that is to be answered when its object allows. A client has one at the most. */
struct pp_wait {
    struct pp_link link; /* in keeper->waits, in the order they came */
    struct pp_object *object;
    uint64_t client;
    uint64_t due_ns; /* when to give up; UINT64_MAX: never */
    enum pp_manager_operation operation;
    struct pp_item *item; /* owned: to be put into a queue; else NULL */
    /* At a condition alone. `object` is the condition, and from the notification on the lock. */
    struct pp_object *condition; /* NULL when it is gone */
    struct pp_object *lock;
    struct pp_holding *holding; /* owned: what it had of the lock */
    bool late;                  /* it was not notified: its time is over */
};

struct pp_keeper {
    const struct pp_manager_settings *settings;
    struct pp_server *server;
    size_t message_max; /* of an answer */
    uint8_t hash_key[PP_SIPHASH_KEY];
    struct pp_dict objects; /* name -> struct pp_object *, owned */
    size_t held;            /* bytes that they take */
    struct pp_link holdings, waits;
    uint64_t due_ns;    /* the earliest of the waits, or earlier; UINT64_MAX: there is none */
    bool busy;          /* a call or what is due is dealt with */
    uint64_t *departed; /* clients that left meanwhile */
    unsigned departed_count;
    bool ending;
};

/* A call being dealt with. */
struct pp_kept_call {
    struct pp_keeper *keeper;
    uint64_t client;
    struct pp_bytes name;
    struct pp_object *object; /* NULL for operations on none */
    struct pp_unpack in;      /* what follows the name */
    struct pp_pack out;       /* the status is in it */
    bool later;               /* it waits, and is answered by and by */
};

/* What is done for an operation: everything is read from `in`, then done, and put into `out`. */
enum { PP_NO_OBJECT = PP_MANAGER_KINDS };
struct pp_operation {
    unsigned kind; /* of the object it is for, or PP_NO_OBJECT */
    bool grows;    /* it takes memory */
    enum pp_status (*run)(struct pp_kept_call *call, struct pp_error *err);
};

/* ---- keeper.c ---- */

/* Serve until a client says that it is enough, or `end_fd` (-1: none) is readable. `begun` (NULL:
 * none) is called once the manager listens, before the settings' ready(). */
enum pp_status pp_keeper_serve(const struct pp_manager_settings *settings, int end_fd,
                               void (*begun)(bool *told), bool *told, struct pp_error *err);
/* PP_OK when the call's request was whole; to be asked before anything is done. */
enum pp_status pp_kept_call_check(const struct pp_kept_call *call, struct pp_error *err);
/* Fill in and send an answer: with anything but PP_OK the text in place of what `out` holds. */
void pp_keeper_answer(struct pp_keeper *keeper, uint64_t client, struct pp_pack *out,
                      enum pp_status status, const struct pp_error *err);

/* ---- keeper_objects.c ---- */

/* The call's object, which comes into being if need be. */
enum pp_status pp_keeper_find(struct pp_kept_call *call, enum pp_manager_kind kind,
                              struct pp_error *err);
/* The object of that name; NULL: there is none. */
struct pp_object *pp_keeper_look_up(const struct pp_keeper *keeper, struct pp_bytes name);
/* Whether so many more bytes are within the settings; PP_E_LIMIT. */
enum pp_status pp_keeper_has_memory(const struct pp_keeper *keeper, size_t more,
                                    struct pp_error *err);
void pp_keeper_forget_all(struct pp_keeper *keeper);
extern const struct pp_operation pp_object_operations[PP_OP_DICT_SET - PP_OP_SHUTDOWN];

/* "Found" of the protocol; NULL data: not. */
void pp_pack_found(struct pp_pack *pack, struct pp_bytes bytes);

/* ---- keeper_dicts.c, keeper_lists.c, keeper_numbers.c ---- */

extern const struct pp_operation pp_dict_operations[PP_OP_LIST_EXTEND - PP_OP_DICT_SET];
extern const struct pp_operation pp_list_operations[PP_OP_NUMBER_GET - PP_OP_LIST_EXTEND];
extern const struct pp_operation pp_number_operations[PP_OP_LOCK_ACQUIRE - PP_OP_NUMBER_GET];

/* ---- keeper_waits.c ---- */

extern const struct pp_operation pp_wait_operations[PP_OP_COUNT - PP_OP_LOCK_ACQUIRE];
/* When a time-out that begins now ends; UINT64_MAX: never. */
uint64_t pp_wait_until(uint64_t nanoseconds);
/* One more waits, until `due_ns`. */
void pp_waits_add(struct pp_keeper *keeper, struct pp_wait *wait);
/* The object has changed: answer those whom it can serve now, in the order they came. */
void pp_waits_serve(struct pp_keeper *keeper, struct pp_object *object);
/* Answer all who wait for the object with that status. */
void pp_waits_refuse(struct pp_keeper *keeper, struct pp_object *object, enum pp_status status,
                     const char *text);
/* Let all who wait for it go on, each with its turn from 0. */
void pp_waits_let_go(struct pp_keeper *keeper, struct pp_object *object);
/* The client waits no more, and is not answered. */
void pp_waits_leave(struct pp_keeper *keeper, uint64_t client);
/* Answer those whose time is over; when to look again. */
uint64_t pp_waits_expire(struct pp_keeper *keeper, uint64_t now);
void pp_waits_forget_all(struct pp_keeper *keeper);

/* ---- keeper_permits.c, keeper_meeting.c, keeper_conditions.c: true when it is done, and *status
 * says how ---- */

bool pp_permit_take(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                    enum pp_status *status);
bool pp_kept_event_pass(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                        enum pp_status *status);
bool pp_kept_queue_take_in(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                           enum pp_status *status);
bool pp_kept_queue_finish(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                          enum pp_status *status);
bool pp_kept_condition_resume(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                              enum pp_status *status);
bool pp_kept_queue_give(struct pp_keeper *keeper, struct pp_wait *wait, struct pp_pack *out,
                        enum pp_status *status);

/* ---- keeper_permits.c ---- */

enum pp_status pp_permit_release(struct pp_kept_call *call, struct pp_error *err);
/* Part with the lock, however often it was taken: what the client held, now the caller's; NULL when
 * that is nothing. */
struct pp_holding *pp_permit_lay_down(struct pp_keeper *keeper, struct pp_object *lock,
                                      uint64_t client);
/* Take the lock with what was held before; false when somebody has it. */
bool pp_permit_take_up(struct pp_keeper *keeper, struct pp_holding *holding, bool *holder_died);
/* Give back all that the client holds; all that is held of the object, which goes. */
void pp_permits_leave(struct pp_keeper *keeper, uint64_t client);
void pp_permits_drop(struct pp_keeper *keeper, const struct pp_object *object);

/* ---- keeper_meeting.c ---- */

enum pp_status pp_kept_event_set(struct pp_kept_call *call, struct pp_error *err);
enum pp_status pp_kept_event_clear(struct pp_kept_call *call, struct pp_error *err);
/* One comes to the barrier, whose turn is put into `out`. True: it was the last, or the barrier is
 * broken; else it has to wait, and is counted. */
bool pp_kept_barrier_come(struct pp_keeper *keeper, struct pp_object *barrier, struct pp_pack *out,
                          enum pp_status *status);
/* One who waited there does no more. */
void pp_kept_barrier_break(struct pp_keeper *keeper, struct pp_object *barrier);
enum pp_status pp_kept_barrier_reset(struct pp_kept_call *call, struct pp_error *err);
enum pp_status pp_kept_queue_length(struct pp_kept_call *call, struct pp_error *err);
enum pp_status pp_kept_queue_done(struct pp_kept_call *call, struct pp_error *err);

/* ---- keeper_conditions.c ---- */

enum pp_status pp_kept_condition_wait(struct pp_kept_call *call, struct pp_error *err);
enum pp_status pp_kept_condition_notify(struct pp_kept_call *call, struct pp_error *err);
/* The time of one who waits there is over. */
void pp_kept_condition_late(struct pp_keeper *keeper, struct pp_wait *wait);
/* As many as `count` of those who wait there go on. */
void pp_kept_condition_wake(struct pp_keeper *keeper, struct pp_object *condition, uint64_t count);
/* The lock's holder is gone, who may have owed a notification: all who wait with that lock go on.
 */
void pp_kept_condition_alarm(struct pp_keeper *keeper, const struct pp_object *lock);
/* The object, if it is a condition, is no more. */
void pp_kept_condition_drop(struct pp_keeper *keeper, const struct pp_object *object);

#endif
