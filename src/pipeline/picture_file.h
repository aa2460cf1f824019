/*
 * pipeline/picture_file.h - one picture file read into memory, upright: what a filter lays over
 * others.
 *
 * One thread, which need not be a worker's: no OpenMP region is entered.
 */
#ifndef PP_PIPELINE_PICTURE_FILE_H
#define PP_PIPELINE_PICTURE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>

#include "base/stream.h"
#include "codec/codec.h"

struct pp_picture_file {
    int fd; /* -1 when there is none */
    struct pp_input in;
    struct pp_reader *reader;    /* owned */
    struct pp_geometry geometry; /* upright */
    size_t stride;               /* of its rows, a multiple of PP_ALIGNMENT */
    uint64_t memory;             /* bytes that decoding holds, beside those rows */
};

/* Open it and read its header, within the limits on pixels and scans. Errors: those of opening and
 * reading; to be closed in either case. */
enum pp_status pp_picture_file_open(struct pp_picture_file *file, const char *path,
                                    const struct pp_limits *limits,
                                    struct pp_error *err) PP_MUST_CHECK;
/* Fill its rows, upright, `stride` bytes apart. Once. Errors: those of decoding. */
enum pp_status pp_picture_file_decode(struct pp_picture_file *file, uint8_t *rows,
                                      struct pp_error *err) PP_MUST_CHECK;
/* One never opened is allowed if its fd is -1. */
void pp_picture_file_close(struct pp_picture_file *file);

#endif
