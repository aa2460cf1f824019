#include "codec/jpeg_reader.h"

#include "base/memory.h"
#include "image/color_cache.h"

/* The scanlines asked of libjpeg at once; it delivers at most one row of MCUs. */
#define ROWS_AT_ONCE 32

/* The arguments of the step that reads rows. */
struct rows {
    struct pp_jpeg_reader *reader;
    uint8_t *place;
    size_t stride;
    uint32_t count;
};

static bool is_cmyk(const struct pp_jpeg_reader *reader)
{
    return reader->base.jpeg.components == 4;
}

/* ---- the extractor in front ---------------------------------------------------------------- */

enum pp_status pp_jpeg_extract_first(struct pp_jpeg_reader *reader)
{
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    struct pp_error *err = reader->guard.err;
    uint32_t width = cinfo->image_width, height = cinfo->image_height;

    reader->warned = reader->base.warnings;
    jpeg_abort_decompress(cinfo);
    enum pp_status status =
        pp_jpeg_source_luma_open(&reader->extracted, reader->in, &reader->settings.limits, err);
    if (status != PP_OK)
        return status;
    cinfo->src = &reader->extracted.base;
    jpeg_read_header(cinfo, TRUE);
    if (cinfo->num_components == 1 && cinfo->image_width == width && cinfo->image_height == height)
        return PP_OK;
    return pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: it became another picture");
}

/* What libjpeg reports of extracted data is no verdict on the file: not even a warning, since what
 * it makes up for damaged data depends on what else there is. */
enum pp_status pp_jpeg_settle(struct pp_jpeg_reader *reader, enum pp_status status,
                              struct pp_error *err)
{
    if (!reader->extracts && !reader->reduced.chosen)
        return status;
    if (status == PP_OK && reader->base.warnings > reader->warned)
        status = pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: the data is damaged");
    reader->base.gave_up =
        status == PP_E_CORRUPT || status == PP_E_UNSUPPORTED || status == PP_E_LIMIT;
    return status;
}

/* ---- start --------------------------------------------------------------------------------- */

/* Whether several scans have come as far as can be told: up to the end mark, none of them cut
 * short, each component in one at least. libjpeg latches a component's table at its first scan. */
static bool has_all_scans(const struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    bool all = !reader->guard.ended && !reader->guard.truncated;

    for (int i = 0; i < cinfo->num_components; i++)
        all = all && cinfo->comp_info[i].quant_table;
    return all;
}

enum pp_status pp_jpeg_check_scans(const struct pp_jpeg_reader *reader)
{
    if (has_all_scans(reader))
        return PP_OK;
    return pp_error_set(reader->guard.err, PP_E_CORRUPT,
                        "file ends early: its scans are incomplete");
}

/* Where a progressive file ends before all bits of a component have come, libjpeg smooths blocks by
 * what is known of all of the components; of luma by itself it would make other samples. */
static enum pp_status check_smoothing(const struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    bool complete = true;

    for (unsigned i = 0; cinfo->progressive_mode && i < DCTSIZE2; i++)
        complete = complete && cinfo->coef_bits[0][i] == 0;
    if (complete)
        return PP_OK;
    return pp_error_set(reader->guard.err, PP_E_UNSUPPORTED,
                        "cannot extract luma: a part of its bits is missing");
}

static void choose_output(struct pp_jpeg_reader *reader)
{
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;

    if (is_cmyk(reader))
        cinfo->out_color_space = JCS_CMYK;
    else
        cinfo->out_color_space = reader->base.geometry.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    cinfo->dct_method = JDCT_ISLOW;
    cinfo->do_fancy_upsampling = TRUE;
    cinfo->scale_num = reader->eighths;
    cinfo->scale_denom = 8;
}

static enum pp_status start_step(void *argument)
{
    struct pp_jpeg_reader *reader = argument;
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    enum pp_status status = PP_OK;

    if (reader->extracts)
        status = pp_jpeg_extract_first(reader);
    if (status != PP_OK)
        return status;
    choose_output(reader);
    jpeg_start_decompress(cinfo);
    if (jpeg_has_multiple_scans(cinfo))
        status = pp_jpeg_check_scans(reader);
    if (status == PP_OK && reader->extracts)
        status = check_smoothing(reader);
    pp_jpeg_describe_encoding(reader);
    return status;
}

/* A profile that cannot be used leaves `inks` NULL. Errors: PP_E_NO_MEMORY. */
static enum pp_status find_inks(struct pp_jpeg_reader *reader, struct pp_error *err)
{
    const struct pp_metadata_block *icc = pp_metadata_find(&reader->markers.cmyk, PP_METADATA_ICC);
    struct pp_color_cache *colors = reader->settings.colors;
    struct pp_error problem = {0};

    if (!icc || !colors)
        return PP_OK;
    struct pp_transform_need need = {
        .from = {icc->data, icc->size},
        .from_colors = 4,
        .to_colors = 3,
        .inverted = reader->cinfo.saw_Adobe_marker,
        .depth = 8,
        .intent = reader->settings.intent,
    };
    enum pp_profile_kind kind = pp_color_cache_kind(colors, &need.from);
    if (kind == PP_PROFILE_UNKNOWN)
        return pp_error_set(err, PP_E_NO_MEMORY, "colour profile: no memory");
    if (kind != PP_PROFILE_CMYK)
        return PP_OK;
    enum pp_status status = pp_color_cache_transform(colors, &need, &reader->inks, &problem);
    if (status != PP_E_NO_MEMORY)
        return PP_OK;
    return pp_error_set(err, status, "%s", problem.text);
}

static enum pp_status prepare_cmyk(struct pp_jpeg_reader *reader, struct pp_error *err)
{
    void *row = NULL;

    enum pp_status status = find_inks(reader, err);
    if (status != PP_OK)
        return status;
    if (!reader->inks)
        pp_warnings_add(&reader->guard.warnings,
                        reader->markers.cmyk.count > 0
                            ? "CMYK by a plain formula: its colour profile cannot be used"
                            : "CMYK by a plain formula: it has no colour profile");
    pp_metadata_release(&reader->markers.cmyk);
    status = pp_memory_new(&row, reader->base.geometry.width, 4, "CMYK row", err);
    reader->cmyk = row;
    return status;
}

enum pp_status pp_jpeg_start(struct pp_reader *base, struct pp_error *err)
{
    struct pp_jpeg_reader *reader = pp_jpeg_reader_of(base);
    enum pp_status status = is_cmyk(reader) ? prepare_cmyk(reader, err) : PP_OK;

    if (status != PP_OK)
        return status;
    if (reader->reduced.chosen)
        return pp_jpeg_reduced_start(reader, err);
    return pp_jpeg_settle(reader, pp_jpeg_guarded(&reader->guard, start_step, reader, err), err);
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* Huffman data of a single scan is missing when the decoder ran into the end mark, the file's own
 * or the one that the source put at the input's end. An arithmetic decoder takes what is missing
 * for zeros without a word, and rightly at the end of its data (ITU-T T.81, D.1.8); there a mark
 * that is not the file's own is all there is to go by. */
enum pp_status pp_jpeg_check_truncation(const struct pp_jpeg_reader *reader, struct pp_error *err)
{
    const struct pp_jpeg_guard *guard = &reader->guard;

    if (!guard->truncated && !(guard->ended && reader->cinfo.arith_code))
        return PP_OK;
    return pp_error_set(err, PP_E_CORRUPT, "file ends early");
}

static void read_cmyk_row(struct pp_jpeg_reader *reader, uint8_t *rgb)
{
    JSAMPROW row = reader->cmyk;

    if (jpeg_read_scanlines(&reader->cinfo, &row, 1) != 1)
        return;
    if (reader->inks)
        pp_transform_row(reader->inks, row, rgb, reader->base.geometry.width);
    else
        pp_jpeg_cmyk_to_rgb(row, rgb, reader->base.geometry.width, reader->cinfo.saw_Adobe_marker);
}

static void read_plain_rows(struct pp_jpeg_reader *reader, const struct rows *rows, uint32_t done)
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
    struct pp_jpeg_reader *reader = rows->reader;
    uint32_t first = reader->cinfo.output_scanline, done = 0;

    if (rows->count > reader->cinfo.output_height - first)
        return pp_error_set(reader->guard.err, PP_E_INTERNAL, "more rows asked for than there are");
    while (done < rows->count) {
        if (reader->cmyk)
            read_cmyk_row(reader, rows->place + (size_t)done * rows->stride);
        else
            read_plain_rows(reader, rows, done);
        enum pp_status status = pp_jpeg_check_truncation(reader, reader->guard.err);
        if (status != PP_OK)
            return status;
        done = reader->cinfo.output_scanline - first;
    }
    return PP_OK;
}

enum pp_status pp_jpeg_read_rows(struct pp_reader *base, uint8_t *place, size_t stride,
                                 uint32_t count, struct pp_error *err)
{
    struct rows rows = {pp_jpeg_reader_of(base), place, stride, count};

    if (rows.reader->reduced.chosen)
        return pp_jpeg_reduced_read(rows.reader, place, stride, count, err);
    enum pp_status status = pp_jpeg_guarded(&rows.reader->guard, read_step, &rows, err);
    return pp_jpeg_settle(rows.reader, status, err);
}

/* ---- end ----------------------------------------------------------------------------------- */

static enum pp_status finish_step(void *argument)
{
    struct pp_jpeg_reader *reader = argument;

    jpeg_finish_decompress(&reader->cinfo);
    return PP_OK;
}

/* What is wrong behind the last row of a picture that has all its data is worth a warning only. */
enum pp_status pp_jpeg_finish_reader(struct pp_reader *base, struct pp_error *err)
{
    struct pp_jpeg_reader *reader = pp_jpeg_reader_of(base);
    struct pp_error found = {0};

    if (reader->reduced.chosen)
        return pp_jpeg_reduced_finish(reader, err);
    enum pp_status status = pp_jpeg_guarded(&reader->guard, finish_step, reader, &found);
    if (status == PP_OK)
        return pp_jpeg_settle(reader, pp_jpeg_check_truncation(reader, err), err);
    if (status != PP_E_CORRUPT || reader->guard.data_lost || reader->extracts)
        return pp_jpeg_settle(reader, pp_error_set(err, status, "%s", found.text), err);
    pp_warnings_add(&reader->guard.warnings, found.text);
    return PP_OK;
}
