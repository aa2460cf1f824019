#include "codec/jpeg_luma_output.h"

#include <string.h>

bool pp_luma_output_has_room(const struct pp_luma_output *output)
{
    return output->used < PP_LUMA_PIECE;
}

static size_t room_of(const struct pp_luma_output *output)
{
    return sizeof(output->data) - output->used;
}

static enum pp_status is_full(struct pp_error *err)
{
    return pp_error_set(err, PP_E_INTERNAL, "cannot extract luma: a step's output is too large");
}

enum pp_status pp_luma_ends_early(struct pp_error *err)
{
    return pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: file ends early");
}

enum pp_status pp_luma_output_add(struct pp_luma_output *output, const void *data, size_t size,
                                  struct pp_error *err)
{
    if (size > room_of(output))
        return is_full(err);
    memcpy(output->data + output->used, data, size);
    output->used += size;
    return PP_OK;
}

enum pp_status pp_luma_output_stuff(struct pp_luma_output *output, const uint8_t *data, size_t size,
                                    struct pp_error *err)
{
    const uint8_t *end = data + size;
    uint8_t *to = output->data + output->used;

    if (size > room_of(output) / 2)
        return is_full(err);
    while (data < end) {
        const uint8_t *found = memchr(data, 0xFF, (size_t)(end - data));
        size_t run = found ? (size_t)(found - data) + 1 : (size_t)(end - data);
        memcpy(to, data, run);
        data += run;
        to += run;
        if (found)
            *to++ = 0;
    }
    output->used = (size_t)(to - output->data);
    return PP_OK;
}
