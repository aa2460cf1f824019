#include "codec/png_chunk.h"

#include <libdeflate.h>

/* The format allows 2^31 - 1 bytes (PNG-3, 5.3); readers like it smaller, and it is reached only
 * by rows of a gigabyte. */
#define CHUNK_MAX ((uint32_t)1 << 30)

/* The place reached in a list of parts. */
struct cursor {
    const struct pp_png_part *parts;
    size_t index, offset;
};

void pp_png_put_32(uint8_t *bytes, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint64_t total_size(const struct pp_png_part *parts, size_t count)
{
    uint64_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += parts[i].size;
    return total;
}

/* The next `size` bytes, which there must be. */
static enum pp_status write_data(struct pp_output *out, struct cursor *at, size_t size,
                                 uint32_t *crc, struct pp_error *err)
{
    while (size > 0) {
        const struct pp_png_part *part = &at->parts[at->index];
        size_t left = part->size - at->offset, take = left < size ? left : size;
        const uint8_t *data = part->data + at->offset;
        *crc = libdeflate_crc32(*crc, data, take);
        enum pp_status status = pp_output_write(out, data, take, err);
        if (status != PP_OK)
            return status;
        size -= take;
        at->offset += take;
        if (at->offset == part->size) {
            at->index++;
            at->offset = 0;
        }
    }
    return PP_OK;
}

static enum pp_status write_chunk(struct pp_output *out, const char *type, struct cursor *at,
                                  uint32_t size, struct pp_error *err)
{
    uint8_t head[8], tail[4];

    pp_png_put_32(head, size);
    for (size_t i = 0; i < 4; i++)
        head[4 + i] = (uint8_t)type[i];
    uint32_t crc = libdeflate_crc32(0, head + 4, 4);
    enum pp_status status = pp_output_write(out, head, sizeof(head), err);
    if (status == PP_OK)
        status = write_data(out, at, size, &crc, err);
    pp_png_put_32(tail, crc);
    if (status == PP_OK)
        status = pp_output_write(out, tail, sizeof(tail), err);
    return status;
}

enum pp_status pp_png_write_chunks(struct pp_output *out, const char *type,
                                   const struct pp_png_part *parts, size_t count,
                                   struct pp_error *err)
{
    uint64_t left = total_size(parts, count);
    struct cursor at = {.parts = parts};
    enum pp_status status = PP_OK;

    do {
        uint32_t size = left < CHUNK_MAX ? (uint32_t)left : CHUNK_MAX;
        status = write_chunk(out, type, &at, size, err);
        left -= size;
    } while (status == PP_OK && left > 0);
    return status;
}
