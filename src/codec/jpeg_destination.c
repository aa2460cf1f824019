#include "codec/jpeg_stream.h"

static void begin(j_compress_ptr cinfo)
{
    struct pp_jpeg_destination *destination = (struct pp_jpeg_destination *)cinfo->dest;

    destination->base.next_output_byte = destination->chunk;
    destination->base.free_in_buffer = sizeof(destination->chunk);
}

static void hand_on(j_compress_ptr cinfo, size_t size)
{
    struct pp_jpeg_destination *destination = (struct pp_jpeg_destination *)cinfo->dest;
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;

    enum pp_status status = pp_output_write(destination->out, destination->chunk, size, guard->err);
    if (status != PP_OK)
        pp_jpeg_escape(guard, status);
    begin(cinfo);
}

/* libjpeg wants the whole buffer gone, whatever free_in_buffer says. */
static boolean empty(j_compress_ptr cinfo)
{
    hand_on(cinfo, sizeof(((struct pp_jpeg_destination *)cinfo->dest)->chunk));
    return TRUE;
}

static void end(j_compress_ptr cinfo)
{
    struct pp_jpeg_destination *destination = (struct pp_jpeg_destination *)cinfo->dest;

    hand_on(cinfo, sizeof(destination->chunk) - destination->base.free_in_buffer);
}

void pp_jpeg_destination_init(struct pp_jpeg_destination *destination, struct pp_output *out)
{
    destination->out = out;
    destination->base.init_destination = begin;
    destination->base.empty_output_buffer = empty;
    destination->base.term_destination = end;
}
