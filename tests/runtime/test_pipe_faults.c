/* Pipes whose other end dies, lies, or sends what no pipe sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pixpool/pipe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memfile.h"
#include "runtime/pipe_state.h"
#include "support_queue.h"

#define LONG_S 60.0 /* seconds: nothing takes as long unless it hangs */
#define LARGE  300000u

static unsigned open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* ---- lies ----------------------------------------------------------------------------------- */

/* A packet as somebody else makes it. */
struct forgery {
    struct pp_packet_head head;
    size_t length; /* of the packet, head included */
    int fds[70];
    size_t fd_count;
};

static void send_forgery(int fd, const struct forgery *forgery)
{
    static unsigned char body[70000];
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(70 * sizeof(int))];
    } control = {0};
    struct iovec part = {body, forgery->length};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

    memcpy(body, &forgery->head, sizeof forgery->head);
    if (forgery->fd_count > 0) {
        packet.msg_control = &control;
        packet.msg_controllen = CMSG_SPACE(forgery->fd_count * sizeof(int));
        struct cmsghdr *entry = CMSG_FIRSTHDR(&packet);
        entry->cmsg_level = SOL_SOCKET;
        entry->cmsg_type = SCM_RIGHTS;
        entry->cmsg_len = CMSG_LEN(forgery->fd_count * sizeof(int));
        memcpy(CMSG_DATA(entry), forgery->fds, forgery->fd_count * sizeof(int));
    }
    assert_int_equal(sendmsg(fd, &packet, 0), (ssize_t)forgery->length);
}

/* Refused, nothing kept open, and the next message is none the worse. */
static void assert_refused(const struct forgery *forgery)
{
    struct pp_pipe *ends[2];
    char bytes[10];
    struct pp_pipe_message message = {.room = SIZE_MAX};

    assert_int_equal(pp_pipe_create(true, ends, NULL), PP_OK);
    unsigned before = open_descriptors();
    send_forgery(pp_pipe_fd(ends[1]), forgery);
    assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, 0, NULL), PP_E_CORRUPT);
    assert_null(message.data);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(pp_pipe_send(ends[1], "sound", 5, 0, NULL), PP_OK);
    message = (struct pp_pipe_message){.data = bytes, .room = sizeof bytes};
    assert_int_equal(pp_pipe_recv(ends[0], &message, 0, NULL), PP_OK);
    assert_memory_equal(bytes, "sound", 5);
    pp_pipe_free(ends[0]);
    pp_pipe_free(ends[1]);
}

static struct forgery forgery_of(uint64_t size, size_t inside)
{
    return (struct forgery){.head = {.magic = PP_PACKET_MAGIC, .size = size},
                            .length = sizeof(struct pp_packet_head) + inside};
}

static void heads_that_lie_are_refused(void **state)
{
    struct forgery forgery = forgery_of(10, 10);

    (void)state;
    forgery.length = 3;
    assert_refused(&forgery);
    forgery = forgery_of(10, 10);
    forgery.head.magic++;
    assert_refused(&forgery);
    forgery = forgery_of(10, 11);
    assert_refused(&forgery);
    forgery = forgery_of(11, 10);
    assert_refused(&forgery);
    forgery = forgery_of(UINT64_MAX, 10);
    assert_refused(&forgery);
    forgery = forgery_of(66000, 66000);
    assert_refused(&forgery);
    forgery = forgery_of(0, 0);
    forgery.head.fd_count = 1;
    assert_refused(&forgery);
    forgery.head.fd_count = UINT32_MAX;
    assert_refused(&forgery);
}

static void descriptors_nobody_spoke_of_are_refused_and_closed(void **state)
{
    struct forgery forgery = forgery_of(10, 10);

    (void)state;
    forgery.fd_count = 70;
    assert_refused(&forgery);
    forgery.head.fd_count = 64;
    assert_refused(&forgery);
    forgery.head.fd_count = 1;
    forgery.fd_count = 2;
    assert_refused(&forgery);
}

/* Memory of `size` bytes with these seals as the rest of a message that claims `claimed` more. */
static void try_rest(size_t size, int seals, uint64_t claimed)
{
    struct forgery forgery = forgery_of(10 + claimed, 10);
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    forgery.fds[0] = fd;
    forgery.fd_count = 1;
    assert_refused(&forgery);
    close(fd);
}

static void memory_that_can_change_or_has_another_size_is_refused(void **state)
{
    struct forgery forgery = forgery_of(1000, 10);

    (void)state;
    try_rest(1000, 0, 1000);
    try_rest(1000, F_SEAL_GROW | F_SEAL_WRITE, 1000);
    try_rest(1000, F_SEAL_SHRINK | F_SEAL_GROW, 1000);
    try_rest(999, PP_SEAL_BYTES, 1000);
    try_rest(1001, PP_SEAL_BYTES, 1000);
    try_rest(1000, PP_SEAL_BYTES, UINT64_MAX - 10);
    /* No memory at all: a directory. */
    forgery.fds[0] = open("/", O_RDONLY | O_CLOEXEC);
    forgery.fd_count = 1;
    assert_refused(&forgery);
    close(forgery.fds[0]);
}

static void a_claim_of_much_memory_is_only_a_size(void **state)
{
    struct forgery forgery = forgery_of(10 + (UINT64_C(1) << 40), 10);
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {.room = 1000000};
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    (void)state;
    assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, PP_SEAL_BYTES), 0);
    forgery.fds[0] = fd;
    forgery.fd_count = 1;
    assert_int_equal(pp_pipe_create(true, ends, NULL), PP_OK);
    send_forgery(pp_pipe_fd(ends[1]), &forgery);
    assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, 0, NULL), PP_E_LIMIT);
    assert_true(message.size == 10 + (UINT64_C(1) << 40));
    close(fd);
    pp_pipe_free(ends[0]);
    pp_pipe_free(ends[1]);
}

/* ---- want and death ------------------------------------------------------------------------- */

static void
a_message_whose_descriptors_cannot_be_had_is_an_error_and_not_half_a_message(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {.room = SIZE_MAX};
    char *bytes = calloc(1, LARGE);
    struct rlimit limit, none;

    (void)state;
    assert_int_equal(pp_pipe_create(true, ends, NULL), PP_OK);
    assert_int_equal(pp_pipe_send(ends[1], bytes, LARGE, 0, NULL), PP_OK);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum pp_status received = pp_pipe_recv_alloc(ends[0], &message, 0, NULL);
    enum pp_status sent = pp_pipe_send(ends[1], bytes, LARGE, 0, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(received, PP_E_SYSTEM);
    assert_int_equal(sent, PP_E_SYSTEM);
    assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, 0, NULL), PP_E_TIMEOUT);
    free(bytes);
    pp_pipe_free(ends[0]);
    pp_pipe_free(ends[1]);
}

static int send_for_ever(void *end)
{
    static unsigned char bytes[LARGE];

    for (uint64_t i = 0;; i++) {
        size_t size = 8 + i * 7919 % (LARGE - 8);

        fill_item(bytes, size, i);
        enum pp_status status = pp_pipe_send(end, bytes, size, LONG_S, NULL);
        if (status != PP_OK)
            return status;
    }
}

/* What comes is whole and without a gap; how many there were. */
static uint64_t receive_all(struct pp_pipe *end)
{
    struct pp_pipe_message message = {.room = SIZE_MAX};
    enum pp_status status;
    uint64_t count = 0;

    while ((status = pp_pipe_recv_alloc(end, &message, LONG_S, NULL)) == PP_OK) {
        assert_true(message.size >= 8 && is_item(message.data, message.size, count));
        assert_int_equal(message.fd_count, 0);
        free(message.data);
        message.room = SIZE_MAX;
        count++;
    }
    assert_int_equal(status, PP_E_CLOSED);
    return count;
}

static void a_killed_sender_leaves_whole_messages_and_then_the_end(void **state)
{
    uint64_t count = 0;

    (void)state;
    srand(11);
    for (int i = 0; i < 60; i++) {
        struct pp_pipe *ends[2];
        int status;
        assert_int_equal(pp_pipe_create(false, ends, NULL), PP_OK);
        pid_t child = start_child(send_for_ever, ends[1]);
        pp_pipe_free(ends[1]);
        usleep((useconds_t)rand() % 3000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        count += receive_all(ends[0]);
        pp_pipe_free(ends[0]);
    }
    assert_true(count > 0);
}

static int receive_one(void *end)
{
    struct pp_pipe_message message = {.room = SIZE_MAX};

    return pp_pipe_recv_alloc(end, &message, LONG_S, NULL);
}

static int send_until_closed(void *both)
{
    struct pp_pipe **ends = both;

    pp_pipe_free(ends[0]);
    return send_for_ever(ends[1]);
}

static void a_receiver_that_ends_ends_the_sender(void **state)
{
    struct pp_pipe *ends[2];

    (void)state;
    assert_int_equal(pp_pipe_create(false, ends, NULL), PP_OK);
    pid_t receiver = start_child(receive_one, ends[0]);
    pid_t sender = start_child(send_until_closed, ends);
    pp_pipe_free(ends[0]);
    assert_int_equal(end_of_child(receiver), 0);
    assert_int_equal(end_of_child(sender), PP_E_CLOSED);
    pp_pipe_free(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_that_lie_are_refused),
        cmocka_unit_test(descriptors_nobody_spoke_of_are_refused_and_closed),
        cmocka_unit_test(memory_that_can_change_or_has_another_size_is_refused),
        cmocka_unit_test(a_claim_of_much_memory_is_only_a_size),
        cmocka_unit_test(
            a_message_whose_descriptors_cannot_be_had_is_an_error_and_not_half_a_message),
        cmocka_unit_test(a_killed_sender_leaves_whole_messages_and_then_the_end),
        cmocka_unit_test(a_receiver_that_ends_ends_the_sender),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
