/* Descriptors through pipes, and waiting for several ends at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pixpool/pipe.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
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

static bool is_same_file(int a, int b)
{
    struct stat first, second;

    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_ino == second.st_ino &&
           first.st_dev == second.st_dev;
}

/* ---- descriptors ---------------------------------------------------------------------------- */

static int write_into_received(void *end)
{
    struct pp_pipe_message message = {0};

    if (pp_pipe_recv(end, &message, LONG_S, NULL) != PP_OK || message.fd_count != 1)
        return 1;
    return write(message.fds[0], "foo", 3) == 3 ? 0 : 2;
}

static void a_child_writes_into_the_file_it_was_sent(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {.fd_count = 1};
    int file = memfd_create("test", MFD_CLOEXEC), high = fcntl(file, F_DUPFD_CLOEXEC, 300);
    char bytes[4] = "";

    (void)state;
    make_pipe(true, ends);
    pid_t child = start_child(write_into_received, ends[1]);
    message.fds[0] = high;
    assert_int_equal(pp_pipe_send_message(ends[0], &message, LONG_S, NULL), PP_OK);
    assert_int_equal(close(high), 0);
    assert_int_equal(end_of_child(child), 0);
    assert_int_equal(pread(file, bytes, 3, 0), 3);
    assert_string_equal(bytes, "foo");
    close(file);
    free_both(ends);
}

static void descriptors_travel_with_messages_of_any_size(void **state)
{
    static const size_t sizes[] = {0, 100, 200000};
    static unsigned char sent[200000], received[200000];
    struct pp_pipe *ends[2];
    struct pp_pipe_message out = {.data = sent, .fd_count = PP_PIPE_FDS};
    struct pp_pipe_message in = {.data = received, .room = sizeof received};
    int file = memfd_create("test", MFD_CLOEXEC);

    (void)state;
    make_pipe(false, ends);
    for (unsigned i = 0; i < PP_PIPE_FDS; i++)
        out.fds[i] = file;
    for (size_t i = 0; i < 3; i++) {
        out.size = sizes[i];
        fill_item(sent, sizes[i], i);
        assert_int_equal(pp_pipe_send_message(ends[1], &out, 0, NULL), PP_OK);
        assert_int_equal(pp_pipe_recv(ends[0], &in, 0, NULL), PP_OK);
        assert_int_equal(in.size, sizes[i]);
        assert_true(is_item(received, sizes[i], i));
        assert_int_equal(in.fd_count, PP_PIPE_FDS);
        for (unsigned at = 0; at < PP_PIPE_FDS; at++) {
            assert_true(is_same_file(in.fds[at], file));
            assert_int_equal(fcntl(in.fds[at], F_GETFD), FD_CLOEXEC);
            close(in.fds[at]);
        }
    }
    close(file);
    free_both(ends);
}

static void what_cannot_be_sent_is_refused(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {.fd_count = PP_PIPE_FDS + 1};
    struct pp_error many = {0}, none = {0};

    (void)state;
    make_pipe(true, ends);
    assert_int_equal(pp_pipe_send_message(ends[0], &message, 0, &many), PP_E_USAGE);
    assert_string_equal(many.text, "cannot send 65 descriptors: 64 are the most");
    message.fd_count = 1;
    message.fds[0] = -1;
    assert_int_equal(pp_pipe_send_message(ends[0], &message, 0, &none), PP_E_USAGE);
    assert_string_equal(none.text, "cannot send: a descriptor is not open");
    assert_int_equal(pp_pipe_poll(ends[1], 0, NULL), PP_E_TIMEOUT);
    free_both(ends);
}

/* Receives a sending end and a receiving one, and says through the first what came by the second.
 */
static int use_received_ends(void *end)
{
    struct pp_pipe_message message = {0};
    struct pp_pipe *sends = NULL, *receives = NULL;
    char bytes[20];

    if (pp_pipe_recv(end, &message, LONG_S, NULL) != PP_OK || message.fd_count != 2 ||
        pp_pipe_attach(message.fds[0], PP_PIPE_SENDS, &sends, NULL) != PP_OK ||
        pp_pipe_attach(message.fds[1], PP_PIPE_RECEIVES, &receives, NULL) != PP_OK)
        return 1;
    message = (struct pp_pipe_message){.data = bytes, .room = sizeof bytes};
    if (pp_pipe_recv(receives, &message, LONG_S, NULL) != PP_OK)
        return 2;
    return pp_pipe_send(sends, bytes, message.size, LONG_S, NULL);
}

static void ends_travel_through_pipes(void **state)
{
    struct pp_pipe *way[2], *back[2], *there[2];
    struct pp_pipe_message message = {.fd_count = 2};
    char bytes[20];

    (void)state;
    make_pipe(true, way);
    make_pipe(false, back);
    make_pipe(false, there);
    pid_t child = start_child(use_received_ends, way[1]);
    message.fds[0] = pp_pipe_fd(back[1]);
    message.fds[1] = pp_pipe_fd(there[0]);
    assert_int_equal(pp_pipe_send_message(way[0], &message, LONG_S, NULL), PP_OK);
    assert_int_equal(pp_pipe_send(there[1], "all is well", 11, LONG_S, NULL), PP_OK);
    message = (struct pp_pipe_message){.data = bytes, .room = sizeof bytes};
    assert_int_equal(pp_pipe_recv(back[0], &message, LONG_S, NULL), PP_OK);
    assert_int_equal(message.size, 11);
    assert_memory_equal(bytes, "all is well", 11);
    assert_int_equal(end_of_child(child), 0);
    free_both(way);
    free_both(back);
    free_both(there);
}

/* ---- waiting -------------------------------------------------------------------------------- */

#define SENDERS 4

static int send_ten_numbers(void *end)
{
    for (int i = 0; i < 10; i++) {
        usleep((useconds_t)(getpid() % 7) * 200);
        if (pp_pipe_send(end, &i, sizeof i, LONG_S, NULL) != PP_OK)
            return 1;
    }
    return 0;
}

/* The next message of an end that is ready; false at its end. */
static bool take_number(struct pp_pipe *end, int expected)
{
    int number = -1;
    struct pp_pipe_message message = {.data = &number, .room = sizeof number};
    enum pp_status status = pp_pipe_recv(end, &message, 0, NULL);

    if (status == PP_E_CLOSED)
        return false;
    assert_int_equal(status, PP_OK);
    assert_int_equal(number, expected);
    return true;
}

static void many_senders_are_waited_for_at_once(void **state)
{
    struct pp_pipe_watch watches[SENDERS];
    int received[SENDERS] = {0};
    pid_t children[SENDERS];
    size_t open = SENDERS;

    (void)state;
    for (int i = 0; i < SENDERS; i++) {
        struct pp_pipe *ends[2];
        make_pipe(false, ends);
        children[i] = start_child(send_ten_numbers, ends[1]);
        pp_pipe_free(ends[1]);
        watches[i] = (struct pp_pipe_watch){.end = ends[0], .fd = i};
    }
    while (open > 0) {
        assert_int_equal(pp_pipe_wait(watches, open, LONG_S, NULL), PP_OK);
        for (size_t i = open; i-- > 0;) {
            if (!watches[i].ready || take_number(watches[i].end, received[watches[i].fd]++))
                continue;
            pp_pipe_free(watches[i].end);
            watches[i] = watches[--open];
        }
    }
    for (int i = 0; i < SENDERS; i++) {
        assert_int_equal(received[i], 11);
        assert_int_equal(end_of_child(children[i]), 0);
    }
}

static int sleep_a_little(void *nothing)
{
    (void)nothing;
    usleep(100000);
    return 0;
}

static void ends_sockets_and_processes_are_waited_for_together(void **state)
{
    struct pp_pipe *ends[2];
    int sockets[2];

    (void)state;
    make_pipe(true, ends);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    pid_t child = start_child(sleep_a_little, NULL);
    int process = (int)syscall(SYS_pidfd_open, child, 0);
    struct pp_pipe_watch watches[] = {
        {.end = ends[0]}, {.fd = process}, {.fd = sockets[0]}, {.end = ends[1]}};
    assert_int_equal(pp_pipe_wait(watches, 4, LONG_S, NULL), PP_OK);
    assert_false(watches[0].ready || watches[2].ready || watches[3].ready);
    assert_true(watches[1].ready);
    assert_int_equal(end_of_child(child), 0);
    assert_int_equal(write(sockets[1], "x", 1), 1);
    assert_int_equal(pp_pipe_send(ends[0], "x", 1, 0, NULL), PP_OK);
    assert_int_equal(pp_pipe_wait(watches, 4, LONG_S, NULL), PP_OK);
    assert_true(!watches[0].ready && watches[1].ready && watches[2].ready && watches[3].ready);
    close(process);
    close(sockets[0]);
    close(sockets[1]);
    free_both(ends);
}

static void waiting_ends_when_the_time_is_over(void **state)
{
    struct pp_pipe *ends[2];
    uint64_t begin = pp_clock_ns();

    (void)state;
    make_pipe(true, ends);
    struct pp_pipe_watch watches[] = {{.end = ends[0]}, {.end = ends[1]}};
    assert_int_equal(pp_pipe_wait(watches, 2, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_pipe_wait(watches, 2, 0.2, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_pipe_wait(NULL, 0, 0.01, NULL), PP_E_TIMEOUT);
    assert_true(pp_clock_ns() - begin >= 210 * PP_NS_PER_MS);
    assert_false(watches[0].ready || watches[1].ready);
    assert_int_equal(pp_pipe_send(ends[1], "x", 1, 0, NULL), PP_OK);
    assert_int_equal(pp_pipe_wait(watches, 2, LONG_S, NULL), PP_OK);
    assert_true(watches[0].ready && !watches[1].ready);
    free_both(ends);
}

static void a_message_that_was_too_large_counts_as_ready(void **state)
{
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {0};

    (void)state;
    make_pipe(false, ends);
    assert_int_equal(pp_pipe_send(ends[1], "x", 1, 0, NULL), PP_OK);
    assert_int_equal(pp_pipe_recv(ends[0], &message, 0, NULL), PP_E_LIMIT);
    struct pp_pipe_watch watch = {.end = ends[0]};
    assert_int_equal(pp_pipe_wait(&watch, 1, -1, NULL), PP_OK);
    assert_true(watch.ready);
    free_both(ends);
}

static void only_what_is_open_can_be_waited_for(void **state)
{
    struct pp_pipe_watch watch = {.fd = -1};
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_pipe_wait(&watch, 1, 0, &err), PP_E_USAGE);
    assert_string_equal(err.text, "cannot wait: descriptor -1 is not open");
    watch.fd = 9999;
    assert_int_equal(pp_pipe_wait(&watch, 1, 0, NULL), PP_E_USAGE);
    assert_false(watch.ready);
}

/* ---- signals -------------------------------------------------------------------------------- */

static void do_nothing(int signal)
{
    (void)signal;
}

static void signals_disturb_neither_waiting_nor_receiving(void **state)
{
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {0};
    struct sigaction action = {.sa_handler = do_nothing}, before;
    struct pp_pipe *ends[2];
    struct pp_pipe_message message = {0};
    uint64_t begin = pp_clock_ns();

    (void)state;
    make_pipe(true, ends);
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_int_equal(pp_pipe_poll(ends[0], 0.1, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_pipe_recv(ends[0], &message, 0.1, NULL), PP_E_TIMEOUT);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_true(pp_clock_ns() - begin >= 200 * PP_NS_PER_MS);
    sigaction(SIGALRM, &before, NULL);
    free_both(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_writes_into_the_file_it_was_sent),
        cmocka_unit_test(descriptors_travel_with_messages_of_any_size),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(ends_travel_through_pipes),
        cmocka_unit_test(many_senders_are_waited_for_at_once),
        cmocka_unit_test(ends_sockets_and_processes_are_waited_for_together),
        cmocka_unit_test(waiting_ends_when_the_time_is_over),
        cmocka_unit_test(a_message_that_was_too_large_counts_as_ready),
        cmocka_unit_test(only_what_is_open_can_be_waited_for),
        cmocka_unit_test(signals_disturb_neither_waiting_nor_receiving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
