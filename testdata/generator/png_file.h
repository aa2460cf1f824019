/*
 * png_file.h - pictures as PNG in memory, and chunks by hand.
 */
#ifndef TESTDATA_PNG_FILE_H
#define TESTDATA_PNG_FILE_H

#include <png.h>

#include "bytes.h"
#include "picture.h"

struct png_options {
    int colour_type; /* PNG_COLOR_TYPE_... */
    int depth;
    int interlaced;
    int opaque;  /* an alpha channel of nothing but full */
    int stored;  /* deflate level 0 */
    int filters; /* PNG_FILTER_...; 0: libpng's choice */
    int keyed;   /* tRNS: one transparent colour, or alphas in the palette */
    /* Set chunks before IHDR is written; NULL for none. */
    void (*decorate)(png_structp png, png_infop info);
};

struct bytes png_encode(const struct picture *picture, const struct png_options *options);

/* The chunk that begins at `at`; false at the file's end. Walk from PNG_FIRST_CHUNK. */
#define PNG_FIRST_CHUNK 8
struct png_chunk {
    size_t at, end; /* whole, length field to CRC */
    char type[5];
    size_t data, size;
};
int png_chunk_at(const struct bytes *file, size_t at, struct png_chunk *chunk);
/* The first chunk of that type; ends the program when there is none. */
struct png_chunk png_find(const struct bytes *file, const char *type);
/* Append a chunk with its CRC (ISO/IEC 15948, annex D). */
void png_add_chunk(struct bytes *to, const char *type, const void *data, size_t size);
/* The same picture with its image data in pieces of that size. */
struct bytes png_split_data(const struct bytes *file, size_t piece);
/* The same with one more chunk before the image data. */
struct bytes png_with_chunk(const struct bytes *file, const char *type, const struct bytes *data);

#endif
