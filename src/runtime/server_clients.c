/* Clients come and go. */
#include "runtime/server_state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/hello.h"

#define SHORTAGE_PAUSE_NS (100 * PP_NS_PER_MS)
#define CALLERS_AT_ONCE   16

struct pp_guest *pp_server_guest(const struct pp_server *server, uint64_t id)
{
    const uint64_t place = id & ((1 << PP_PLACE_BITS) - 1);

    if (id == 0 || place >= server->settings.clients || server->guests[place].id != id)
        return NULL;
    return &server->guests[place];
}

/* Closing takes the descriptors out of epoll, unless a fork gave somebody else a copy. */
static void forget(struct pp_server *server, int fd)
{
    if (fd < 0)
        return;
    epoll_ctl(server->epoll, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
}

void pp_server_drop(struct pp_server *server, struct pp_guest *guest)
{
    const uint64_t id = guest->id;

    forget(server, guest->fd);
    forget(server, guest->process_fd);
    pp_frame_input_release(&guest->in);
    pp_frame_output_release(&guest->out);
    *guest = (struct pp_guest){.fd = -1, .process_fd = -1};
    server->count--;
    if (server->settings.left)
        server->settings.left(server->settings.user, id);
}

static uint32_t wanted(const struct pp_guest *guest)
{
    switch (guest->state) {
    case PP_GUEST_READING:
        return EPOLLIN | EPOLLRDHUP;
    case PP_GUEST_REPLYING:
        return EPOLLOUT | EPOLLRDHUP;
    default:
        return EPOLLRDHUP;
    }
}

bool pp_server_watch(struct pp_server *server, struct pp_guest *guest)
{
    struct epoll_event event = {.events = wanted(guest), .data.u64 = 2 * guest->id};

    if (event.events == guest->watched)
        return true;
    if (epoll_ctl(server->epoll, guest->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, guest->fd,
                  &event) != 0) {
        pp_server_drop(server, guest);
        return false;
    }
    guest->watched = event.events;
    return true;
}

/* 0, or why the end of the process cannot be awaited. Where the system knows no such descriptors
 * (before Linux 5.3, under some tools) the connection's end has to do. */
static int follow(struct pp_server *server, struct pp_guest *guest)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 2 * guest->id + 1};

    guest->process_fd = (int)syscall(SYS_pidfd_open, guest->process, 0);
    if (guest->process_fd < 0)
        return errno == ENOSYS || errno == EPERM ? 0 : errno;
    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, guest->process_fd, &event) != 0 ? errno : 0;
}

static struct pp_guest *free_place(struct pp_server *server)
{
    for (unsigned i = 0; i < server->settings.clients; i++)
        if (server->guests[i].id == 0)
            return &server->guests[i];
    return NULL;
}

/* A new connection's buffer takes so few bytes at once. False: it did not, so it is no client. */
static bool greet(const struct pp_server *server, int fd, enum pp_hello answer)
{
    uint8_t hello[PP_HELLO_SIZE];
    struct pp_frame_output rest = {0};
    enum pp_frame sent;

    pp_hello_write(hello, server->service, answer, server->settings.message_max);
    sent = pp_frame_send(&rest, fd, 0, hello, sizeof hello);
    pp_frame_output_release(&rest);
    return sent == PP_FRAME_WHOLE;
}

/* False: it is not taken in, and its descriptor is still to be closed. */
static bool seat(struct pp_server *server, int fd, pid_t process)
{
    struct pp_guest *guest = free_place(server);

    if (!guest) {
        greet(server, fd, PP_HELLO_FULL);
        return false;
    }
    *guest = (struct pp_guest){.fd = fd, .process_fd = -1, .process = process};
    guest->id = ++server->last_id << PP_PLACE_BITS | (uint64_t)(guest - server->guests);
    if (server->settings.follow_processes && follow(server, guest) != 0) {
        forget(server, guest->process_fd);
        *guest = (struct pp_guest){.fd = -1, .process_fd = -1};
        return false;
    }
    server->count++;
    if (pp_server_watch(server, guest) && !greet(server, fd, PP_HELLO_WELCOME))
        pp_server_drop(server, guest);
    return true;
}

static void listen_for_callers(struct pp_server *server, bool listen)
{
    struct epoll_event event = {.events = listen ? EPOLLIN : 0,
                                .data.u64 = PP_SERVER_EVENT_CALLERS};

    epoll_ctl(server->epoll, EPOLL_CTL_MOD, server->address.fd, &event);
}

void pp_server_admit(struct pp_server *server, uint64_t now)
{
    for (unsigned i = 0; i < CALLERS_AT_ONCE; i++) {
        const int fd = accept4(server->address.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        pid_t process;

        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0 && errno != EAGAIN) {
            /* Nothing to take it in with; to look again at once would be to go round in circles. */
            listen_for_callers(server, false);
            server->admit_again_ns = now + SHORTAGE_PAUSE_NS;
        }
        if (fd < 0)
            return;
        if (!pp_address_peer_is_own(fd, &process) || !seat(server, fd, process))
            close(fd);
    }
}

void pp_server_admit_again(struct pp_server *server)
{
    server->admit_again_ns = 0;
    listen_for_callers(server, true);
}
