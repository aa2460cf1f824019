/*
 * codec/png.h - what the parts of the PNG codec share.
 */
#ifndef PP_CODEC_PNG_H
#define PP_CODEC_PNG_H

#include "codec/codec.h"
#include "codec/png_guard.h"

/* A chunk, or what a compressed one becomes, must not be larger; the metadata of one file together
 * must not either hold more than the second figure while the header is read. */
#define PP_PNG_CHUNK_MAX    (8u * 1024 * 1024)
#define PP_PNG_METADATA_MAX ((size_t)16 * 1024 * 1024)
/* So large a chunk is read even when others have used all that up. */
#define PP_PNG_CHUNK_MIN (64u * 1024)
/* The number of text and other ancillary chunks kept. */
#define PP_PNG_CHUNKS_KEPT 256

/* png.c: have 16-bit samples in the machine's byte order; the file has them big-endian. */
void pp_png_set_native_order(png_struct *png, const struct pp_geometry *geometry);

/* png_reader.c; see struct pp_codec. */
enum pp_status pp_png_describe(struct pp_input *in, struct pp_info *info, struct pp_error *err);
enum pp_status pp_png_open_reader(struct pp_input *in, const struct pp_read_settings *settings,
                                  struct pp_reader **reader, struct pp_error *err);
enum pp_status pp_png_start(struct pp_reader *reader, struct pp_error *err);
enum pp_status pp_png_read_rows(struct pp_reader *reader, uint8_t *rows, size_t stride,
                                uint32_t count, struct pp_error *err);
enum pp_status pp_png_finish_reader(struct pp_reader *reader, struct pp_error *err);
void pp_png_close_reader(struct pp_reader *reader);

/* png_writer.c */
uint64_t pp_png_writer_memory(const struct pp_geometry *geometry,
                              const struct pp_write_settings *settings);
enum pp_status pp_png_open_writer(struct pp_output *out, const struct pp_geometry *geometry,
                                  const struct pp_write_settings *settings,
                                  struct pp_writer **writer, struct pp_error *err);
enum pp_status pp_png_write_rows(struct pp_writer *writer, const uint8_t *rows, size_t stride,
                                 uint32_t count, struct pp_error *err);
enum pp_status pp_png_finish_writer(struct pp_writer *writer, struct pp_error *err);
void pp_png_close_writer(struct pp_writer *writer);

/*
 * png_metadata_read.c: everything of the chunks before the pixels that struct pp_metadata has a
 * place for:
 *
 *   eXIf                       PP_METADATA_EXIF
 *   iCCP                       PP_METADATA_ICC, when libpng finds it sound
 *   iTXt "XML:com.adobe.xmp"   PP_METADATA_XMP
 *   tEXt, zTXt, iTXt           PP_METADATA_TEXT
 *   pHYs, gAMA, cHRM, sRGB     the members of that name, and cICP
 *   tIME                       the time
 *
 * Chunks behind the pixels are not kept: by then the output's are written. libpng's own copies are
 * freed. In a guarded step.
 * Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_png_read_metadata(png_struct *png, png_info *info, struct pp_metadata *metadata,
                                    struct pp_error *err) PP_MUST_CHECK;

/*
 * png_metadata_write.c: give `info` the chunks, the other way round. A JPEG comment becomes the
 * text "Comment": tEXt when it is ASCII or no valid UTF-8 (then it is taken for Latin-1), iTXt
 * otherwise. Texts over 1 KB are compressed. IPTC and application segments, for which PNG has no
 * chunk, text with NULs inside, keywords that PNG forbids and profiles that libpng finds unsound
 * are left out with a warning. After png_set_IHDR(), in a guarded step. Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_png_write_metadata(png_struct *png, png_info *info,
                                     const struct pp_metadata *metadata,
                                     struct pp_error *err) PP_MUST_CHECK;

/* png_text.c: whether `keyword` may be one (PNG-3, 11.3.3.2). */
bool pp_png_is_keyword(const char *keyword);
bool pp_png_is_ascii(const uint8_t *text, size_t size);

#endif
