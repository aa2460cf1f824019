/*
 * image/raster.h - all of a picture's rows in memory.
 */
#ifndef PP_IMAGE_RASTER_H
#define PP_IMAGE_RASTER_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/image.h>

/* Rows from top to bottom, `stride` bytes apart, each at a multiple of PP_ALIGNMENT. Owns nothing;
 * is only read. */
struct pp_raster {
    struct pp_geometry geometry;
    size_t stride;
    const uint8_t *rows;
};

#endif
