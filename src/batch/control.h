/*
 * batch/control.h - the supervisor's side of <pixpool/control.h>: a server in the pool's loop, and
 * what it and those who ask say to each other.
 *
 * A request is a word (8 bits; PP_CONTROL_ASK or an enum pp_control_word) and a number of workers
 * (32 bits). An answer is a status (8 bits); after one other than PP_OK a text, after that of
 * PP_CONTROL_ASK what control_status.c packs.
 */
#ifndef PP_BATCH_CONTROL_H
#define PP_BATCH_CONTROL_H

#include <pixpool/batch.h>
#include <pixpool/control.h>

#include "runtime/address.h"
#include "runtime/pack.h"
#include "runtime/server.h"

#define PP_CONTROL_SERVICE "run"
#define PP_CONTROL_PREFIX  "run-" /* of a socket's name; the id follows */
#define PP_CONTROL_ASK     255

/* Zeroed: there is none. */
struct pp_control {
    struct pp_server *server; /* owned; NULL: none */
    char run[PP_BATCH_RUN_ID];
};

/* Pack how a run stands, and unpack it; false: it makes no sense, or memory was missing. */
void pp_control_pack(struct pp_pack *pack, const struct pp_control_status *status);
struct pp_control_status *pp_control_unpack(struct pp_unpack *unpack);

#endif
