/*
 * pool/message.h - one task as one message on a SOCK_SEQPACKET pair, supervisor to worker.
 */
#ifndef PP_POOL_MESSAGE_H
#define PP_POOL_MESSAGE_H

#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/pool.h>

struct pp_message {
    uint64_t id;           /* of the hand-out; rising, never used twice */
    uint32_t attempt;      /* 1 for the first */
    uint32_t payload_size; /* bytes after this head */
    uint32_t fd_mask;      /* bit i: descriptor i comes along */
    uint32_t single;       /* 1: it may use one thread only */
};

/* Send without waiting; fd_mask is set here. Returns 0 or an errno value. */
int pp_message_send(int socket, struct pp_message *head, const void *payload,
                    const int fds[PP_TASK_FDS]) PP_MUST_CHECK;

enum pp_received {
    PP_RECEIVED_TASK,
    PP_RECEIVED_END,   /* the supervisor closed its end */
    PP_RECEIVED_BROKEN /* an error, or descriptors that did not fit into this process */
};

/* Wait for one. `payload` has room for PP_TASK_PAYLOAD_MAX bytes. Descriptors of a task are the
 * caller's, close-on-exec, -1 where none was sent; with the other two answers none are left open.
 */
enum pp_received pp_message_receive(int socket, struct pp_message *head, void *payload,
                                    int fds[PP_TASK_FDS]);

#endif
