#include "codec/jpeg_source_luma.h"

static void begin(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

/* All that the extractor gives is asked for by what it gave before: libjpeg comes to its
 * end-of-image mark, or something is wrong. */
static boolean refill(j_decompress_ptr cinfo)
{
    struct pp_jpeg_source_luma *source = (struct pp_jpeg_source_luma *)cinfo->src;
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;
    const uint8_t *data = NULL;
    size_t size = 0;

    enum pp_status status = pp_jpeg_luma_next(source->luma, &data, &size, guard->err);
    if (status == PP_OK && size == 0)
        status = pp_error_set(guard->err, PP_E_CORRUPT,
                              "cannot extract luma: it ends before the picture does");
    if (status != PP_OK)
        pp_jpeg_escape(guard, status);
    source->base.next_input_byte = data;
    source->base.bytes_in_buffer = size;
    return TRUE;
}

static void skip(j_decompress_ptr cinfo, long count)
{
    struct pp_jpeg_source_luma *source = (struct pp_jpeg_source_luma *)cinfo->src;
    size_t left = count > 0 ? (size_t)count : 0;

    while (left > source->base.bytes_in_buffer) {
        left -= source->base.bytes_in_buffer;
        refill(cinfo);
    }
    source->base.next_input_byte += left;
    source->base.bytes_in_buffer -= left;
}

static void end(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

enum pp_status pp_jpeg_source_luma_open(struct pp_jpeg_source_luma *source, struct pp_input *in,
                                        const struct pp_limits *limits, struct pp_error *err)
{
    const struct pp_jpeg_luma_settings settings = {.limits = *limits};

    enum pp_status status = pp_input_rewind(in, err);
    if (status != PP_OK)
        return status;
    *source = (struct pp_jpeg_source_luma){0};
    source->base.init_source = begin;
    source->base.fill_input_buffer = refill;
    source->base.skip_input_data = skip;
    source->base.resync_to_restart = jpeg_resync_to_restart;
    source->base.term_source = end;
    return pp_jpeg_luma_open(in, &settings, &source->luma, err);
}

void pp_jpeg_source_luma_close(struct pp_jpeg_source_luma *source)
{
    pp_jpeg_luma_close(source->luma);
    source->luma = NULL;
}
