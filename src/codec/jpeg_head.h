/*
 * codec/jpeg_head.h - what an encoded gray JPEG begins with, and the table it would be made with.
 *
 * For one whose coefficients are not made by libjpeg and yet is to be as if they were. One thread
 * at a time.
 */
#ifndef PP_CODEC_JPEG_HEAD_H
#define PP_CODEC_JPEG_HEAD_H

#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include "codec/jpeg.h"

struct pp_jpeg_head {
    uint32_t width, height;
    const struct pp_write_settings *settings;
    const struct jpeg_decompress_struct *like; /* the source, if its coefficients are kept: a JFIF
                                                  header is written where it has one; else NULL */
    uint16_t quant[64]; /* is set: the quantization table, natural order; not with `like` */
};

/* Write the start of image, the JFIF header and the metadata, all that the tables follow. What
 * metadata a JPEG cannot carry the guard is warned of. Errors: those of a writer. */
enum pp_status pp_jpeg_head_write(struct pp_jpeg_head *head, struct pp_jpeg_guard *guard,
                                  struct pp_output *out, struct pp_error *err) PP_MUST_CHECK;

#endif
