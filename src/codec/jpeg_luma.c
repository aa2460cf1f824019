#include "codec/jpeg_luma.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/jpeg_luma_state.h"

static const uint8_t start_of_image[] = {0xFF, PP_LUMA_SOI};
static const uint8_t end_of_image[] = {0xFF, PP_LUMA_EOI};

static void consume(struct pp_input *in, size_t size)
{
    in->data += size;
    in->size -= size;
}

/* Have `size` bytes at hand. */
static enum pp_status need(struct pp_input *in, size_t size, struct pp_error *err)
{
    enum pp_status status = pp_input_peek(in, size, err);

    return status == PP_OK && in->size < size ? pp_luma_ends_early(err) : status;
}

/* ---- segments ------------------------------------------------------------------------------- */

/* Consume the next marker. Bytes of FF may stand in front of it (ITU-T T.81, B.1.1.2). */
static enum pp_status read_marker(struct pp_input *in, unsigned *marker, struct pp_error *err)
{
    enum pp_status status = need(in, 2, err);

    if (status == PP_OK && in->data[0] != 0xFF)
        return pp_luma_corrupt(err, "something that is no marker stands between segments");
    while (status == PP_OK && in->data[1] == 0xFF) {
        consume(in, 1);
        status = need(in, 2, err);
    }
    if (status != PP_OK)
        return status;
    *marker = in->data[1];
    consume(in, 2);
    return PP_OK;
}

static bool begins_with(const uint8_t *data, size_t size, const char *name, size_t length)
{
    return size >= length && memcmp(data, name, length) == 0;
}

/* What the markers say of the colours counts up to the first scan. */
static enum pp_status note_colors(struct pp_jpeg_luma *luma, unsigned marker, const uint8_t *data,
                                  size_t size, struct pp_error *err)
{
    struct pp_luma_frame *frame = &luma->frame;

    if (luma->scans > 0)
        return PP_OK;
    if (marker == PP_LUMA_APP0 && size >= 14 && begins_with(data, size, "JFIF", 5)) {
        if (data[5] != 1)
            return pp_luma_unsupported(err, "an unknown version of JFIF");
        frame->has_jfif = true;
    } else if (marker == PP_LUMA_APP14 && size >= 12 && begins_with(data, size, "Adobe", 5)) {
        frame->has_adobe = true;
        frame->adobe_transform = data[11];
    }
    return PP_OK;
}

/* Whether an application segment or comment belongs into the output. */
static bool is_wanted(const struct pp_jpeg_luma *luma, unsigned marker, const uint8_t *data,
                      size_t size)
{
    return !luma->settings.headless && marker == PP_LUMA_APP0 && begins_with(data, size, "JFIF", 5);
}

/* A segment of `size` bytes that is at hand. */
static enum pp_status take_foreign(struct pp_jpeg_luma *luma, unsigned marker, size_t size,
                                   struct pp_error *err)
{
    struct pp_luma_output *output = &luma->buffers->output;
    const size_t length = size + 2;
    const uint8_t head[] = {0xFF, (uint8_t)marker, (uint8_t)(length >> 8), (uint8_t)length};

    enum pp_status status = note_colors(luma, marker, luma->in->data, size, err);
    if (status != PP_OK || !is_wanted(luma, marker, luma->in->data, size))
        return status;
    status = pp_luma_output_add(output, head, sizeof(head), err);
    return status == PP_OK ? pp_luma_output_add(output, luma->in->data, size, err) : status;
}

static enum pp_status take_scan(struct pp_jpeg_luma *luma, const uint8_t *data, size_t size,
                                struct pp_error *err)
{
    const uint32_t most = luma->settings.limits.max_scans;

    luma->scans++;
    if (most > 0 && luma->scans > most)
        return pp_error_set(err, PP_E_LIMIT,
                            "cannot extract luma: more than the %u scans that --max-scans allows",
                            most);
    return pp_luma_read_scan(&luma->frame, data, size, &luma->scan, err);
}

static enum pp_status take_frame(struct pp_jpeg_luma *luma, unsigned marker, const uint8_t *data,
                                 size_t size, struct pp_error *err)
{
    struct pp_luma_frame *frame = &luma->frame;

    enum pp_status status = pp_luma_read_frame(frame, marker, data, size, err);
    return status != PP_OK
               ? status
               : pp_codec_check_pixels(frame->width, frame->height, &luma->settings.limits, err);
}

static bool is_frame(unsigned marker)
{
    return marker >= PP_LUMA_SOF0 && marker <= PP_LUMA_SOF15 && marker != PP_LUMA_DHT &&
           marker != 0xC8 && marker != PP_LUMA_DAC;
}

static enum pp_status take_segment(struct pp_jpeg_luma *luma, unsigned marker, size_t size,
                                   struct pp_error *err)
{
    struct pp_luma_frame *frame = &luma->frame;
    const uint8_t *data = luma->in->data;

    if ((marker >= PP_LUMA_APP0 && marker <= PP_LUMA_APP15) || marker == PP_LUMA_COM)
        return take_foreign(luma, marker, size, err);
    if (is_frame(marker))
        return take_frame(luma, marker, data, size, err);
    if (marker == PP_LUMA_DQT)
        return pp_luma_read_quants(frame, data, size, err);
    if (marker == PP_LUMA_DHT)
        return pp_luma_read_huffman(frame, data, size, err);
    if (marker == PP_LUMA_DRI)
        return pp_luma_read_interval(frame, data, size, err);
    if (marker == PP_LUMA_SOS)
        return take_scan(luma, data, size, err);
    return pp_luma_unsupported(err, "a marker that is not known here");
}

static enum pp_status end_image(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    luma->phase = PP_LUMA_DONE;
    enum pp_status status = pp_luma_check_scans(&luma->frame, err);
    return status != PP_OK ? status
                           : pp_luma_output_add(&luma->buffers->output, end_of_image,
                                                sizeof(end_of_image), err);
}

static enum pp_status step_segments(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_input *in = luma->in;
    unsigned marker = 0;

    enum pp_status status = read_marker(in, &marker, err);
    if (status != PP_OK)
        return status;
    if (marker == PP_LUMA_EOI)
        return end_image(luma, err);
    if (marker == PP_LUMA_TEM)
        return PP_OK;
    if (marker < PP_LUMA_SOF0 || (marker >= PP_LUMA_RST0 && marker <= PP_LUMA_SOI))
        return pp_luma_corrupt(err, "a marker where it must not be");
    status = need(in, 2, err);
    if (status != PP_OK)
        return status;
    const size_t length = (size_t)in->data[0] << 8 | in->data[1];
    if (length < 2)
        return pp_luma_corrupt(err, "a segment of the wrong length");
    consume(in, 2);
    status = need(in, length - 2, err);
    if (status == PP_OK)
        status = take_segment(luma, marker, length - 2, err);
    consume(in, status == PP_OK ? length - 2 : 0);
    return status == PP_OK && marker == PP_LUMA_SOS ? pp_luma_data_begin(luma, err) : status;
}

/* ---- the whole ------------------------------------------------------------------------------ */

uint64_t pp_jpeg_luma_memory(uint32_t width, unsigned v)
{
    return sizeof(struct pp_jpeg_luma) + sizeof(struct pp_luma_buffers) +
           sizeof(struct pp_luma_requant) +
           pp_luma_emit_memory(width / 8 + 1, v < PP_LUMA_ROWS ? v : PP_LUMA_ROWS);
}

uint64_t pp_jpeg_luma_rows_memory(uint32_t width, unsigned v, unsigned eighths)
{
    return sizeof(struct pp_jpeg_luma) + sizeof(struct pp_luma_buffers) +
           pp_luma_reduce_size(width / 8 + 1, v < PP_LUMA_ROWS ? v : PP_LUMA_ROWS, eighths);
}

static enum pp_status step(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    return luma->phase == PP_LUMA_SEGMENTS ? step_segments(luma, err)
                                           : pp_luma_data_step(luma, err);
}

/* Work until there is a piece; at first only as far as the first scan's data. */
static enum pp_status work(struct pp_jpeg_luma *luma, bool only_headers, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    while (status == PP_OK && luma->phase != PP_LUMA_DONE &&
           pp_luma_output_has_room(&luma->buffers->output) &&
           (!only_headers || luma->phase == PP_LUMA_SEGMENTS))
        status = step(luma, err);
    return status;
}

static enum pp_status begin(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    void *buffers = NULL;

    enum pp_status status =
        pp_memory_new(&buffers, sizeof(*luma->buffers), 1, "luma extractor", err);
    luma->buffers = buffers;
    if (status != PP_OK)
        return status;
    luma->buffers->output.used = 0;
    status = need(luma->in, sizeof(start_of_image), err);
    if (status != PP_OK)
        return status;
    if (memcmp(luma->in->data, start_of_image, sizeof(start_of_image)) != 0)
        return pp_luma_corrupt(err, "not the start of an image");
    consume(luma->in, sizeof(start_of_image));
    if (!luma->settings.headless)
        status =
            pp_luma_output_add(&luma->buffers->output, start_of_image, sizeof(start_of_image), err);
    return status == PP_OK ? work(luma, true, err) : status;
}

enum pp_status pp_jpeg_luma_open(struct pp_input *in, const struct pp_jpeg_luma_settings *settings,
                                 struct pp_jpeg_luma **result, struct pp_error *err)
{
    *result = NULL;
    struct pp_jpeg_luma *luma = calloc(1, sizeof(*luma));
    if (!luma)
        return pp_error_set(err, PP_E_NO_MEMORY, "luma extractor: no memory");
    luma->in = in;
    luma->settings = *settings;
    luma->settings.headless |= settings->eighths > 0;
    enum pp_status status = begin(luma, err);
    if (status == PP_OK)
        *result = luma;
    else
        pp_jpeg_luma_close(luma);
    return status;
}

enum pp_status pp_jpeg_luma_next(struct pp_jpeg_luma *luma, const uint8_t **data, size_t *size,
                                 struct pp_error *err)
{
    struct pp_luma_output *output = &luma->buffers->output;

    *data = output->data;
    *size = 0;
    if (luma->given)
        output->used = 0;
    enum pp_status status = work(luma, false, err);
    luma->given = true;
    if (status == PP_OK)
        *size = output->used;
    return status;
}

void pp_jpeg_luma_sides(const struct pp_jpeg_luma *luma, uint32_t *width, uint32_t *height)
{
    *width = luma->frame.width;
    *height = luma->frame.height;
}

static bool has_strip(const struct pp_jpeg_luma *luma)
{
    return luma->phase == PP_LUMA_RECODE && pp_luma_emit_must_drain(&luma->emit);
}

/* The rows of the picture that the strip has. */
static uint32_t count_rows(const struct pp_jpeg_luma *luma)
{
    const unsigned eighths = luma->settings.eighths;
    const uint64_t all = ((uint64_t)luma->frame.height * eighths + 7) / 8;
    const uint64_t before = (uint64_t)luma->emit.mcu_row * luma->layout.v * eighths;
    const uint32_t most = pp_luma_emit_rows(&luma->emit) * eighths;

    return all - before < most ? (uint32_t)(all - before) : most;
}

enum pp_status pp_jpeg_luma_rows(struct pp_jpeg_luma *luma, struct pp_jpeg_luma_rows *rows,
                                 struct pp_error *err)
{
    enum pp_status status = luma->given ? step(luma, err) : PP_OK;

    *rows = (struct pp_jpeg_luma_rows){NULL, 0, 0};
    luma->given = false;
    while (status == PP_OK && luma->phase != PP_LUMA_DONE && !has_strip(luma))
        status = step(luma, err);
    if (status != PP_OK || luma->phase == PP_LUMA_DONE)
        return status;
    luma->given = true;
    *rows = (struct pp_jpeg_luma_rows){luma->reduce->strip, luma->reduce->stride, count_rows(luma)};
    return PP_OK;
}

void pp_jpeg_luma_close(struct pp_jpeg_luma *luma)
{
    if (!luma)
        return;
    free(luma->reduce);
    free(luma->requant);
    free(luma->rows);
    free(luma->buffers);
    free(luma);
}
