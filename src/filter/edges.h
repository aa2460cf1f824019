/*
 * filter/edges.h - what lies outside of a picture: its outermost pixels, repeated. Any thread.
 */
#ifndef PP_FILTER_EDGES_H
#define PP_FILTER_EDGES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "image/band.h"

/* Row `y` of a picture of `height` rows; outside of them the first or the last one. It must be in
 * the band. */
static inline uint8_t *pp_edge_row(const struct pp_band *in, int64_t y, uint32_t height)
{
    return pp_band_row(in, (uint32_t)(y < 0 ? 0 : y >= height ? height - INT64_C(1) : y));
}

/* Repeat the first and the last of `width` pixels of `pixel` bytes `radius` times outwards; they
 * begin after the room for the first's repetitions. */
static inline void pp_edge_repeat(void *padded, size_t width, size_t pixel, size_t radius)
{
    uint8_t *row = padded, *first = row + radius * pixel, *last = first + (width - 1) * pixel;

    for (size_t i = 0; i < radius; i++) {
        memcpy(row + i * pixel, first, pixel);
        memcpy(last + (i + 1) * pixel, last, pixel);
    }
}

/* The rows that rows [first, last) and `radius` more on either side are, as rows_needed tells. */
static inline void pp_edge_rows_needed(uint32_t radius, uint32_t height, const uint32_t rows[2],
                                       uint32_t *in_first, uint32_t *in_last)
{
    *in_first = rows[0] > radius ? rows[0] - radius : 0;
    *in_last = height - rows[1] > radius ? rows[1] + radius : height;
}

#endif
