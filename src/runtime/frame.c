#include "runtime/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define ROOM_FIRST ((size_t)4096)
#define ROOM_KEPT  ((size_t)1 << 16)
/* At a time, so that no sender of much keeps the others waiting. */
#define READ_MOST ((size_t)1 << 18)

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static void word_to(uint8_t *bytes, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
}

static enum pp_frame judge(const struct pp_frame_input *in, size_t most)
{
    if (in->have < PP_FRAME_HEADER)
        return PP_FRAME_PART;
    if (word_at(in->bytes) > most)
        return PP_FRAME_TOO_LARGE;
    return in->have - PP_FRAME_HEADER >= word_at(in->bytes) ? PP_FRAME_WHOLE : PP_FRAME_PART;
}

/* Twice as much when it is full; never more than the message needs. */
static bool make_room(struct pp_frame_input *in)
{
    size_t room = ROOM_FIRST;
    uint8_t *bytes;

    if (in->have < in->room)
        return true;
    if (in->room > 0) {
        const size_t needed = PP_FRAME_HEADER + (size_t)word_at(in->bytes);

        room = 2 * in->room < needed ? 2 * in->room : needed;
    }
    bytes = realloc(in->bytes, room);
    if (!bytes)
        return false;
    in->bytes = bytes;
    in->room = room;
    return true;
}

/* The call has to be tried again later; otherwise the connection is of no use any more. */
static bool is_passing(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS;
}

enum pp_frame pp_frame_receive(struct pp_frame_input *in, int fd, size_t most)
{
    size_t room;
    ssize_t got;

    if (!make_room(in))
        return PP_FRAME_NO_MEMORY;
    room = in->room - in->have;
    got = recv(fd, in->bytes + in->have, room < READ_MOST ? room : READ_MOST, MSG_DONTWAIT);
    if (got < 0)
        return is_passing(errno) ? PP_FRAME_PART : PP_FRAME_ENDED;
    if (got == 0)
        return PP_FRAME_ENDED;
    in->have += (size_t)got;
    return judge(in, most);
}

uint32_t pp_frame_number(const struct pp_frame_input *in)
{
    return word_at(in->bytes + 4);
}

const uint8_t *pp_frame_bytes(const struct pp_frame_input *in)
{
    return in->bytes + PP_FRAME_HEADER;
}

size_t pp_frame_size(const struct pp_frame_input *in)
{
    return word_at(in->bytes);
}

size_t pp_frame_rest(const struct pp_frame_input *in)
{
    return in->have - PP_FRAME_HEADER - pp_frame_size(in);
}

void pp_frame_clear(struct pp_frame_input *in)
{
    in->have = 0;
    if (in->room > ROOM_KEPT)
        pp_frame_input_release(in);
}

void pp_frame_input_release(struct pp_frame_input *in)
{
    free(in->bytes);
    *in = (struct pp_frame_input){0};
}

/* Keep what was not sent of header and bytes. */
static enum pp_frame keep(struct pp_frame_output *out, const struct iovec parts[2], size_t sent)
{
    const size_t total = parts[0].iov_len + parts[1].iov_len;
    uint8_t *bytes = malloc(total - sent), *end = bytes;

    if (!bytes)
        return PP_FRAME_NO_MEMORY;
    for (unsigned i = 0; i < 2; i++) {
        const size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;

        if (parts[i].iov_len > skip)
            memcpy(end, (const uint8_t *)parts[i].iov_base + skip, parts[i].iov_len - skip);
        end += parts[i].iov_len - skip;
        sent -= skip;
    }
    *out = (struct pp_frame_output){.bytes = bytes, .size = (size_t)(end - bytes)};
    return PP_FRAME_PART;
}

enum pp_frame pp_frame_send(struct pp_frame_output *out, int fd, uint32_t number, const void *bytes,
                            size_t size)
{
    uint8_t header[PP_FRAME_HEADER];
    struct iovec parts[2] = {{header, sizeof header}, {(void *)bytes, size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};
    ssize_t sent;

    if (size > PP_FRAME_MOST)
        return PP_FRAME_TOO_LARGE;
    word_to(header, (uint32_t)size);
    word_to(header + 4, number);
    sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !is_passing(errno))
        return PP_FRAME_ENDED;
    if (sent < 0)
        sent = 0;
    if ((size_t)sent == sizeof header + size)
        return PP_FRAME_WHOLE;
    return keep(out, parts, (size_t)sent);
}

enum pp_frame pp_frame_flush(struct pp_frame_output *out, int fd)
{
    const ssize_t sent =
        send(fd, out->bytes + out->sent, out->size - out->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0)
        return is_passing(errno) ? PP_FRAME_PART : PP_FRAME_ENDED;
    out->sent += (size_t)sent;
    if (out->sent < out->size)
        return PP_FRAME_PART;
    pp_frame_output_release(out);
    return PP_FRAME_WHOLE;
}

void pp_frame_output_release(struct pp_frame_output *out)
{
    free(out->bytes);
    *out = (struct pp_frame_output){0};
}
