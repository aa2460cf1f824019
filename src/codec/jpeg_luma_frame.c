#include "codec/jpeg_luma_frame.h"

#include <string.h>

/* The most pixels of a side that libjpeg takes. */
#define SIDE_MAX 65500u

enum pp_status pp_luma_corrupt(struct pp_error *err, const char *why)
{
    return pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: %s", why);
}

enum pp_status pp_luma_unsupported(struct pp_error *err, const char *why)
{
    return pp_error_set(err, PP_E_UNSUPPORTED, "cannot extract luma: %s", why);
}

bool pp_luma_is_progressive(const struct pp_luma_frame *frame)
{
    return frame->marker == PP_LUMA_SOF2;
}

static uint32_t two_bytes(const uint8_t *data)
{
    return (uint32_t)data[0] << 8 | data[1];
}

const uint8_t pp_luma_zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

void pp_luma_read_steps(const struct pp_luma_frame *frame, unsigned component, uint16_t steps[64])
{
    const struct pp_luma_quant *quant =
        &frame->quants[frame->components[component].quant & (PP_LUMA_TABLES - 1)];
    const uint8_t *data = quant->data;

    for (size_t i = 0; i < 64; i++)
        steps[i] = (uint16_t)(quant->size > 64 ? two_bytes(data + 2 * i) : data[i]);
}

/* ---- SOF ----------------------------------------------------------------------------------- */

static enum pp_status check_components(const struct pp_luma_frame *frame, struct pp_error *err)
{
    const struct pp_luma_component *luma = &frame->components[0];

    for (unsigned i = 0; i < frame->count; i++) {
        const struct pp_luma_component *one = &frame->components[i];
        if (one->h < 1 || one->h > 4 || one->v < 1 || one->v > 4)
            return pp_luma_corrupt(err, "invalid sampling factors");
        if (one->h > luma->h || one->v > luma->v)
            return pp_luma_unsupported(err, "luma has less samples than chroma");
        for (unsigned j = 0; j < i; j++) {
            if (frame->components[j].id == one->id)
                return pp_luma_unsupported(err, "two components with one name");
        }
    }
    return PP_OK;
}

static enum pp_status check_frame(const struct pp_luma_frame *frame, unsigned precision,
                                  struct pp_error *err)
{
    if (frame->marker > PP_LUMA_SOF2)
        return pp_luma_unsupported(err, "neither baseline nor progressive Huffman coding");
    if (precision != 8)
        return pp_luma_unsupported(err, "other than 8 bits a sample");
    if (frame->height == 0)
        return pp_luma_unsupported(err, "the height is not told in the frame header");
    if (frame->width == 0)
        return pp_luma_corrupt(err, "a width of 0");
    if (frame->width > SIDE_MAX || frame->height > SIDE_MAX)
        return pp_error_set(err, PP_E_LIMIT,
                            "cannot extract luma: a side of more than %u pixels, a fixed limit",
                            SIDE_MAX);
    if (frame->count != 1 && frame->count != PP_LUMA_COMPONENTS)
        return pp_luma_unsupported(err, "neither one nor three components");
    return PP_OK;
}

enum pp_status pp_luma_read_frame(struct pp_luma_frame *frame, unsigned marker, const uint8_t *data,
                                  size_t size, struct pp_error *err)
{
    if (frame->marker)
        return pp_luma_corrupt(err, "two frame headers");
    if (size < 6 || size != 6 + (size_t)data[5] * 3)
        return pp_luma_corrupt(err, "a frame header of the wrong length");
    frame->marker = (uint8_t)marker;
    frame->height = two_bytes(data + 1);
    frame->width = two_bytes(data + 3);
    frame->count = data[5];
    enum pp_status status = check_frame(frame, data[0], err);
    if (status != PP_OK)
        return status;
    for (unsigned i = 0; i < frame->count; i++) {
        const uint8_t *from = data + 6 + (size_t)i * 3;
        struct pp_luma_component *to = &frame->components[i];
        *to = (struct pp_luma_component){
            .id = from[0], .h = from[1] >> 4, .v = from[1] & 15, .quant = from[2]};
        memset(to->missing, -1, sizeof(to->missing));
    }
    return check_components(frame, err);
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Decoders that keep the table a component's first scan found (libjpeg) and those that take each
 * scan's agree as long as it does not change. */
static bool is_in_use(const struct pp_luma_frame *frame, unsigned number)
{
    return frame->marker && frame->components[0].scanned && frame->components[0].quant == number;
}

enum pp_status pp_luma_read_quants(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                   struct pp_error *err)
{
    while (size > 0) {
        const unsigned precision = data[0] >> 4, number = data[0] & 15;
        struct pp_luma_quant quant = {.size = precision ? 128 : 64};
        if (precision > 1 || number >= PP_LUMA_TABLES || size < 1u + quant.size)
            return pp_luma_corrupt(err, "an invalid quantization table");
        memcpy(quant.data, data + 1, quant.size);
        if (is_in_use(frame, number) && memcmp(&quant, &frame->quants[number], sizeof(quant)) != 0)
            return pp_luma_unsupported(err, "a quantization table changes between scans");
        frame->quants[number] = quant;
        data += 1 + quant.size;
        size -= 1u + quant.size;
    }
    return PP_OK;
}

enum pp_status pp_luma_read_huffman(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                    struct pp_error *err)
{
    while (size > 0) {
        struct pp_luma_huffman huffman = {.defined = true};
        const unsigned kind = data[0] >> 4, number = data[0] & 15;
        if (size < 1 + PP_LUMA_CODE_BITS || kind > 1 || number >= PP_LUMA_TABLES)
            return pp_luma_corrupt(err, "an invalid Huffman table");
        memcpy(huffman.counts + 1, data + 1, PP_LUMA_CODE_BITS);
        const unsigned count = pp_luma_huffman_size(&huffman);
        data += 1 + PP_LUMA_CODE_BITS;
        size -= 1 + PP_LUMA_CODE_BITS;
        if (count > sizeof(huffman.symbols) || count > size)
            return pp_luma_corrupt(err, "an invalid Huffman table");
        memcpy(huffman.symbols, data, count);
        *(kind ? &frame->ac[number] : &frame->dc[number]) = huffman;
        data += count;
        size -= count;
    }
    return PP_OK;
}

enum pp_status pp_luma_read_interval(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                     struct pp_error *err)
{
    if (size != 2)
        return pp_luma_corrupt(err, "a restart interval of the wrong length");
    frame->restart_interval = two_bytes(data);
    return PP_OK;
}

/* Whether all bits of a progressive picture came. Where some are missing a decoder may smooth the
 * blocks, luma's too, by what it knows of all components. */
static bool is_complete(const struct pp_luma_component *component)
{
    bool all = true;

    for (unsigned i = 0; i < 64; i++)
        all = all && component->missing[i] == 0;
    return all;
}

enum pp_status pp_luma_check_scans(const struct pp_luma_frame *frame, struct pp_error *err)
{
    if (!frame->marker)
        return pp_luma_corrupt(err, "no frame header");
    for (unsigned i = 0; i < frame->count; i++) {
        if (!frame->components[i].scanned)
            return pp_luma_corrupt(err, "a component has no data");
        if (pp_luma_is_progressive(frame) && !is_complete(&frame->components[i]))
            return pp_luma_unsupported(err, "a progressive picture without its last scans");
    }
    return PP_OK;
}
