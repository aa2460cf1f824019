/*
 * codec/jpeg_frame_words.h - a JPEG frame's colours and sampling by their usual names. Pure.
 */
#ifndef PP_CODEC_JPEG_FRAME_WORDS_H
#define PP_CODEC_JPEG_FRAME_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_jpeg_sampling {
    uint8_t count;              /* components, at most 4 are kept */
    uint8_t ids[4], h[4], v[4]; /* of each: its identifier and its sampling factors */
};

/* The colours, by libjpeg's rules: `jfif` when there is a JFIF header, `transform` what the Adobe
 * marker says, -1 where there is none. */
const char *pp_jpeg_colour(const struct pp_jpeg_sampling *sampling, bool jfif, int transform);

/* "4:2:0", or each component's factors where there is no such name; "" without chroma. */
void pp_jpeg_subsampling(const struct pp_jpeg_sampling *sampling, char *to, size_t size);

#endif
