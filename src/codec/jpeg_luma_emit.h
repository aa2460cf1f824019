/*
 * codec/jpeg_luma_emit.h - luma's blocks in raster order, of those in the order of MCUs.
 *
 * A row of MCUs holds one to four rows of luma blocks. The first of these rows goes to the output
 * as it comes, the others wait in a buffer each until the row of MCUs is complete. A block's AC
 * bits are copied as they are, or rescaled (jpeg_luma_requant.h), or decoded together with it
 * (jpeg_luma_reduce.h); its DC difference is coded anew,
 * since another block comes before it now. Blocks beyond the picture's edge are left out: a scan of
 * one component does not have them (ITU-T T.81, A.2.2 and A.2.3). One thread at a time. Private to
 * the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_EMIT_H
#define PP_CODEC_JPEG_LUMA_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_means.h"
#include "codec/jpeg_luma_output.h"
#include "codec/jpeg_luma_walk.h"
#include "codec/jpeg_luma_window.h"

/* The most bytes of a block, 63 coefficients of a code and 10 bits each and a DC difference. */
#define PP_LUMA_BLOCK_BYTES 209

/* The most bytes that one walk's blocks have when they are coded anew. */
#define PP_LUMA_ROW_BYTES (PP_LUMA_WINDOW + 4 * (size_t)PP_LUMA_BLOCKS)

#define PP_LUMA_ROWS 4

/* Differences below this are looked up. */
#define PP_LUMA_SMALL 256

/* How blocks of the scan begin. */
enum pp_luma_dc {
    PP_LUMA_DC_CODED, /* with a DC difference to another block than before */
    PP_LUMA_DC_KEPT   /* with nothing that would have to change */
};

struct pp_luma_reduce;
struct pp_luma_requant;

/* Bits of a row of blocks, gathered. */
struct pp_luma_row {
    uint8_t *data;    /* PP_LUMA_GUARD bytes behind what it may hold are there */
    uint8_t *next;    /* where whole bytes go */
    uint32_t pending; /* bits that make no byte yet */
    unsigned count;   /* how many, 0 to 7 */
    bool waits;       /* nothing came yet, and the difference to what comes before is not known */
    int32_t first_dc; /* of a row that waits: its first block's value */
    int32_t last_dc;
};

struct pp_luma_emit {
    struct pp_luma_layout layout;
    struct pp_luma_means means; /* luma's blocks as the source has them */
    enum pp_luma_dc dc;
    struct pp_luma_encoder encoder;  /* the output's */
    bool keeps_codes;                /* the encoder's codes are the source's */
    struct pp_luma_requant *requant; /* what coefficients become; NULL: nothing else */
    struct pp_luma_reduce *reduce;   /* what decodes blocks; NULL: they stay coded */
    /* What is appended for small differences, from -PP_LUMA_SMALL on: bits << 5 | their number. */
    uint32_t prefixes[2 * PP_LUMA_SMALL];
    uint32_t mcu_column, mcu_row; /* the next MCU */
    bool too_large;               /* a value or difference that no picture has came up */
    unsigned draining;            /* the row that is being appended; 0: none */
    size_t drained;               /* bits of it that are done */
    struct pp_luma_row rows[PP_LUMA_ROWS];
};

/* Bytes of the buffer that a picture's rows that wait need. */
size_t pp_luma_emit_memory(uint32_t columns, unsigned v);

/* Begin a scan; `codes` are the source's, NULL where there are no DC differences to change, and
 * `encoder`, `keeps_codes`, `requant` and `reduce` are set where there are. `first` has
 * PP_LUMA_ROW_BYTES + PP_LUMA_GUARD bytes, `others` has pp_luma_emit_memory(); where blocks are
 * decoded both may be NULL. */
void pp_luma_emit_begin(struct pp_luma_emit *emit, const struct pp_luma_layout *layout,
                        const struct pp_luma_codes *codes, uint8_t *first, uint8_t *others);

/* The MCUs that may be taken at once, if there is a row's room for what they become. */
size_t pp_luma_emit_room(const struct pp_luma_emit *emit);

/* Take the blocks of whole MCUs of one row of MCUs: block i lies between ends[i] and ends[i + 1].
 * Errors: PP_E_CORRUPT. */
enum pp_status pp_luma_emit_blocks(struct pp_luma_emit *emit, const uint8_t *data,
                                   const uint32_t *ends, size_t mcus,
                                   struct pp_error *err) PP_MUST_CHECK;

/* The row of MCUs is complete and its waiting rows are to be drained before the next blocks; where
 * blocks are decoded their samples are in the strip until then. */
bool pp_luma_emit_must_drain(const struct pp_luma_emit *emit);
/* The rows of blocks that it has within the picture. */
unsigned pp_luma_emit_rows(const struct pp_luma_emit *emit);
/* Append a part of them to what goes out. Errors: PP_E_CORRUPT. */
enum pp_status pp_luma_emit_drain(struct pp_luma_emit *emit, struct pp_error *err) PP_MUST_CHECK;

/* Hand whole bytes out; all, padded by ones (F.1.2.3), at the scan's end. */
enum pp_status pp_luma_emit_flush(struct pp_luma_emit *emit, bool all,
                                  struct pp_luma_output *output,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
