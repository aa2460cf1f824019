/* Pipes between processes that mean well: messages of all sizes, descriptors, waiting, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pixpool/pipe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "support_queue.h"

#define LONG_S 60.0 /* seconds: nothing takes as long unless it hangs */

static void make_pipe(bool duplex, struct pp_pipe *ends[2])
{
    assert_int_equal(pp_pipe_create(duplex, ends, NULL), PP_OK);
}

static void free_both(struct pp_pipe *ends[2])
{
    pp_pipe_free(ends[0]);
    pp_pipe_free(ends[1]);
}

static void assert_receives(struct pp_pipe *end, const char *text)
{
    char bytes[100];
    struct pp_pipe_message message = {.data = bytes, .room = sizeof bytes};

    assert_int_equal(pp_pipe_recv(end, &message, LONG_S, NULL), PP_OK);
    assert_int_equal(message.size, strlen(text));
    assert_memory_equal(bytes, text, message.size);
    assert_int_equal(message.fd_count, 0);
}

static void send_text(struct pp_pipe *end, const char *text)
{
    assert_int_equal(pp_pipe_send(end, text, strlen(text), LONG_S, NULL), PP_OK);
}

/* Sends back what comes, until a message without bytes. */
static int echo(void *end)
{
    struct pp_pipe_message message = {.room = SIZE_MAX};

    while (pp_pipe_recv_alloc(end, &message, LONG_S, NULL) == PP_OK) {
        enum pp_status status = pp_pipe_send(end, message.data, message.size, LONG_S, NULL);

        free(message.data);
        message.room = SIZE_MAX;
        if (message.size == 0 || status != PP_OK)
            return status;
    }
    return 1;
}

/* ---- messages ------------------------------------------------------------------------------- */

static void messages_of_all_sizes_go_there_and_back(void **state)
{
    static const size_t sizes[] = {1,       10,        65519,  65520,  65535,
                                   65536,   65537,     65552,  100000, 1u << 20,
                                   5000001, 16u << 20, 200000, 300000, 0};
    struct pp_pipe *ends[2];
    unsigned char *bytes = malloc(16u << 20);

    (void)state;
    make_pipe(true, ends);
    pid_t child = start_child(echo, ends[1]);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pp_pipe_message message = {.room = SIZE_MAX};
        fill_item(bytes, sizes[i], i);
        assert_int_equal(pp_pipe_send(ends[0], bytes, sizes[i], LONG_S, NULL), PP_OK);
        assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, LONG_S, NULL), PP_OK);
        assert_int_equal(message.size, sizes[i]);
        assert_true(is_item(message.data, message.size, i));
        free(message.data);
    }
    assert_int_equal(end_of_child(child), 0);
    free(bytes);
    free_both(ends);
}

static void messages_are_not_merged(void **state)
{
    struct pp_pipe *ends[2];

    (void)state;
    make_pipe(true, ends);
    assert_int_equal(pp_pipe_poll(ends[0], 0, NULL), PP_E_TIMEOUT);
    send_text(ends[1], "a");
    send_text(ends[1], "");
    send_text(ends[1], "cd");
    assert_receives(ends[0], "a");
    assert_int_equal(pp_pipe_poll(ends[0], 0, NULL), PP_OK);
    assert_receives(ends[0], "");
    assert_int_equal(pp_pipe_poll(ends[0], 0, NULL), PP_OK);
    assert_int_equal(pp_pipe_poll(ends[0], LONG_S, NULL), PP_OK);
    assert_receives(ends[0], "cd");
    assert_int_equal(pp_pipe_poll(ends[0], 0, NULL), PP_E_TIMEOUT);
    free_both(ends);
}

static void a_message_too_large_for_the_buffer_stays_the_next(void **state)
{
    static const size_t sizes[] = {110, 65536, 3000000};
    struct pp_pipe *ends[2];
    unsigned char *bytes = malloc(3000000);
    char small[40];

    (void)state;
    make_pipe(false, ends);
    for (size_t i = 0; i < 3; i++) {
        struct pp_pipe_message message = {.data = small, .room = sizeof small};
        struct pp_error err = {0};
        fill_item(bytes, sizes[i], i);
        assert_int_equal(pp_pipe_send(ends[1], bytes, sizes[i], 0, NULL), PP_OK);
        send_text(ends[1], "after");
        assert_int_equal(pp_pipe_recv(ends[0], &message, 0, &err), PP_E_LIMIT);
        assert_int_equal(message.size, sizes[i]);
        if (i == 0)
            assert_string_equal(err.text, "cannot receive: the message has 110 bytes, there is "
                                          "room for 40");
        assert_int_equal(pp_pipe_poll(ends[0], 0, NULL), PP_OK);
        assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, 0, NULL), PP_E_LIMIT);
        assert_null(message.data);
        message.room = message.size;
        assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, 0, NULL), PP_OK);
        assert_true(is_item(message.data, message.size, i));
        free(message.data);
        assert_receives(ends[0], "after");
    }
    free(bytes);
    free_both(ends);
}

static void a_one_way_pipe_goes_one_way(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {0};
    struct pp_error send = {0}, receive = {0};

    (void)state;
    make_pipe(false, ends);
    assert_int_equal(pp_pipe_way(ends[0]), PP_PIPE_RECEIVES);
    assert_int_equal(pp_pipe_way(ends[1]), PP_PIPE_SENDS);
    send_text(ends[1], "1");
    assert_receives(ends[0], "1");
    assert_int_equal(pp_pipe_send(ends[0], "2", 1, 0, &send), PP_E_USAGE);
    assert_string_equal(send.text, "cannot send: this end of the pipe only receives");
    assert_int_equal(pp_pipe_recv(ends[1], &message, 0, &receive), PP_E_USAGE);
    assert_string_equal(receive.text, "cannot receive: this end of the pipe only sends");
    assert_int_equal(pp_pipe_poll(ends[1], 0, NULL), PP_E_USAGE);
    free_both(ends);
}

/* ---- time and ends -------------------------------------------------------------------------- */

static void time_outs_are_kept_in_both_directions(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {0};
    static char bytes[60000];
    uint64_t begin = pp_clock_ns();

    (void)state;
    make_pipe(true, ends);
    assert_int_equal(pp_pipe_recv(ends[0], &message, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_pipe_recv(ends[0], &message, 0.1, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_pipe_poll(ends[0], 0.1, NULL), PP_E_TIMEOUT);
    assert_true(pp_clock_ns() - begin >= 200 * PP_NS_PER_MS);
    while (pp_pipe_send(ends[0], bytes, sizeof bytes, 0, NULL) == PP_OK)
        assert_true(pp_clock_ns() - begin < 60 * PP_NS_PER_S);
    begin = pp_clock_ns();
    assert_int_equal(pp_pipe_send(ends[0], bytes, sizeof bytes, 0.1, NULL), PP_E_TIMEOUT);
    assert_true(pp_clock_ns() - begin >= 100 * PP_NS_PER_MS);
    free_both(ends);
}

static void few_large_messages_are_under_way_at_once(void **state)
{
    struct pp_pipe *ends[2];
    char *bytes = calloc(1, 1u << 20);
    unsigned sent = 0;

    (void)state;
    make_pipe(true, ends);
    while (sent < 50 && pp_pipe_send(ends[0], bytes, 1u << 20, 0, NULL) == PP_OK)
        sent++;
    assert_in_range(sent, 1, 10);
    free(bytes);
    free_both(ends);
}

static void what_was_sent_comes_before_the_end(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {0};
    struct pp_error err = {0};

    (void)state;
    make_pipe(true, ends);
    send_text(ends[0], "unread");
    send_text(ends[1], "first");
    send_text(ends[1], "last");
    pp_pipe_free(ends[1]);
    assert_receives(ends[0], "first");
    assert_receives(ends[0], "last");
    assert_int_equal(pp_pipe_poll(ends[0], LONG_S, NULL), PP_OK);
    assert_int_equal(pp_pipe_recv(ends[0], &message, -1, &err), PP_E_CLOSED);
    assert_string_equal(err.text, "cannot receive: the other end is closed");
    assert_int_equal(pp_pipe_recv_alloc(ends[0], &message, -1, NULL), PP_E_CLOSED);
    assert_int_equal(pp_pipe_send(ends[0], "x", 1, -1, NULL), PP_E_CLOSED);
    pp_pipe_free(ends[0]);
    pp_pipe_free(NULL);
}

static int poll_only(void *end)
{
    return pp_pipe_poll(end, LONG_S, NULL);
}

static void polling_takes_nothing_away(void **state)
{
    struct pp_pipe *ends[2];

    (void)state;
    make_pipe(false, ends);
    pid_t child = start_child(poll_only, ends[0]);
    send_text(ends[1], "first");
    send_text(ends[1], "second");
    assert_int_equal(end_of_child(child), 0);
    assert_receives(ends[0], "first");
    free_both(ends);
}

/* ---- ends elsewhere ------------------------------------------------------------------------- */

static int run_executed(const char *word)
{
    struct pp_pipe *end = NULL;

    if (pp_pipe_attach(atoi(word), PP_PIPE_DUPLEX, &end, NULL) != PP_OK ||
        fcntl(pp_pipe_fd(end), F_GETFD) != FD_CLOEXEC)
        return 2;
    int result = echo(end);
    pp_pipe_free(end);
    return result;
}

static int execute_this_program(void *end)
{
    char word[16];

    snprintf(word, sizeof word, "%d", pp_pipe_fd(end));
    fcntl(pp_pipe_fd(end), F_SETFD, 0);
    execl("/proc/self/exe", "test_pipe", word, (char *)NULL);
    return 127;
}

static void an_executed_child_attaches_by_the_descriptor(void **state)
{
    struct pp_pipe *ends[2];

    (void)state;
    make_pipe(true, ends);
    pid_t child = start_child(execute_this_program, ends[1]);
    pp_pipe_free(ends[1]);
    send_text(ends[0], "hello");
    assert_receives(ends[0], "hello");
    send_text(ends[0], "");
    assert_receives(ends[0], "");
    assert_int_equal(end_of_child(child), 0);
    pp_pipe_free(ends[0]);
}

static void messages_pass_through_the_smallest_of_sockets(void **state)
{
    struct pp_pipe *ends[2];
    unsigned char *bytes = malloc(200000);
    int fds[2], least = 1;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
        assert_int_equal(pp_pipe_attach(fds[i], PP_PIPE_DUPLEX, &ends[i], NULL), PP_OK);
    }
    for (size_t size = 100; size < 200000; size *= 3) {
        struct pp_pipe_message message = {.room = size};
        fill_item(bytes, size, size);
        assert_int_equal(pp_pipe_send(ends[0], bytes, size, LONG_S, NULL), PP_OK);
        assert_int_equal(pp_pipe_recv_alloc(ends[1], &message, LONG_S, NULL), PP_OK);
        assert_true(message.size == size && is_item(message.data, size, size));
        free(message.data);
    }
    free(bytes);
    free_both(ends);
}

static void what_is_no_end_cannot_be_attached(void **state)
{
    struct pp_pipe *end = NULL;
    struct pp_error err = {0};
    int plain[2], stream[2];

    (void)state;
    assert_int_equal(pipe(plain), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stream), 0);
    assert_int_equal(pp_pipe_attach(plain[0], PP_PIPE_DUPLEX, &end, NULL), PP_E_USAGE);
    assert_int_equal(pp_pipe_attach(stream[0], PP_PIPE_DUPLEX, &end, NULL), PP_E_USAGE);
    assert_int_equal(pp_pipe_attach(-1, PP_PIPE_DUPLEX, &end, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot attach: descriptor -1 is no end of a pipe");
    assert_null(end);
    for (int i = 0; i < 2; i++) {
        close(plain[i]);
        close(stream[i]);
    }
}

static struct sockaddr_un abstract_name(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "pixpool-test-%d", getpid());
    return name;
}

static int connect_and_send(void *name)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct pp_pipe *end = NULL;

    if (connect(fd, name, sizeof(struct sockaddr_un)) != 0 ||
        pp_pipe_attach(fd, PP_PIPE_DUPLEX, &end, NULL) != PP_OK)
        return 1;
    return pp_pipe_send(end, "hello", 5, LONG_S, NULL);
}

static void a_connection_to_a_listener_is_a_pipe(void **state)
{
    struct sockaddr_un name = abstract_name();
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct pp_pipe *end = NULL;

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(pp_pipe_attach(listener, PP_PIPE_DUPLEX, &end, NULL), PP_E_USAGE);
    /* The client may have gone before it is accepted. */
    assert_int_equal(end_of_child(start_child(connect_and_send, &name)), 0);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_int_equal(pp_pipe_attach(fd, PP_PIPE_DUPLEX, &end, NULL), PP_OK);
    assert_receives(end, "hello");
    pp_pipe_free(end);
    close(listener);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_all_sizes_go_there_and_back),
        cmocka_unit_test(messages_are_not_merged),
        cmocka_unit_test(a_message_too_large_for_the_buffer_stays_the_next),
        cmocka_unit_test(a_one_way_pipe_goes_one_way),
        cmocka_unit_test(time_outs_are_kept_in_both_directions),
        cmocka_unit_test(few_large_messages_are_under_way_at_once),
        cmocka_unit_test(what_was_sent_comes_before_the_end),
        cmocka_unit_test(polling_takes_nothing_away),
        cmocka_unit_test(an_executed_child_attaches_by_the_descriptor),
        cmocka_unit_test(messages_pass_through_the_smallest_of_sockets),
        cmocka_unit_test(what_is_no_end_cannot_be_attached),
        cmocka_unit_test(a_connection_to_a_listener_is_a_pipe),
    };

    return argc == 2 ? run_executed(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
