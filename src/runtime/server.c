#include "runtime/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/hello.h"
#include "runtime/server_state.h"

#define EVENTS_MAX   64
#define PATIENCE_MAX 1e6 /* seconds */

static bool is_sensible(const struct pp_server_settings *settings)
{
    return settings->clients > 0 && settings->clients <= PP_SERVER_CLIENTS_MAX &&
           settings->message_max > 0 && settings->message_max <= PP_FRAME_MOST &&
           settings->patience > 0 && settings->patience <= PATIENCE_MAX && settings->request &&
           strlen(settings->service) <= PP_HELLO_SERVICE;
}

static int watch(const struct pp_server *server, int fd, uint64_t event_data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = event_data};

    return fd < 0 || epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0 ? errno : 0;
}

static int open_descriptors(struct pp_server *server)
{
    int error;

    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0)
        return errno;
    server->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    error = watch(server, server->timer, PP_SERVER_EVENT_TIMER);
    return error ? error : watch(server, server->address.fd, PP_SERVER_EVENT_CALLERS);
}

static struct pp_server *create(const struct pp_server_settings *settings)
{
    struct pp_server *server = calloc(1, sizeof *server);
    struct pp_guest *guests = calloc(settings->clients, sizeof *guests);

    if (!server || !guests) {
        free(server);
        free(guests);
        return NULL;
    }
    server->settings = *settings;
    server->guests = guests;
    memcpy(server->service, settings->service, strlen(settings->service));
    server->address.fd = server->epoll = server->timer = -1;
    server->patience_ns = (uint64_t)(settings->patience * (double)PP_NS_PER_S);
    server->look_ns = server->armed_ns = UINT64_MAX;
    return server;
}

enum pp_status pp_server_start(const struct pp_server_settings *settings, struct pp_server **server,
                               struct pp_error *err)
{
    enum pp_status status;
    struct pp_server *new;
    int error;

    *server = NULL;
    if (!is_sensible(settings))
        return pp_error_set(err, PP_E_USAGE, "cannot start a server: its settings make no sense");
    new = create(settings);
    if (!new)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a server");
    status = pp_address_listen(&new->address, settings->path, err);
    if (status != PP_OK)
        goto release;
    error = open_descriptors(new);
    if (error) {
        status = pp_error_errno(err, PP_E_SYSTEM, error, "cannot start a server");
        goto release;
    }
    *server = new;
    return PP_OK;

release:
    pp_server_free(new);
    return status;
}

int pp_server_fd(const struct pp_server *server)
{
    return server->epoll;
}

enum pp_status pp_server_end_by(struct pp_server *server, int fd, struct pp_error *err)
{
    const int error = watch(server, fd, PP_SERVER_EVENT_END);

    return error ? pp_error_errno(err, PP_E_SYSTEM, error, "cannot watch a descriptor") : PP_OK;
}

unsigned pp_server_clients(const struct pp_server *server)
{
    return server->count;
}

/* It moved just now, and is in the middle of a message or not. */
static void note_move(struct pp_server *server, struct pp_guest *guest, bool in_the_middle,
                      uint64_t now)
{
    guest->stuck_ns = in_the_middle ? now : 0;
    if (in_the_middle && now + server->patience_ns < server->look_ns)
        server->look_ns = now + server->patience_ns;
}

/* The reply is gone: the next request may come. */
static void await_request(struct pp_server *server, struct pp_guest *guest)
{
    guest->state = PP_GUEST_READING;
    note_move(server, guest, false, 0);
    pp_server_watch(server, guest);
}

static void read_request(struct pp_server *server, struct pp_guest *guest, uint64_t now)
{
    const size_t had = guest->in.have;
    const enum pp_frame came =
        pp_frame_receive(&guest->in, guest->fd, server->settings.message_max);
    struct pp_request request = {.client = guest->id, .process = guest->process};

    if (came == PP_FRAME_PART) {
        if (guest->in.have > had)
            note_move(server, guest, true, now);
        return;
    }
    if (came != PP_FRAME_WHOLE || pp_frame_rest(&guest->in) > 0) {
        pp_server_drop(server, guest);
        return;
    }
    note_move(server, guest, false, now);
    guest->state = PP_GUEST_WORKING;
    guest->number = pp_frame_number(&guest->in);
    request.bytes = pp_frame_bytes(&guest->in);
    request.size = pp_frame_size(&guest->in);
    server->settings.request(server->settings.user, &request);
    /* The reply may have been its last. */
    guest = pp_server_guest(server, request.client);
    if (!guest)
        return;
    pp_frame_clear(&guest->in);
    pp_server_watch(server, guest);
}

static void go_on_replying(struct pp_server *server, struct pp_guest *guest, uint64_t now)
{
    const size_t sent = guest->out.sent;

    switch (pp_frame_flush(&guest->out, guest->fd)) {
    case PP_FRAME_WHOLE:
        await_request(server, guest);
        break;
    case PP_FRAME_PART:
        if (guest->out.sent > sent)
            note_move(server, guest, true, now);
        break;
    default:
        pp_server_drop(server, guest);
    }
}

/* The request's bytes are cleared by read_request(), whose callback may still be looking at them.
 */
enum pp_status pp_server_reply(struct pp_server *server, uint64_t client, const void *bytes,
                               size_t size)
{
    struct pp_guest *guest = pp_server_guest(server, client);

    if (size > server->settings.message_max)
        return PP_E_LIMIT;
    if (!guest || guest->state != PP_GUEST_WORKING)
        return PP_E_CLOSED;
    switch (pp_frame_send(&guest->out, guest->fd, guest->number, bytes, size)) {
    case PP_FRAME_WHOLE:
        guest->state = PP_GUEST_READING;
        break;
    case PP_FRAME_PART:
        guest->state = PP_GUEST_REPLYING;
        note_move(server, guest, true, pp_clock_ns());
        break;
    default:
        pp_server_drop(server, guest);
        return PP_E_CLOSED;
    }
    return pp_server_watch(server, guest) ? PP_OK : PP_E_CLOSED;
}

static void serve(struct pp_server *server, const struct epoll_event *event, uint64_t now)
{
    struct pp_guest *guest = pp_server_guest(server, event->data.u64 / 2);

    if (!guest)
        return; /* it was dropped since */
    if (event->data.u64 % 2 == 1)
        pp_server_drop(server, guest); /* its process has ended */
    else if (guest->state == PP_GUEST_READING && event->events & EPOLLIN)
        read_request(server, guest, now);
    else if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        pp_server_drop(server, guest);
    else if (guest->state == PP_GUEST_REPLYING && event->events & EPOLLOUT)
        go_on_replying(server, guest, now);
}

static void handle(struct pp_server *server, const struct epoll_event *event, uint64_t now)
{
    uint64_t expirations;

    switch (event->data.u64) {
    case PP_SERVER_EVENT_CALLERS:
        pp_server_admit(server, now);
        break;
    case PP_SERVER_EVENT_TIMER:
        /* What it stands for is looked at in every step. */
        if (read(server->timer, &expirations, sizeof expirations) > 0)
            server->armed_ns = UINT64_MAX;
        break;
    case PP_SERVER_EVENT_END:
        server->ended = true;
        break;
    default:
        serve(server, event, now);
    }
}

/* Drop who has been stuck for too long; find when to look again. */
static void look_for_stuck(struct pp_server *server, uint64_t now)
{
    if (now < server->look_ns)
        return;
    server->look_ns = UINT64_MAX;
    for (unsigned i = 0; i < server->settings.clients; i++) {
        struct pp_guest *guest = &server->guests[i];

        if (guest->id == 0 || guest->stuck_ns == 0)
            continue;
        if (guest->stuck_ns + server->patience_ns <= now)
            pp_server_drop(server, guest);
        else if (guest->stuck_ns + server->patience_ns < server->look_ns)
            server->look_ns = guest->stuck_ns + server->patience_ns;
    }
}

/* Have the epoll descriptor become readable at that moment. */
static void arm(struct pp_server *server, uint64_t moment)
{
    struct itimerspec spec = {0};

    if (moment == server->armed_ns)
        return;
    if (moment != UINT64_MAX) {
        spec.it_value.tv_sec = (time_t)(moment / PP_NS_PER_S);
        spec.it_value.tv_nsec = (long)(moment % PP_NS_PER_S);
    }
    if (timerfd_settime(server->timer, TFD_TIMER_ABSTIME, &spec, NULL) == 0)
        server->armed_ns = moment;
}

static void deal_with_time(struct pp_server *server)
{
    const uint64_t now = pp_clock_ns();
    uint64_t next = UINT64_MAX;

    look_for_stuck(server, now);
    if (server->admit_again_ns > 0 && now >= server->admit_again_ns)
        pp_server_admit_again(server);
    if (server->settings.timers)
        next = server->settings.timers(server->settings.user, now);
    if (server->look_ns < next)
        next = server->look_ns;
    if (server->admit_again_ns > 0 && server->admit_again_ns < next)
        next = server->admit_again_ns;
    arm(server, next);
}

enum pp_status pp_server_step(struct pp_server *server, int wait_ms, struct pp_error *err)
{
    struct epoll_event events[EVENTS_MAX];
    const int count = epoll_wait(server->epoll, events, EVENTS_MAX, wait_ms);
    uint64_t now;

    if (count < 0 && errno != EINTR)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot wait for clients");
    now = pp_clock_ns();
    for (int i = 0; i < count; i++)
        handle(server, &events[i], now);
    /* After a long stop of this process the clients' part is looked at first: they waited for us.
     */
    if (count < EVENTS_MAX)
        deal_with_time(server);
    return server->ended ? pp_error_set(err, PP_E_CLOSED, "the server was told to end") : PP_OK;
}

void pp_server_free(struct pp_server *server)
{
    if (!server)
        return;
    server->settings.left = NULL;
    pp_address_release(&server->address);
    for (unsigned i = 0; i < server->settings.clients; i++)
        if (server->guests[i].id != 0)
            pp_server_drop(server, &server->guests[i]);
    if (server->timer >= 0)
        close(server->timer);
    if (server->epoll >= 0)
        close(server->epoll);
    free(server->guests);
    free(server);
}
