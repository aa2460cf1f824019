/*
 * codec/jpeg_dct.h - a JPEG made of another one's coefficients: moved, cut, without its colours.
 *
 * Nothing is dequantised, so that nothing is lost. One thread.
 */
#ifndef PP_CODEC_JPEG_DCT_H
#define PP_CODEC_JPEG_DCT_H

#include "codec/jpeg_reader.h"

/* Whether the picture allows it, and if not why: PP_E_UNSUPPORTED. */
enum pp_status pp_jpeg_dct_check(const struct pp_jpeg_reader *reader,
                                 const struct pp_transcode *what,
                                 const struct pp_write_settings *settings,
                                 struct pp_error *err) PP_MUST_CHECK;

/* Whether the luma extractor is put in front: the coefficients of the other components are then
 * not read. */
bool pp_jpeg_dct_extracts(const struct pp_jpeg_reader *reader, const struct pp_transcode *what);

/* Bytes it will hold at its peak. */
uint64_t pp_jpeg_dct_memory(const struct pp_jpeg_reader *reader, const struct pp_transcode *what);

/* In place of start() to finish_reader(), after pp_jpeg_dct_check(). Errors: those of reading and
 * of writing. */
enum pp_status pp_jpeg_dct_run(struct pp_jpeg_reader *reader, const struct pp_transcode *what,
                               struct pp_output *out, const struct pp_write_settings *settings,
                               struct pp_error *err) PP_MUST_CHECK;

#endif
