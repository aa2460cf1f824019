/*
 * codec/jpeg_scan_count.h - how many scans a JPEG will turn out to have.
 *
 * libjpeg takes one in after the other, each a pass over all coefficients, and they must be there
 * for that. Where these are many, it is worth a look ahead.
 */
#ifndef PP_CODEC_JPEG_SCAN_COUNT_H
#define PP_CODEC_JPEG_SCAN_COUNT_H

#include <stdint.h>

#include "codec/jpeg_stream.h"

/*
 * The start-of-scan marks from where the source stands to the end of its input, at most `most` of
 * them; 0 where the input cannot be looked ahead into. Consumes nothing and moves nothing. Behind
 * the first scan's header such a mark stands for a scan: coded data has no other 0xFF than
 * stuffed ones and marks (ITU-T T.81, B.1.1.5); only tables and comments in between may hold one
 * by chance.
 */
uint32_t pp_jpeg_count_scans(const struct pp_jpeg_source *source, uint32_t most);

#endif
