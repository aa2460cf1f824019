/*
 * pixpool/manager.h - objects that a process of its own keeps, and any number of others use.
 *
 * A manager is a process that holds named objects: dicts and lists of bytes, numbers, locks,
 * semaphores, events, barriers, queues and conditions. Others, related or not, connect to its
 * address, a Unix socket of their user's, and work on them through a handle. Each call is one
 * request, answered before the next of anybody is looked at, and therefore atomic: no two calls
 * mix. An object comes into being when its name is first used, of the kind the call is for; a name
 * is 1 to PP_MANAGER_NAME bytes.
 *
 * Deaths. What a client's death interrupts was done whole or not at all: a call that returned PP_OK
 * counts once, one that never returned counts once or not at all. Locks and units of semaphores
 * that a client holds are given back when its handle is freed or its process ends, and its waits
 * end. When the manager dies all calls, waiting ones too, return PP_E_CLOSED at once; the objects
 * are gone.
 *
 * Time. `seconds` of a call that waits: negative is for ever, 0 only tries, PP_E_TIMEOUT says that
 * it ran out and nothing was done. Beside that every call gives the manager the handle's patience
 * to answer; when that is over the handle is closed, since nobody knows what became of the call.
 * A closed handle gives PP_E_CLOSED for ever: connect anew.
 *
 * Which process, which thread. A handle belongs to one thread at a time; several threads take
 * several handles. After a fork the child's copy makes a connection of its own at its first call:
 * what the parent holds is not the child's.
 *
 * Errors of every call below: PP_E_CLOSED and PP_E_TIMEOUT as above, PP_E_USAGE for a name that is
 * too long or an object of another kind, PP_E_LIMIT for what is over the manager's largest message
 * or memory, PP_E_NO_MEMORY here or there, PP_E_CORRUPT when what answers makes no sense.
 */
#ifndef PIXPOOL_MANAGER_H
#define PIXPOOL_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/bytes.h>
#include <pixpool/error.h>
#include <pixpool/manager_waits.h> /* the calls that may wait */

PP_BEGIN_DECLS

#define PP_MANAGER_NAME    200 /* bytes of an object's name at the most */
#define PP_MANAGER_ADDRESS 108 /* bytes of an address with its NUL at the most */

/* Bytes as a result: `data` NULL says that there is nothing, which is not the same as a size of 0;
 * they stay until the next call with the same handle. */

struct pp_manager;

/* ---- the process ---------------------------------------------------------------------------- */

/* What a function of the user's own answers with. */
struct pp_manager_answer;

/* Give the answer's bytes, which are copied; further ones are added. In the function only. */
PP_API void pp_manager_answer_add(struct pp_manager_answer *answer, struct pp_bytes bytes);

/*
 * A function that runs in the manager's process when a client calls it, between other calls and so
 * as atomically. While it runs nobody else is served: it must not wait, nor use a handle of this
 * manager. Anything but PP_OK goes to the caller with `err`'s text.
 */
struct pp_manager_function {
    const char *name; /* NULL ends the table */
    enum pp_status (*call)(void *user, struct pp_bytes request, struct pp_manager_answer *answer,
                           struct pp_error *err);
};

/* Zeroed settings are good ones. Pointers stay the caller's, and are used while the manager runs.
 */
struct pp_manager_settings {
    const char *address;   /* path of the socket, in a directory that only its user may enter (mode
                              0700); NULL: a new name in the user's own runtime directory */
    unsigned clients;      /* at the same time, at most 4096; 0: 256 */
    size_t message_max;    /* bytes of a call or an answer, at most 1 GiB; 0: 64 MiB */
    uint64_t memory_max;   /* bytes that all objects may take; 0: no limit */
    double patience;       /* seconds in which a client that stops within a message is dropped, and
                              that the starter's handle has; 0: 10 */
    bool outlives_starter; /* else it ends with the process that started it */
    const struct pp_manager_function *functions; /* NULL: none */
    void *user;                                  /* given to them and to ready() */
    /* Called once it listens, in the manager's process. May be NULL. */
    void (*ready)(void *user, const char *address);
};

/*
 * Start a manager in a new process, by fork: this process must have one thread only. The new one
 * keeps none of this one's descriptors but the standard three, and none of those if it outlives its
 * starter; it ignores SIGINT, and ends in order at SIGTERM or when its starter ends. On PP_OK
 * *manager is a handle that the caller frees, and with it the manager.
 * Errors: PP_E_USAGE (settings, threads), PP_E_CONFLICT when a manager is alive at the address, or
 * something else is there; PP_E_SYSTEM, PP_E_NO_MEMORY.
 */
PP_API enum pp_status pp_manager_start(const struct pp_manager_settings *settings,
                                       struct pp_manager **manager,
                                       struct pp_error *err) PP_MUST_CHECK;

/*
 * Be the manager: serve in this process and thread until a client shuts it down. For a program that
 * was executed for it; `address` must be given, and `outlives_starter` means nothing. Errors: those
 * of pp_manager_start(), and PP_E_SYSTEM when serving has become impossible.
 */
PP_API enum pp_status pp_manager_serve(const struct pp_manager_settings *settings,
                                       struct pp_error *err) PP_MUST_CHECK;

/*
 * Connect to the manager at an address. `seconds` is the time for that, and then the handle's
 * patience with each call: negative is for ever. Errors: PP_E_CLOSED when no manager is alive
 * there, PP_E_LIMIT when it has as many clients as it takes, PP_E_FORMAT when what is there is
 * none, PP_E_USAGE when it is another user's.
 */
PP_API enum pp_status pp_manager_connect(const char *address, double seconds,
                                         struct pp_manager **manager,
                                         struct pp_error *err) PP_MUST_CHECK;

/* The address to hand on; stays as long as the handle. */
PP_API const char *pp_manager_address(const struct pp_manager *manager);

/* The manager's process. */
PP_API int64_t pp_manager_process(const struct pp_manager *manager);

/*
 * End the manager: all its objects are gone, its socket is removed. Waits at most `seconds` until
 * that is so; the starter, whose child it is, then kills it, and others get PP_E_TIMEOUT. The
 * handle is closed.
 */
PP_API enum pp_status pp_manager_shutdown(struct pp_manager *manager, double seconds,
                                          struct pp_error *err) PP_MUST_CHECK;

/* Close and free a handle. If it is the one pp_manager_start() gave, in the process that got it,
 * the manager is ended as well, unless it is to outlive its starter. NULL is allowed. */
PP_API void pp_manager_free(struct pp_manager *manager);

/* ---- objects -------------------------------------------------------------------------------- */

enum pp_manager_kind {
    PP_MANAGER_DICT,
    PP_MANAGER_LIST,
    PP_MANAGER_NUMBER,
    PP_MANAGER_LOCK,
    PP_MANAGER_SEMAPHORE,
    PP_MANAGER_EVENT,
    PP_MANAGER_BARRIER,
    PP_MANAGER_QUEUE,
    PP_MANAGER_CONDITION,
    PP_MANAGER_KINDS
};

/*
 * Make an object before its first use. `number` is what a number begins with, how many units a
 * semaphore has, how many a barrier waits for, how many items a queue takes (0: any); 0 for the
 * others. Semaphores and barriers must be made. One that is there already is left as it is;
 * PP_E_CONFLICT when it is of another kind, or has another `number` of units, parties or items.
 */
PP_API enum pp_status pp_manager_make(struct pp_manager *manager, const char *name,
                                      enum pp_manager_kind kind, int64_t number,
                                      struct pp_error *err) PP_MUST_CHECK;

/* Forget an object; who waits for it gets PP_E_CLOSED. *found, unless NULL: there was one. */
PP_API enum pp_status pp_manager_delete(struct pp_manager *manager, const char *name, bool *found,
                                        struct pp_error *err) PP_MUST_CHECK;

/* Several results, to be walked through; they stay until the next call with the same handle. */
struct pp_manager_items {
    uint64_t count; /* still to come */
    const void *at; /* internal */
    size_t left;    /* internal */
};

/* The next one into *item; false when there are no more. */
PP_API bool pp_manager_items_next(struct pp_manager_items *items, struct pp_bytes *item);

/* The names of all objects. */
PP_API enum pp_status pp_manager_names(struct pp_manager *manager, struct pp_manager_items *names,
                                       struct pp_error *err) PP_MUST_CHECK;

/* Call a function of the manager's settings; *answer is what it gave. Errors: its own, PP_E_USAGE
 * when there is none of that name. An answer over the largest message is PP_E_LIMIT, though the
 * function was called. */
PP_API enum pp_status pp_manager_call(struct pp_manager *manager, const char *function,
                                      struct pp_bytes request, struct pp_bytes *answer,
                                      struct pp_error *err) PP_MUST_CHECK;

/* ---- dicts: bytes by bytes, in the order in which the keys first came ------------------------ */

PP_API enum pp_status pp_manager_dict_set(struct pp_manager *manager, const char *name,
                                          struct pp_bytes key, struct pp_bytes value,
                                          struct pp_error *err) PP_MUST_CHECK;

/* value->data is NULL when the key is not there. */
PP_API enum pp_status pp_manager_dict_get(struct pp_manager *manager, const char *name,
                                          struct pp_bytes key, struct pp_bytes *value,
                                          struct pp_error *err) PP_MUST_CHECK;

/* The same, and the key is there no more. */
PP_API enum pp_status pp_manager_dict_pop(struct pp_manager *manager, const char *name,
                                          struct pp_bytes key, struct pp_bytes *value,
                                          struct pp_error *err) PP_MUST_CHECK;

/* The key that came last with its value, both of which go; item[0].data is NULL when there is
 * none. */
PP_API enum pp_status pp_manager_dict_pop_last(struct pp_manager *manager, const char *name,
                                               struct pp_bytes item[2],
                                               struct pp_error *err) PP_MUST_CHECK;

/* The value there is; if there is none, `fallback` is set and returned. */
PP_API enum pp_status pp_manager_dict_set_default(struct pp_manager *manager, const char *name,
                                                  const struct pp_bytes key_and_fallback[2],
                                                  struct pp_bytes *value,
                                                  struct pp_error *err) PP_MUST_CHECK;

/* *found, unless NULL, says whether the key was there. */
PP_API enum pp_status pp_manager_dict_delete(struct pp_manager *manager, const char *name,
                                             struct pp_bytes key, bool *found,
                                             struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_dict_contains(struct pp_manager *manager, const char *name,
                                               struct pp_bytes key, bool *found,
                                               struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_dict_length(struct pp_manager *manager, const char *name,
                                             uint64_t *length, struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_dict_keys(struct pp_manager *manager, const char *name,
                                           struct pp_manager_items *keys,
                                           struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_dict_values(struct pp_manager *manager, const char *name,
                                             struct pp_manager_items *values,
                                             struct pp_error *err) PP_MUST_CHECK;

/* A key, its value, the next key, and so on. */
PP_API enum pp_status pp_manager_dict_items(struct pp_manager *manager, const char *name,
                                            struct pp_manager_items *items,
                                            struct pp_error *err) PP_MUST_CHECK;

/* Set `count` pairs, each a key and its value: all of them, or none. */
PP_API enum pp_status pp_manager_dict_update(struct pp_manager *manager, const char *name,
                                             const struct pp_bytes (*pairs)[2], size_t count,
                                             struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_dict_clear(struct pp_manager *manager, const char *name,
                                            struct pp_error *err) PP_MUST_CHECK;

/* ---- lists of bytes; a negative index counts from the end, -1 is the last -------------------- */

PP_API enum pp_status pp_manager_list_append(struct pp_manager *manager, const char *name,
                                             struct pp_bytes item,
                                             struct pp_error *err) PP_MUST_CHECK;

/* All of them, or none. */
PP_API enum pp_status pp_manager_list_extend(struct pp_manager *manager, const char *name,
                                             const struct pp_bytes *items, size_t count,
                                             struct pp_error *err) PP_MUST_CHECK;

/* Before the item at the index; an index beyond either end is that end. */
PP_API enum pp_status pp_manager_list_insert(struct pp_manager *manager, const char *name,
                                             int64_t index, struct pp_bytes item,
                                             struct pp_error *err) PP_MUST_CHECK;

/* PP_E_USAGE when there is none at the index. */
PP_API enum pp_status pp_manager_list_set(struct pp_manager *manager, const char *name,
                                          int64_t index, struct pp_bytes item,
                                          struct pp_error *err) PP_MUST_CHECK;

/* item->data is NULL when there is none at the index. */
PP_API enum pp_status pp_manager_list_get(struct pp_manager *manager, const char *name,
                                          int64_t index, struct pp_bytes *item,
                                          struct pp_error *err) PP_MUST_CHECK;

/* The same, and it is taken out. */
PP_API enum pp_status pp_manager_list_pop(struct pp_manager *manager, const char *name,
                                          int64_t index, struct pp_bytes *item,
                                          struct pp_error *err) PP_MUST_CHECK;

/* Those from `begin` to before `end`; beyond either end there are none. INT64_MAX is the end. */
PP_API enum pp_status pp_manager_list_slice(struct pp_manager *manager, const char *name,
                                            const int64_t begin_and_end[2],
                                            struct pp_manager_items *items,
                                            struct pp_error *err) PP_MUST_CHECK;

/* Take out the first that is equal; *found, unless NULL, says whether there was one. */
PP_API enum pp_status pp_manager_list_remove(struct pp_manager *manager, const char *name,
                                             struct pp_bytes item, bool *found,
                                             struct pp_error *err) PP_MUST_CHECK;

/* Where the first that is equal is, from 0; -1 when there is none. */
PP_API enum pp_status pp_manager_list_index(struct pp_manager *manager, const char *name,
                                            struct pp_bytes item, int64_t *index,
                                            struct pp_error *err) PP_MUST_CHECK;

/* How many are equal. */
PP_API enum pp_status pp_manager_list_count(struct pp_manager *manager, const char *name,
                                            struct pp_bytes item, uint64_t *count,
                                            struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_list_length(struct pp_manager *manager, const char *name,
                                             uint64_t *length, struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_list_reverse(struct pp_manager *manager, const char *name,
                                              struct pp_error *err) PP_MUST_CHECK;

/* By their bytes as memcmp() does, and of two of which one begins the other the shorter first. */
PP_API enum pp_status pp_manager_list_sort(struct pp_manager *manager, const char *name,
                                           struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_list_clear(struct pp_manager *manager, const char *name,
                                            struct pp_error *err) PP_MUST_CHECK;

/* ---- numbers: values and counters; they begin with 0 and wrap around ------------------------- */

PP_API enum pp_status pp_manager_number_get(struct pp_manager *manager, const char *name,
                                            int64_t *number, struct pp_error *err) PP_MUST_CHECK;

PP_API enum pp_status pp_manager_number_set(struct pp_manager *manager, const char *name,
                                            int64_t number, struct pp_error *err) PP_MUST_CHECK;

/* *sum, unless NULL, is what it is then. */
PP_API enum pp_status pp_manager_number_add(struct pp_manager *manager, const char *name,
                                            int64_t more, int64_t *sum,
                                            struct pp_error *err) PP_MUST_CHECK;

/* Compare and exchange: set it to the second if it is the first. *before is what it was. */
PP_API enum pp_status pp_manager_number_exchange(struct pp_manager *manager, const char *name,
                                                 const int64_t expected_and_new[2], int64_t *before,
                                                 struct pp_error *err) PP_MUST_CHECK;

PP_END_DECLS

#endif
