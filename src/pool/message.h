/*
 * pool/message.h - tasks as messages on a SOCK_SEQPACKET pair, supervisor to worker.
 *
 * A message is a head and a payload, or a parcel of several of these one after the other, each but
 * the last filled up to a multiple of PP_MESSAGE_ALIGNMENT. Descriptors come with a single task
 * only. The other way go only descriptors that belong to a result.
 */
#ifndef PP_POOL_MESSAGE_H
#define PP_POOL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/pool.h>

struct pp_message {
    uint64_t id;           /* of the hand-out; rising, never used twice */
    uint32_t attempt;      /* 1 for the first */
    uint32_t payload_size; /* bytes after this head */
    uint32_t fd_mask;      /* bit i: descriptor i comes along */
    uint32_t single;       /* 1: it may use one thread only */
    uint32_t unused[2];    /* 0; they align the payload for any type */
};

#define PP_MESSAGE_ALIGNMENT 16
_Static_assert(sizeof(struct pp_message) % PP_MESSAGE_ALIGNMENT == 0 &&
                   _Alignof(max_align_t) <= PP_MESSAGE_ALIGNMENT,
               "payloads begin aligned");
#define PP_MESSAGE_MAX                                                                             \
    (sizeof(struct pp_message) + PP_TASK_PAYLOAD_MAX) /* bytes of one message                      \
                                                       */

/* Send without waiting; fd_mask is set here. Returns 0 or an errno value. */
int pp_message_send(int socket, struct pp_message *head, const void *payload,
                    const int fds[PP_TASK_FDS]) PP_MUST_CHECK;

/* Several tasks without descriptors in one message; about as much as one large task. */
struct pp_parcel {
    size_t size;
    _Alignas(PP_MESSAGE_ALIGNMENT) uint8_t bytes[PP_MESSAGE_MAX];
};

void pp_parcel_init(struct pp_parcel *parcel);
/* Whether another task fits; into an empty one any does. */
bool pp_parcel_has_room(const struct pp_parcel *parcel, size_t payload_size);
void pp_parcel_add(struct pp_parcel *parcel, const struct pp_message *head, const void *payload);
/* As pp_message_send(). */
int pp_parcel_send(int socket, const struct pp_parcel *parcel) PP_MUST_CHECK;

enum pp_received {
    PP_RECEIVED_TASK,
    PP_RECEIVED_END,   /* the supervisor closed its end */
    PP_RECEIVED_BROKEN /* an error, or descriptors that did not fit into this process */
};

/* The worker's end: what was received and has not yet been looked at. Zeroed, it is empty. */
struct pp_inbox {
    size_t size, next;
    _Alignas(PP_MESSAGE_ALIGNMENT) uint8_t bytes[PP_MESSAGE_MAX];
};

/*
 * The next task of the inbox; wait for a message when it is empty. *payload lies in the inbox, is
 * aligned for any type and stays until the next call. Descriptors of a task are the caller's,
 * close-on-exec, -1 where none was sent; with the other two answers none are left open. Of a parcel
 * with a fault in it no task is given out.
 */
enum pp_received pp_message_receive(int socket, struct pp_inbox *inbox, struct pp_message *head,
                                    const void **payload, int fds[PP_TASK_FDS]);

/* Send the descriptor that belongs to the result of hand-out `id`. Returns 0 or an errno value. */
int pp_message_answer_send(int socket, uint64_t id, int fd) PP_MUST_CHECK;
/* Take it, without waiting: it was sent before the result was published. -1 when what is there is
 * something else. */
int pp_message_answer_receive(int socket, uint64_t id);

#endif
