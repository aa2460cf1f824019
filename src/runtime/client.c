#include "runtime/client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/address.h"
#include "runtime/frame.h"
#include "runtime/futex.h"
#include "runtime/hello.h"

#define RETRY_PAUSE_NS 2000000

struct pp_client {
    int fd; /* -1: closed */
    pid_t server;
    uint32_t last; /* the number of the last request */
    uint64_t message_max;
    struct pp_frame_input in;
};

static void hang_up(struct pp_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

/* Rounded up: to wake too early would be to go round in circles. */
static int milliseconds_to(const struct pp_deadline *deadline)
{
    const uint64_t now = pp_clock_ns();
    const uint64_t at =
        (uint64_t)deadline->at.tv_sec * PP_NS_PER_S + (uint64_t)deadline->at.tv_nsec;
    uint64_t ms;

    if (deadline->never)
        return -1;
    if (at <= now)
        return 0;
    ms = (at - now - 1) / PP_NS_PER_MS + 1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Wait until the socket is ready. False when the deadline came first. */
static bool await(const struct pp_client *client, short events, const struct pp_deadline *deadline)
{
    struct pollfd ready = {.fd = client->fd, .events = events};

    for (;;) {
        const int count = poll(&ready, 1, milliseconds_to(deadline));

        if (count > 0)
            return true;
        if (pp_deadline_passed(deadline))
            return false;
    }
}

static enum pp_status gone(struct pp_error *err)
{
    return pp_error_set(err, PP_E_CLOSED, "the server is gone");
}

static enum pp_status late(struct pp_error *err)
{
    return pp_error_set(err, PP_E_TIMEOUT, "the server did not answer in time");
}

static enum pp_status receive(struct pp_client *client, const struct pp_deadline *deadline,
                              struct pp_error *err)
{
    pp_frame_clear(&client->in);
    for (;;) {
        if (!await(client, POLLIN, deadline))
            return late(err);
        switch (pp_frame_receive(&client->in, client->fd, (size_t)client->message_max)) {
        case PP_FRAME_PART:
            break;
        case PP_FRAME_WHOLE:
            return PP_OK;
        case PP_FRAME_ENDED:
            return gone(err);
        case PP_FRAME_NO_MEMORY:
            return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot take the server's answer");
        default:
            return pp_error_set(err, PP_E_CORRUPT, "the server's answer is too long");
        }
    }
}

static enum pp_status deliver(struct pp_client *client, const void *bytes, size_t size,
                              const struct pp_deadline *deadline, struct pp_error *err)
{
    struct pp_frame_output out = {0};
    enum pp_status status = PP_OK;
    enum pp_frame sent = pp_frame_send(&out, client->fd, ++client->last, bytes, size);

    while (sent == PP_FRAME_PART && status == PP_OK) {
        if (await(client, POLLOUT, deadline))
            sent = pp_frame_flush(&out, client->fd);
        else
            status = late(err);
    }
    pp_frame_output_release(&out);
    if (status == PP_OK && sent == PP_FRAME_NO_MEMORY)
        status = pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot ask the server");
    else if (status == PP_OK && sent != PP_FRAME_WHOLE)
        status = gone(err);
    return status;
}

enum pp_status pp_client_call(struct pp_client *client, const void *bytes, size_t size,
                              double seconds, struct pp_reply *reply, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    enum pp_status status;

    *reply = (struct pp_reply){0};
    if (client->fd < 0)
        return gone(err);
    if (size > client->message_max)
        return pp_error_set(err, PP_E_LIMIT, "a request of %zu bytes: the server takes %llu", size,
                            (unsigned long long)client->message_max);
    status = deliver(client, bytes, size, &deadline, err);
    if (status == PP_OK)
        status = receive(client, &deadline, err);
    if (status == PP_OK &&
        (pp_frame_number(&client->in) != client->last || pp_frame_rest(&client->in) > 0))
        status = pp_error_set(err, PP_E_CORRUPT, "the server's answer is to something else");
    if (status != PP_OK) {
        hang_up(client);
        return status;
    }
    reply->bytes = pp_frame_bytes(&client->in);
    reply->size = pp_frame_size(&client->in);
    return PP_OK;
}

static enum pp_status read_greeting(struct pp_client *client, const char *service,
                                    const struct pp_deadline *deadline, struct pp_error *err)
{
    struct pp_error why = {0};
    enum pp_hello answer;
    enum pp_status status;

    client->message_max = PP_HELLO_SIZE;
    status = receive(client, deadline, &why);
    if (status != PP_OK && status != PP_E_CORRUPT)
        return pp_error_set(err, status, "%s", why.text);
    if (status == PP_E_CORRUPT || pp_frame_rest(&client->in) > 0 ||
        !pp_hello_read(pp_frame_bytes(&client->in), pp_frame_size(&client->in), service, &answer,
                       &client->message_max) ||
        client->message_max > PP_FRAME_MOST)
        return pp_error_set(err, PP_E_FORMAT, "what answers is no server of \"%s\"", service);
    if (answer != PP_HELLO_WELCOME)
        return pp_error_set(err, PP_E_LIMIT, "the server has as many clients as it takes");
    return PP_OK;
}

/* A full queue of callers is waited for. */
static enum pp_status reach(struct pp_client *client, const char *path,
                            const struct pp_deadline *deadline, struct pp_error *err)
{
    const struct timespec pause = {.tv_nsec = RETRY_PAUSE_NS};

    while ((client->fd = pp_address_connect(path)) < 0) {
        if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
            return pp_error_set(err, PP_E_CLOSED, "%s: no server is alive there", path);
        if (errno == ENAMETOOLONG)
            return pp_error_set(err, PP_E_USAGE, "%s: too long for a socket", path);
        if (errno != EAGAIN && errno != EINTR)
            return pp_error_errno(err, PP_E_SYSTEM, errno, path);
        if (pp_deadline_passed(deadline))
            return late(err);
        nanosleep(&pause, NULL);
    }
    return PP_OK;
}

enum pp_status pp_client_connect(const char *path, const char *service, double seconds,
                                 struct pp_client **client, struct pp_error *err)
{
    const struct pp_deadline deadline = pp_deadline_after(seconds);
    struct pp_client *new = calloc(1, sizeof *new);
    enum pp_status status;

    *client = NULL;
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot connect to a server");
    new->fd = -1;
    status = reach(new, path, &deadline, err);
    if (status == PP_OK && !pp_address_peer_is_own(new->fd, &new->server))
        status = pp_error_set(err, PP_E_USAGE, "%s: another user's server", path);
    if (status == PP_OK)
        status = read_greeting(new, service, &deadline, err);
    if (status != PP_OK) {
        pp_client_free(new);
        return status;
    }
    *client = new;
    return PP_OK;
}

pid_t pp_client_server(const struct pp_client *client)
{
    return client->server;
}

bool pp_client_is_open(const struct pp_client *client)
{
    return client->fd >= 0;
}

int pp_client_fd(const struct pp_client *client)
{
    return client->fd;
}

void pp_client_free(struct pp_client *client)
{
    if (!client)
        return;
    hang_up(client);
    pp_frame_input_release(&client->in);
    free(client);
}
