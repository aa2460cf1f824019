/*
 * image/tiff.h - directories of a TIFF stream, as EXIF is one, read and changed where they stand.
 *
 * TIFF 6.0, section 2: a header of 8 bytes, then directories (IFDs) of 12-byte entries anywhere.
 * Offsets are from the stream's beginning and come from files: each is checked against the size
 * before it is used. Nothing moves but the entries of one directory, so that offsets this does not
 * know of, in makers' notes, stay true. One thread at a time. Private to the image layer.
 */
#ifndef PP_IMAGE_TIFF_H
#define PP_IMAGE_TIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_TIFF_HEADER 8u
#define PP_TIFF_ENTRY  12u

enum { PP_TIFF_SHORT = 3, PP_TIFF_LONG = 4 };

struct pp_tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
};

/* A directory as far as it lies within the stream. */
struct pp_tiff_directory {
    size_t offset; /* of the number of entries; 0: there is none */
    size_t count;  /* entries that are there */
    bool whole;    /* all that it announces are, and the link to the next */
};

/* An entry's value; size 0 when it is not all within the stream, or of no known type. */
struct pp_tiff_value {
    unsigned type;
    uint32_t count;
    size_t offset, size; /* bytes */
};

/* False when `data` does not begin as a TIFF stream does. */
bool pp_tiff_open(struct pp_tiff *tiff, const uint8_t *data, size_t size);

/* A number of 2 or 4 bytes, which must lie within the stream. */
uint32_t pp_tiff_load(const struct pp_tiff *tiff, size_t offset, unsigned width);
/* The same the other way, into `bytes`, which are the stream's. */
void pp_tiff_store(const struct pp_tiff *tiff, uint8_t *bytes, size_t offset, unsigned width,
                   uint32_t number);

/* The directory at `offset`. */
struct pp_tiff_directory pp_tiff_directory_at(const struct pp_tiff *tiff, size_t offset);
/* IFD 0. */
struct pp_tiff_directory pp_tiff_first(const struct pp_tiff *tiff);
/* Where the offset of the next directory stands; only of a whole one. */
size_t pp_tiff_link(const struct pp_tiff_directory *directory);
/* Where entry number i stands. */
size_t pp_tiff_entry(const struct pp_tiff_directory *directory, size_t i);
/* The first entry of that tag; 0: none. */
size_t pp_tiff_find(const struct pp_tiff *tiff, const struct pp_tiff_directory *directory,
                    unsigned tag);
/* The directory that the entry of that tag leads to. */
struct pp_tiff_directory pp_tiff_below(const struct pp_tiff *tiff,
                                       const struct pp_tiff_directory *directory, unsigned tag);
struct pp_tiff_value pp_tiff_value_of(const struct pp_tiff *tiff, size_t entry);
/* Number i of a value of SHORTs or LONGs; 0 where there is none. */
uint32_t pp_tiff_number(const struct pp_tiff *tiff, const struct pp_tiff_value *value, uint32_t i);

#endif
