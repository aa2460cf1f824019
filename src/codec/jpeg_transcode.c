#include <string.h>

#include "codec/jpeg_dct.h"
#include "codec/jpeg_head.h"

/* Whether it is all of the picture, where it is. */
static bool is_whole(const struct pp_jpeg_reader *reader, const struct pp_placement *placement)
{
    return placement->move == PP_MOVE_NONE && placement->x == 0 && placement->y == 0 &&
           placement->width == reader->cinfo.image_width &&
           placement->height == reader->cinfo.image_height;
}

/* Whether luma's coefficients are to be brought to the steps of another quality. */
static bool changes_quality(const struct pp_write_settings *settings)
{
    return settings->encode.quality > 0;
}

static const char *why_not_change(const struct pp_jpeg_reader *reader,
                                  const struct pp_write_settings *settings)
{
    if (pp_jpeg_is_progressive(settings))
        return "it is to become progressive";
    return reader->base.jpeg.progressive ? "a progressive file is to get another quality" : NULL;
}

static const char *why_not_copy(const struct pp_jpeg_reader *reader,
                                const struct pp_write_settings *settings)
{
    if (!pp_jpeg_keeps_source(settings))
        return "another quality is asked for";
    if (settings->encode.progressive && !reader->base.jpeg.progressive)
        return "it is to become progressive";
    return NULL;
}

static const char *why_not_extract(const struct pp_jpeg_reader *reader,
                                   const struct pp_transcode *what,
                                   const struct pp_write_settings *settings)
{
    if (!is_whole(reader, &what->placement))
        return "the picture is to be turned or cut";
    if (!what->luma && reader->base.jpeg.components > 1)
        return "its colours are to be kept";
    const char *why = changes_quality(settings) ? why_not_change(reader, settings)
                                                : why_not_copy(reader, settings);
    if (why)
        return why;
    if (!reader->settings.rewinds)
        return "the input can be read only once";
    return pp_jpeg_why_not_extract(reader);
}

enum pp_status pp_jpeg_can_transcode(const struct pp_reader *base, enum pp_decode_path path,
                                     const struct pp_transcode *what,
                                     const struct pp_write_settings *settings, uint64_t *memory,
                                     struct pp_error *err)
{
    const struct pp_jpeg_reader *reader = pp_jpeg_reader_const(base);
    const struct pp_jpeg_traits *traits = &base->jpeg;

    *memory = 0;
    if (path == PP_DECODE_EXTRACT) {
        const char *why = why_not_extract(reader, what, settings);
        if (why)
            return pp_error_set(err, PP_E_UNSUPPORTED, "cannot extract luma: %s", why);
        *memory =
            PP_JPEG_FIXED_BYTES + pp_jpeg_luma_memory(reader->cinfo.image_width, traits->v[0]);
        return PP_OK;
    }
    if (path != PP_DECODE_DCT)
        return pp_error_set(err, PP_E_UNSUPPORTED, "path %d decodes pixels", (int)path);
    *memory = pp_jpeg_dct_memory(reader, what);
    return pp_jpeg_dct_check(reader, what, settings, err);
}

static enum pp_status copy_pieces(struct pp_jpeg_luma *luma, struct pp_output *out,
                                  struct pp_error *err)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    enum pp_status status;

    do {
        status = pp_jpeg_luma_next(luma, &data, &size, err);
        if (status == PP_OK && size > 0)
            status = pp_output_write(out, data, size, err);
    } while (status == PP_OK && size > 0);
    return status;
}

static enum pp_status run_extractor(struct pp_jpeg_reader *reader,
                                    const struct pp_jpeg_luma_settings *settings,
                                    struct pp_output *out, struct pp_error *err)
{
    struct pp_jpeg_luma *luma = NULL;

    enum pp_status status = pp_input_rewind(reader->in, err);
    if (status == PP_OK)
        status = pp_jpeg_luma_open(reader->in, settings, &luma, err);
    if (status == PP_OK)
        status = copy_pieces(luma, out, err);
    pp_jpeg_luma_close(luma);
    return status;
}

/* What stands in front of the tables is written here. With another quality the file is as one that
 * is encoded anew. */
static enum pp_status extract(struct pp_jpeg_reader *reader, struct pp_output *out,
                              const struct pp_write_settings *settings, struct pp_error *err)
{
    const bool changes = changes_quality(settings);
    struct pp_jpeg_luma_settings luma_settings = {.headless = true,
                                                  .limits = reader->settings.limits};
    struct pp_jpeg_head head = {.width = reader->cinfo.image_width,
                                .height = reader->cinfo.image_height,
                                .settings = settings,
                                .like = changes ? NULL : &reader->cinfo};

    enum pp_status status = pp_jpeg_head_write(&head, &reader->guard, out, err);
    if (status != PP_OK)
        return status;
    if (changes)
        memcpy(luma_settings.steps, head.quant, sizeof(luma_settings.steps));
    return run_extractor(reader, &luma_settings, out, err);
}

/* What one way cannot do another may, and has the last word on what is wrong with a file. */
static bool leaves_it_to_others(enum pp_status status)
{
    return status == PP_E_CORRUPT || status == PP_E_UNSUPPORTED || status == PP_E_LIMIT;
}

enum pp_status pp_jpeg_transcode(struct pp_reader *base, enum pp_decode_path path,
                                 const struct pp_transcode *what, struct pp_output *out,
                                 const struct pp_write_settings *settings, struct pp_error *err)
{
    struct pp_jpeg_reader *reader = pp_jpeg_reader_of(base);
    uint64_t memory = 0;

    enum pp_status status = pp_jpeg_can_transcode(base, path, what, settings, &memory, err);
    if (status != PP_OK)
        return status;
    if (path == PP_DECODE_EXTRACT)
        status = extract(reader, out, settings, err);
    else
        status = pp_jpeg_dct_run(reader, what, out, settings, err);
    base->gave_up = leaves_it_to_others(status);
    return status;
}
