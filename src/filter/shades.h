/*
 * filter/shades.h - grays to colours: a colour for each luma, mixed with the picture.
 *
 * Luma is rec.601 as gray=rec601 has it, rounded to a sample. Filling belongs to one thread;
 * rendering to any.
 */
#ifndef PP_FILTER_SHADES_H
#define PP_FILTER_SHADES_H

#include <pixpool/error.h>

#include "filter/filter.h"

struct pp_shades {
    struct pp_geometry in;
    double strength;   /* of the new colours, 0 to 1 */
    uint64_t rest;     /* 1 - strength, of 2^22 at 8 bits, of 2^32 at 16 */
    uint32_t *entries; /* [luma][channel], times strength: of 2^22 or 2^16; owned */
};

/* Shades for pictures of that geometry; the output's becomes RGB. The entries are not set yet.
 * Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_shades_init(struct pp_shades *shades, const struct pp_geometry *in,
                              struct pp_geometry *out, double strength,
                              struct pp_error *err) PP_MUST_CHECK;
/* What luma `luma` becomes at full strength, in samples within the range. */
void pp_shades_set(struct pp_shades *shades, uint32_t luma, const double rgb[3]);

/* Members of struct pp_filter for a filter whose state begins with a struct pp_shades. */
void pp_shades_release(void *state);
bool pp_shades_is_identity(const void *state);
void pp_shades_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                      void *scratch);

#endif
