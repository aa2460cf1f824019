#include "codec/jpeg.h"

#include <stdlib.h>

#include "codec/jpeg_markers.h"
#include "codec/jpeg_stream.h"

/* The rows handed to libjpeg at once. */
#define ROWS_AT_ONCE 32

struct jpeg_writer {
    struct pp_writer base; /* must be first */
    struct jpeg_compress_struct cinfo;
    struct pp_jpeg_guard guard;
    struct pp_jpeg_destination destination;
};

/* The arguments of the step that opens. */
struct opening {
    struct jpeg_writer *writer;
    const struct pp_geometry *geometry;
    const struct pp_write_settings *settings;
};

/* The arguments of the step that writes rows. */
struct rows {
    struct jpeg_writer *writer;
    const uint8_t *place;
    size_t stride;
    uint32_t count;
};

uint64_t pp_jpeg_writer_memory(const struct pp_geometry *geometry,
                               const struct pp_write_settings *settings)
{
    struct pp_jpeg_layout layout = {.width = geometry->width,
                                    .height = geometry->height,
                                    .components = geometry->channels,
                                    .coefficients = pp_jpeg_is_progressive(settings)};

    pp_jpeg_choose_sampling(settings, layout.components, layout.h, layout.v);
    return pp_jpeg_memory(&layout);
}

static enum pp_status open_step(void *argument)
{
    const struct opening *opening = argument;
    struct jpeg_compress_struct *cinfo = &opening->writer->cinfo;
    const struct pp_metadata *metadata = opening->settings->metadata;

    jpeg_create_compress(cinfo);
    cinfo->mem->max_memory_to_use = 0; /* whatever JPEGMEM in the environment says */
    cinfo->dest = &opening->writer->destination.base;
    cinfo->image_width = opening->geometry->width;
    cinfo->image_height = opening->geometry->height;
    cinfo->input_components = opening->geometry->channels;
    cinfo->in_color_space = opening->geometry->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(cinfo);
    cinfo->dct_method = JDCT_ISLOW;
    pp_jpeg_set_tables(cinfo, opening->settings);
    if (metadata)
        pp_jpeg_markers_set_density(cinfo, metadata);
    jpeg_start_compress(cinfo, TRUE);
    if (metadata)
        pp_jpeg_markers_write(cinfo, metadata);
    return PP_OK;
}

static enum pp_status check_size(const struct pp_geometry *geometry, struct pp_error *err)
{
    if (geometry->width <= JPEG_MAX_DIMENSION && geometry->height <= JPEG_MAX_DIMENSION)
        return PP_OK;
    return pp_error_set(err, PP_E_LIMIT,
                        "cannot encode: a JPEG holds at most %ld pixels a side, this is %u x %u",
                        JPEG_MAX_DIMENSION, geometry->width, geometry->height);
}

enum pp_status pp_jpeg_open_writer(struct pp_output *out, const struct pp_geometry *geometry,
                                   const struct pp_write_settings *settings,
                                   struct pp_writer **result, struct pp_error *err)
{
    *result = NULL;
    enum pp_status status = check_size(geometry, err);
    if (status != PP_OK)
        return status;
    struct jpeg_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return pp_error_set(err, PP_E_NO_MEMORY, "JPEG writer: no memory");
    struct opening opening = {writer, geometry, settings};
    struct pp_warnings warnings = {&writer->base.warnings, writer->base.warning};
    writer->base.codec = &pp_codec_jpeg;
    pp_jpeg_destination_init(&writer->destination, out);
    pp_jpeg_guard_init(&writer->guard, &warnings);
    writer->cinfo.err = &writer->guard.base;
    status = pp_jpeg_guarded(&writer->guard, open_step, &opening, err);
    if (status == PP_OK)
        *result = &writer->base;
    else
        pp_jpeg_close_writer(&writer->base);
    return status;
}

/* libjpeg's rows are not const, but it only reads them. */
static JSAMPROW as_row(const uint8_t *row)
{
    return (JSAMPROW)(uintptr_t)row;
}

static enum pp_status write_step(void *argument)
{
    const struct rows *rows = argument;
    JSAMPROW places[ROWS_AT_ONCE];
    uint32_t done = 0;

    while (done < rows->count) {
        uint32_t count = rows->count - done < ROWS_AT_ONCE ? rows->count - done : ROWS_AT_ONCE;
        for (uint32_t i = 0; i < count; i++)
            places[i] = as_row(rows->place + (size_t)(done + i) * rows->stride);
        if (jpeg_write_scanlines(&rows->writer->cinfo, places, count) != count)
            return pp_error_set(rows->writer->guard.err, PP_E_INTERNAL,
                                "cannot encode: more rows than the picture has");
        done += count;
    }
    return PP_OK;
}

enum pp_status pp_jpeg_write_rows(struct pp_writer *base, const uint8_t *place, size_t stride,
                                  uint32_t count, struct pp_error *err)
{
    struct rows rows = {(struct jpeg_writer *)base, place, stride, count};

    return pp_jpeg_guarded(&rows.writer->guard, write_step, &rows, err);
}

static enum pp_status finish_step(void *argument)
{
    struct jpeg_writer *writer = argument;

    jpeg_finish_compress(&writer->cinfo);
    return PP_OK;
}

enum pp_status pp_jpeg_finish_writer(struct pp_writer *base, struct pp_error *err)
{
    struct jpeg_writer *writer = (struct jpeg_writer *)base;

    return pp_jpeg_guarded(&writer->guard, finish_step, writer, err);
}

void pp_jpeg_close_writer(struct pp_writer *base)
{
    if (!base)
        return;
    struct jpeg_writer *writer = (struct jpeg_writer *)base;
    jpeg_destroy_compress(&writer->cinfo);
    free(writer);
}
