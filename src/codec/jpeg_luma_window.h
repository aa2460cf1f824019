/*
 * codec/jpeg_luma_window.h - entropy-coded data without its stuffing, a window at a time.
 *
 * The window has the bytes of one entropy-coded segment (ITU-T T.81, B.1.1.5), which a marker ends,
 * or a part of them. One thread at a time. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_WINDOW_H
#define PP_CODEC_JPEG_LUMA_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_output.h"

#define PP_LUMA_WINDOW ((size_t)32 * 1024)

struct pp_luma_window {
    struct pp_input *in;
    struct pp_luma_output *copy; /* gets the bytes as they come; NULL: nobody */
    size_t used;                 /* bytes in data */
    size_t at;                   /* bits of them that are done with */
    uint8_t marker;              /* the segment's end was reached, and this is next in the input,
                                    behind its FF; 0: not yet */
    uint8_t data[PP_LUMA_WINDOW + PP_LUMA_GUARD];
};

/* At the beginning of a segment. Everything but the data is set. */
void pp_luma_window_begin(struct pp_luma_window *window, struct pp_input *in,
                          struct pp_luma_output *copy);

/* Drop what is done with, take in more. There is nothing more when `marker` is set. Zeros follow
 * the data. Errors: PP_E_READ; PP_E_CORRUPT when the file ends. */
enum pp_status pp_luma_window_fill(struct pp_luma_window *window,
                                   struct pp_error *err) PP_MUST_CHECK;

/* Check that nothing but the padding of the last byte is left, and that a marker is next. Errors
 * as above; PP_E_CORRUPT when data is left. */
enum pp_status pp_luma_window_end(struct pp_luma_window *window,
                                  struct pp_error *err) PP_MUST_CHECK;

/* Consume the marker that is next, which must be RST number `number` modulo 8, and begin the next
 * segment. Errors: PP_E_CORRUPT. */
enum pp_status pp_luma_window_restart(struct pp_luma_window *window, unsigned number,
                                      struct pp_error *err) PP_MUST_CHECK;

#endif
