/*
 * codec/jpeg_reader.h - an open JPEG, as reading pixels and reading coefficients share it.
 *
 * Between the two stands one choice: whether libjpeg is given the file, or the gray JPEG that the
 * luma extractor makes of it (jpeg_luma.h), or whether the extractor decodes it itself. It refuses
 * whatever is not in order; the reader then gives up, and another one that takes the file as it is
 * has the last word.
 */
#ifndef PP_CODEC_JPEG_READER_H
#define PP_CODEC_JPEG_READER_H

#include "codec/jpeg.h"
#include "codec/jpeg_markers.h"
#include "codec/jpeg_source_luma.h"
#include "codec/jpeg_stream.h"

/* Counts the scans of a file that has several. */
struct pp_jpeg_scan_watch {
    struct jpeg_progress_mgr base; /* cinfo->progress; must be first */
    uint32_t max_scans;            /* 0: any number */
};

/* Rows that the extractor decodes, without libjpeg. */
struct pp_jpeg_reduced {
    bool chosen;               /* start() begins this */
    struct pp_jpeg_luma *luma; /* owned; NULL: not begun */
    struct pp_jpeg_luma_rows rows;
    uint32_t taken; /* of these rows */
};

struct pp_jpeg_reader {
    struct pp_reader base; /* must be first */
    struct pp_read_settings settings;
    struct jpeg_decompress_struct cinfo;
    struct pp_jpeg_guard guard;
    struct pp_jpeg_source source;
    struct pp_jpeg_source_luma extracted; /* in place of `source` when its extractor is open */
    struct pp_jpeg_markers markers;
    struct pp_jpeg_scan_watch watch;
    struct pp_input *in;
    unsigned eighths; /* of both sides, to be delivered */
    bool extracts;    /* start() puts the extractor in front */
    struct pp_jpeg_reduced reduced;
    uint32_t warned; /* warnings there were before either */
    uint8_t *cmyk;   /* a row as libjpeg delivers it; NULL when it is no CMYK picture */
    const struct pp_transform *inks; /* the cache's, from its profile to sRGB; NULL: by formula */
};

static inline struct pp_jpeg_reader *pp_jpeg_reader_of(struct pp_reader *base)
{
    return (struct pp_jpeg_reader *)base;
}

static inline const struct pp_jpeg_reader *pp_jpeg_reader_const(const struct pp_reader *base)
{
    return (const struct pp_jpeg_reader *)base;
}

/* jpeg_reader.c */

/* Why luma cannot be extracted, as far as the header tells; NULL: it can, if the input can be
 * rewound. */
const char *pp_jpeg_why_not_extract(const struct pp_jpeg_reader *reader);
/* Bring the traits up to date with what libjpeg knows by now. */
void pp_jpeg_describe_encoding(struct pp_jpeg_reader *reader);

/* jpeg_reduced.c: start, read_rows and finish_reader of a reader that decodes by the extractor; see
 * codec.h. Errors: the extractor's, and the reader gives up. */

/* Whether the extractor can decode the file at a fraction. */
bool pp_jpeg_can_reduce(struct pp_jpeg_reader *reader);
enum pp_status pp_jpeg_reduced_start(struct pp_jpeg_reader *reader,
                                     struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_jpeg_reduced_read(struct pp_jpeg_reader *reader, uint8_t *place, size_t stride,
                                    uint32_t count, struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_jpeg_reduced_finish(struct pp_jpeg_reader *reader,
                                      struct pp_error *err) PP_MUST_CHECK;

/* jpeg_rows.c; the first three within a guarded step. */

/* Go back to the input's beginning and have libjpeg read the header of what the extractor makes of
 * it. Errors: the extractor's. */
enum pp_status pp_jpeg_extract_first(struct pp_jpeg_reader *reader) PP_MUST_CHECK;
/* Of several scans, all taken in: PP_E_CORRUPT unless they are a whole picture. */
enum pp_status pp_jpeg_check_scans(const struct pp_jpeg_reader *reader) PP_MUST_CHECK;
/* Of a single scan, as far as it was taken in: PP_E_CORRUPT when a part is missing. */
enum pp_status pp_jpeg_check_truncation(const struct pp_jpeg_reader *reader,
                                        struct pp_error *err) PP_MUST_CHECK;
/* The status of a guarded step, after it: when the extractor was in front, the reader gives up on
 * whatever may look otherwise without it. */
enum pp_status pp_jpeg_settle(struct pp_jpeg_reader *reader, enum pp_status status,
                              struct pp_error *err) PP_MUST_CHECK;

#endif
