#include "runtime/task_frame.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memfile.h"

size_t pp_frame_item_size(size_t size)
{
    const size_t most = PTRDIFF_MAX - PP_FRAME_ALIGNMENT - sizeof(struct pp_frame_item);

    if (size > most)
        return SIZE_MAX;
    return sizeof(struct pp_frame_item) +
           (size + PP_FRAME_ALIGNMENT - 1) / PP_FRAME_ALIGNMENT * PP_FRAME_ALIGNMENT;
}

size_t pp_frame_put(uint8_t *frame, size_t at, const struct pp_frame_item *item, const void *data)
{
    const size_t end = at + pp_frame_item_size(item->size), bytes = at + sizeof *item;

    memcpy(frame + at, item, sizeof *item);
    if (data && item->size > 0)
        memcpy(frame + bytes, data, item->size);
    memset(frame + bytes + item->size, 0, end - bytes - item->size);
    return end;
}

bool pp_frame_take(const uint8_t *frame, size_t size, size_t *at, struct pp_frame_item *item,
                   const void **data)
{
    const size_t left = *at <= size ? size - *at : 0;

    if (left < sizeof *item)
        return false;
    memcpy(item, frame + *at, sizeof *item);
    if (item->size > left || pp_frame_item_size(item->size) > left)
        return false;
    *data = frame + *at + sizeof *item;
    *at += pp_frame_item_size(item->size);
    return true;
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
