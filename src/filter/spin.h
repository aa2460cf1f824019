/*
 * filter/spin.h - a picture turned by any angle about its middle, for rotate.
 *
 * A turn by less than a quarter either way needs of the input only what lies along the slanted
 * rows: about width x tan(angle) rows at a time. Pure, any thread.
 */
#ifndef PP_FILTER_SPIN_H
#define PP_FILTER_SPIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/image.h>

#include "image/band.h"

struct pp_spin {
    struct pp_geometry in, out; /* out may have alpha where in has none */
    double sine, cosine;        /* of the angle, clockwise */
    bool cubic;
    uint32_t background[4]; /* samples, in the output's form */
};

/* Members of struct pp_filter for a filter whose state is a struct pp_spin. */
void pp_spin_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                         uint32_t *in_last);
void pp_spin_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                    void *scratch);

#endif
