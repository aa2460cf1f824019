/*
 * codec/jpeg_source_luma.h - libjpeg's source manager over the luma extractor.
 *
 * libjpeg then decodes the gray JPEG inside a colour JPEG in place of the whole of it. Used within
 * guarded steps only (jpeg_guard.h); an error of the extractor ends the step.
 */
#ifndef PP_CODEC_JPEG_SOURCE_LUMA_H
#define PP_CODEC_JPEG_SOURCE_LUMA_H

#include "codec/jpeg_guard.h"
#include "codec/jpeg_luma.h"

struct pp_jpeg_source_luma {
    struct jpeg_source_mgr base; /* cinfo->src; must be first */
    struct pp_jpeg_luma *luma;   /* owned; NULL: not in use */
};

/* Open the extractor at the input's first byte, to which `in` is set back, for its bare picture
 * without application segments. Errors: those of pp_jpeg_luma_open() and pp_input_rewind(). */
enum pp_status pp_jpeg_source_luma_open(struct pp_jpeg_source_luma *source, struct pp_input *in,
                                        const struct pp_limits *limits,
                                        struct pp_error *err) PP_MUST_CHECK;
/* Close the extractor; a zeroed struct is allowed. */
void pp_jpeg_source_luma_close(struct pp_jpeg_source_luma *source);

#endif
