#include "pool/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(PP_TASK_FDS * sizeof(int))];
};

/* Put the descriptors there are into the control part, and say in fd_mask which. */
static void pack_fds(struct msghdr *message, union control *control, struct pp_message *head,
                     const int fds[PP_TASK_FDS])
{
    struct cmsghdr *part;
    size_t count = 0;
    int sent[PP_TASK_FDS];

    head->fd_mask = 0;
    for (unsigned i = 0; i < PP_TASK_FDS; i++) {
        if (fds[i] < 0)
            continue;
        sent[count++] = fds[i];
        head->fd_mask |= 1U << i;
    }
    if (count == 0)
        return;
    memset(control, 0, sizeof *control);
    message->msg_control = control->bytes;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    part = CMSG_FIRSTHDR(message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(part), sent, count * sizeof(int));
}

int pp_message_send(int socket, struct pp_message *head, const void *payload,
                    const int fds[PP_TASK_FDS])
{
    union control control;
    struct iovec parts[2] = {
        {.iov_base = head, .iov_len = sizeof *head},
        {.iov_base = (void *)(uintptr_t)payload, .iov_len = head->payload_size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t sent;

    pack_fds(&message, &control, head, fds);
    do
        sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

/* Take the descriptors out; returns how many there were. */
static unsigned unpack_fds(struct msghdr *message, int got[PP_TASK_FDS])
{
    unsigned count = 0;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        const size_t bytes = part->cmsg_len - CMSG_LEN(0);

        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        count = (unsigned)(bytes / sizeof(int));
        memcpy(got, CMSG_DATA(part), count * sizeof(int));
    }
    return count;
}

static unsigned bits_set(uint32_t mask)
{
    unsigned bits = 0;

    for (; mask; mask &= mask - 1)
        bits++;
    return bits;
}

enum pp_received pp_message_receive(int socket, struct pp_message *head, void *payload,
                                    int fds[PP_TASK_FDS])
{
    union control control;
    struct iovec parts[2] = {{.iov_base = head, .iov_len = sizeof *head},
                             {.iov_base = payload, .iov_len = PP_TASK_PAYLOAD_MAX}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    int got[PP_TASK_FDS];
    unsigned count, next = 0;
    ssize_t size;

    do
        size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return errno == ECONNRESET ? PP_RECEIVED_END : PP_RECEIVED_BROKEN;
    count = unpack_fds(&message, got);
    if ((size_t)size < sizeof *head || (size_t)size - sizeof *head != head->payload_size ||
        (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || head->fd_mask >> PP_TASK_FDS ||
        count != bits_set(head->fd_mask)) {
        while (count > 0)
            close(got[--count]);
        return size == 0 ? PP_RECEIVED_END : PP_RECEIVED_BROKEN;
    }
    for (unsigned i = 0; i < PP_TASK_FDS; i++)
        fds[i] = head->fd_mask & (1U << i) ? got[next++] : -1;
    return PP_RECEIVED_TASK;
}
