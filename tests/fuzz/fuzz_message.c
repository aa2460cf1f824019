/*
 * The worker's side of its socket: messages of any bytes, with any number of descriptors. One that
 * is no task is refused, and no descriptor is left open that nobody knows of.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "pool/message.h"

#define FDS_MAX 6

const struct fuzz_seeds fuzz_seeds = {.noise = 200};

static void send_bytes(int socket, const uint8_t *bytes, size_t size, unsigned fds)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fds > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(fds * sizeof(int));
        for (unsigned i = 0; i < fds; i++)
            memcpy(CMSG_DATA(head) + i * sizeof(int), &socket, sizeof socket);
    }
    fuzz_ensure(sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0, "cannot send");
}

/* The lowest free descriptor: it tells of those left open. */
static int next_descriptor(void)
{
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(fd);
    return fd;
}

/* How many descriptors came with it; they are closed. */
static unsigned take(const struct pp_message *head, const int fds[PP_TASK_FDS])
{
    unsigned count = 0;

    for (unsigned i = 0; i < PP_TASK_FDS; i++) {
        fuzz_ensure((fds[i] >= 0) == (head->fd_mask >> i & 1), "another descriptor");
        if (fds[i] < 0)
            continue;
        fuzz_ensure(fcntl(fds[i], F_GETFD) == FD_CLOEXEC, "not closed on exec");
        close(fds[i]);
        count++;
    }
    return count;
}

static void receive(int socket, const uint8_t *bytes, size_t size, unsigned sent)
{
    static struct pp_inbox inbox;
    const int before = next_descriptor();
    enum pp_received received;
    struct pp_message head;
    const void *payload;
    unsigned count = 0;
    size_t end = 0;
    int fds[PP_TASK_FDS];

    inbox.size = inbox.next = 0;
    do {
        const size_t at = (end + PP_MESSAGE_ALIGNMENT - 1) & ~(size_t)(PP_MESSAGE_ALIGNMENT - 1);

        received = pp_message_receive(socket, &inbox, &head, &payload, fds);
        if (received != PP_RECEIVED_TASK)
            break;
        end = at + sizeof head + head.payload_size;
        fuzz_ensure(end <= size, "a size that was not sent");
        fuzz_ensure(memcmp(payload, bytes + at + sizeof head, head.payload_size) == 0,
                    "other bytes");
        count += take(&head, fds);
    } while (inbox.next < inbox.size);
    fuzz_ensure(received != PP_RECEIVED_TASK || (end == size && count == sent),
                "bytes or descriptors were lost");
    fuzz_ensure(received == PP_RECEIVED_TASK || received == PP_RECEIVED_BROKEN || size == 0,
                "an end that was not sent");
    fuzz_ensure(next_descriptor() == before, "a descriptor is left open");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[sizeof(struct pp_message) + PP_TASK_PAYLOAD_MAX + 64];
    struct fuzz_input input = {data, size};
    const uint32_t how = fuzz_byte(&input);
    size_t count = fuzz_bytes(&input, bytes, sizeof bytes);
    const unsigned fds = how % (FDS_MAX + 1);
    int sockets[2];

    /* Half of them with the size they say, or with one to the limit. */
    if (how & 0x80 && count >= sizeof(struct pp_message)) {
        const uint32_t rest = (uint32_t)(count - sizeof(struct pp_message));
        memcpy(bytes + offsetof(struct pp_message, payload_size), &rest, sizeof rest);
    }
    if ((how & 0xC0) == 0x40)
        count = sizeof bytes - fds;
    fuzz_ensure(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0, "no sockets");
    send_bytes(sockets[0], bytes, count, fds);
    receive(sockets[1], bytes, count, fds);
    close(sockets[0]);
    close(sockets[1]);
    return 0;
}
