#include "codec/jpeg_scan_count.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_OF_SCAN 0xDA

struct count {
    uint32_t scans, most;
    bool after_ff; /* the last byte was 0xFF */
};

static void count_piece(struct count *count, const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;

    if (size > 0 && count->after_ff && data[0] == START_OF_SCAN)
        count->scans++;
    while (count->scans < count->most && data < end) {
        const uint8_t *ff = memchr(data, 0xFF, (size_t)(end - data));
        if (!ff)
            break;
        data = ff + 1;
        if (data < end && *data == START_OF_SCAN)
            count->scans++;
    }
    if (size > 0)
        count->after_ff = end[-1] == 0xFF;
}

static void count_rest(struct count *count, int fd, off_t at)
{
    uint8_t *piece = malloc(PP_STREAM_BUFFER);
    ssize_t got = 0;

    while (piece && count->scans < count->most &&
           (got = pread(fd, piece, PP_STREAM_BUFFER, at)) > 0) {
        count_piece(count, piece, (size_t)got);
        at += got;
    }
    free(piece);
}

uint32_t pp_jpeg_count_scans(const struct pp_jpeg_source *source, uint32_t most)
{
    struct count count = {.most = most};
    const int fd = source->in->fd;
    const off_t at = fd >= 0 ? lseek(fd, 0, SEEK_CUR) : 0;

    if (at < 0)
        return 0;
    count_piece(&count, source->base.next_input_byte, source->base.bytes_in_buffer);
    if (fd >= 0)
        count_rest(&count, fd, at);
    return count.scans;
}
