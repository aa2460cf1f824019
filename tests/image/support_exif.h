/* EXIF data with everything in it that is ever changed, in either byte order. */
#ifndef TEST_SUPPORT_EXIF_H
#define TEST_SUPPORT_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEST_EXIF_MAX 600u

/* What stands where, for tests that break it. */
struct test_exif {
    uint8_t data[TEST_EXIF_MAX];
    size_t size;
    bool big_endian;
    size_t first, main, related, gps, thumbnail; /* directories */
    size_t picture, picture_size;                /* the thumbnail's bytes, the last of all */
    size_t place;                                /* the latitude */
};

/*
 * IFD 0: 4000 x 3000, orientation 6, 72 x 36 dots; the EXIF directory: the same size and a subject
 * area; related size; GPS with a latitude of 0xBEEF0001 degrees; IFD 1 with a thumbnail.
 */
struct test_exif test_exif_make(bool big_endian);

/* Write a number of 2 or 4 bytes. */
void test_exif_put(struct test_exif *exif, size_t at, unsigned width, uint32_t number);
/* The number that the entry of that tag in the directory at `directory` holds; 0: there is none. */
uint32_t test_exif_get(const struct test_exif *exif, size_t directory, unsigned tag);

#endif
