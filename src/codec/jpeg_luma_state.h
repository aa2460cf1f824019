/*
 * codec/jpeg_luma_state.h - the state of one extraction, shared by its parts.
 *
 * jpeg_luma.c takes in the marker segments, jpeg_luma_headers.c writes those of the output,
 * jpeg_luma_data.c deals with a scan's data step by step. One thread at a time. Private to the luma
 * extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_STATE_H
#define PP_CODEC_JPEG_LUMA_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/jpeg_luma.h"
#include "codec/jpeg_luma_emit.h"
#include "codec/jpeg_luma_frame.h"
#include "codec/jpeg_luma_output.h"
#include "codec/jpeg_luma_reduce.h"
#include "codec/jpeg_luma_requant.h"
#include "codec/jpeg_luma_walk.h"
#include "codec/jpeg_luma_window.h"

/* What is done at present. */
enum pp_luma_phase {
    PP_LUMA_SEGMENTS, /* between scans */
    PP_LUMA_RECODE,   /* in one whose blocks are coded anew or decoded */
    PP_LUMA_COPY,     /* in one of luma alone, that is walked through to see that it is sound */
    PP_LUMA_PASS,     /* in one of luma alone that is passed on unseen */
    PP_LUMA_DROP,     /* in one of chroma alone */
    PP_LUMA_DONE
};

/* The large buffers, not zeroed. */
struct pp_luma_buffers {
    struct pp_luma_window window;
    struct pp_luma_output output;
    struct pp_luma_coding codings[PP_LUMA_COMPONENTS];
    uint32_t ends[PP_LUMA_ENDS], other[PP_LUMA_ENDS];
    uint8_t row[PP_LUMA_ROW_BYTES + PP_LUMA_GUARD];
};

/* The tables that the output defines, as they were last written. */
struct pp_luma_written {
    bool frame;
    struct pp_luma_huffman dc, ac;
    uint32_t restart_interval;
};

struct pp_jpeg_luma {
    struct pp_input *in;
    struct pp_jpeg_luma_settings settings;
    enum pp_luma_phase phase;
    bool given; /* the output's bytes, or a strip of samples, are with the caller */
    uint32_t scans;
    struct pp_luma_frame frame;
    struct pp_luma_scan scan;
    struct pp_luma_written written;
    struct pp_luma_buffers *buffers; /* owned */
    void *rows;                      /* owned; NULL until needed */
    struct pp_luma_requant *requant; /* owned; NULL: coefficients stay as they are */
    struct pp_luma_reduce *reduce;   /* owned; NULL: nothing is decoded */
    struct pp_luma_layout layout;    /* of the scan */
    struct pp_luma_walk walk;
    struct pp_luma_emit emit;
    size_t found, taken;    /* blocks that were walked through, and those that went out */
    bool starved;           /* the window had too little data for the last walk */
    uint64_t mcus_left;     /* of the scan, to be walked through */
    uint32_t interval_left; /* of these the MCUs until the next restart marker */
    unsigned restarts;      /* markers there were in the scan */
};

/*
 * jpeg_luma_headers.c: all that the output has in front of the scan's data. `dc` and `ac` are the
 * tables the data is coded by, NULL where the scan needs none. Errors: PP_E_INTERNAL.
 */
struct pp_luma_scan_tables {
    const struct pp_luma_huffman *dc, *ac;
    uint32_t restart_interval;
};

enum pp_status pp_luma_write_headers(struct pp_jpeg_luma *luma,
                                     const struct pp_luma_scan_tables *tables,
                                     struct pp_error *err) PP_MUST_CHECK;

/* What a block of the scan consists of. */
static inline bool pp_luma_has_dc_code(const struct pp_jpeg_luma *luma)
{
    return luma->scan.first == 0 && luma->scan.high == 0;
}

static inline bool pp_luma_has_ac(const struct pp_jpeg_luma *luma)
{
    return luma->scan.last > 0;
}

/* jpeg_luma_prepare.c: what comes before the data of the scan in luma->scan. */

/* Whether libjpeg takes the tables that the scan is decoded by, also where it is only passed on or
 * dropped. Errors: PP_E_CORRUPT. */
enum pp_status pp_luma_check_tables(const struct pp_jpeg_luma *luma,
                                    struct pp_error *err) PP_MUST_CHECK;
/* The blocks as the scan has them: in MCUs when it is interleaved (ITU-T T.81, A.2.3), else in
 * raster order (A.2.2). */
void pp_luma_lay_out(struct pp_jpeg_luma *luma);
/* The tables, and the way through the places of an MCU. */
void pp_luma_prepare_walk(struct pp_jpeg_luma *luma);

/* jpeg_luma_data.c: begin the data of the scan in luma->scan. Errors: PP_E_CORRUPT,
 * PP_E_NO_MEMORY. */
enum pp_status pp_luma_data_begin(struct pp_jpeg_luma *luma, struct pp_error *err) PP_MUST_CHECK;
/* Do a part of it; at its end the phase is PP_LUMA_SEGMENTS again. Errors: PP_E_CORRUPT, PP_E_READ.
 */
enum pp_status pp_luma_data_step(struct pp_jpeg_luma *luma, struct pp_error *err) PP_MUST_CHECK;

#endif
