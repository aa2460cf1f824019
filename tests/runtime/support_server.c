#include "support_server.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/address.h"
#include "runtime/hello.h"

static char directory[64], path[80];

const char *server_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/pixpool-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/s", directory);
    return directory;
}

void server_directory_remove(void)
{
    unlink(path);
    assert_int_equal(rmdir(directory), 0);
}

const char *server_path(void)
{
    return path;
}

/* What the server's process keeps. */
struct books {
    struct pp_server *server;
    uint64_t waiting[SERVER_CLIENTS];
    unsigned waiting_count;
    uint8_t left;
};

static void answer(void *user, const struct pp_request *request)
{
    static const uint8_t large[SERVER_MESSAGE_MAX];
    struct books *books = user;

    switch (request->size > 0 ? request->bytes[0] : SERVER_ECHO) {
    case SERVER_LARGE:
        (void)!pp_server_reply(books->server, request->client, large, sizeof large);
        break;
    case SERVER_WAIT:
        books->waiting[books->waiting_count++ % SERVER_CLIENTS] = request->client;
        break;
    case SERVER_LEFT:
        (void)!pp_server_reply(books->server, request->client, &books->left, 1);
        break;
    case SERVER_FREE:
        for (unsigned i = 0; i < books->waiting_count && i < SERVER_CLIENTS; i++)
            (void)!pp_server_reply(books->server, books->waiting[i], "free", 4);
        books->waiting_count = 0;
        (void)!pp_server_reply(books->server, request->client, NULL, 0);
        break;
    default:
        (void)!pp_server_reply(books->server, request->client, request->bytes, request->size);
    }
}

static void left(void *user, uint64_t client)
{
    struct books *books = user;

    (void)client;
    books->left++;
}

static void serve(double patience, int ready)
{
    struct books books = {0};
    const struct pp_server_settings settings = {.path = path,
                                                .service = "test",
                                                .clients = SERVER_CLIENTS,
                                                .message_max = SERVER_MESSAGE_MAX,
                                                .patience = patience,
                                                .follow_processes = true,
                                                .user = &books,
                                                .request = answer,
                                                .left = left};
    struct pp_error err = {0};

    if (pp_server_start(&settings, &books.server, &err) != PP_OK || write(ready, "r", 1) != 1) {
        fprintf(stderr, "%s\n", err.text);
        return;
    }
    close(ready);
    while (pp_server_step(books.server, -1, &err) == PP_OK)
        ;
}

pid_t server_begin(double patience)
{
    int ends[2];
    char word;
    pid_t server;

    assert_int_equal(pipe(ends), 0);
    server = fork();
    if (server == 0) {
        close(ends[0]);
        serve(patience, ends[1]);
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &word, 1), 1);
    close(ends[0]);
    return server;
}

void server_end(pid_t server)
{
    int status;

    kill(server, SIGKILL);
    assert_int_equal(waitpid(server, &status, 0), server);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

struct pp_client *server_connect(void)
{
    struct pp_error err = {0};
    struct pp_client *client;

    if (pp_client_connect(path, "test", 20, &client, &err) != PP_OK)
        fail_msg("%s", err.text);
    return client;
}

int server_connect_raw(void)
{
    uint8_t hello[8 + PP_HELLO_SIZE];
    size_t have = 0;
    int fd;

    while ((fd = pp_address_connect(path)) < 0 && errno == EAGAIN)
        usleep(1000);
    assert_true(fd >= 0);
    while (have < sizeof hello) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t got;

        assert_int_equal(poll(&ready, 1, 20000), 1);
        got = recv(fd, hello + have, sizeof hello - have, 0);
        assert_true(got > 0);
        have += (size_t)got;
    }
    return fd;
}

enum pp_status server_ask(struct pp_client *client, enum server_word word, double seconds)
{
    const uint8_t bytes[1] = {(uint8_t)word};
    struct pp_reply reply;

    return pp_client_call(client, bytes, 1, seconds, &reply, NULL);
}

bool server_has_seen_leave(struct pp_client *client, unsigned count)
{
    for (unsigned tries = 0; tries < 2000; tries++) {
        struct pp_reply reply;

        assert_int_equal(pp_client_call(client, "g", 1, 20, &reply, NULL), PP_OK);
        assert_int_equal(reply.size, 1);
        if (reply.bytes[0] == count)
            return true;
        usleep(10000);
    }
    return false;
}
