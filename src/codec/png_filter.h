/*
 * codec/png_filter.h - the row filters of PNG (PNG-3, clause 9), and which of them a row gets.
 *
 * Any thread. Integers alone, so the same choice on every processor.
 */
#ifndef PP_CODEC_PNG_FILTER_H
#define PP_CODEC_PNG_FILTER_H

#include <stddef.h>
#include <stdint.h>

/* The first five are filter type bytes (PNG-3, 9.2), for every row alike. */
enum pp_png_strategy {
    PP_PNG_NONE = 0,
    PP_PNG_SUB,
    PP_PNG_UP,
    PP_PNG_AVERAGE,
    PP_PNG_PAETH,
    PP_PNG_LEAST_SUM,    /* by row, the least sum of absolute differences (PNG-3, 12.7) */
    PP_PNG_LEAST_ENTROPY /* by row, the fewest bits by the bytes' own frequencies */
};

/* Rows as the file will have them, without padding between them. */
struct pp_png_rows {
    const uint8_t *above; /* the row over the first, zeroes at the picture's top; the others follow
                             right behind it */
    size_t row_bytes;
    size_t pixel_bytes; /* bytes of a pixel, 1 for fractions of one (PNG-3, 9.2) */
    uint32_t count;     /* of the rows below it */
};

/*
 * Filter the rows into `out`, each behind the byte that names its filter: count x (1 + row_bytes)
 * bytes. `scratch` is row_bytes for LEAST_SUM and LEAST_ENTROPY, else not touched.
 */
void pp_png_filter(const struct pp_png_rows *rows, enum pp_png_strategy strategy, uint8_t *out,
                   uint8_t *scratch);

#endif
