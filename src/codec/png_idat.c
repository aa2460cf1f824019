#include "codec/png_idat.h"

#include <string.h>

#include <libdeflate.h>

/* libpng's PNG_IDAT_READ_SIZE, when nobody changes it. */
#define PORTION 8192u

static const uint8_t type[4] = {'I', 'D', 'A', 'T'};

static uint32_t portions_of(uint32_t bytes)
{
    return bytes / PORTION + (bytes % PORTION > 0);
}

static void begin_chunk(struct pp_png_idat *idat, uint32_t size)
{
    idat->portions += portions_of(idat->size);
    idat->size = size;
    idat->left = size;
    idat->checksum = libdeflate_crc32(0, type, sizeof(type));
    idat->checked = false;
}

void pp_png_idat_init(struct pp_png_idat *idat, struct pp_input *in, uint32_t size)
{
    *idat = (struct pp_png_idat){.in = in};
    begin_chunk(idat, size);
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static enum pp_status ends_early(struct pp_error *err)
{
    return pp_error_set(err, PP_E_CORRUPT, "file ends early");
}

static enum pp_status check(struct pp_png_idat *idat, struct pp_error *err)
{
    uint8_t stored[4];
    size_t got = 0;

    if (idat->checked)
        return PP_OK;
    enum pp_status status = pp_input_read(idat->in, stored, sizeof(stored), &got, err);
    if (status != PP_OK)
        return status;
    if (got < sizeof(stored))
        return ends_early(err);
    idat->checked = true;
    if (big_endian(stored) != idat->checksum)
        return pp_error_set(err, PP_E_CORRUPT, "cannot decode: IDAT: CRC error");
    return PP_OK;
}

/* Have at least one byte at hand. */
static enum pp_status fill(struct pp_input *in, struct pp_error *err)
{
    enum pp_status status = in->size > 0 ? PP_OK : pp_input_refill(in, err);

    return status == PP_OK && in->size == 0 ? ends_early(err) : status;
}

static enum pp_status next_part(struct pp_png_idat *idat, const uint8_t **data, size_t *size,
                                struct pp_error *err)
{
    struct pp_input *in = idat->in;
    enum pp_status status = fill(in, err);

    if (status != PP_OK)
        return status;
    uint32_t most = idat->left;
    if (idat->by_portion && most > PORTION - (idat->size - idat->left) % PORTION)
        most = PORTION - (idat->size - idat->left) % PORTION;
    *data = in->data;
    *size = most < in->size ? most : in->size;
    in->data += *size;
    in->size -= *size;
    idat->left -= (uint32_t)*size;
    idat->checksum = libdeflate_crc32(idat->checksum, *data, *size);
    return PP_OK;
}

enum pp_status pp_png_idat_next(void *user, const uint8_t **data, size_t *size,
                                struct pp_error *err)
{
    struct pp_png_idat *idat = user;
    struct pp_input *in = idat->in;

    *size = 0;
    while (idat->left == 0) {
        enum pp_status status = check(idat, err);
        if (status == PP_OK)
            status = pp_input_peek(in, 8, err);
        if (status != PP_OK)
            return status;
        if (in->size < 8)
            return ends_early(err);
        if (memcmp(in->data + 4, type, sizeof(type)) != 0)
            return PP_OK;
        uint32_t length = big_endian(in->data);
        if (length > INT32_MAX)
            return pp_error_set(err, PP_E_CORRUPT, "cannot decode: chunk of an impossible size");
        in->data += 8;
        in->size -= 8;
        begin_chunk(idat, length);
    }
    return next_part(idat, data, size, err);
}

enum pp_status pp_png_idat_finish(struct pp_png_idat *idat, struct pp_error *err)
{
    enum pp_status status = PP_OK;
    const uint8_t *data;
    size_t size;

    while (status == PP_OK && idat->left > 0)
        status = next_part(idat, &data, &size, err);
    return status == PP_OK ? check(idat, err) : status;
}

uint64_t pp_png_idat_portion(const struct pp_png_idat *idat, size_t unused)
{
    return idat->portions + portions_of((uint32_t)(idat->size - idat->left - unused));
}
