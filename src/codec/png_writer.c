#include "codec/png.h"

#include <stdlib.h>

#define DEFAULT_LEVEL 6
/* zlib's deflate state at its defaults (zconf.h: 256 KB), the IDAT buffer, structures. */
#define FIXED_BYTES ((uint64_t)512 * 1024)

struct png_writer {
    struct pp_writer base; /* must be first */
    struct pp_png_guard guard;
    png_struct *png;
    png_info *info;
    struct pp_output *out;
};

/* The arguments of the step that opens. */
struct opening {
    struct png_writer *writer;
    const struct pp_geometry *geometry;
    const struct pp_write_settings *settings;
};

/* The arguments of the step that writes rows. */
struct rows {
    struct png_writer *writer;
    const uint8_t *place;
    size_t stride;
    uint32_t count;
};

/* libpng keeps the row, the one before and up to five filtered tries. */
uint64_t pp_png_writer_memory(const struct pp_geometry *geometry,
                              const struct pp_write_settings *settings)
{
    (void)settings;
    return FIXED_BYTES + pp_geometry_row_bytes(geometry) * UINT64_C(6);
}

static void write_bytes(png_struct *png, png_byte *data, size_t size)
{
    struct png_writer *writer = png_get_io_ptr(png);

    enum pp_status status = pp_output_write(writer->out, data, size, writer->guard.err);
    if (status != PP_OK)
        pp_png_escape(&writer->guard, status);
}

static void flush_nothing(png_struct *png)
{
    (void)png;
}

static int color_type(const struct pp_geometry *geometry)
{
    int color = pp_geometry_color_channels(geometry) == 3 ? PNG_COLOR_MASK_COLOR : 0;

    return color | (pp_geometry_has_alpha(geometry) ? PNG_COLOR_MASK_ALPHA : 0);
}

static enum pp_status open_step(void *argument)
{
    const struct opening *opening = argument;
    struct png_writer *writer = opening->writer;
    const struct pp_geometry *geometry = opening->geometry;
    int level = opening->settings->encode.png_level;

    png_struct *png = writer->png = pp_png_new_write_struct(&writer->guard);
    png_info *info = writer->info = png_create_info_struct(png);
    if (!info)
        return pp_error_set(writer->guard.err, PP_E_NO_MEMORY, "PNG writer: no memory");
    png_set_write_fn(png, writer, write_bytes, flush_nothing);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_compression_level(png, level > 0 ? level : DEFAULT_LEVEL);
    png_set_compression_buffer_size(png, PP_PNG_IDAT_BYTES);
    png_set_IHDR(png, info, geometry->width, geometry->height, geometry->depth,
                 color_type(geometry), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (opening->settings->metadata) {
        enum pp_status status =
            pp_png_write_metadata(png, info, opening->settings->metadata, writer->guard.err);
        if (status != PP_OK)
            return status;
    }
    png_write_info(png, info);
    pp_png_set_native_order(png, geometry);
    return PP_OK;
}

static enum pp_status check_size(const struct pp_geometry *geometry, struct pp_error *err)
{
    if (geometry->width <= PNG_UINT_31_MAX && geometry->height <= PNG_UINT_31_MAX)
        return PP_OK;
    return pp_error_set(err, PP_E_LIMIT,
                        "cannot encode: a PNG holds at most %u pixels a side, this is %u x %u",
                        (unsigned)PNG_UINT_31_MAX, geometry->width, geometry->height);
}

enum pp_status pp_png_open_writer(struct pp_output *out, const struct pp_geometry *geometry,
                                  const struct pp_write_settings *settings,
                                  struct pp_writer **result, struct pp_error *err)
{
    *result = NULL;
    enum pp_status status = check_size(geometry, err);
    if (status != PP_OK)
        return status;
    struct png_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG writer: no memory");
    struct opening opening = {writer, geometry, settings};
    writer->base.codec = &pp_codec_png;
    writer->out = out;
    writer->guard.warnings = (struct pp_warnings){&writer->base.warnings, writer->base.warning};
    status = pp_png_guarded(&writer->guard, open_step, &opening, err);
    if (status == PP_OK)
        *result = &writer->base;
    else
        pp_png_close_writer(&writer->base);
    return status;
}

static enum pp_status write_step(void *argument)
{
    const struct rows *rows = argument;

    for (uint32_t i = 0; i < rows->count; i++)
        png_write_row(rows->writer->png, rows->place + i * rows->stride);
    return PP_OK;
}

enum pp_status pp_png_write_rows(struct pp_writer *base, const uint8_t *place, size_t stride,
                                 uint32_t count, struct pp_error *err)
{
    struct rows rows = {(struct png_writer *)base, place, stride, count};

    return pp_png_guarded(&rows.writer->guard, write_step, &rows, err);
}

static enum pp_status finish_step(void *argument)
{
    struct png_writer *writer = argument;

    png_write_end(writer->png, NULL);
    return PP_OK;
}

enum pp_status pp_png_finish_writer(struct pp_writer *base, struct pp_error *err)
{
    struct png_writer *writer = (struct png_writer *)base;

    return pp_png_guarded(&writer->guard, finish_step, writer, err);
}

void pp_png_close_writer(struct pp_writer *base)
{
    if (!base)
        return;
    struct png_writer *writer = (struct png_writer *)base;
    png_destroy_write_struct(&writer->png, &writer->info);
    free(writer);
}
