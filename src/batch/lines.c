#include "batch/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* With more than this kept, the reader is behind. */
#define WAITING_MAX ((size_t)1 << 20)
/* The longest beginning of a file. */
#define BEGIN_MAX 128

static enum pp_status write_error(const struct pp_lines *lines, int errnum, struct pp_error *err)
{
    char what[64];

    snprintf(what, sizeof what, "cannot write the %s", lines->what);
    return pp_error_errno(err, PP_E_WRITE, errnum, what);
}

/* What is there already: nothing, or lines of the same kind. */
static enum pp_status check_old(const struct pp_lines *lines, const struct pp_lines_kind *kind,
                                size_t *found, struct pp_error *err)
{
    char first[BEGIN_MAX];
    struct stat stat;
    size_t size = strlen(kind->begin);
    ssize_t got = pread(lines->fd, first, size, 0);

    if (got != 0 && ((size_t)got != size || memcmp(first, kind->begin, size) != 0))
        return pp_error_set(err, PP_E_CONFLICT, "cannot write the %s: the file exists and is no %s",
                            kind->what, kind->what);
    if ((!kind->append && ftruncate(lines->fd, 0) != 0) || fstat(lines->fd, &stat) != 0)
        return write_error(lines, errno, err);
    *found = (size_t)stat.st_size;
    return PP_OK;
}

/* Whether the path leads to our own standard output or error, as /dev/stdout does. */
static bool is_standard(const struct stat *file)
{
    struct stat own;

    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fstat(fd, &own) == 0 && own.st_dev == file->st_dev && own.st_ino == file->st_ino)
            return true;
    }
    return false;
}

enum pp_status pp_lines_open(struct pp_lines *lines, const char *path,
                             const struct pp_lines_kind *kind, size_t *found, struct pp_error *err)
{
    struct stat there;

    *lines = (struct pp_lines){.fd = -1, .what = kind->what};
    *found = 0;
    if (!path)
        return PP_OK;
    bool exists = stat(path, &there) == 0;
    bool is_file = !exists || (S_ISREG(there.st_mode) && !is_standard(&there));
    /* Reading, too, only where old lines are to be looked at: who can read a pipe is its reader. */
    int flags = is_file ? O_RDWR | O_CREAT : O_WRONLY;
    lines->fd = open(path, flags | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    if (lines->fd < 0) {
        char what[64];
        snprintf(what, sizeof what, "cannot open the %s", kind->what);
        return pp_error_errno(err, PP_E_WRITE, errno, what);
    }
    enum pp_status status = is_file ? check_old(lines, kind, found, err) : PP_OK;
    if (status != PP_OK)
        pp_lines_close(lines);
    else if (!is_file)
        fcntl(lines->fd, F_SETFL, O_APPEND | O_NONBLOCK);
    return status;
}

/* Write until all is gone or the reader takes no more; *left says how much. */
static enum pp_status write_some(const struct pp_lines *lines, const char *bytes, size_t size,
                                 size_t *left, struct pp_error *err)
{
    *left = size;
    while (*left > 0) {
        ssize_t put = write(lines->fd, bytes + (size - *left), *left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return PP_OK;
        if (put < 0)
            return write_error(lines, errno, err);
        *left -= (size_t)put;
    }
    return PP_OK;
}

static enum pp_status keep(struct pp_lines *lines, const char *bytes, size_t size,
                           struct pp_error *err)
{
    if (size > lines->waiting_room - lines->waiting_size) {
        size_t room = 2 * (lines->waiting_size + size);
        char *grown = realloc(lines->waiting, room);
        if (!grown)
            return pp_error_set(err, PP_E_NO_MEMORY, "%s: no memory for its lines", lines->what);
        lines->waiting = grown;
        lines->waiting_room = room;
    }
    memcpy(lines->waiting + lines->waiting_size, bytes, size);
    lines->waiting_size += size;
    return PP_OK;
}

enum pp_status pp_lines_flush(struct pp_lines *lines, int wait_ms, struct pp_error *err)
{
    size_t left = 0;
    enum pp_status status = PP_OK;

    while (status == PP_OK && lines->fd >= 0 && lines->waiting_size > 0) {
        status = write_some(lines, lines->waiting, lines->waiting_size, &left, err);
        memmove(lines->waiting, lines->waiting + (lines->waiting_size - left), left);
        lines->waiting_size = left;
        struct pollfd reader = {.fd = lines->fd, .events = POLLOUT};
        if (left > 0 && (wait_ms == 0 || poll(&reader, 1, wait_ms) <= 0))
            break;
    }
    return status;
}

bool pp_lines_are_behind(const struct pp_lines *lines)
{
    return lines->waiting_size > WAITING_MAX;
}

enum pp_status pp_lines_write(struct pp_lines *lines, const char *line, size_t size,
                              struct pp_error *err)
{
    size_t left = size;

    if (lines->fd < 0)
        return PP_OK;
    enum pp_status status = pp_lines_flush(lines, 0, err);

    if (status == PP_OK && lines->waiting_size == 0)
        status = write_some(lines, line, size, &left, err);
    if (status != PP_OK || left == 0)
        return status;
    return keep(lines, line + (size - left), left, err);
}

void pp_lines_close(struct pp_lines *lines)
{
    if (lines->fd >= 0)
        close(lines->fd);
    free(lines->waiting);
    *lines = (struct pp_lines){.fd = -1};
}
