#include <pixpool/pipe.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memfile.h"
#include "runtime/pipe_state.h"

#define FDS_MOST 253 /* the kernel's SCM_MAX_FD: whatever comes must be closed again */

/* Where the kernel writes descriptors to. */
union control {
    struct cmsghdr align;
    char space[CMSG_SPACE(FDS_MOST * sizeof(int))];
};

/* ---- a packet ------------------------------------------------------------------------------- */

/* The descriptors that came: into end->fds as many as fit, the last into end->rest if one more came
 * than the head speaks of; others are closed. Returns how many came. */
static unsigned take_fds(struct pp_pipe *end, struct msghdr *packet)
{
    unsigned count = 0;

    end->fd_count = 0;
    end->rest = -1;
    for (struct cmsghdr *entry = CMSG_FIRSTHDR(packet); entry; entry = CMSG_NXTHDR(packet, entry)) {
        size_t here = (entry->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < here; i++, count++) {
            int fd;

            memcpy(&fd, CMSG_DATA(entry) + i * sizeof fd, sizeof fd);
            if (end->fd_count < end->head.fd_count && end->fd_count < PP_PIPE_FDS)
                end->fds[end->fd_count++] = fd;
            else if (end->rest < 0)
                end->rest = fd;
            else
                close(fd);
        }
    }
    return count;
}

/* Nobody can cut the memory down or change it, and it has the size it is said to have. */
static bool is_sound_rest(int fd, uint64_t size)
{
    uint64_t has;

    return pp_memfile_is_sealed(fd, PP_SEAL_BYTES, &has) && has == size;
}

/* Whether the packet of `size` bytes in *end is one that pp_pipe_send() makes. */
static enum pp_status check(struct pp_pipe *end, const struct msghdr *packet, size_t size,
                            unsigned fds, struct pp_error *err)
{
    const struct pp_packet_head *head = &end->head;
    bool is_sound = size >= sizeof *head && head->magic == PP_PACKET_MAGIC &&
                    head->fd_count <= PP_PIPE_FDS && head->size <= PTRDIFF_MAX &&
                    !(packet->msg_flags & MSG_TRUNC);

    if (is_sound) {
        end->inside = size - sizeof *head;
        end->size = head->size;
        bool has_rest = end->inside < end->size;
        if ((packet->msg_flags & MSG_CTRUNC) && fds < head->fd_count + has_rest)
            return pp_error_set(err, PP_E_SYSTEM,
                                "cannot receive: too many descriptors are open, a message is lost");
        is_sound = end->inside <= end->size && fds == head->fd_count + has_rest &&
                   (!has_rest || is_sound_rest(end->rest, end->size - end->inside));
    }
    if (!is_sound)
        return pp_error_set(err, PP_E_CORRUPT, "received what is no message");
    return PP_OK;
}

/* 0, or an errno: EAGAIN when none is there, EPIPE at the end. */
static int receive_packet(struct pp_pipe *end, struct msghdr *packet, size_t *size)
{
    ssize_t got;

    do
        got = recvmsg(end->fd, packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    /* ECONNRESET: the other end closed before it had received all. What it sent comes after it. */
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0)
        return errno;
    *size = (size_t)got;
    return got > 0 ? 0 : EPIPE;
}

/* The next message into *end. */
static enum pp_status fetch(struct pp_pipe *end, const struct pp_deadline *deadline,
                            struct pp_error *err)
{
    struct iovec parts[] = {{&end->head, sizeof end->head}, {end->bytes, sizeof end->bytes}};
    union control control;
    struct msghdr packet;
    struct pollfd readable = {.fd = end->fd, .events = POLLIN};
    size_t size = 0;
    int error;

    for (;;) {
        packet = (struct msghdr){.msg_iov = parts,
                                 .msg_iovlen = 2,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        error = receive_packet(end, &packet, &size);
        if (error != EAGAIN)
            break;
        int ready = pp_pipe_poll_until(&readable, 1, deadline);
        if (ready == 0)
            return pp_error_set(err, PP_E_TIMEOUT, "nothing has come through the pipe");
        if (ready < 0)
            return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot receive");
    }
    if (error == EPIPE)
        return pp_error_set(err, PP_E_CLOSED, "cannot receive: the other end is closed");
    if (error != 0)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot receive");
    if (size < sizeof end->head)
        memset(&end->head, 0, sizeof end->head);
    unsigned fds = take_fds(end, &packet);
    end->has_message = true;
    enum pp_status status = check(end, &packet, size, fds, err);
    if (status != PP_OK)
        pp_pipe_drop(end);
    return status;
}

/* ---- out of the end ------------------------------------------------------------------------- */

static bool read_rest(int fd, unsigned char *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        ssize_t got = pread(fd, data + at, size - at, (off_t)at);

        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0)
            at += (size_t)got;
    }
    return true;
}

/* The message in *end to the caller, who has room for it. */
static enum pp_status deliver(struct pp_pipe *end, struct pp_pipe_message *message,
                              struct pp_error *err)
{
    unsigned char *data = message->data;

    if (end->inside > 0)
        memcpy(data, end->bytes, end->inside);
    if (end->rest >= 0 &&
        !read_rest(end->rest, data + end->inside, (size_t)end->size - end->inside)) {
        pp_pipe_drop(end);
        return pp_error_set(err, PP_E_CORRUPT, "received a message that cannot be read");
    }
    memcpy(message->fds, end->fds, end->fd_count * sizeof *end->fds);
    message->fd_count = end->fd_count;
    end->fd_count = 0;
    pp_pipe_drop(end);
    return PP_OK;
}

/* A message in *end, its size in *message; PP_E_LIMIT when that is more than may come. */
static enum pp_status await(struct pp_pipe *end, struct pp_pipe_message *message, double seconds,
                            struct pp_error *err)
{
    struct pp_deadline deadline = pp_deadline_after(seconds);
    enum pp_status status = PP_OK;

    if (!(end->way & PP_PIPE_RECEIVES))
        return pp_error_set(err, PP_E_USAGE, "cannot receive: this end of the pipe only sends");
    if (!end->has_message)
        status = fetch(end, &deadline, err);
    if (status != PP_OK)
        return status;
    message->size = (size_t)end->size;
    if (message->size > message->room)
        return pp_error_set(err, PP_E_LIMIT,
                            "cannot receive: the message has %zu bytes, there is room for %zu",
                            message->size, message->room);
    return PP_OK;
}

enum pp_status pp_pipe_recv(struct pp_pipe *end, struct pp_pipe_message *message, double seconds,
                            struct pp_error *err)
{
    enum pp_status status = await(end, message, seconds, err);

    return status == PP_OK ? deliver(end, message, err) : status;
}

enum pp_status pp_pipe_recv_alloc(struct pp_pipe *end, struct pp_pipe_message *message,
                                  double seconds, struct pp_error *err)
{
    enum pp_status status;

    message->data = NULL;
    status = await(end, message, seconds, err);
    if (status != PP_OK)
        return status;
    message->data = malloc(message->size > 0 ? message->size : 1);
    if (!message->data)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot receive: no memory for %zu bytes",
                            message->size);
    status = deliver(end, message, err);
    if (status != PP_OK) {
        free(message->data);
        message->data = NULL;
    }
    return status;
}
