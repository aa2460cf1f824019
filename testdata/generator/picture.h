/*
 * picture.h - a picture in memory, and colours in linear light.
 */
#ifndef TESTDATA_PICTURE_H
#define TESTDATA_PICTURE_H

#include <stdint.h>

/* Linear light, 1 is white; more is brighter than white. */
struct colour {
    double r, g, b;
};

/* RGB samples of 16 bits in sRGB encoding, rows from the top without padding. */
struct picture {
    unsigned width, height;
    uint16_t *rgb; /* owned */
};

/* Ends the program when memory is short, as does every function here that allocates. */
struct picture picture_new(unsigned width, unsigned height);
void picture_free(struct picture *picture);
uint16_t *picture_at(const struct picture *picture, unsigned x, unsigned y);
/* Store a colour: exposure curve, sRGB encoding (IEC 61966-2-1), rounding. */
void picture_put(struct picture *picture, unsigned x, unsigned y, struct colour colour);

/* The mean of the source pixels under each new pixel. */
struct picture picture_shrink(const struct picture *from, unsigned width, unsigned height);
struct picture picture_crop(const struct picture *from, unsigned x, unsigned y,
                            const unsigned size[2]);
/* The pixels to store so that a reader that applies EXIF orientation 1 to 8 shows `from`. */
struct picture picture_stored_for(const struct picture *from, int orientation);

/* 16 to 8 bits, rounded. */
uint8_t sample8(uint16_t sample);

struct colour colour_mix(struct colour a, struct colour b, double t);
struct colour colour_scale(struct colour a, double by);
struct colour colour_add(struct colour a, struct colour b);
struct colour colour_times(struct colour a, struct colour b);

#endif
