/*
 * codec/jpeg_luma_means.h - where luma's blocks are among those of MCUs, and their DC values.
 *
 * A block's DC value is told as the difference to that of the block before it (ITU-T T.81,
 * F.2.2.1). One thread at a time. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_MEANS_H
#define PP_CODEC_JPEG_LUMA_MEANS_H

#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_walk.h"

/* How blocks lie in the picture and in MCUs. */
struct pp_luma_layout {
    uint32_t columns, rows;         /* luma blocks of the picture */
    uint32_t mcu_columns, mcu_rows; /* MCUs */
    unsigned h, v;                  /* luma blocks of an MCU */
    unsigned blocks;                /* all blocks of an MCU, luma's first */
};

/* MCUs that are dealt with at once. */
#define PP_LUMA_GROUP 32

struct pp_luma_means {
    const struct pp_luma_codes *codes; /* the source's, of DC differences */
    unsigned count, blocks;            /* luma's blocks of an MCU, and all of them */
    int32_t predicted;                 /* the last block's value */
    uint16_t looks[512];               /* categories by 9 bits: category << 8 | code's length */
    /* Of luma's blocks of a group, in the order of the MCUs: where their AC bits begin, and their
     * values. */
    uint32_t from[PP_LUMA_GROUP * PP_LUMA_MCU_BLOCKS];
    int32_t dc[PP_LUMA_GROUP * PP_LUMA_MCU_BLOCKS];
};

/* The most blocks of a line. */
#define PP_LUMA_LINE (PP_LUMA_GROUP * 4)

/* Blocks of one row of blocks among those of several MCUs. */
struct pp_luma_line {
    const uint8_t *data;  /* PP_LUMA_GUARD bytes behind it may be read */
    const uint32_t *from; /* the bit each one's AC symbols begin at; they are sound */
    const int32_t *dc;    /* each one's mean, in the source's steps */
    uint32_t count;       /* how many blocks, at most PP_LUMA_LINE */
    unsigned h, step;     /* so many lie side by side, and their successors so many entries on */
};

/* Begin a scan. */
void pp_luma_means_begin(struct pp_luma_means *means, const struct pp_luma_layout *layout,
                         const struct pp_luma_codes *codes);

/* Find the values of luma's blocks in at most PP_LUMA_GROUP MCUs, whose block i lies between
 * ends[i] and ends[i + 1] and is sound. */
void pp_luma_means_find(struct pp_luma_means *means, const uint8_t *data, const uint32_t *ends,
                        size_t mcus);

#endif
