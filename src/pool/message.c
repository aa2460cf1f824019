#include "pool/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(PP_TASK_FDS * sizeof(int))];
};

static void attach_fds(struct msghdr *message, union control *control, const int *fds, size_t count)
{
    struct cmsghdr *part;

    memset(control, 0, sizeof *control);
    message->msg_control = control->bytes;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    part = CMSG_FIRSTHDR(message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(part), fds, count * sizeof(int));
}

/* Put the descriptors there are into the control part, and say in fd_mask which. */
static void pack_fds(struct msghdr *message, union control *control, struct pp_message *head,
                     const int fds[PP_TASK_FDS])
{
    size_t count = 0;
    int sent[PP_TASK_FDS];

    head->fd_mask = 0;
    for (unsigned i = 0; i < PP_TASK_FDS; i++) {
        if (fds[i] < 0)
            continue;
        sent[count++] = fds[i];
        head->fd_mask |= 1U << i;
    }
    if (count > 0)
        attach_fds(message, control, sent, count);
}

static int send_whole(int socket, const struct msghdr *message, int flags)
{
    ssize_t sent;

    do
        sent = sendmsg(socket, message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

int pp_message_send(int socket, struct pp_message *head, const void *payload,
                    const int fds[PP_TASK_FDS])
{
    union control control;
    struct iovec parts[2] = {
        {.iov_base = head, .iov_len = sizeof *head},
        {.iov_base = (void *)(uintptr_t)payload, .iov_len = head->payload_size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    pack_fds(&message, &control, head, fds);
    return send_whole(socket, &message, MSG_DONTWAIT);
}

/* ---- parcels -------------------------------------------------------------------------------- */

static size_t filled_up(size_t size)
{
    return (size + PP_MESSAGE_ALIGNMENT - 1) / PP_MESSAGE_ALIGNMENT * PP_MESSAGE_ALIGNMENT;
}

void pp_parcel_init(struct pp_parcel *parcel)
{
    parcel->size = 0;
}

bool pp_parcel_has_room(const struct pp_parcel *parcel, size_t payload_size)
{
    return filled_up(parcel->size) + sizeof(struct pp_message) + payload_size <= PP_MESSAGE_MAX;
}

void pp_parcel_add(struct pp_parcel *parcel, const struct pp_message *head, const void *payload)
{
    const size_t at = filled_up(parcel->size);

    memset(parcel->bytes + parcel->size, 0, at - parcel->size);
    memcpy(parcel->bytes + at, head, sizeof *head);
    memcpy(parcel->bytes + at + sizeof *head, payload, head->payload_size);
    parcel->size = at + sizeof *head + head->payload_size;
}

int pp_parcel_send(int socket, const struct pp_parcel *parcel)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)parcel->bytes, .iov_len = parcel->size};
    const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return send_whole(socket, &message, MSG_DONTWAIT);
}

/* ---- receiving ------------------------------------------------------------------------------ */

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

/* Heads and payloads fill all of the bytes, and descriptors come with a single task that says so.
 */
static bool is_sound(const struct pp_inbox *inbox, unsigned fd_count)
{
    size_t at = 0, end = 0;

    while (at < inbox->size) {
        const struct pp_message *head = (const void *)(inbox->bytes + at);
        const size_t left = inbox->size - at;

        if (left < sizeof *head || head->payload_size > left - sizeof *head ||
            head->fd_mask >> PP_TASK_FDS || bits_set(head->fd_mask) != fd_count)
            return false;
        if (fd_count > 0 && head->payload_size != inbox->size - sizeof *head)
            return false;
        end = at + sizeof *head + head->payload_size;
        at = filled_up(end);
    }
    return end > 0 && end == inbox->size;
}

/* Wait for a message. */
static enum pp_received fill(int socket, struct pp_inbox *inbox, int got[PP_TASK_FDS])
{
    union control control;
    struct iovec part = {.iov_base = inbox->bytes, .iov_len = sizeof inbox->bytes};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    unsigned count;
    ssize_t size;

    inbox->size = inbox->next = 0;
    do
        size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return errno == ECONNRESET ? PP_RECEIVED_END : PP_RECEIVED_BROKEN;
    count = unpack_fds(&message, got);
    inbox->size = (size_t)size;
    if (!(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && is_sound(inbox, count))
        return PP_RECEIVED_TASK;
    while (count > 0)
        close(got[--count]);
    inbox->size = 0;
    return size == 0 ? PP_RECEIVED_END : PP_RECEIVED_BROKEN;
}

enum pp_received pp_message_receive(int socket, struct pp_inbox *inbox, struct pp_message *head,
                                    const void **payload, int fds[PP_TASK_FDS])
{
    int got[PP_TASK_FDS] = {-1, -1};
    unsigned next = 0;

    if (inbox->next >= inbox->size) {
        const enum pp_received received = fill(socket, inbox, got);

        if (received != PP_RECEIVED_TASK)
            return received;
    }
    memcpy(head, inbox->bytes + inbox->next, sizeof *head);
    *payload = inbox->bytes + inbox->next + sizeof *head;
    inbox->next = filled_up(inbox->next + sizeof *head + head->payload_size);
    for (unsigned i = 0; i < PP_TASK_FDS; i++)
        fds[i] = head->fd_mask & (1U << i) ? got[next++] : -1;
    return PP_RECEIVED_TASK;
}

/* ---- descriptors of results ----------------------------------------------------------------- */

int pp_message_answer_send(int socket, uint64_t id, int fd)
{
    union control control;
    struct iovec part = {.iov_base = &id, .iov_len = sizeof id};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    attach_fds(&message, &control, &fd, 1);
    return send_whole(socket, &message, 0);
}

/* A dead worker that had not read all of its tasks leaves an error on the socket, once, in front of
 * what it sent. */
static ssize_t receive_answer(int socket, struct msghdr *message)
{
    ssize_t size;
    bool reset = false;

    for (;;) {
        size = recvmsg(socket, message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (size >= 0 || (errno != EINTR && (errno != ECONNRESET || reset)))
            return size;
        reset |= errno == ECONNRESET;
    }
}

int pp_message_answer_receive(int socket, uint64_t id)
{
    union control control;
    uint64_t said = 0;
    struct iovec part = {.iov_base = &said, .iov_len = sizeof said};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    int got[PP_TASK_FDS];
    const ssize_t size = receive_answer(socket, &message);
    unsigned count;

    if (size < 0)
        return -1;
    count = unpack_fds(&message, got);
    if (size == sizeof said && said == id && count == 1 && !(message.msg_flags & MSG_CTRUNC))
        return got[0];
    while (count > 0)
        close(got[--count]);
    return -1;
}
