#include "base/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

enum pp_status pp_input_init_fd(struct pp_input *in, int fd, struct pp_error *err)
{
    void *buffer = NULL;

    *in = (struct pp_input){.fd = fd};
    enum pp_status status = pp_memory_new(&buffer, PP_STREAM_BUFFER, 1, "input buffer", err);
    in->buffer = buffer;
    in->data = buffer;
    return status;
}

void pp_input_init_memory(struct pp_input *in, const void *data, size_t size)
{
    *in = (struct pp_input){.data = data, .size = size, .fd = -1, .ended = true, .total = size};
}

void pp_input_release(struct pp_input *in)
{
    free(in->buffer);
    *in = (struct pp_input){.fd = -1};
}

/* Append what one read(2) gives behind the `kept` bytes at the buffer's start. */
static enum pp_status read_behind(struct pp_input *in, size_t kept, struct pp_error *err)
{
    uint64_t begin = pp_clock_ns();
    ssize_t got;

    do
        got = read(in->fd, in->buffer + kept, PP_STREAM_BUFFER - kept);
    while (got < 0 && errno == EINTR);
    int errnum = errno;
    in->ns += pp_clock_ns() - begin;
    in->data = in->buffer;
    in->size = kept;
    if (got < 0)
        return pp_error_errno(err, PP_E_READ, errnum, "cannot read");
    in->ended = got == 0;
    in->size += (size_t)got;
    in->total += (uint64_t)got;
    return PP_OK;
}

enum pp_status pp_input_refill(struct pp_input *in, struct pp_error *err)
{
    in->data += in->size;
    in->size = 0;
    return in->ended ? PP_OK : read_behind(in, 0, err);
}

enum pp_status pp_input_peek(struct pp_input *in, size_t wanted, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    if (in->size < wanted && !in->ended && in->data != in->buffer)
        memmove(in->buffer, in->data, in->size);
    while (status == PP_OK && in->size < wanted && !in->ended)
        status = read_behind(in, in->size, err);
    return status;
}

enum pp_status pp_input_read(struct pp_input *in, void *to, size_t size, size_t *got,
                             struct pp_error *err)
{
    uint8_t *place = to;

    *got = 0;
    while (*got < size) {
        if (in->size == 0) {
            enum pp_status status = pp_input_refill(in, err);
            if (status != PP_OK || in->size == 0)
                return status;
        }
        size_t part = size - *got < in->size ? size - *got : in->size;
        memcpy(place + *got, in->data, part);
        in->data += part;
        in->size -= part;
        *got += part;
    }
    return PP_OK;
}

/* A file that cannot be looked at is taken for a regular one. Were it taken for a pipe, its picture
 * would silently go another way, to other bytes; so at worst rewinding it is an error. */
static bool is_regular(int fd)
{
    struct stat stat;

    return fstat(fd, &stat) != 0 || S_ISREG(stat.st_mode);
}

bool pp_input_can_rewind(const struct pp_input *in)
{
    return in->fd < 0 || is_regular(in->fd);
}

/* Whether the buffer's first byte is the input's first and nothing was dropped since. */
static bool has_all(const struct pp_input *in)
{
    return (uint64_t)(in->data - in->buffer) + in->size == in->total;
}

enum pp_status pp_input_rewind(struct pp_input *in, struct pp_error *err)
{
    if (in->fd < 0) {
        in->data -= in->total - in->size;
        in->size = (size_t)in->total;
        return PP_OK;
    }
    if (has_all(in)) {
        in->data = in->buffer;
        in->size = (size_t)in->total;
        return PP_OK;
    }
    if (lseek(in->fd, -(off_t)in->total, SEEK_CUR) < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot read again from the start");
    in->data = in->buffer;
    in->size = 0;
    in->total = 0;
    in->ended = false;
    return PP_OK;
}

enum pp_status pp_output_init_fd(struct pp_output *out, int fd, struct pp_error *err)
{
    void *buffer = NULL;

    *out = (struct pp_output){.fd = fd, .room = PP_STREAM_BUFFER};
    enum pp_status status = pp_memory_new(&buffer, PP_STREAM_BUFFER, 1, "output buffer", err);
    out->buffer = buffer;
    return status;
}

void pp_output_init_memory(struct pp_output *out)
{
    *out = (struct pp_output){.fd = -1};
}

void pp_output_release(struct pp_output *out)
{
    free(out->buffer);
    *out = (struct pp_output){.fd = -1};
}

int pp_write_all(int fd, const void *data, size_t size)
{
    const uint8_t *from = data;

    while (size > 0) {
        ssize_t put = write(fd, from, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        from += put;
        size -= (size_t)put;
    }
    return 0;
}

static enum pp_status hand_over(struct pp_output *out, const uint8_t *data, size_t size,
                                struct pp_error *err)
{
    uint64_t begin = pp_clock_ns();
    int errnum = pp_write_all(out->fd, data, size);

    out->ns += pp_clock_ns() - begin;
    return errnum ? pp_error_errno(err, PP_E_WRITE, errnum, "cannot write") : PP_OK;
}

static enum pp_status grow(struct pp_output *out, size_t size, struct pp_error *err)
{
    size_t room = out->room ? out->room : PP_STREAM_BUFFER;

    while (room - out->used < size) {
        if (!pp_size_multiply(room, 2, &room))
            return pp_error_set(err, PP_E_NO_MEMORY, "output buffer: size overflows");
    }
    uint8_t *buffer = realloc(out->buffer, room);
    if (!buffer)
        return pp_error_set(err, PP_E_NO_MEMORY, "output buffer: no memory for %zu bytes", room);
    out->buffer = buffer;
    out->room = room;
    return PP_OK;
}

enum pp_status pp_output_write(struct pp_output *out, const void *data, size_t size,
                               struct pp_error *err)
{
    enum pp_status status = PP_OK;

    out->total += size;
    if (size > out->room - out->used)
        status = out->fd < 0 ? grow(out, size, err) : pp_output_flush(out, err);
    if (status != PP_OK)
        return status;
    if (size > out->room - out->used)
        return hand_over(out, data, size, err);
    if (size > 0)
        memcpy(out->buffer + out->used, data, size);
    out->used += size;
    return PP_OK;
}

enum pp_status pp_output_flush(struct pp_output *out, struct pp_error *err)
{
    if (out->fd < 0)
        return PP_OK;
    enum pp_status status = hand_over(out, out->buffer, out->used, err);
    out->used = 0;
    return status;
}

bool pp_output_can_rewind(const struct pp_output *out)
{
    return out->fd < 0 || is_regular(out->fd);
}

enum pp_status pp_output_rewind(struct pp_output *out, struct pp_error *err)
{
    uint64_t begin = pp_clock_ns();
    off_t handed_over = out->fd < 0 ? 0 : (off_t)(out->total - out->used), at = 0;

    if (handed_over > 0)
        at = lseek(out->fd, -handed_over, SEEK_CUR);
    if (at < 0 || (handed_over > 0 && ftruncate(out->fd, at) != 0))
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot write again from the start");
    out->used = 0;
    out->total = 0;
    out->ns += pp_clock_ns() - begin;
    return PP_OK;
}
