#include <pixpool/pipe.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memfile.h"
#include "base/stream.h"
#include "runtime/pipe_state.h"

/* A descriptor of memory with these bytes that nobody can change any more, or -1 with errno set. */
static int seal_rest(const unsigned char *data, size_t size)
{
    int fd = pp_memfile_new("pixpool-message"), error;

    if (fd < 0)
        return -1;
    error = pp_write_all(fd, data, size);
    if (error == 0)
        error = pp_memfile_seal(fd, PP_SEAL_BYTES);
    if (error != 0) {
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Where the kernel reads descriptors from. */
union control {
    struct cmsghdr align;
    char space[CMSG_SPACE((PP_PIPE_FDS + 1) * sizeof(int))];
};

static void attach_fds(struct msghdr *packet, union control *control, const int *fds, size_t count,
                       int rest)
{
    size_t all = count + (rest >= 0);
    struct cmsghdr *entry;

    if (all == 0)
        return;
    packet->msg_control = control;
    packet->msg_controllen = CMSG_SPACE(all * sizeof(int));
    entry = CMSG_FIRSTHDR(packet);
    entry->cmsg_level = SOL_SOCKET;
    entry->cmsg_type = SCM_RIGHTS;
    entry->cmsg_len = CMSG_LEN(all * sizeof(int));
    memcpy(CMSG_DATA(entry), fds, count * sizeof(int));
    if (rest >= 0)
        memcpy(CMSG_DATA(entry) + count * sizeof(int), &rest, sizeof rest);
}

/* 0, or an errno; ETIMEDOUT when the deadline came. */
static int send_packet(int fd, const struct msghdr *packet, const struct pp_deadline *deadline)
{
    for (;;) {
        struct pollfd writable = {.fd = fd, .events = POLLOUT};
        int ready;

        if (sendmsg(fd, packet, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            return 0;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return errno;
        ready = pp_pipe_poll_until(&writable, 1, deadline);
        if (ready < 0)
            return errno;
        if (ready == 0)
            return ETIMEDOUT;
    }
}

static enum pp_status say(int error, struct pp_error *err)
{
    switch (error) {
    case 0:
        return PP_OK;
    case ETIMEDOUT:
        return pp_error_set(err, PP_E_TIMEOUT, "cannot send: the other end receives nothing");
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
        return pp_error_set(err, PP_E_CLOSED, "cannot send: the other end is closed");
    case EBADF:
        return pp_error_set(err, PP_E_USAGE, "cannot send: a descriptor is not open");
    default:
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot send");
    }
}

enum pp_status pp_pipe_send_message(struct pp_pipe *end, const struct pp_pipe_message *message,
                                    double seconds, struct pp_error *err)
{
    struct pp_deadline deadline = pp_deadline_after(seconds);
    size_t inside = message->size < end->inside_most ? message->size : end->inside_most;
    struct pp_packet_head head = {
        .magic = PP_PACKET_MAGIC, .fd_count = message->fd_count, .size = message->size};
    struct iovec parts[] = {{&head, sizeof head}, {message->data, inside}};
    struct msghdr packet = {.msg_iov = parts, .msg_iovlen = 2};
    union control control = {0};
    int rest = -1, error;

    if (!(end->way & PP_PIPE_SENDS))
        return pp_error_set(err, PP_E_USAGE, "cannot send: this end of the pipe only receives");
    if (message->fd_count > PP_PIPE_FDS)
        return pp_error_set(err, PP_E_USAGE, "cannot send %u descriptors: %d are the most",
                            message->fd_count, PP_PIPE_FDS);
    if (inside < message->size) {
        rest = seal_rest((unsigned char *)message->data + inside, message->size - inside);
        if (rest < 0)
            return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot send: no shared memory");
    }
    attach_fds(&packet, &control, message->fds, message->fd_count, rest);
    error = send_packet(end->fd, &packet, &deadline);
    if (rest >= 0)
        close(rest);
    return say(error, err);
}

enum pp_status pp_pipe_send(struct pp_pipe *end, const void *data, size_t size, double seconds,
                            struct pp_error *err)
{
    /* It is only read from. */
    struct pp_pipe_message message = {.size = size};

    memcpy(&message.data, &data, sizeof data);
    return pp_pipe_send_message(end, &message, seconds, err);
}
