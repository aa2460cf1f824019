#include "codec/jpeg_icc.h"

#include <stdlib.h>
#include <string.h>

enum pp_status pp_jpeg_icc_take(struct pp_jpeg_icc *icc, const uint8_t *payload, size_t size,
                                struct pp_error *err)
{
    uint8_t number = payload[12], total = payload[13];
    size_t length = size - PP_JPEG_ICC_HEADER;

    if (!icc->seen)
        icc->total = total;
    icc->seen = true;
    icc->broken = icc->broken || number == 0 || number > total || total != icc->total ||
                  length == 0 || icc->chunks[number - 1].data;
    if (icc->broken)
        return PP_OK;
    uint8_t *data = malloc(length);
    if (!data)
        return pp_error_set(err, PP_E_NO_MEMORY, "ICC profile: no memory for %zu bytes", length);
    memcpy(data, payload + PP_JPEG_ICC_HEADER, length);
    icc->chunks[number - 1].data = data;
    icc->chunks[number - 1].size = length;
    return PP_OK;
}

/* The length of the whole profile, 0 when a chunk is missing. */
static size_t whole_size(const struct pp_jpeg_icc *icc)
{
    size_t size = 0;

    for (size_t i = 0; i < icc->total; i++) {
        if (!icc->chunks[i].data)
            return 0;
        size += icc->chunks[i].size;
    }
    return size;
}

enum pp_status pp_jpeg_icc_finish(const struct pp_jpeg_icc *icc, struct pp_metadata *metadata,
                                  bool *complete, struct pp_error *err)
{
    size_t size = icc->broken ? 0 : whole_size(icc), used = 0;

    *complete = size > 0;
    if (!*complete)
        return PP_OK;
    uint8_t *profile = malloc(size);
    if (!profile)
        return pp_error_set(err, PP_E_NO_MEMORY, "ICC profile: no memory for %zu bytes", size);
    for (size_t i = 0; i < icc->total; i++) {
        memcpy(profile + used, icc->chunks[i].data, icc->chunks[i].size);
        used += icc->chunks[i].size;
    }
    enum pp_status status = pp_metadata_add(metadata, PP_METADATA_ICC, profile, size, err);
    free(profile);
    return status;
}

void pp_jpeg_icc_release(struct pp_jpeg_icc *icc)
{
    for (size_t i = 0; i < PP_JPEG_ICC_CHUNKS; i++)
        free(icc->chunks[i].data);
    *icc = (struct pp_jpeg_icc){0};
}
