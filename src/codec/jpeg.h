/*
 * codec/jpeg.h - what the parts of the JPEG codec share.
 */
#ifndef PP_CODEC_JPEG_H
#define PP_CODEC_JPEG_H

#include "codec/codec.h"
#include "codec/jpeg_guard.h"

/* jpeg_reader.c; see struct pp_codec. */
enum pp_status pp_jpeg_describe(struct pp_input *in, struct pp_info *info, struct pp_error *err);
enum pp_status pp_jpeg_open_reader(struct pp_input *in, const struct pp_read_settings *settings,
                                   struct pp_reader **reader, struct pp_error *err);
enum pp_status pp_jpeg_start(struct pp_reader *reader, struct pp_error *err);
enum pp_status pp_jpeg_read_rows(struct pp_reader *reader, uint8_t *rows, size_t stride,
                                 uint32_t count, struct pp_error *err);
enum pp_status pp_jpeg_finish_reader(struct pp_reader *reader, struct pp_error *err);
void pp_jpeg_close_reader(struct pp_reader *reader);
unsigned pp_jpeg_reduce(struct pp_reader *reader, uint32_t min_width, uint32_t min_height);

/* jpeg_transcode.c */
enum pp_status pp_jpeg_can_transcode(const struct pp_reader *reader, enum pp_decode_path path,
                                     const struct pp_transcode *what,
                                     const struct pp_write_settings *settings, uint64_t *memory,
                                     struct pp_error *err);
enum pp_status pp_jpeg_transcode(struct pp_reader *reader, enum pp_decode_path path,
                                 const struct pp_transcode *what, struct pp_output *out,
                                 const struct pp_write_settings *settings, struct pp_error *err);

/* jpeg_writer.c */
uint64_t pp_jpeg_writer_memory(const struct pp_geometry *geometry,
                               const struct pp_write_settings *settings);
enum pp_status pp_jpeg_open_writer(struct pp_output *out, const struct pp_geometry *geometry,
                                   const struct pp_write_settings *settings,
                                   struct pp_writer **writer, struct pp_error *err);
enum pp_status pp_jpeg_write_rows(struct pp_writer *writer, const uint8_t *rows, size_t stride,
                                  uint32_t count, struct pp_error *err);
enum pp_status pp_jpeg_finish_writer(struct pp_writer *writer, struct pp_error *err);
void pp_jpeg_close_writer(struct pp_writer *writer);

/* What libjpeg holds for any picture: tables, structures, Huffman statistics, the chunk of the
 * destination. */
#define PP_JPEG_FIXED_BYTES ((uint64_t)256 * 1024)

/* What libjpeg holds beside the rows; jpeg_memory.c. */
struct pp_jpeg_layout {
    uint32_t width, height;
    unsigned components;
    uint8_t h[4], v[4]; /* sampling factors */
    unsigned eighths;   /* of the sides that are decoded to; 0 is 8 */
    bool coefficients;  /* all of the picture's coefficients are kept */
};

/* Bytes, a little more than libjpeg allocates. */
uint64_t pp_jpeg_memory(const struct pp_jpeg_layout *layout);

/* jpeg_cmyk.c: one row of CMYK, as libjpeg delivers it, to RGB. `inverted`: 0 is full ink, as
 * Adobe's programs store it; otherwise 255 is. */
void pp_jpeg_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, uint32_t width, bool inverted);

/* jpeg_tables.c: how the output is to be encoded. */

/* Whether the source's tables and coding process are to be kept. */
bool pp_jpeg_keeps_source(const struct pp_write_settings *settings);
/* Whether the output is progressive. */
bool pp_jpeg_is_progressive(const struct pp_write_settings *settings);
/* The sampling factors of the first `components` (1 or 3) components. */
void pp_jpeg_choose_sampling(const struct pp_write_settings *settings, unsigned components,
                             uint8_t h[4], uint8_t v[4]);
/* Set quantisation, sampling and process after jpeg_set_defaults(); in a guarded step. */
void pp_jpeg_set_tables(j_compress_ptr cinfo, const struct pp_write_settings *settings);

#endif
