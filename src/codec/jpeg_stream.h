/*
 * codec/jpeg_stream.h - libjpeg's source and destination managers over base/stream.h.
 *
 * Both are used within guarded steps only (jpeg_guard.h) and end the step on an error of the
 * stream.
 */
#ifndef PP_CODEC_JPEG_STREAM_H
#define PP_CODEC_JPEG_STREAM_H

#include "base/stream.h"
#include "codec/jpeg_guard.h"

/* Takes bytes where the input keeps them, without a copy. At the input's end it delivers
 * end-of-image markers, for ever, and sets guard->ended. */
struct pp_jpeg_source {
    struct jpeg_source_mgr base; /* cinfo->src; must be first */
    struct pp_input *in;
};

void pp_jpeg_source_init(struct pp_jpeg_source *source, struct pp_input *in);

#define PP_JPEG_CHUNK 16384

struct pp_jpeg_destination {
    struct jpeg_destination_mgr base; /* cinfo->dest; must be first */
    struct pp_output *out;
    JOCTET chunk[PP_JPEG_CHUNK];
};

void pp_jpeg_destination_init(struct pp_jpeg_destination *destination, struct pp_output *out);

#endif
