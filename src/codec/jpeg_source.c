#include "codec/jpeg_stream.h"

#include <jerror.h>

static const JOCTET end_of_image[] = {0xFF, JPEG_EOI};

static void begin(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

static boolean refill(j_decompress_ptr cinfo)
{
    struct pp_jpeg_source *source = (struct pp_jpeg_source *)cinfo->src;
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;

    enum pp_status status = pp_input_refill(source->in, guard->err);
    if (status != PP_OK)
        pp_jpeg_escape(guard, status);
    source->base.next_input_byte = source->in->data;
    source->base.bytes_in_buffer = source->in->size;
    if (source->in->size > 0)
        return TRUE;
    if (!guard->ended)
        WARNMS(cinfo, JWRN_JPEG_EOF);
    guard->ended = true;
    source->base.next_input_byte = end_of_image;
    source->base.bytes_in_buffer = sizeof(end_of_image);
    return TRUE;
}

static void skip(j_decompress_ptr cinfo, long count)
{
    struct pp_jpeg_source *source = (struct pp_jpeg_source *)cinfo->src;
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;
    size_t left = count > 0 ? (size_t)count : 0;

    while (left > source->base.bytes_in_buffer) {
        left -= source->base.bytes_in_buffer;
        refill(cinfo);
        if (guard->ended)
            return; /* what was to be skipped is missing: the mark delivered comes next */
    }
    source->base.next_input_byte += left;
    source->base.bytes_in_buffer -= left;
}

static void end(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

void pp_jpeg_source_init(struct pp_jpeg_source *source, struct pp_input *in)
{
    *source = (struct pp_jpeg_source){.in = in};
    source->base.init_source = begin;
    source->base.fill_input_buffer = refill;
    source->base.skip_input_data = skip;
    source->base.resync_to_restart = jpeg_resync_to_restart;
    source->base.term_source = end;
    source->base.next_input_byte = in->data;
    source->base.bytes_in_buffer = in->size;
}
