#include "runtime/task_frame.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memfile.h"

size_t pp_frame_put(uint8_t *frame, size_t at, const struct pp_frame_item *item, const void *data)
{
    const uint64_t word = (uint64_t)item->size | (uint64_t)item->status << PP_FRAME_STATUS_SHIFT |
                          (uint64_t)item->attempt << PP_FRAME_ATTEMPT_SHIFT;
    const size_t bytes = pp_frame_bytes_at(at, item->size);
    const size_t end = pp_frame_end(at, item->size);

    memcpy(frame + at, &word, sizeof word);
    if (bytes > at + sizeof word)
        memset(frame + at + sizeof word, 0, bytes - at - sizeof word);
    if (data && item->size > 0)
        memcpy(frame + bytes, data, item->size);
    if (end > bytes + item->size)
        memset(frame + bytes + item->size, 0, end - bytes - item->size);
    return end;
}

int pp_frame_create(size_t size, int *fd, uint8_t **frame)
{
    int error = pp_memfile_create("pixpool-frame", size, fd);
    void *at;

    if (error)
        return error;
    at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (at != MAP_FAILED) {
        *frame = at;
        return 0;
    }
    error = errno;
    close(*fd);
    *fd = -1;
    return error;
}

int pp_frame_seal(int fd, uint8_t *frame, size_t room, size_t size)
{
    munmap(frame, room);
    if (size != room && ftruncate(fd, (off_t)size) != 0)
        return errno;
    return pp_memfile_seal(fd, PP_SEAL_BYTES);
}

int pp_frame_map(int fd, size_t size, const uint8_t **frame)
{
    uint64_t has;
    void *at;

    if (!pp_memfile_is_sealed(fd, PP_SEAL_BYTES, &has) || has != size ||
        size < sizeof(struct pp_frame_head))
        return EPROTO;
    at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    *frame = at;
    return 0;
}
