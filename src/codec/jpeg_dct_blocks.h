/*
 * codec/jpeg_dct_blocks.h - the blocks of one component, moved: a window of them, mirrored or
 * turned, handed to libjpeg's encoder row by row as it asks for them.
 *
 * A cosine's mirror image is the cosine, or minus the cosine where its frequency is odd (ITU-T
 * T.81, A.3.3): a block is mirrored by changing the signs of the coefficients whose frequency in
 * that direction is odd, and transposed by transposing its coefficients. Nothing is rounded.
 * Turned rows are made anew each time they are asked for, so that a picture's coefficients are held
 * once and not twice. One thread.
 */
#ifndef PP_CODEC_JPEG_DCT_BLOCKS_H
#define PP_CODEC_JPEG_DCT_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "image/placement.h"

/* Whether each coefficient of a component has at most the 10 bits that ITU-T T.81, F.1.2.2, has
 * codes for, so that differences of DC have at most the 11 of F.1.2.1: damaged data may decode to
 * others, and libjpeg-turbo's encoder looks at their sizes only while it gathers statistics. Where
 * DC is -1024, which is right too, the answer is no. */
bool pp_jpeg_blocks_are_codable(j_decompress_ptr source, jvirt_barray_ptr coefficients,
                                const jpeg_component_info *component);

struct pp_jpeg_blocks {
    j_decompress_ptr source; /* its coefficients have been read */
    jvirt_barray_ptr coefficients;
    struct pp_placement window;      /* in blocks of the component; inside of it */
    JBLOCKROW rows[MAX_SAMP_FACTOR]; /* those last handed out */
    JBLOCKARRAY made;                /* room for as many; the encoder's */
    JCOEF signs[DCTSIZE2];           /* -1: the coefficient of the output changes sign */
};

/* Set all but `rows` up. `out` is the component that the encoder makes of it, with its size in
 * blocks already known; the room is allocated from `cinfo`. In a guarded step. */
void pp_jpeg_blocks_init(struct pp_jpeg_blocks *blocks, j_compress_ptr cinfo,
                         const jpeg_component_info *out);

/* Output rows [first, first + count), at most MAX_SAMP_FACTOR, until the next call. What lies below
 * the window is undefined. */
JBLOCKARRAY pp_jpeg_blocks_rows(struct pp_jpeg_blocks *blocks, uint32_t first, uint32_t count);

#endif
