/* A server with good clients and bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/address.h"
#include "support_server.h"

static int begin(void **state)
{
    static pid_t server;

    server_directory();
    server = server_begin(*state ? 0.3 : 60);
    *state = &server;
    return 0;
}

static int end(void **state)
{
    server_end(*(pid_t *)*state);
    server_directory_remove();
    return 0;
}

/* How many milliseconds at the most a connection is waited for to be closed by the server. */
static bool is_closed_within(int fd, int ms)
{
    struct pollfd closed = {.fd = fd, .events = POLLRDHUP};

    return poll(&closed, 1, ms) == 1;
}

static void messages_of_any_size_come_back_whole(void **state)
{
    const size_t sizes[] = {0, 1, 4087, 4088, 4089, 70000, SERVER_MESSAGE_MAX};
    uint8_t *bytes = malloc(SERVER_MESSAGE_MAX + 1);
    struct pp_client *client = server_connect();
    struct pp_error err = {0};
    struct pp_reply reply;

    (void)state;
    for (size_t i = 0; i <= SERVER_MESSAGE_MAX; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    bytes[0] = SERVER_ECHO;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(pp_client_call(client, bytes, sizes[i], 20, &reply, NULL), PP_OK);
        assert_int_equal(reply.size, sizes[i]);
        assert_memory_equal(reply.bytes, bytes, sizes[i]);
    }
    assert_int_equal(pp_client_call(client, bytes, SERVER_MESSAGE_MAX + 1, 20, &reply, &err),
                     PP_E_LIMIT);
    assert_string_equal(err.text, "a request of 1048577 bytes: the server takes 1048576");
    assert_int_equal(server_ask(client, SERVER_ECHO, 20), PP_OK);
    pp_client_free(client);
    free(bytes);
}

static void each_of_many_clients_gets_its_own_answers(void **state)
{
    struct pp_client *clients[SERVER_CLIENTS];

    (void)state;
    for (unsigned i = 0; i < SERVER_CLIENTS; i++)
        clients[i] = server_connect();
    for (unsigned round = 0; round < 5; round++)
        for (unsigned i = 0; i < SERVER_CLIENTS; i++) {
            const uint8_t bytes[3] = {SERVER_ECHO, (uint8_t)i, (uint8_t)round};
            struct pp_reply reply;

            assert_int_equal(pp_client_call(clients[i], bytes, 3, 20, &reply, NULL), PP_OK);
            assert_int_equal(reply.size, 3);
            assert_memory_equal(reply.bytes, bytes, 3);
        }
    for (unsigned i = 0; i < SERVER_CLIENTS; i++)
        pp_client_free(clients[i]);
}

static void clients_over_the_bound_are_turned_away_until_one_leaves(void **state)
{
    struct pp_client *clients[SERVER_CLIENTS], *another = NULL;
    struct pp_error err = {0};

    (void)state;
    for (unsigned i = 0; i < SERVER_CLIENTS; i++)
        clients[i] = server_connect();
    assert_int_equal(pp_client_connect(server_path(), "test", 20, &another, &err), PP_E_LIMIT);
    assert_string_equal(err.text, "the server has as many clients as it takes");
    assert_null(another);
    pp_client_free(clients[7]);
    assert_true(server_has_seen_leave(clients[0], 1));
    clients[7] = server_connect();
    for (unsigned i = 0; i < SERVER_CLIENTS; i++)
        pp_client_free(clients[i]);
}

static void a_client_that_does_not_read_is_dropped_and_blocks_nobody(void **state)
{
    const uint8_t request[9] = {1, 0, 0, 0, 9, 0, 0, 0, SERVER_LARGE};
    struct pp_client *good = server_connect();
    int bad = server_connect_raw();

    (void)state;
    assert_int_equal(send(bad, request, sizeof request, 0), sizeof request);
    assert_int_equal(server_ask(good, SERVER_ECHO, 20), PP_OK);
    assert_true(server_has_seen_leave(good, 1));
    close(bad);
    pp_client_free(good);
}

static void a_client_that_stops_within_a_request_is_dropped(void **state)
{
    struct pp_client *good = server_connect();
    int bad = server_connect_raw(), silent = server_connect_raw();

    (void)state;
    assert_int_equal(send(bad, "\x10\0\0\0\1\0\0\0half", 12, 0), 12);
    assert_int_equal(server_ask(good, SERVER_ECHO, 20), PP_OK);
    assert_true(is_closed_within(bad, 20000));
    assert_true(server_has_seen_leave(good, 1));
    assert_false(is_closed_within(silent, 0));
    close(bad);
    close(silent);
    pp_client_free(good);
}

static void who_speaks_out_of_turn_or_too_long_is_dropped(void **state)
{
    const uint8_t two[18] = {1, 0, 0, 0, 0, 0, 0, 0, SERVER_ECHO,
                             1, 0, 0, 0, 0, 0, 0, 0, SERVER_ECHO};
    const uint8_t too_long[8] = {1, 0, 0x10, 0};
    int hasty = server_connect_raw(), long_winded = server_connect_raw();

    (void)state;
    assert_int_equal(send(hasty, two, sizeof two, 0), sizeof two);
    assert_true(is_closed_within(hasty, 20000));
    assert_int_equal(send(long_winded, too_long, sizeof too_long, 0), sizeof too_long);
    assert_true(is_closed_within(long_winded, 20000));
    close(hasty);
    close(long_winded);
}

static void noise_does_no_harm(void **state)
{
    struct pp_client *good = server_connect();
    uint32_t seed = 12345;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        uint8_t noise[64];
        int bad = server_connect_raw();

        for (unsigned i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        if (round % 2 == 0)
            memset(noise + 1, 0, 3); /* a size that fits */
        assert_true(send(bad, noise, round % sizeof noise, MSG_NOSIGNAL) >= 0);
        assert_int_equal(server_ask(good, SERVER_ECHO, 20), PP_OK);
        close(bad);
    }
    pp_client_free(good);
}

static void an_answer_may_come_later_and_a_wait_runs_out(void **state)
{
    struct pp_client *other = server_connect(), *hasty = server_connect();
    int waiting = server_connect_raw();
    const uint8_t request[9] = {1, 0, 0, 0, 5, 0, 0, 0, SERVER_WAIT};
    uint8_t answer[12];
    struct pollfd readable = {.fd = waiting, .events = POLLIN};

    (void)state;
    assert_int_equal(send(waiting, request, sizeof request, 0), sizeof request);
    assert_int_equal(server_ask(hasty, SERVER_WAIT, 0.05), PP_E_TIMEOUT);
    assert_false(pp_client_is_open(hasty));
    assert_int_equal(server_ask(hasty, SERVER_ECHO, 20), PP_E_CLOSED);
    assert_true(server_has_seen_leave(other, 1));
    assert_int_equal(poll(&readable, 1, 0), 0);
    assert_int_equal(server_ask(other, SERVER_FREE, 20), PP_OK);
    assert_int_equal(poll(&readable, 1, 20000), 1);
    assert_int_equal(recv(waiting, answer, sizeof answer, 0), sizeof answer);
    assert_memory_equal(answer, "\4\0\0\0\5\0\0\0free", 12);
    close(waiting);
    pp_client_free(hasty);
    pp_client_free(other);
}

static void the_servers_death_ends_every_wait(void **state)
{
    struct pp_client *client = server_connect(), *idle = server_connect(), *late = NULL;
    pid_t server = *(pid_t *)*state, killer = fork();

    if (killer == 0) {
        usleep(50000);
        kill(server, SIGKILL);
        _exit(0);
    }
    assert_int_equal(server_ask(client, SERVER_WAIT, -1), PP_E_CLOSED);
    assert_int_equal(server_ask(idle, SERVER_ECHO, -1), PP_E_CLOSED);
    assert_int_equal(pp_client_connect(server_path(), "test", -1, &late, NULL), PP_E_CLOSED);
    waitpid(killer, NULL, 0);
    pp_client_free(client);
    pp_client_free(idle);
}

static void a_stopped_server_is_not_waited_for_longer_than_asked(void **state)
{
    struct pp_client *client = server_connect(), *late = NULL;
    pid_t server = *(pid_t *)*state;

    kill(server, SIGSTOP);
    assert_int_equal(server_ask(client, SERVER_ECHO, 0.05), PP_E_TIMEOUT);
    assert_int_equal(pp_client_connect(server_path(), "test", 0.05, &late, NULL), PP_E_TIMEOUT);
    kill(server, SIGCONT);
    pp_client_free(client);
    client = server_connect();
    assert_int_equal(server_ask(client, SERVER_ECHO, 20), PP_OK);
    pp_client_free(client);
}

static void a_dead_client_is_missed_even_if_its_child_has_the_connection(void **state)
{
    struct pp_client *good = server_connect();
    int ends[2];
    char word;
    pid_t parent;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    parent = fork();
    if (parent == 0) {
        struct pp_client *shared = NULL;

        close(ends[1]);
        if (pp_client_connect(server_path(), "test", 20, &shared, NULL) != PP_OK || fork() != 0)
            _exit(0);
        (void)!read(ends[0], &word, 1); /* lives on until the test is over */
        _exit(0);
    }
    waitpid(parent, NULL, 0);
    assert_true(server_has_seen_leave(good, 1));
    close(ends[0]);
    close(ends[1]);
    pp_client_free(good);
}

static void a_server_of_something_else_is_told_apart(void **state)
{
    struct pp_client *client = NULL;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_client_connect(server_path(), "tests", 20, &client, &err), PP_E_FORMAT);
    assert_string_equal(err.text, "what answers is no server of \"tests\"");
}

/* With the directory opened to all, which is not the server's doing. 0: turned away. */
static int try_as_another(void)
{
    struct pp_client *client = NULL;
    struct pollfd ready = {.events = POLLIN};
    char byte;

    if (setresuid(12345, 12345, 12345) != 0)
        return 1;
    if (pp_client_connect(server_path(), "test", 20, &client, NULL) != PP_E_USAGE)
        return 2;
    ready.fd = pp_address_connect(server_path());
    if (ready.fd < 0 || poll(&ready, 1, 20000) != 1)
        return 3;
    return recv(ready.fd, &byte, 1, 0) == 0 ? 0 : 4;
}

static void another_users_process_is_turned_away(void **state)
{
    char directory[80];
    int status;
    pid_t other;

    (void)state;
    if (geteuid() != 0)
        skip();
    snprintf(directory, sizeof directory, "%.*s", (int)(strlen(server_path()) - 2), server_path());
    assert_int_equal(chmod(directory, 0777), 0);
    assert_int_equal(chmod(server_path(), 0777), 0);
    other = fork();
    if (other == 0)
        _exit(try_as_another());
    waitpid(other, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 0);
    pp_client_free(server_connect());
}

#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
/* With little patience. */
#define HASTY_TEST(test)                                                                           \
    {                                                                                              \
#test, test, begin, end, (void *)1                                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(messages_of_any_size_come_back_whole),
        SERVER_TEST(each_of_many_clients_gets_its_own_answers),
        SERVER_TEST(clients_over_the_bound_are_turned_away_until_one_leaves),
        HASTY_TEST(a_client_that_does_not_read_is_dropped_and_blocks_nobody),
        HASTY_TEST(a_client_that_stops_within_a_request_is_dropped),
        SERVER_TEST(who_speaks_out_of_turn_or_too_long_is_dropped),
        SERVER_TEST(noise_does_no_harm),
        SERVER_TEST(an_answer_may_come_later_and_a_wait_runs_out),
        SERVER_TEST(the_servers_death_ends_every_wait),
        SERVER_TEST(a_stopped_server_is_not_waited_for_longer_than_asked),
        SERVER_TEST(a_dead_client_is_missed_even_if_its_child_has_the_connection),
        SERVER_TEST(a_server_of_something_else_is_told_apart),
        SERVER_TEST(another_users_process_is_turned_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
