/*
 * jpeg_file.h - pictures as JPEG in memory, and surgery on the result.
 */
#ifndef TESTDATA_JPEG_FILE_H
#define TESTDATA_JPEG_FILE_H

#include "bytes.h"
#include "picture.h"

enum jpeg_space { JPEG_YCC = 0, JPEG_GRAY, JPEG_RGB, JPEG_CMYK, JPEG_YCCK };

/* An application segment or comment, written after libjpeg's own. */
struct jpeg_segment {
    int marker;
    const char *prefix; /* before the data, with its NULs */
    size_t prefix_size;
    const struct bytes *data;
};

struct jpeg_options {
    enum jpeg_space space;
    int quality; /* 0: 85 */
    int h, v;    /* sampling of the first component against the others; 0: 1 */
    int progressive, optimised, arithmetic;
    int separate_scans;    /* baseline, one scan a component */
    int wide_tables;       /* quantisation steps over 255 where the quality asks for them */
    unsigned restart_rows; /* MCU rows between restart markers */
    const struct jpeg_segment *segments;
    size_t segment_count;
};

/* {0} options: baseline 4:4:4. */
struct bytes jpeg_encode(const struct picture *picture, const struct jpeg_options *options);
/* With one segment. */
struct bytes jpeg_with_exif(const struct picture *picture, const struct jpeg_options *options,
                            const struct bytes *exif);
/* The profile in APP2 segments of at most `piece` bytes (ICC.1:2010, B.4). */
struct bytes jpeg_with_icc(const struct picture *picture, const struct jpeg_options *options,
                           const struct bytes *icc, size_t piece);

/* Where the nth marker of that kind (0xc4 and so on) begins, at its 0xff; ends the program when
 * there is none. Only headers are searched, not entropy-coded data of later scans. */
size_t jpeg_find(const struct bytes *file, unsigned marker, unsigned nth);
/* Where its segment ends. */
size_t jpeg_segment_end(const struct bytes *file, size_t at);

#endif
