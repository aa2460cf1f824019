/*
 * pixpool/pipe.h - two ends, and whole messages between them.
 *
 * A message is any number of bytes, none included, and up to PP_PIPE_FDS descriptors. It arrives
 * whole or not at all, whatever becomes of its sender. Up to 64 KiB it travels in the socket (a
 * SOCK_SEQPACKET pair); the rest of a larger one in sealed memory whose descriptor goes along, a
 * few such at a time: who sends more waits.
 *
 * An end belongs to one process and, by fork, to its children; each must free those it does not
 * use, for an end is closed when the last copy of it is. Where several receive from copies of one
 * end, each message goes to one of them. A struct pp_pipe is used by one thread at a time; two ends
 * are independent of each other. Not for signal handlers; signals do not disturb the functions.
 *
 * Nothing that comes from the other end is believed unchecked, so that it may be of another user.
 *
 * Time-outs are seconds: 0 only tries, negative waits for ever, unlike Python's, whose negative
 * ones do not wait. Beside Python's: bytes, not objects; the end of a listener's connection is made
 * by pp_pipe_attach() of a connected SOCK_SEQPACKET socket.
 */
#ifndef PIXPOOL_PIPE_H
#define PIXPOOL_PIPE_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/api.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

#define PP_PIPE_FDS 64 /* descriptors in one message at the most */

struct pp_pipe; /* one end */

enum pp_pipe_way {
    PP_PIPE_RECEIVES = 1,
    PP_PIPE_SENDS = 2,
    PP_PIPE_DUPLEX = 3 /* both */
};

struct pp_pipe_message {
    void *data;           /* sent: its bytes, only read. Received: where they are to go, or are */
    size_t room;          /* received: how many bytes may come */
    size_t size;          /* bytes of the message */
    int fds[PP_PIPE_FDS]; /* received ones are the caller's to close; close-on-exec is set */
    unsigned fd_count;
};

/* ---- ends ----------------------------------------------------------------------------------- */

/* Both ends of a new pipe. Unless it is duplex ends[0] receives and ends[1] sends. On PP_OK both
 * are the caller's to free. Errors: PP_E_NO_MEMORY, PP_E_SYSTEM when descriptors are missing. */
PP_API enum pp_status pp_pipe_create(bool duplex, struct pp_pipe *ends[2],
                                     struct pp_error *err) PP_MUST_CHECK;

/*
 * An end over a descriptor that was inherited through exec, came in a message, or was accepted or
 * connected. On PP_OK the descriptor is the end's and close-on-exec is set. `way` is what this
 * process does with it, no more than pp_pipe_create() provided for. Errors: PP_E_USAGE if it is no
 * connected local socket of type SOCK_SEQPACKET, PP_E_NO_MEMORY; the descriptor is then still the
 * caller's.
 */
PP_API enum pp_status pp_pipe_attach(int fd, enum pp_pipe_way way, struct pp_pipe **end,
                                     struct pp_error *err) PP_MUST_CHECK;

/* The descriptor to hand on: by a message, or to an exec'd child after its close-on-exec flag was
 * cleared. It stays the end's. What pp_pipe_poll() would find it may not show. */
PP_API int pp_pipe_fd(const struct pp_pipe *end);

/* What this end can do. */
PP_API enum pp_pipe_way pp_pipe_way(const struct pp_pipe *end);

/* Close it; a message that was not received is lost. NULL is allowed. */
PP_API void pp_pipe_free(struct pp_pipe *end);

/* ---- messages ------------------------------------------------------------------------------- */

/*
 * Send `size` bytes; they are copied. The message has been sent when this returns PP_OK, and not at
 * all otherwise. Waits while the other end has much to receive.
 * Errors: PP_E_TIMEOUT; PP_E_CLOSED when nobody has the other end; PP_E_USAGE for an end that does
 * not send; PP_E_NO_MEMORY, PP_E_SYSTEM.
 */
PP_API enum pp_status pp_pipe_send(struct pp_pipe *end, const void *data, size_t size,
                                   double seconds, struct pp_error *err) PP_MUST_CHECK;

/* As pp_pipe_send() with the message's data, size and descriptors, which stay the caller's own as
 * well. Also PP_E_USAGE for too many of them or one that is not open. */
PP_API enum pp_status pp_pipe_send_message(struct pp_pipe *end,
                                           const struct pp_pipe_message *message, double seconds,
                                           struct pp_error *err) PP_MUST_CHECK;

/*
 * Receive the next message into message->data, which has message->room bytes; size, fds and
 * fd_count are told. Descriptors that nobody wants must be closed all the same.
 * Errors: PP_E_TIMEOUT; PP_E_CLOSED when all was received and the other end is closed; PP_E_LIMIT
 * when there is not room enough: message->size says how much it takes, and the message stays the
 * next one of this struct, and of the copies that fork makes of it; PP_E_USAGE for an end that does
 * not receive; PP_E_CORRUPT for what no pp_pipe_send() sends, and PP_E_SYSTEM where a descriptor
 * could not be had because too many are open: that message is dropped, the next one may be sound;
 * PP_E_NO_MEMORY.
 */
PP_API enum pp_status pp_pipe_recv(struct pp_pipe *end, struct pp_pipe_message *message,
                                   double seconds, struct pp_error *err) PP_MUST_CHECK;

/* As pp_pipe_recv(), into new memory at message->data (never NULL), which the caller frees with
 * free(). message->room is the most that may come, so that the other end cannot claim all memory.
 */
PP_API enum pp_status pp_pipe_recv_alloc(struct pp_pipe *end, struct pp_pipe_message *message,
                                         double seconds, struct pp_error *err) PP_MUST_CHECK;

/* ---- waiting -------------------------------------------------------------------------------- */

/* Wait until a pp_pipe_recv() would not wait, because there is a message or no more can come:
 * PP_OK. Errors: PP_E_TIMEOUT, PP_E_USAGE for an end that does not receive, PP_E_SYSTEM. */
PP_API enum pp_status pp_pipe_poll(struct pp_pipe *end, double seconds,
                                   struct pp_error *err) PP_MUST_CHECK;

/* One of several that are waited for. */
struct pp_pipe_watch {
    struct pp_pipe *end; /* one that receives, or NULL and */
    int fd;              /* whatever poll(2) knows: a socket, a pidfd */
    bool ready;          /* set by pp_pipe_wait() */
};

/*
 * Wait until at least one is ready, and say of each if it is: an end as for pp_pipe_poll(), a
 * descriptor when it is readable, has failed or has come to its end. Errors: PP_E_TIMEOUT;
 * PP_E_USAGE for an end that does not receive or a descriptor that is not open; PP_E_NO_MEMORY,
 * PP_E_SYSTEM. None is then ready.
 */
PP_API enum pp_status pp_pipe_wait(struct pp_pipe_watch *watches, size_t count, double seconds,
                                   struct pp_error *err) PP_MUST_CHECK;

PP_END_DECLS

#endif
