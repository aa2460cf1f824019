/*
 * runtime/pipe_state.h - an end, and what a message looks like in the socket.
 *
 * A packet is a head, as many of the message's bytes as go inside, and with it the descriptors.
 * When not all bytes go inside, the rest is in a memfd, whose descriptor is the last. That the
 * packet of a large message is full all the same keeps senders from piling up memory: a socket's
 * buffer has room for a few such packets only.
 *
 * What was received stays in the struct until the caller has room for it.
 */
#ifndef PP_RUNTIME_PIPE_STATE_H
#define PP_RUNTIME_PIPE_STATE_H

#include <poll.h>
#include <stdint.h>

#include <pixpool/pipe.h>

#include "runtime/futex.h"

#define PP_PACKET_MAGIC  UINT32_C(0x6b507070) /* "ppPk" */
#define PP_PACKET_INSIDE 65536u               /* bytes of a message in a packet at the most */

struct pp_packet_head {
    uint32_t magic;
    uint32_t fd_count; /* the caller's */
    uint64_t size;     /* of the whole message */
};

struct pp_pipe {
    int fd;
    enum pp_pipe_way way;
    size_t inside_most; /* bytes of a message that this socket takes in a packet */
    /* The message received and not yet taken out, if any. */
    bool has_message;
    uint64_t size;
    size_t inside;
    int rest; /* the memfd, or -1 */
    int fds[PP_PIPE_FDS];
    unsigned fd_count;
    struct pp_packet_head head;
    unsigned char bytes[PP_PACKET_INSIDE];
};

/* Drop the message received, if there is one: its descriptors are closed. */
void pp_pipe_drop(struct pp_pipe *end);

/* poll(2) until the deadline, whatever signals come: how many are ready, 0 in the end, or -1 with
 * errno set. */
int pp_pipe_poll_until(struct pollfd *polled, size_t count, const struct pp_deadline *deadline);

#endif
