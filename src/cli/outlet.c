#include "cli/outlet.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A pipe that is ready has room for PIPE_BUF bytes (POSIX.1-2017, poll() and write()). A terminal
 * says so already when there is room for one; Linux's line discipline wakes writers at 256, and
 * each newline may become two bytes. */
#define TERMINAL_PIECE 128
#define LONGEST_WAIT   1000 /* ms between two looks at the clock */
#define PAUSE          10   /* ms, where a descriptor that is ready takes nothing */

void pp_outlet_init(struct pp_outlet *outlet, int fd)
{
    *outlet = (struct pp_outlet){.fd = fd, .piece = isatty(fd) ? TERMINAL_PIECE : PIPE_BUF};
}

void pp_outlet_release(struct pp_outlet *outlet)
{
    free(outlet->bytes);
    *outlet = (struct pp_outlet){.fd = -1};
}

bool pp_outlet_is_waiting(const struct pp_outlet *outlet)
{
    return outlet->begin < outlet->end;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Whether the descriptor takes a piece, at once or before `deadline`. An error counts as ready:
 * the write then says which. */
static bool is_ready(int fd, double deadline)
{
    struct pollfd asked = {.fd = fd, .events = POLLOUT};

    for (;;) {
        double left = ceil((deadline - now()) * 1000);
        int wait = left < 0 ? 0 : left < LONGEST_WAIT ? (int)left : LONGEST_WAIT;
        int found = poll(&asked, 1, wait);

        if (found > 0)
            return true;
        if ((found < 0 && errno != EINTR) || left <= 0)
            return false;
    }
}

/* The longest beginning that fits in a piece and ends a line, so that lines of several processes
 * are not mixed; else as much as fits. */
static size_t piece_of(const struct pp_outlet *outlet, const char *bytes, size_t size)
{
    size_t most = size < outlet->piece ? size : outlet->piece;
    const char *newline = memrchr(bytes, '\n', most);

    return newline ? (size_t)(newline - bytes) + 1 : most;
}

/* Write what the descriptor takes until `deadline`. Returns how many bytes are done with: all of
 * them when it will take no more. */
static size_t write_out(const struct pp_outlet *outlet, const char *bytes, size_t size,
                        double deadline)
{
    size_t done = 0;

    while (done < size && is_ready(outlet->fd, deadline)) {
        ssize_t written =
            write(outlet->fd, bytes + done, piece_of(outlet, bytes + done, size - done));

        if (written > 0)
            done += (size_t)written;
        else if (written < 0 && errno != EAGAIN && errno != EINTR)
            return size;
        else if (now() < deadline)
            (void)poll(NULL, 0, PAUSE);
        else
            break;
    }
    return done;
}

bool pp_outlet_push(struct pp_outlet *outlet, double seconds)
{
    double deadline = seconds < 0 ? INFINITY : seconds > 0 ? now() + seconds : 0;

    if (pp_outlet_is_waiting(outlet))
        outlet->begin +=
            write_out(outlet, outlet->bytes + outlet->begin, outlet->end - outlet->begin, deadline);
    if (!pp_outlet_is_waiting(outlet))
        outlet->begin = outlet->end = 0;
    return !pp_outlet_is_waiting(outlet);
}

static bool keep(struct pp_outlet *outlet, const char *bytes, size_t size)
{
    size_t waiting = outlet->end - outlet->begin;

    if (!outlet->bytes)
        outlet->bytes = malloc(PP_OUTLET_BOUND);
    if (!outlet->bytes || size > PP_OUTLET_BOUND - waiting)
        return false;
    if (size > PP_OUTLET_BOUND - outlet->end) {
        memmove(outlet->bytes, outlet->bytes + outlet->begin, waiting);
        outlet->begin = 0;
        outlet->end = waiting;
    }
    memcpy(outlet->bytes + outlet->end, bytes, size);
    outlet->end += size;
    return true;
}

bool pp_outlet_put(struct pp_outlet *outlet, const char *bytes, size_t size)
{
    size_t done = 0;

    if (pp_outlet_push(outlet, 0))
        done = write_out(outlet, bytes, size, 0);
    return done == size || keep(outlet, bytes + done, size - done);
}
