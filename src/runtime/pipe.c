#include <pixpool/pipe.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/pipe_state.h"

/* ---- ends ----------------------------------------------------------------------------------- */

static bool is_connected_seqpacket(int fd)
{
    int domain = 0, type = 0;
    socklen_t domain_size = sizeof domain, type_size = sizeof type, peer_size;
    struct sockaddr_storage peer;

    peer_size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && domain == AF_UNIX &&
           type == SOCK_SEQPACKET && getpeername(fd, (struct sockaddr *)&peer, &peer_size) == 0;
}

/* Half the buffer: the kernel counts its own structs, too. */
static size_t inside_most(int fd)
{
    int bytes = 0;
    socklen_t size = sizeof bytes;
    size_t half;

    if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &size) != 0 || bytes < 0)
        return 0;
    half = (size_t)bytes / 2;
    if (half >= PP_PACKET_INSIDE + sizeof(struct pp_packet_head))
        return PP_PACKET_INSIDE;
    return half > sizeof(struct pp_packet_head) ? half - sizeof(struct pp_packet_head) : 0;
}

enum pp_status pp_pipe_attach(int fd, enum pp_pipe_way way, struct pp_pipe **end,
                              struct pp_error *err)
{
    struct pp_pipe *made;

    if (!is_connected_seqpacket(fd) || (way & PP_PIPE_DUPLEX) != way || way == 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return pp_error_set(err, PP_E_USAGE, "cannot attach: descriptor %d is no end of a pipe",
                            fd);
    made = malloc(sizeof *made);
    if (!made)
        return pp_error_set(err, PP_E_NO_MEMORY, "a pipe: out of memory");
    made->fd = fd;
    made->way = way;
    made->inside_most = inside_most(fd);
    made->has_message = false;
    *end = made;
    return PP_OK;
}

enum pp_status pp_pipe_create(bool duplex, struct pp_pipe *ends[2], struct pp_error *err)
{
    struct pp_pipe *first = NULL, *second = NULL;
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot make a pipe");
    /* So that a copy of the other end, wherever it is, cannot do what this one is not to. */
    if (!duplex)
        (void)shutdown(fds[1], SHUT_RD);
    enum pp_status status =
        pp_pipe_attach(fds[0], duplex ? PP_PIPE_DUPLEX : PP_PIPE_RECEIVES, &first, err);
    if (status == PP_OK)
        status = pp_pipe_attach(fds[1], duplex ? PP_PIPE_DUPLEX : PP_PIPE_SENDS, &second, err);
    if (status != PP_OK) {
        free(first);
        close(fds[0]);
        close(fds[1]);
        return status;
    }
    ends[0] = first;
    ends[1] = second;
    return PP_OK;
}

int pp_pipe_fd(const struct pp_pipe *end)
{
    return end->fd;
}

enum pp_pipe_way pp_pipe_way(const struct pp_pipe *end)
{
    return end->way;
}

void pp_pipe_drop(struct pp_pipe *end)
{
    if (!end->has_message)
        return;
    for (unsigned i = 0; i < end->fd_count; i++)
        close(end->fds[i]);
    if (end->rest >= 0)
        close(end->rest);
    end->has_message = false;
}

void pp_pipe_free(struct pp_pipe *end)
{
    if (!end)
        return;
    pp_pipe_drop(end);
    close(end->fd);
    free(end);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static struct timespec left_until(const struct pp_deadline *deadline)
{
    uint64_t now = pp_clock_ns();
    uint64_t at = (uint64_t)deadline->at.tv_sec * PP_NS_PER_S + (uint64_t)deadline->at.tv_nsec;
    uint64_t left = at > now ? at - now : 0;

    return (struct timespec){.tv_sec = (time_t)(left / PP_NS_PER_S),
                             .tv_nsec = (long)(left % PP_NS_PER_S)};
}

int pp_pipe_poll_until(struct pollfd *polled, size_t count, const struct pp_deadline *deadline)
{
    struct timespec left;
    int ready;

    do {
        left = left_until(deadline);
        ready = ppoll(polled, count, deadline->never ? NULL : &left, NULL);
    } while (ready < 0 && errno == EINTR);
    return ready;
}

enum pp_status pp_pipe_poll(struct pp_pipe *end, double seconds, struct pp_error *err)
{
    struct pp_pipe_watch watch = {.end = end};

    return pp_pipe_wait(&watch, 1, seconds, err);
}

/* What poll(2) is to look at. True when a message is here already, so that there is no waiting. */
static enum pp_status prepare(struct pp_pipe_watch *watches, size_t count, struct pollfd *polled,
                              bool *is_here, struct pp_error *err)
{
    *is_here = false;
    for (size_t i = 0; i < count; i++) {
        const struct pp_pipe *end = watches[i].end;

        watches[i].ready = false;
        if (end && !(end->way & PP_PIPE_RECEIVES))
            return pp_error_set(err, PP_E_USAGE, "cannot wait: this end of the pipe only sends");
        *is_here |= end && end->has_message;
        polled[i] = (struct pollfd){.fd = end ? end->fd : watches[i].fd, .events = POLLIN};
    }
    return PP_OK;
}

static enum pp_status conclude(struct pp_pipe_watch *watches, size_t count,
                               const struct pollfd *polled, struct pp_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (polled[i].fd < 0 || (polled[i].revents & POLLNVAL))
            return pp_error_set(err, PP_E_USAGE, "cannot wait: descriptor %d is not open",
                                polled[i].fd);
    }
    for (size_t i = 0; i < count; i++)
        watches[i].ready =
            polled[i].revents != 0 || (watches[i].end && watches[i].end->has_message);
    return PP_OK;
}

enum pp_status pp_pipe_wait(struct pp_pipe_watch *watches, size_t count, double seconds,
                            struct pp_error *err)
{
    struct pollfd *polled = calloc(count > 0 ? count : 1, sizeof *polled);
    struct pp_deadline deadline;
    bool is_here;

    if (!polled)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot wait: out of memory");
    enum pp_status status = prepare(watches, count, polled, &is_here, err);
    if (status == PP_OK) {
        deadline = pp_deadline_after(is_here ? 0 : seconds);
        int ready = pp_pipe_poll_until(polled, count, &deadline);
        if (ready < 0)
            status = pp_error_errno(err, PP_E_SYSTEM, errno, "cannot wait");
        else
            status = conclude(watches, count, polled, err);
        if (status == PP_OK && ready == 0 && !is_here)
            status = pp_error_set(err, PP_E_TIMEOUT, "nothing has come through the pipe");
    }
    free(polled);
    return status;
}
