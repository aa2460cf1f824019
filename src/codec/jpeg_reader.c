#include "codec/jpeg.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/jpeg_markers.h"
#include "codec/jpeg_stream.h"

/* The scanlines asked of libjpeg at once; it delivers at most one row of MCUs. */
#define ROWS_AT_ONCE 32

/* Counts the scans of a file that has several. */
struct scan_watch {
    struct jpeg_progress_mgr base; /* cinfo->progress; must be first */
    uint32_t max_scans;            /* 0: any number */
};

struct jpeg_reader {
    struct pp_reader base; /* must be first */
    struct pp_read_settings settings;
    struct jpeg_decompress_struct cinfo;
    struct pp_jpeg_guard guard;
    struct pp_jpeg_source source;
    struct pp_jpeg_markers markers;
    struct scan_watch watch;
    struct pp_input *in;
    uint8_t *cmyk; /* a row as libjpeg delivers it; NULL when it is no CMYK picture */
};

/* The arguments of the step that reads rows. */
struct rows {
    struct jpeg_reader *reader;
    uint8_t *place;
    size_t stride;
    uint32_t count;
};

static struct jpeg_reader *reader_of(struct pp_reader *base)
{
    return (struct jpeg_reader *)base;
}

static bool is_cmyk(const struct jpeg_reader *reader)
{
    return reader->cinfo.num_components == 4;
}

/* ---- open ---------------------------------------------------------------------------------- */

static enum pp_status check_header(struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    struct pp_error *err = reader->guard.err;

    if (cinfo->jpeg_color_space == JCS_UNKNOWN)
        return pp_error_set(err, PP_E_UNSUPPORTED,
                            "cannot decode: %d colour components are not supported",
                            cinfo->num_components);
    return pp_codec_check_pixels(cinfo->image_width, cinfo->image_height, &reader->settings.limits,
                                 err);
}

static void describe_picture(struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    bool gray = cinfo->jpeg_color_space == JCS_GRAYSCALE;
    const struct pp_metadata_block *exif =
        pp_metadata_find(&reader->base.metadata, PP_METADATA_EXIF);

    reader->base.luma = reader->settings.luma && cinfo->jpeg_color_space == JCS_YCbCr;
    reader->base.geometry = (struct pp_geometry){
        .width = cinfo->image_width,
        .height = cinfo->image_height,
        .channels = gray || reader->base.luma ? 1 : 3,
        .depth = 8,
        .orientation = exif ? pp_exif_orientation(exif->data, exif->size) : 1,
    };
}

/* The tables as they are known so far: libjpeg latches a component's at its first scan, before
 * that the one of its number is the best guess. */
static void describe_encoding(struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    struct pp_jpeg_traits *traits = &reader->base.jpeg;

    *traits = (struct pp_jpeg_traits){.valid = true,
                                      .progressive = cinfo->progressive_mode,
                                      .components = (uint8_t)cinfo->num_components};
    for (int i = 0; i < cinfo->num_components; i++) {
        const jpeg_component_info *component = &cinfo->comp_info[i];
        const JQUANT_TBL *table = component->quant_table;
        if (!table && component->quant_tbl_no >= 0 && component->quant_tbl_no < NUM_QUANT_TBLS)
            table = cinfo->quant_tbl_ptrs[component->quant_tbl_no];
        traits->h[i] = (uint8_t)component->h_samp_factor;
        traits->v[i] = (uint8_t)component->v_samp_factor;
        if (table)
            memcpy(traits->quant[i], table->quantval, sizeof(traits->quant[i]));
    }
}

static uint64_t memory_needed(struct jpeg_reader *reader)
{
    const struct pp_jpeg_traits *traits = &reader->base.jpeg;
    struct pp_jpeg_layout layout = {.width = reader->cinfo.image_width,
                                    .height = reader->cinfo.image_height,
                                    .components = traits->components,
                                    .coefficients = jpeg_has_multiple_scans(&reader->cinfo)};

    memcpy(layout.h, traits->h, sizeof(layout.h));
    memcpy(layout.v, traits->v, sizeof(layout.v));
    return pp_jpeg_memory(&layout) + (is_cmyk(reader) ? (uint64_t)layout.width * 4 : 0);
}

static enum pp_status open_step(void *argument)
{
    struct jpeg_reader *reader = argument;
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;

    jpeg_create_decompress(cinfo);
    cinfo->mem->max_memory_to_use = 0; /* whatever JPEGMEM in the environment says */
    pp_jpeg_source_init(&reader->source, reader->in);
    cinfo->src = &reader->source.base;
    enum pp_status status =
        pp_jpeg_markers_begin(&reader->markers, cinfo, &reader->base.metadata, reader->guard.err);
    if (status != PP_OK)
        return status;
    jpeg_read_header(cinfo, TRUE);
    status = check_header(reader);
    if (status != PP_OK)
        return status;
    status = pp_jpeg_markers_end(&reader->markers, cinfo, reader->guard.err);
    describe_picture(reader);
    describe_encoding(reader);
    reader->base.memory = memory_needed(reader);
    return status;
}

enum pp_status pp_jpeg_open_reader(struct pp_input *in, const struct pp_read_settings *settings,
                                   struct pp_reader **result, struct pp_error *err)
{
    *result = NULL;
    struct jpeg_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return pp_error_set(err, PP_E_NO_MEMORY, "JPEG reader: no memory");
    reader->base.codec = &pp_codec_jpeg;
    reader->settings = *settings;
    reader->in = in;
    struct pp_warnings warnings = {&reader->base.warnings, reader->base.warning};
    pp_jpeg_guard_init(&reader->guard, &warnings);
    reader->cinfo.err = &reader->guard.base;
    enum pp_status status = pp_jpeg_guarded(&reader->guard, open_step, reader, err);
    if (status == PP_OK)
        *result = &reader->base;
    else
        pp_jpeg_close_reader(&reader->base);
    return status;
}

/* ---- start --------------------------------------------------------------------------------- */

/* libjpeg's progress monitor, called for each row of MCUs of each scan while a file of several
 * scans is taken in. */
static void watch_scans(j_common_ptr common)
{
    struct jpeg_decompress_struct *cinfo = (struct jpeg_decompress_struct *)common;
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)common->err;
    uint32_t most = ((const struct scan_watch *)cinfo->progress)->max_scans;

    if (most > 0 && cinfo->input_scan_number > 0 && (uint32_t)cinfo->input_scan_number > most)
        pp_jpeg_escape(guard,
                       pp_error_set(guard->err, PP_E_LIMIT,
                                    "cannot decode: more than %u scans, a fixed limit", most));
}

/* Whether several scans have come as far as can be told: up to the end mark, none of them cut
 * short, each component in one at least. libjpeg latches a component's table at its first scan. */
static bool has_all_scans(const struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    bool all = !reader->guard.ended && !reader->guard.truncated;

    for (int i = 0; i < cinfo->num_components; i++)
        all = all && cinfo->comp_info[i].quant_table;
    return all;
}

static enum pp_status start_step(void *argument)
{
    struct jpeg_reader *reader = argument;
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;

    if (is_cmyk(reader))
        cinfo->out_color_space = JCS_CMYK;
    else
        cinfo->out_color_space = reader->base.geometry.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    cinfo->dct_method = JDCT_ISLOW;
    cinfo->do_fancy_upsampling = TRUE;
    reader->watch.base.progress_monitor = watch_scans;
    reader->watch.max_scans = reader->settings.limits.max_scans;
    cinfo->progress = &reader->watch.base;
    jpeg_start_decompress(cinfo);
    if (jpeg_has_multiple_scans(cinfo) && !has_all_scans(reader))
        return pp_error_set(reader->guard.err, PP_E_CORRUPT,
                            "file ends early: its scans are incomplete");
    describe_encoding(reader);
    return PP_OK;
}

enum pp_status pp_jpeg_start(struct pp_reader *base, struct pp_error *err)
{
    struct jpeg_reader *reader = reader_of(base);

    if (is_cmyk(reader)) {
        void *row = NULL;
        enum pp_status status = pp_memory_new(&row, base->geometry.width, 4, "CMYK row", err);
        if (status != PP_OK)
            return status;
        reader->cmyk = row;
    }
    return pp_jpeg_guarded(&reader->guard, start_step, reader, err);
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* Huffman data of a single scan is missing when the decoder ran into the end mark, the file's own
 * or the one that the source put at the input's end. An arithmetic decoder takes what is missing
 * for zeros without a word, and rightly at the end of its data (ITU-T T.81, D.1.8); there a mark
 * that is not the file's own is all there is to go by. */
static enum pp_status check_truncation(const struct jpeg_reader *reader, struct pp_error *err)
{
    const struct pp_jpeg_guard *guard = &reader->guard;

    if (!guard->truncated && !(guard->ended && reader->cinfo.arith_code))
        return PP_OK;
    return pp_error_set(err, PP_E_CORRUPT, "file ends early");
}

static void read_cmyk_row(struct jpeg_reader *reader, uint8_t *rgb)
{
    JSAMPROW row = reader->cmyk;

    if (jpeg_read_scanlines(&reader->cinfo, &row, 1) == 1)
        pp_jpeg_cmyk_to_rgb(row, rgb, reader->base.geometry.width, reader->cinfo.saw_Adobe_marker);
}

static void read_plain_rows(struct jpeg_reader *reader, const struct rows *rows, uint32_t done)
{
    JSAMPROW places[ROWS_AT_ONCE];
    uint32_t count = rows->count - done < ROWS_AT_ONCE ? rows->count - done : ROWS_AT_ONCE;

    for (uint32_t i = 0; i < count; i++)
        places[i] = rows->place + (size_t)(done + i) * rows->stride;
    jpeg_read_scanlines(&reader->cinfo, places, count);
}

static enum pp_status read_step(void *argument)
{
    const struct rows *rows = argument;
    struct jpeg_reader *reader = rows->reader;
    uint32_t first = reader->cinfo.output_scanline, done = 0;

    if (rows->count > reader->cinfo.output_height - first)
        return pp_error_set(reader->guard.err, PP_E_INTERNAL, "more rows asked for than there are");
    while (done < rows->count) {
        if (reader->cmyk)
            read_cmyk_row(reader, rows->place + (size_t)done * rows->stride);
        else
            read_plain_rows(reader, rows, done);
        enum pp_status status = check_truncation(reader, reader->guard.err);
        if (status != PP_OK)
            return status;
        done = reader->cinfo.output_scanline - first;
    }
    return PP_OK;
}

enum pp_status pp_jpeg_read_rows(struct pp_reader *base, uint8_t *place, size_t stride,
                                 uint32_t count, struct pp_error *err)
{
    struct rows rows = {reader_of(base), place, stride, count};

    return pp_jpeg_guarded(&rows.reader->guard, read_step, &rows, err);
}

/* ---- end ----------------------------------------------------------------------------------- */

static enum pp_status finish_step(void *argument)
{
    struct jpeg_reader *reader = argument;

    jpeg_finish_decompress(&reader->cinfo);
    return PP_OK;
}

/* What is wrong behind the last row of a picture that has all its data is worth a warning only. */
enum pp_status pp_jpeg_finish_reader(struct pp_reader *base, struct pp_error *err)
{
    struct jpeg_reader *reader = reader_of(base);
    struct pp_error found = {0};

    enum pp_status status = pp_jpeg_guarded(&reader->guard, finish_step, reader, &found);
    if (status == PP_OK)
        return check_truncation(reader, err);
    if (status != PP_E_CORRUPT || reader->guard.data_lost)
        return pp_error_set(err, status, "%s", found.text);
    pp_warnings_add(&reader->guard.warnings, found.text);
    return PP_OK;
}

void pp_jpeg_close_reader(struct pp_reader *base)
{
    if (!base)
        return;
    struct jpeg_reader *reader = reader_of(base);
    jpeg_destroy_decompress(&reader->cinfo);
    pp_jpeg_markers_release(&reader->markers);
    pp_metadata_release(&base->metadata);
    free(reader->cmyk);
    free(reader);
}
