#include "codec/png.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/png_ahead.h"
#include "codec/png_direct.h"
#include "codec/png_expand.h"

/* libpng's and the inflater's state: the window, the IDAT buffer, tables, metadata once freed. */
#define FIXED_BYTES ((uint64_t)256 * 1024)

struct png_reader {
    struct pp_reader base; /* must be first */
    struct pp_read_settings settings;
    struct pp_png_guard guard;
    png_struct *png;
    png_info *info;
    struct pp_input *in;
    uint8_t head[8];              /* the last bytes of its header that libpng read */
    struct pp_png_direct *direct; /* reads the rows in place of libpng; NULL: libpng does */
    uint8_t *picture;             /* an interlaced picture, whole; NULL when rows stream */
    uint32_t rows_done;           /* rows handed out */
    bool behind;                  /* the pixels are read: what libpng reads lies behind them */
    bool lost;                    /* metadata lie there, where they come too late for the output */
};

/* The arguments of the step that reads rows. */
struct rows {
    struct png_reader *reader;
    uint8_t *place;
    size_t stride;
    uint32_t count;
};

static struct png_reader *reader_of(struct pp_reader *base)
{
    return (struct png_reader *)base;
}

/* The next chunk may become as much as is left for all of them: libpng inflates text, twice, before
 * it asks for the memory. */
static void limit_chunk(struct png_reader *reader)
{
    const struct pp_png_guard *guard = &reader->guard;
    size_t left = guard->total < PP_PNG_METADATA_MAX ? PP_PNG_METADATA_MAX - guard->total : 0;

    if (left < PP_PNG_CHUNK_MIN)
        left = PP_PNG_CHUNK_MIN;
    png_set_chunk_malloc_max(reader->png, left < PP_PNG_CHUNK_MAX ? left : PP_PNG_CHUNK_MAX);
}

/* Of a chunk behind the pixels. */
static void look_at_name(struct png_reader *reader)
{
    static const char names[][5] = {"tEXt", "zTXt", "iTXt", "eXIf"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        reader->lost |= memcmp(reader->head + 4, names[i], 4) == 0;
}

/* libpng's source of bytes. */
static void read_bytes(png_struct *png, png_byte *to, size_t size)
{
    struct png_reader *reader = png_get_io_ptr(png);
    struct pp_png_guard *guard = &reader->guard;
    size_t got = 0;

    enum pp_status status = pp_input_read(reader->in, to, size, &got, guard->err);
    if (status == PP_OK && got < size)
        status = pp_error_set(guard->err, PP_E_CORRUPT, "file ends early");
    if (status != PP_OK)
        pp_png_escape(guard, status);
    if (size == sizeof(reader->head) && guard->budget > 0)
        limit_chunk(reader);
    if (size >= sizeof(reader->head))
        memcpy(reader->head, to + size - sizeof(reader->head), sizeof(reader->head));
    if (size == sizeof(reader->head) && reader->behind)
        look_at_name(reader);
}

/* ---- open ---------------------------------------------------------------------------------- */

static bool is_interlaced(const struct png_reader *reader)
{
    return png_get_interlace_type(reader->png, reader->info) != PNG_INTERLACE_NONE;
}

/* The geometry after the transforms of start_step(). */
static void describe_picture(struct png_reader *reader)
{
    const png_struct *png = reader->png;
    png_info *info = reader->info;
    int type = png_get_color_type(png, info);
    bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS);
    const struct pp_metadata_block *exif =
        pp_metadata_find(&reader->base.metadata, PP_METADATA_EXIF);

    reader->base.geometry = (struct pp_geometry){
        .width = png_get_image_width(png, info),
        .height = png_get_image_height(png, info),
        .channels = (uint8_t)((type & PNG_COLOR_MASK_COLOR ? 3 : 1) + (alpha ? 1 : 0)),
        .depth = png_get_bit_depth(png, info) == 16 ? 16 : 8,
        .orientation = exif ? pp_exif_orientation(exif->data, exif->size) : 1,
    };
}

/* At most three rows are kept, the last, the one at hand, and the window's, and those ahead. */
static uint64_t memory_needed(const struct png_reader *reader)
{
    uint64_t row = pp_geometry_row_bytes(&reader->base.geometry);
    uint32_t height = reader->base.geometry.height;

    if (is_interlaced(reader))
        return FIXED_BYTES + row * (height + UINT64_C(4));
    return FIXED_BYTES + row * 4 +
           pp_png_ahead_memory((size_t)row + 1, height, reader->settings.threads_max);
}

static enum pp_status open_step(void *argument)
{
    struct png_reader *reader = argument;
    struct pp_png_guard *guard = &reader->guard;

    guard->budget = PP_PNG_METADATA_MAX;
    reader->png = pp_png_new_read_struct(guard);
    reader->info = png_create_info_struct(reader->png);
    if (!reader->info)
        return pp_error_set(guard->err, PP_E_NO_MEMORY, "PNG reader: no memory");
    png_set_read_fn(reader->png, reader, read_bytes);
    png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(reader->png, PP_PNG_CHUNK_MAX);
    png_set_chunk_cache_max(reader->png, PP_PNG_CHUNKS_KEPT);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "cICP", 1);
    png_read_info(reader->png, reader->info);
    enum pp_status status = pp_codec_check_pixels(png_get_image_width(reader->png, reader->info),
                                                  png_get_image_height(reader->png, reader->info),
                                                  &reader->settings.limits, guard->err);
    if (status == PP_OK)
        status =
            pp_png_read_metadata(reader->png, reader->info, &reader->base.metadata, guard->err);
    describe_picture(reader);
    reader->base.gray_bits = (uint8_t)pp_png_gray_bits(reader->png, reader->info);
    reader->base.memory = memory_needed(reader);
    return status;
}

enum pp_status pp_png_open_reader(struct pp_input *in, const struct pp_read_settings *settings,
                                  struct pp_reader **result, struct pp_error *err)
{
    *result = NULL;
    struct png_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG reader: no memory");
    reader->base.codec = &pp_codec_png;
    reader->settings = *settings;
    reader->in = in;
    reader->guard.warnings = (struct pp_warnings){&reader->base.warnings, reader->base.warning};
    enum pp_status status = pp_png_guarded(&reader->guard, open_step, reader, err);
    if (status == PP_OK)
        *result = &reader->base;
    else
        pp_png_close_reader(&reader->base);
    return status;
}

/* ---- start --------------------------------------------------------------------------------- */

static void set_transforms(struct png_reader *reader)
{
    png_struct *png = reader->png;
    int type = png_get_color_type(png, reader->info);

    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png);
    else if (type == PNG_COLOR_TYPE_GRAY)
        png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_valid(png, reader->info, PNG_INFO_tRNS))
        png_set_tRNS_to_alpha(png);
    pp_png_set_native_order(png, &reader->base.geometry);
}

/* All passes of an interlaced picture, each over the rows of the one before. */
static void read_passes(struct png_reader *reader, int passes)
{
    size_t row = pp_geometry_row_bytes(&reader->base.geometry);

    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < reader->base.geometry.height; y++)
            png_read_row(reader->png, reader->picture + y * row, NULL);
    }
}

static enum pp_status start_step(void *argument)
{
    struct png_reader *reader = argument;

    reader->guard.budget = 0; /* the rows' size is checked; no text is read any more */
    set_transforms(reader);
    int passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    if (png_get_rowbytes(reader->png, reader->info) !=
        pp_geometry_row_bytes(&reader->base.geometry))
        return pp_error_set(reader->guard.err, PP_E_INTERNAL, "cannot decode: rows of odd size");
    if (reader->picture)
        read_passes(reader, passes);
    return PP_OK;
}

/* Have the rows read directly, where that can be: the chunk whose header libpng read last is the
 * first IDAT, and is libpng's no more. */
static enum pp_status start_direct(struct png_reader *reader, struct pp_error *err)
{
    const uint8_t *head = reader->head;
    uint32_t size =
        (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];

    if (is_interlaced(reader) || memcmp(head + 4, "IDAT", 4) != 0)
        return PP_OK;
    const struct pp_png_direct_source source = {
        .in = reader->in,
        .size = size,
        .threads_max = reader->settings.threads_max,
        .team = reader->settings.team,
    };
    return pp_png_direct_open(&reader->direct, reader->png, reader->info, &source, err);
}

static enum pp_status new_picture(struct png_reader *reader, struct pp_error *err)
{
    const struct pp_geometry *geometry = &reader->base.geometry;
    void *picture = NULL;

    enum pp_status status = pp_memory_new(
        &picture, geometry->height, pp_geometry_row_bytes(geometry), "interlaced picture", err);
    reader->picture = picture;
    return status;
}

enum pp_status pp_png_start(struct pp_reader *base, struct pp_error *err)
{
    struct png_reader *reader = reader_of(base);

    enum pp_status status = start_direct(reader, err);
    if (status != PP_OK || reader->direct)
        return status;
    if (is_interlaced(reader))
        status = new_picture(reader, err);
    if (status != PP_OK)
        return status;
    return pp_png_guarded(&reader->guard, start_step, reader, err);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static enum pp_status read_step(void *argument)
{
    const struct rows *rows = argument;
    struct png_reader *reader = rows->reader;
    size_t bytes = pp_geometry_row_bytes(&reader->base.geometry);

    for (uint32_t i = 0; i < rows->count; i++, reader->rows_done++) {
        uint8_t *row = rows->place + i * rows->stride;
        if (reader->picture)
            memcpy(row, reader->picture + reader->rows_done * bytes, bytes);
        else
            png_read_row(reader->png, row, NULL);
    }
    return PP_OK;
}

enum pp_status pp_png_read_rows(struct pp_reader *base, uint8_t *place, size_t stride,
                                uint32_t count, struct pp_error *err)
{
    struct rows rows = {reader_of(base), place, stride, count};
    struct png_reader *reader = rows.reader;

    if (count > base->geometry.height - reader->rows_done)
        return pp_error_set(err, PP_E_INTERNAL, "more rows asked for than there are");
    if (reader->direct) {
        reader->rows_done += count;
        return pp_png_direct_rows(reader->direct, place, stride, count, &reader->guard.warnings,
                                  err);
    }
    return pp_png_guarded(&rows.reader->guard, read_step, &rows, err);
}

/* ---- end ----------------------------------------------------------------------------------- */

static enum pp_status finish_step(void *argument)
{
    struct png_reader *reader = argument;

    reader->guard.budget = reader->guard.allocated + PP_PNG_METADATA_MAX;
    /* Rows read directly: libpng is still in front of the first IDAT and is not to look at it. */
    if (reader->direct)
        png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep) "IDAT",
                                    1);
    reader->behind = true;
    png_read_end(reader->png, NULL);
    if (reader->lost)
        pp_warnings_add(&reader->guard.warnings, "text or EXIF behind the pixels is left out");
    return PP_OK;
}

enum pp_status pp_png_finish_reader(struct pp_reader *base, struct pp_error *err)
{
    struct png_reader *reader = reader_of(base);

    return pp_png_guarded(&reader->guard, finish_step, reader, err);
}

void pp_png_close_reader(struct pp_reader *base)
{
    if (!base)
        return;
    struct png_reader *reader = reader_of(base);
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    pp_png_direct_close(reader->direct);
    pp_metadata_release(&base->metadata);
    free(reader->picture);
    free(reader);
}
