/*
 * codec/jpeg_luma_output.h - the bytes that are ready to be handed out.
 *
 * A piece is gathered until it is large enough; what one step adds is bounded, so that the buffer
 * has a fixed size. One thread at a time. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_OUTPUT_H
#define PP_CODEC_JPEG_LUMA_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

/* A piece is handed out when it has so many bytes. */
#define PP_LUMA_PIECE ((size_t)64 * 1024)
/* The most bytes that one step of the work adds. */
#define PP_LUMA_STEP ((size_t)144 * 1024)

struct pp_luma_output {
    size_t used;
    uint8_t data[PP_LUMA_PIECE + PP_LUMA_STEP];
};

/* Whether a whole step's bytes fit. */
bool pp_luma_output_has_room(const struct pp_luma_output *output);

/* Add bytes. Errors: PP_E_INTERNAL when a step adds more than it may. */
enum pp_status pp_luma_output_add(struct pp_luma_output *output, const void *data, size_t size,
                                  struct pp_error *err) PP_MUST_CHECK;
/* Add entropy-coded data with a zero stuffed in behind each FF (ITU-T T.81, F.1.2.3). */
enum pp_status pp_luma_output_stuff(struct pp_luma_output *output, const uint8_t *data, size_t size,
                                    struct pp_error *err) PP_MUST_CHECK;

/* The input ended where more was wanted. */
enum pp_status pp_luma_ends_early(struct pp_error *err);

#endif
