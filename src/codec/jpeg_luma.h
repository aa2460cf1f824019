/*
 * codec/jpeg_luma.h - the gray JPEG inside a colour JPEG, without decoding a sample.
 *
 * Luma's entropy-coded bits are found and copied; what results is a complete JPEG file of one
 * component whose decoded samples are those of the source's Y plane; of its application segments
 * and comments the JFIF header alone is passed on. It is pulled piece by piece, to be written out
 * or to be decoded by libjpeg in place of the source, which is cheaper than decoding the source.
 * With a quantization table given, the coefficients of a sequential file are brought to its steps,
 * each to the nearest multiple, and coded anew; of a file that has the same table the bits are
 * copied. Or luma of a sequential file is decoded at a half, a quarter or an eighth, to the samples
 * that libjpeg decodes it to. Whatever is not as ITU-T T.81 says, or not of a kind this knows, ends
 * it with an error: nothing is guessed, and the caller falls back to libjpeg. The data of
 * sequential and DC scans of luma is checked to its last bit; AC scans of progressive files are
 * passed on unseen, so that damage within them is in the output as well, and scans of chroma alone
 * are dropped unseen. Memory is fixed but for rows of blocks that have to wait and of samples,
 * which grow with the picture's width. One thread at a time.
 */
#ifndef PP_CODEC_JPEG_LUMA_H
#define PP_CODEC_JPEG_LUMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/stream.h"
#include "codec/codec.h"

struct pp_jpeg_luma_settings {
    bool headless; /* give no start of image and no JFIF header: the output begins with the tables,
                      and what belongs in front of them is the caller's */
    uint16_t steps[64]; /* the quantization table of the output, 1 to 255, in natural order; begins
                           with 0: the source's, of any kind */
    unsigned eighths;   /* 1, 2 or 4: of both sides, to be decoded, see pp_jpeg_luma_rows(); 0:
                           the output is bits */
    struct pp_limits limits; /* pixels and scans */
};

struct pp_jpeg_luma;

/* The most bytes it holds for a picture of that width with `v` rows of luma blocks in an MCU. */
uint64_t pp_jpeg_luma_memory(uint32_t width, unsigned v);
/* The same where it decodes. */
uint64_t pp_jpeg_luma_rows_memory(uint32_t width, unsigned v, unsigned eighths);

/*
 * Begin at the input's SOI. *luma is the caller's to close, NULL on an error. Errors:
 * PP_E_UNSUPPORTED: a file of a kind that is not extracted; PP_E_CORRUPT: not as the standard says;
 * PP_E_LIMIT; PP_E_READ; PP_E_NO_MEMORY.
 */
enum pp_status pp_jpeg_luma_open(struct pp_input *in, const struct pp_jpeg_luma_settings *settings,
                                 struct pp_jpeg_luma **luma, struct pp_error *err) PP_MUST_CHECK;

/* The next piece of the output, valid until the next call; *size is 0 when all of it, with its
 * end-of-image mark, was given. Errors as above; what was given before is then of no use. */
enum pp_status pp_jpeg_luma_next(struct pp_jpeg_luma *luma, const uint8_t **data, size_t *size,
                                 struct pp_error *err) PP_MUST_CHECK;

/* The picture's sides as its header tells them. */
void pp_jpeg_luma_sides(const struct pp_jpeg_luma *luma, uint32_t *width, uint32_t *height);

/* Rows of samples, as many as are ready. */
struct pp_jpeg_luma_rows {
    const uint8_t *first;
    size_t stride; /* bytes */
    uint32_t count;
};

/* With settings.eighths, in place of pp_jpeg_luma_next(): the next rows, valid until the next call;
 * none when all were given and the end-of-image mark was reached. Both sides are rounded up. Errors
 * as above, PP_E_UNSUPPORTED also for coefficients that no picture has; what was given before is
 * then of no use. */
enum pp_status pp_jpeg_luma_rows(struct pp_jpeg_luma *luma, struct pp_jpeg_luma_rows *rows,
                                 struct pp_error *err) PP_MUST_CHECK;

/* NULL is allowed. */
void pp_jpeg_luma_close(struct pp_jpeg_luma *luma);

#endif
