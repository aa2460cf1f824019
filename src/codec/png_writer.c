/*
 * Writing a PNG. libpng writes what stands before the pixels; the pixels themselves go through
 * png_pieces.c, and how they stand in the file is chosen in png_reduce.c. A picture that fits one
 * piece is kept until its end and looked at whole; the form of a larger one is settled before its
 * first pixel by what the caller guesses, and each row is held against it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/png.h"
#include "codec/png_chunk.h"
#include "codec/png_pieces.h"
#include "codec/png_reduce.h"

/* libpng's structures, and zlib's state while texts and profiles are compressed (zconf.h: 256 KB).
 */
#define FIXED_BYTES ((uint64_t)384 * 1024)

struct png_writer {
    struct pp_writer base; /* must be first */
    struct pp_png_guard guard;
    png_struct *png;
    png_info *info;
    struct pp_output *out;
    struct pp_geometry geometry;
    struct pp_png_pieces_settings settings; /* the shape of rows follows from the form */
    struct pp_png_form form;                /* how the picture stands in the file */
    struct pp_png_pieces *pieces;           /* NULL until the form is settled */
    uint8_t *whole;                         /* a small picture as it came; else NULL */
    uint32_t whole_rows;                    /* of it that are here */
};

/* The arguments of the step that opens. */
struct opening {
    struct png_writer *writer;
    const struct pp_write_settings *settings;
};

static bool is_kept_whole(const struct pp_geometry *geometry)
{
    return pp_geometry_row_bytes(geometry) + 1 <= PP_PNG_PIECE_BYTES / geometry->height;
}

static struct pp_png_pieces_settings pieces_settings(const struct pp_geometry *geometry,
                                                     const struct pp_png_form *form,
                                                     const struct pp_write_settings *settings)
{
    unsigned bits = pp_png_form_depth(geometry, form) * pp_png_form_channels(geometry, form);

    return (struct pp_png_pieces_settings){
        .shape = {.row_bytes = pp_png_form_row_bytes(geometry, form),
                  .pixel_bytes = bits < 8 ? 1 : bits / 8,
                  .level = settings->encode.png_level,
                  .unfiltered = bits < 8},
        .height = geometry->height,
        .threads_max = settings->threads_max,
        .team = settings->team,
    };
}

uint64_t pp_png_writer_memory(const struct pp_geometry *geometry,
                              const struct pp_write_settings *settings)
{
    struct pp_png_form as_it_is = {0};
    struct pp_png_pieces_settings pieces = pieces_settings(geometry, &as_it_is, settings);
    uint64_t whole = 0;

    if (is_kept_whole(geometry))
        whole = (uint64_t)pp_geometry_row_bytes(geometry) * geometry->height;
    return FIXED_BYTES + whole + pp_png_pieces_memory(&pieces);
}

/* ---- the header ----------------------------------------------------------------------------- */

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

/* Say how the picture stands in the file; what was said before no longer holds. */
static void set_header(struct png_writer *writer)
{
    const struct pp_geometry *geometry = &writer->geometry;
    unsigned channels = pp_png_form_channels(geometry, &writer->form);
    int type = channels >= 3 ? PNG_COLOR_MASK_COLOR : 0;

    type |= channels % 2 == 0 ? PNG_COLOR_MASK_ALPHA : 0;
    png_set_IHDR(writer->png, writer->info, geometry->width, geometry->height,
                 (int)pp_png_form_depth(geometry, &writer->form), type, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
}

/* Metadata is handed over at once, since it is the caller's; it is written with the header. */
static enum pp_status prepare_step(void *argument)
{
    const struct opening *opening = argument;
    struct png_writer *writer = opening->writer;
    const struct pp_metadata *metadata = opening->settings->metadata;

    png_struct *png = writer->png = pp_png_new_write_struct(&writer->guard);
    png_info *info = writer->info = png_create_info_struct(png);
    if (!info)
        return pp_error_set(writer->guard.err, PP_E_NO_MEMORY, "PNG writer: no memory");
    png_set_write_fn(png, writer, write_bytes, flush_nothing);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    set_header(writer);
    return metadata ? pp_png_write_metadata(png, info, metadata, writer->guard.err) : PP_OK;
}

static enum pp_status header_step(void *argument)
{
    struct png_writer *writer = argument;

    set_header(writer);
    png_write_info(writer->png, writer->info);
    return PP_OK;
}

/* The form is settled: write the header, and be ready for packed rows. */
static enum pp_status begin(struct png_writer *writer, struct pp_error *err)
{
    const struct pp_write_settings as_opened = {
        .encode = {.png_level = writer->settings.shape.level},
        .threads_max = writer->settings.threads_max,
        .team = writer->settings.team,
    };

    writer->settings = pieces_settings(&writer->geometry, &writer->form, &as_opened);
    enum pp_status status = pp_png_guarded(&writer->guard, header_step, writer, err);
    if (status == PP_OK)
        status = pp_png_pieces_new(writer->out, &writer->settings, &writer->pieces, err);
    return status;
}

static enum pp_status check_size(const struct pp_geometry *geometry, struct pp_error *err)
{
    if (geometry->width <= PNG_UINT_31_MAX && geometry->height <= PNG_UINT_31_MAX)
        return PP_OK;
    return pp_error_set(err, PP_E_LIMIT,
                        "cannot encode: a PNG holds at most %u pixels a side, this is %u x %u",
                        (unsigned)PNG_UINT_31_MAX, geometry->width, geometry->height);
}

/* Keep room for all of a small picture, or settle the form of a large one as it is guessed. */
static enum pp_status open_picture(struct png_writer *writer,
                                   const struct pp_write_settings *settings, struct pp_error *err)
{
    const struct pp_geometry *geometry = &writer->geometry;
    struct opening opening = {writer, settings};
    void *whole = NULL;

    enum pp_status status = pp_png_guarded(&writer->guard, prepare_step, &opening, err);
    if (status != PP_OK)
        return status;
    if (is_kept_whole(geometry)) {
        status = pp_memory_new(&whole, geometry->height, pp_geometry_row_bytes(geometry),
                               "PNG writer", err);
        writer->whole = whole;
        return status;
    }
    writer->form.drop_alpha = settings->guess.opaque && pp_geometry_has_alpha(geometry);
    if (pp_png_may_have_bits(geometry, writer->form.drop_alpha))
        writer->form.gray_bits = settings->guess.gray_bits;
    return begin(writer, err);
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
    writer->base.codec = &pp_codec_png;
    writer->out = out;
    writer->geometry = *geometry;
    writer->settings = pieces_settings(geometry, &writer->form, settings);
    writer->guard.warnings = (struct pp_warnings){&writer->base.warnings, writer->base.warning};
    status = open_picture(writer, settings, err);
    if (status == PP_OK)
        *result = &writer->base;
    else
        pp_png_close_writer(&writer->base);
    return status;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static enum pp_status check_guess(struct png_writer *writer, const uint8_t *row,
                                  struct pp_error *err)
{
    const struct pp_geometry *geometry = &writer->geometry;
    const struct pp_png_form *form = &writer->form;
    const char *failure = NULL;

    if (form->drop_alpha && !pp_png_row_is_opaque(geometry, row))
        failure = "not every pixel is opaque";
    else if (pp_png_form_depth(geometry, form) < 8 &&
             pp_png_row_gray_bits(geometry, row) > form->gray_bits)
        failure = "a gray needs more bits than were guessed";
    if (!failure)
        return PP_OK;
    writer->base.guess_failed = true;
    return pp_error_set(err, PP_E_UNSUPPORTED, "cannot encode: %s", failure);
}

static enum pp_status write_row(struct png_writer *writer, const uint8_t *row, struct pp_error *err)
{
    uint8_t *place = NULL;

    enum pp_status status = pp_png_pieces_next_row(writer->pieces, &place, err);
    if (status == PP_OK)
        pp_png_pack_row(&writer->geometry, &writer->form, row, place);
    return status;
}

static enum pp_status keep_rows(struct png_writer *writer, const uint8_t *place, size_t stride,
                                uint32_t count, struct pp_error *err)
{
    size_t bytes = pp_geometry_row_bytes(&writer->geometry);

    if (count > writer->geometry.height - writer->whole_rows)
        return pp_error_set(err, PP_E_INTERNAL, "cannot encode: more rows than the picture has");
    for (uint32_t i = 0; i < count; i++, writer->whole_rows++)
        memcpy(writer->whole + writer->whole_rows * bytes, place + i * stride, bytes);
    return PP_OK;
}

enum pp_status pp_png_write_rows(struct pp_writer *base, const uint8_t *place, size_t stride,
                                 uint32_t count, struct pp_error *err)
{
    struct png_writer *writer = (struct png_writer *)base;
    enum pp_status status = PP_OK;

    if (writer->whole)
        return keep_rows(writer, place, stride, count, err);
    for (uint32_t i = 0; status == PP_OK && i < count; i++) {
        const uint8_t *row = place + i * stride;
        status = check_guess(writer, row, err);
        if (status == PP_OK)
            status = write_row(writer, row, err);
    }
    return status;
}

/* ---- the end -------------------------------------------------------------------------------- */

/* The smallest form in which nothing of the whole picture is lost. */
static struct pp_png_form best_form(const struct png_writer *writer)
{
    const struct pp_geometry *geometry = &writer->geometry;
    size_t bytes = pp_geometry_row_bytes(geometry);
    struct pp_png_form form = {.drop_alpha = pp_geometry_has_alpha(geometry)};

    for (uint32_t y = 0; form.drop_alpha && y < geometry->height; y++)
        form.drop_alpha = pp_png_row_is_opaque(geometry, writer->whole + y * bytes);
    if (!pp_png_may_have_bits(geometry, form.drop_alpha))
        return form;
    for (uint32_t y = 0; form.gray_bits < 8 && y < geometry->height; y++) {
        unsigned bits = pp_png_row_gray_bits(geometry, writer->whole + y * bytes);
        form.gray_bits = (uint8_t)(bits > form.gray_bits ? bits : form.gray_bits);
    }
    return form;
}

static enum pp_status write_whole(struct png_writer *writer, struct pp_error *err)
{
    size_t bytes = pp_geometry_row_bytes(&writer->geometry);

    writer->form = best_form(writer);
    enum pp_status status = begin(writer, err);
    for (uint32_t y = 0; status == PP_OK && y < writer->whole_rows; y++)
        status = write_row(writer, writer->whole + y * bytes, err);
    return status;
}

enum pp_status pp_png_finish_writer(struct pp_writer *base, struct pp_error *err)
{
    struct png_writer *writer = (struct png_writer *)base;
    enum pp_status status = PP_OK;

    if (writer->whole)
        status = write_whole(writer, err);
    if (status == PP_OK)
        status = pp_png_pieces_finish(writer->pieces, err);
    if (status == PP_OK)
        status = pp_png_write_chunks(writer->out, "IEND", NULL, 0, err);
    return status;
}

void pp_png_close_writer(struct pp_writer *base)
{
    if (!base)
        return;
    struct png_writer *writer = (struct png_writer *)base;
    pp_png_pieces_free(writer->pieces);
    png_destroy_write_struct(&writer->png, &writer->info);
    free(writer->whole);
    free(writer);
}
