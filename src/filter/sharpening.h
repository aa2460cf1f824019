/*
 * filter/sharpening.h - unsharp masking over the smoothed rows of filter/gaussian.h, for sharpen
 * and unsharp: out = in + amount x (in - smoothed) where the two differ enough. Alpha stays, and so
 * does the colour of what is wholly transparent. Preparing belongs to one thread, all else to any.
 */
#ifndef PP_FILTER_SHARPENING_H
#define PP_FILTER_SHARPENING_H

#include <pixpool/error.h>

#include "filter/filter.h"
#include "filter/gaussian.h"

/* A state, or the beginning of one. */
struct pp_sharpening {
    struct pp_gaussian gaussian;
    float amount, threshold; /* threshold: the least difference, in the picture's own samples */

    int16_t fixed_amount; /* of 2^amount_bits */
    unsigned amount_bits;
    int16_t fixed_threshold; /* of 2^PP_GAUSSIAN_FRACTION */
};

struct pp_sharpening_settings {
    double sigma;     /* in pixels */
    double amount;    /* 0 to 10 */
    double threshold; /* of 255 */
    bool beyond;      /* differences must be greater than the threshold; else they may equal it */
};

/* Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_sharpening_init(struct pp_sharpening *sharpen, const struct pp_geometry *geometry,
                                  const struct pp_sharpening_settings *settings,
                                  struct pp_error *err) PP_MUST_CHECK;

/* Members of struct pp_filter for a filter whose state begins with a struct pp_sharpening. */
void pp_sharpening_release(void *state);
bool pp_sharpening_is_identity(const void *state);
void pp_sharpening_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                               uint32_t *in_last);
size_t pp_sharpening_scratch_size(const void *state, uint32_t rows);
void pp_sharpening_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                          void *scratch);

#endif
