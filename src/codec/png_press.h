/*
 * codec/png_press.h - some rows of a picture made a piece of its compressed data: filtered, then
 * deflated, by no other knowledge than the row above them.
 *
 * A press belongs to one writer and is used by one thread at a time.
 */
#ifndef PP_CODEC_PNG_PRESS_H
#define PP_CODEC_PNG_PRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libdeflate.h>

#include <pixpool/error.h>

struct pp_png_press_shape {
    size_t row_bytes;   /* of a row in the file without its filter byte */
    size_t pixel_bytes; /* 1 for fractions of one */
    uint32_t rows;      /* that go into one piece, at most */
    int level;          /* as in struct pp_encode_settings */
    bool whole;         /* the one piece is all of the picture */
    bool unfiltered;    /* the samples are not to be filtered: PNG-3, 12.7, below 8 bits */
};

struct pp_png_press {
    struct pp_png_press_shape shape;
    uint8_t *rows;  /* the row above, then those to be pressed; filled by the caller */
    uint32_t count; /* how many are */
    bool final;     /* they are the picture's last */
    /* What pp_png_press_run() made of them. */
    enum pp_status status; /* PP_OK or PP_E_NO_MEMORY */
    uint8_t *out;
    size_t out_size;
    uint64_t raw_size; /* of the bytes that were deflated */
    uint32_t adler;    /* theirs */
    /* Its own. */
    void *memory;
    uint8_t *filtered, *scratch, *spare, *best;
    struct libdeflate_compressor *compressor, *trial;
    void *matcher; /* memory of one that is our own */
};

/* Bytes a press of that shape holds. */
uint64_t pp_png_press_memory(const struct pp_png_press_shape *shape);

/* A zeroed press gets its buffers. The compressors wait for the first piece of their kind. Errors:
 * PP_E_NO_MEMORY. */
enum pp_status pp_png_press_init(struct pp_png_press *press, const struct pp_png_press_shape *shape,
                                 struct pp_error *err) PP_MUST_CHECK;
void pp_png_press_run(struct pp_png_press *press);
/* Free all; a zeroed press is allowed. */
void pp_png_press_release(struct pp_png_press *press);

#endif
