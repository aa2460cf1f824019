#include "codec/header.h"

static enum pp_status count(struct pp_header *header, size_t size, struct pp_error *err)
{
    if (size > PP_HEADER_MAX - header->taken)
        return pp_error_set(err, PP_E_LIMIT, "%s header: longer than %u MiB", header->name,
                            (unsigned)(PP_HEADER_MAX >> 20));
    header->taken += size;
    return PP_OK;
}

static enum pp_status cut_short(const struct pp_header *header, struct pp_error *err)
{
    return pp_error_set(err, PP_E_CORRUPT, "%s header: the file ends within it", header->name);
}

enum pp_status pp_header_take(struct pp_header *header, void *to, size_t size, struct pp_error *err)
{
    size_t got = 0;
    enum pp_status status = count(header, size, err);

    if (status == PP_OK)
        status = pp_input_read(header->in, to, size, &got, err);
    return status == PP_OK && got < size ? cut_short(header, err) : status;
}

enum pp_status pp_header_skip(struct pp_header *header, size_t size, struct pp_error *err)
{
    struct pp_input *in = header->in;
    enum pp_status status = count(header, size, err);

    while (status == PP_OK && size > 0) {
        size_t part = size < in->size ? size : in->size;

        in->data += part;
        in->size -= part;
        size -= part;
        if (size == 0)
            break;
        status = pp_input_refill(in, err);
        if (status == PP_OK && in->size == 0)
            return cut_short(header, err);
    }
    return status;
}

uint32_t pp_header_16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

uint32_t pp_header_32(const uint8_t *bytes)
{
    return pp_header_16(bytes) << 16 | pp_header_16(bytes + 2);
}
