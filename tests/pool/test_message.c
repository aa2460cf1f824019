#include "support_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pool/message.h"

struct link_pair {
    int ends[2];
    struct pp_inbox inbox;
    struct pp_message head;
    const void *payload;
    int fds[PP_TASK_FDS];
};

static int set_up(void **state)
{
    static struct link_pair pair;

    pair.inbox.size = pair.inbox.next = 0;
    *state = &pair;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.ends);
}

static int tear_down(void **state)
{
    struct link_pair *pair = *state;

    close(pair->ends[0]);
    close(pair->ends[1]);
    return 0;
}

static enum pp_received receive(struct link_pair *pair)
{
    return pp_message_receive(pair->ends[1], &pair->inbox, &pair->head, &pair->payload, pair->fds);
}

static void a_task_arrives_as_it_was_sent(void **state)
{
    struct pp_message head = {.id = 7, .attempt = 2, .payload_size = PP_TASK_PAYLOAD_MAX};
    struct link_pair *pair = *state;
    uint8_t payload[PP_TASK_PAYLOAD_MAX];
    const int none[PP_TASK_FDS] = {-1, -1};

    memset(payload, 0xa5, sizeof payload);
    assert_int_equal(pp_message_send(pair->ends[0], &head, payload, none), 0);
    assert_int_equal(receive(pair), PP_RECEIVED_TASK);
    assert_int_equal(pair->head.id, 7);
    assert_int_equal(pair->head.attempt, 2);
    assert_memory_equal(pair->payload, payload, sizeof payload);
    assert_int_equal(pair->fds[0], -1);
    assert_int_equal(pair->fds[1], -1);
}

static void descriptors_keep_their_places(void **state)
{
    struct link_pair *pair = *state;

    for (unsigned mask = 1; mask < 4; mask++) {
        struct pp_message head = {.id = mask};
        int pipes[2], sent[PP_TASK_FDS];

        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        for (unsigned i = 0; i < 2; i++)
            sent[i] = mask & (1U << i) ? pipes[i] : -1;
        assert_int_equal(pp_message_send(pair->ends[0], &head, NULL, sent), 0);
        assert_int_equal(receive(pair), PP_RECEIVED_TASK);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(pair->fds[i] >= 0, mask >> i & 1);
            if (pair->fds[i] < 0)
                continue;
            assert_int_equal(fcntl(pair->fds[i], F_GETFD), FD_CLOEXEC);
            close(pair->fds[i]);
        }
        close(pipes[0]);
        close(pipes[1]);
    }
}

/* As many as fit, of all sizes. */
static void a_parcel_arrives_task_by_task(void **state)
{
    struct link_pair *pair = *state;
    struct pp_parcel parcel;
    uint8_t payload[64];
    uint32_t count = 0;

    pp_parcel_init(&parcel);
    for (; pp_parcel_has_room(&parcel, count % sizeof payload); count++) {
        const struct pp_message head = {
            .id = 100 + count, .attempt = 3, .payload_size = count % sizeof payload};

        memset(payload, (int)count, sizeof payload);
        pp_parcel_add(&parcel, &head, payload);
    }
    assert_in_range(count, 64, 256);
    assert_int_equal(pp_parcel_send(pair->ends[0], &parcel), 0);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(receive(pair), PP_RECEIVED_TASK);
        assert_int_equal(pair->head.id, 100 + i);
        assert_int_equal(pair->head.payload_size, i % sizeof payload);
        assert_int_equal((uintptr_t)pair->payload % PP_MESSAGE_ALIGNMENT, 0);
        memset(payload, (int)i, sizeof payload);
        assert_memory_equal(pair->payload, payload, pair->head.payload_size);
        assert_int_equal(pair->fds[0], -1);
    }
    shutdown(pair->ends[0], SHUT_RDWR);
    assert_int_equal(receive(pair), PP_RECEIVED_END);
}

static void nothing_of_a_parcel_with_a_fault_is_given_out(void **state)
{
    struct link_pair *pair = *state;
    const struct pp_message heads[] = {{.id = 1, .payload_size = 16},
                                       {.id = 2, .payload_size = 16}};
    struct pp_message *second;
    const uint8_t payload[16] = {0};
    struct pp_parcel parcel;

    pp_parcel_init(&parcel);
    for (int i = 0; i < 2; i++)
        pp_parcel_add(&parcel, &heads[i], payload);
    second = (struct pp_message *)(void *)(parcel.bytes + parcel.size / 2);
    second->payload_size = 17; /* one more than there are */
    assert_int_equal(pp_parcel_send(pair->ends[0], &parcel), 0);
    assert_int_equal(receive(pair), PP_RECEIVED_BROKEN);
    second->payload_size = 15; /* one is left over */
    assert_int_equal(pp_parcel_send(pair->ends[0], &parcel), 0);
    assert_int_equal(receive(pair), PP_RECEIVED_BROKEN);
    second->payload_size = 16;
    second->fd_mask = 1; /* none came */
    assert_int_equal(pp_parcel_send(pair->ends[0], &parcel), 0);
    assert_int_equal(receive(pair), PP_RECEIVED_BROKEN);
    second->fd_mask = 0;
    assert_int_equal(pp_parcel_send(pair->ends[0], &parcel), 0);
    assert_int_equal(receive(pair), PP_RECEIVED_TASK);
}

static void a_results_descriptor_is_taken_by_its_hand_outs_number(void **state)
{
    struct link_pair *pair = *state;
    const int before = open_fds();
    int fd;

    assert_int_equal(pp_message_answer_receive(pair->ends[0], 1), -1); /* nothing there */
    assert_int_equal(pp_message_answer_send(pair->ends[1], 7, STDIN_FILENO), 0);
    fd = pp_message_answer_receive(pair->ends[0], 7);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
    assert_int_equal(pp_message_answer_send(pair->ends[1], 7, STDIN_FILENO), 0);
    assert_int_equal(pp_message_answer_receive(pair->ends[0], 8), -1);
    assert_int_equal(send(pair->ends[1], "12345678", 8, 0), 8); /* none comes along */
    assert_int_equal(pp_message_answer_receive(pair->ends[0], 1), -1);
    assert_int_equal(open_fds(), before);
}

static void a_results_descriptor_outlives_a_worker_that_had_more_to_read(void **state)
{
    struct pp_message head = {.id = 1};
    const int none[PP_TASK_FDS] = {-1, -1};
    int pair[2], fd;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(pp_message_send(pair[0], &head, NULL, none), 0);
    assert_int_equal(pp_message_answer_send(pair[1], 7, STDIN_FILENO), 0);
    close(pair[1]);
    fd = pp_message_answer_receive(pair[0], 7);
    assert_true(fd >= 0);
    close(fd);
    close(pair[0]);
}

static void a_closed_link_is_an_end(void **state)
{
    struct link_pair *pair = *state;

    shutdown(pair->ends[0], SHUT_RDWR);
    assert_int_equal(receive(pair), PP_RECEIVED_END);
}

static void a_message_that_is_no_task_is_broken(void **state)
{
    struct pp_message head = {.payload_size = 5};
    struct link_pair *pair = *state;

    assert_int_equal(send(pair->ends[0], "short", 5, 0), 5);
    assert_int_equal(receive(pair), PP_RECEIVED_BROKEN);
    assert_int_equal(send(pair->ends[0], &head, sizeof head, 0), sizeof head);
    assert_int_equal(receive(pair), PP_RECEIVED_BROKEN);
}

/* Limit descriptors to `most`. Under a tool such as valgrind the limit is only the tool's, and the
 * kernel hands descriptors over all the same: false. */
static bool limit_descriptors(rlim_t most)
{
    struct rlimit limit;
    char line[256];
    bool limited = false;
    unsigned long soft;
    FILE *file;

    getrlimit(RLIMIT_NOFILE, &limit);
    file = fopen("/proc/self/limits", "re"); /* read below, once the limit stands */
    limit.rlim_cur = most;
    setrlimit(RLIMIT_NOFILE, &limit);
    while (file && fgets(line, sizeof line, file))
        limited |= sscanf(line, "Max open files %lu", &soft) == 1 && soft == most;
    if (file)
        fclose(file);
    return limited;
}

static void descriptors_that_do_not_fit_break_the_message_and_leak_nothing(void **state)
{
    struct link_pair *pair = *state;
    struct pp_message head = {.id = 1};
    struct rlimit before;
    enum pp_received received;
    int pipes[2], count, lowest;
    bool limited;

    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    assert_int_equal(pp_message_send(pair->ends[0], &head, NULL, pipes), 0);
    count = open_fds();
    getrlimit(RLIMIT_NOFILE, &before);
    lowest = dup(pipes[0]);
    close(lowest);
    limited = limit_descriptors((rlim_t)lowest + 1); /* room for one of the two */
    received = receive(pair);
    setrlimit(RLIMIT_NOFILE, &before);
    close(pipes[0]);
    close(pipes[1]);
    if (!limited) {
        print_message("skipped: the limit of descriptors is not the kernel's\n");
        skip();
    }
    assert_int_equal(received, PP_RECEIVED_BROKEN);
    assert_int_equal(open_fds(), count - 2);
}

static void sending_never_waits(void **state)
{
    struct pp_message head = {.payload_size = PP_TASK_PAYLOAD_MAX};
    struct link_pair *pair = *state;
    const uint8_t payload[PP_TASK_PAYLOAD_MAX] = {0};
    const int none[PP_TASK_FDS] = {-1, -1};
    int sent = 0, error;

    while ((error = pp_message_send(pair->ends[0], &head, payload, none)) == 0)
        sent++;
    assert_int_equal(error, EAGAIN);
    assert_true(sent >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_task_arrives_as_it_was_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(descriptors_keep_their_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parcel_arrives_task_by_task, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_of_a_parcel_with_a_fault_is_given_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_results_descriptor_is_taken_by_its_hand_outs_number,
                                        set_up, tear_down),
        cmocka_unit_test(a_results_descriptor_outlives_a_worker_that_had_more_to_read),
        cmocka_unit_test_setup_teardown(a_closed_link_is_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_is_no_task_is_broken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            descriptors_that_do_not_fit_break_the_message_and_leak_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sending_never_waits, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
