#include "codec/jpeg_reader.h"

#include <stdlib.h>
#include <string.h>

#include "codec/jpeg_scan_count.h"
#include "image/color_cache.h"

/* From so many bytes of coefficients on the scans are counted ahead: that takes some thousandth of
 * the time that decoding takes, and a file of too many costs neither memory nor time. */
#define COUNT_AHEAD_BYTES ((uint64_t)64 * 1024 * 1024)

static bool is_luma_finest(const struct jpeg_decompress_struct *cinfo)
{
    return cinfo->comp_info[0].h_samp_factor == cinfo->max_h_samp_factor &&
           cinfo->comp_info[0].v_samp_factor == cinfo->max_v_samp_factor;
}

const char *pp_jpeg_why_not_extract(const struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    bool gray = cinfo->jpeg_color_space == JCS_GRAYSCALE;

    if (cinfo->arith_code)
        return "the file is arithmetic-coded";
    if (!gray && cinfo->jpeg_color_space != JCS_YCbCr)
        return "its colours are not YCbCr";
    if (!is_luma_finest(cinfo))
        return "its luma is not the finest of its components";
    return NULL;
}

/* ---- open ---------------------------------------------------------------------------------- */

static enum pp_status check_header(struct pp_jpeg_reader *reader)
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

/* The extractor in front of libjpeg spares it the other components' coefficients. Of several scans
 * that is a sixth of the time and a third or more of the memory; of a single one, in which libjpeg
 * steps over blocks that are not wanted, extraction costs more than it saves, unless the extractor
 * decodes as well (jpeg_reduced.c). */
static bool pays_to_extract(struct pp_jpeg_reader *reader)
{
    return reader->base.luma && reader->settings.rewinds &&
           jpeg_has_multiple_scans(&reader->cinfo) && !pp_jpeg_why_not_extract(reader);
}

/* Luma is a sum of numbers: of the file's own, whatever its profile says of them. */
static bool luma_serves(const struct pp_jpeg_reader *reader)
{
    const struct pp_read_settings *settings = &reader->settings;
    const struct pp_metadata_block *icc = pp_metadata_find(&reader->base.metadata, PP_METADATA_ICC);

    if (!settings->luma || reader->cinfo.jpeg_color_space != JCS_YCbCr)
        return false;
    if (!icc || !settings->luma_of_srgb || !settings->colors)
        return true;
    struct pp_profile profile = {icc->data, icc->size};
    enum pp_profile_kind kind = pp_color_cache_kind(settings->colors, &profile);
    return kind != PP_PROFILE_RGB && kind != PP_PROFILE_UNKNOWN;
}

static void describe_picture(struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    bool gray = cinfo->jpeg_color_space == JCS_GRAYSCALE;
    const struct pp_metadata_block *exif =
        pp_metadata_find(&reader->base.metadata, PP_METADATA_EXIF);

    reader->base.luma = luma_serves(reader);
    reader->base.gray_bits = 8;
    reader->base.geometry = (struct pp_geometry){
        .width = cinfo->image_width,
        .height = cinfo->image_height,
        .channels = gray || reader->base.luma ? 1 : 3,
        .depth = 8,
        .orientation = exif ? pp_exif_orientation(exif->data, exif->size) : 1,
    };
    reader->eighths = 8;
    reader->extracts = pays_to_extract(reader);
}

/* The tables as they are known so far: libjpeg latches a component's at its first scan, before
 * that the one of its number is the best guess. Of a file that luma was extracted from, only
 * luma's come to be known better. */
void pp_jpeg_describe_encoding(struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    struct pp_jpeg_traits *traits = &reader->base.jpeg;

    for (int i = 0; i < cinfo->num_components; i++) {
        const jpeg_component_info *component = &cinfo->comp_info[i];
        const JQUANT_TBL *table = component->quant_table;
        if (!table && component->quant_tbl_no >= 0 && component->quant_tbl_no < NUM_QUANT_TBLS)
            table = cinfo->quant_tbl_ptrs[component->quant_tbl_no];
        if (table)
            memcpy(traits->quant[i], table->quantval, sizeof(traits->quant[i]));
    }
}

static void describe_frame(struct pp_jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *cinfo = &reader->cinfo;
    struct pp_jpeg_traits *traits = &reader->base.jpeg;

    *traits = (struct pp_jpeg_traits){.valid = true,
                                      .progressive = cinfo->progressive_mode,
                                      .components = (uint8_t)cinfo->num_components};
    for (int i = 0; i < cinfo->num_components; i++) {
        traits->h[i] = (uint8_t)cinfo->comp_info[i].h_samp_factor;
        traits->v[i] = (uint8_t)cinfo->comp_info[i].v_samp_factor;
    }
    pp_jpeg_describe_encoding(reader);
}

static uint64_t memory_needed(struct pp_jpeg_reader *reader)
{
    const struct pp_jpeg_traits *traits = &reader->base.jpeg;
    uint32_t width = reader->cinfo.image_width;
    struct pp_jpeg_layout layout = {.width = width,
                                    .height = reader->cinfo.image_height,
                                    .components = traits->components,
                                    .eighths = reader->eighths};

    if (reader->reduced.chosen) {
        layout.components = layout.h[0] = layout.v[0] = 1;
        return pp_jpeg_memory(&layout) +
               pp_jpeg_luma_rows_memory(width, traits->v[0], reader->eighths);
    }
    if (reader->extracts) {
        layout.components = layout.h[0] = layout.v[0] = 1;
        layout.coefficients = traits->progressive;
        return pp_jpeg_memory(&layout) + pp_jpeg_luma_memory(width, traits->v[0]);
    }
    layout.coefficients = jpeg_has_multiple_scans(&reader->cinfo);
    memcpy(layout.h, traits->h, sizeof(layout.h));
    memcpy(layout.v, traits->v, sizeof(layout.v));
    return pp_jpeg_memory(&layout) + (traits->components == 4 ? (uint64_t)width * 4 : 0);
}

static enum pp_status refuse_scans(struct pp_error *err, uint32_t most)
{
    return pp_error_set(err, PP_E_LIMIT,
                        "cannot decode: more than the %u scans that --max-scans allows", most);
}

/* The first scan's header was read, those after it are still to come. */
static enum pp_status count_ahead(struct pp_jpeg_reader *reader)
{
    const uint32_t most = reader->settings.limits.max_scans;

    if (most == 0 || !jpeg_has_multiple_scans(&reader->cinfo) ||
        reader->base.memory < COUNT_AHEAD_BYTES ||
        pp_jpeg_count_scans(&reader->source, most) < most)
        return PP_OK;
    return refuse_scans(reader->guard.err, most);
}

/* libjpeg's progress monitor, called for each row of MCUs of each scan while a file of several
 * scans is taken in. */
static void watch_scans(j_common_ptr common)
{
    struct jpeg_decompress_struct *cinfo = (struct jpeg_decompress_struct *)common;
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)common->err;
    uint32_t most = ((const struct pp_jpeg_scan_watch *)cinfo->progress)->max_scans;

    if (most > 0 && cinfo->input_scan_number > 0 && (uint32_t)cinfo->input_scan_number > most)
        pp_jpeg_escape(guard, refuse_scans(guard->err, most));
}

static enum pp_status open_step(void *argument)
{
    struct pp_jpeg_reader *reader = argument;
    struct jpeg_decompress_struct *cinfo = &reader->cinfo;

    jpeg_create_decompress(cinfo);
    cinfo->mem->max_memory_to_use = 0; /* whatever JPEGMEM in the environment says */
    pp_jpeg_source_init(&reader->source, reader->in);
    cinfo->src = &reader->source.base;
    reader->watch.base.progress_monitor = watch_scans;
    reader->watch.max_scans = reader->settings.limits.max_scans;
    cinfo->progress = &reader->watch.base;
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
    describe_frame(reader);
    reader->base.memory = memory_needed(reader);
    return status == PP_OK ? count_ahead(reader) : status;
}

enum pp_status pp_jpeg_open_reader(struct pp_input *in, const struct pp_read_settings *settings,
                                   struct pp_reader **result, struct pp_error *err)
{
    *result = NULL;
    struct pp_jpeg_reader *reader = calloc(1, sizeof(*reader));
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

/* ---- between open and start ---------------------------------------------------------------- */

/* libjpeg-turbo has vectorised inverse DCTs of these sizes. The other sizes cost more than the
 * next of them; 5, 6 and 7 more than the whole picture does. */
static const unsigned sizes[] = {1, 2, 4};

static uint32_t reduced(uint32_t side, unsigned eighths)
{
    return (uint32_t)(((uint64_t)side * eighths + 7) / 8);
}

unsigned pp_jpeg_reduce(struct pp_reader *base, uint32_t min_width, uint32_t min_height)
{
    struct pp_jpeg_reader *reader = pp_jpeg_reader_of(base);
    uint32_t width = reader->cinfo.image_width, height = reader->cinfo.image_height;

    reader->eighths = 8;
    for (size_t i = sizeof(sizes) / sizeof(sizes[0]); i-- > 0;) {
        if (reduced(width, sizes[i]) >= min_width && reduced(height, sizes[i]) >= min_height)
            reader->eighths = sizes[i];
    }
    base->geometry.width = reduced(width, reader->eighths);
    base->geometry.height = reduced(height, reader->eighths);
    reader->reduced.chosen = reader->eighths < 8 && pp_jpeg_can_reduce(reader);
    base->memory = memory_needed(reader);
    return reader->eighths;
}

void pp_jpeg_close_reader(struct pp_reader *base)
{
    if (!base)
        return;
    struct pp_jpeg_reader *reader = pp_jpeg_reader_of(base);
    jpeg_destroy_decompress(&reader->cinfo);
    pp_jpeg_source_luma_close(&reader->extracted);
    pp_jpeg_luma_close(reader->reduced.luma);
    pp_jpeg_markers_release(&reader->markers);
    pp_metadata_release(&reader->markers.cmyk);
    pp_metadata_release(&base->metadata);
    free(reader->cmyk);
    free(reader);
}
