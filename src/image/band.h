/*
 * image/band.h - a run of whole rows of a picture.
 */
#ifndef PP_IMAGE_BAND_H
#define PP_IMAGE_BAND_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/image.h>

/* Rows [first, first + count) of a picture, `stride` bytes apart, `rows` pointing at row `first`.
 * A band owns nothing. Bytes between a row's end and the stride are not part of the picture. */
struct pp_band {
    uint8_t *rows;
    size_t stride; /* a multiple of PP_ALIGNMENT */
    uint32_t first;
    uint32_t count;
};

/* Row `y` of the picture (not of the band); it must be in the band. */
static inline uint8_t *pp_band_row(const struct pp_band *band, uint32_t y)
{
    return band->rows + (size_t)(y - band->first) * band->stride;
}

#endif
