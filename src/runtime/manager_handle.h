/*
 * runtime/manager_handle.h - a handle of a manager, and how its calls are made.
 *
 *   manager.c        connect, ask, end
 *   manager_start.c  a manager in a process of its own
 *   manager_dicts.c, manager_lists.c, manager_waits.c  the calls
 *
 * One thread at a time.
 */
#ifndef PP_RUNTIME_MANAGER_HANDLE_H
#define PP_RUNTIME_MANAGER_HANDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixpool/manager.h>

#include "runtime/client.h"
#include "runtime/manager_protocol.h"
#include "runtime/pack.h"

struct pp_manager {
    struct pp_client *client;
    char address[PP_MANAGER_ADDRESS];
    double patience; /* seconds; negative: for ever */
    pid_t owner;     /* the process whose connection it is */
    pid_t child;     /* the manager, if this handle's owner started it; else 0 */
    bool outlives;   /* freeing the handle leaves it */
    struct pp_pack out;
    struct pp_unpack in; /* the answer */
};

/* Begin a request, to which its contents are then packed into manager->out. */
void pp_manager_begin(struct pp_manager *manager, enum pp_manager_operation operation,
                      struct pp_bytes name);
struct pp_bytes pp_manager_name(const char *name);

/* Ask; what the answer holds is in manager->in, beginning behind the status. `seconds` is how long
 * the manager may let it wait: 0 for what does not wait. */
enum pp_status pp_manager_ask(struct pp_manager *manager, double seconds, struct pp_error *err);

/* The time-out of a call as the protocol has it. */
uint64_t pp_manager_nanoseconds(double seconds);

/* After the answer's contents were read: PP_E_CORRUPT if there was more or less in it. */
enum pp_status pp_manager_end(const struct pp_manager *manager, enum pp_status status,
                              struct pp_error *err);

/* What many calls have in common: ask and read what comes back. */
enum pp_status pp_manager_ask_nothing(struct pp_manager *manager, struct pp_error *err);
enum pp_status pp_manager_ask_number(struct pp_manager *manager, uint64_t *number,
                                     struct pp_error *err);
enum pp_status pp_manager_ask_flag(struct pp_manager *manager, bool *flag, struct pp_error *err);
enum pp_status pp_manager_ask_found(struct pp_manager *manager, struct pp_bytes *bytes,
                                    struct pp_error *err);
enum pp_status pp_manager_ask_items(struct pp_manager *manager, struct pp_manager_items *items,
                                    struct pp_error *err);

#endif
