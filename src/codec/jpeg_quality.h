/*
 * codec/jpeg_quality.h - the quality that quantisation tables stand for. Pure; any thread.
 */
#ifndef PP_CODEC_JPEG_QUALITY_H
#define PP_CODEC_JPEG_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The quality, 1 to 100, at which libjpeg's tables are nearest to `luma` and, where there is
 * chroma, to `chroma` (else NULL), both in zigzag order. *exact: they are the very tables, which
 * are those of ITU-T T.81, annex K, scaled as jpeg_set_quality() of the Independent JPEG Group
 * scales them. The nearest have the least sum of differences.
 */
int pp_jpeg_quality(const uint16_t *luma, const uint16_t *chroma, bool *exact);

#endif
