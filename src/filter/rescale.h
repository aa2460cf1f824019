/*
 * filter/rescale.h - rows of a picture at another size, for resize.
 *
 * Pictures of 8 bits without alpha are worked on in integers (filter/fixed.h): the result differs
 * from the exact convolution by less than 0.6 before it would be rounded, that is by at most 1 from
 * the exact convolution rounded, and mostly by nothing. All others are worked on in floating point
 * (filter/sums.h), and so is light. Preparing belongs to one thread, the rest to any.
 */
#ifndef PP_FILTER_RESCALE_H
#define PP_FILTER_RESCALE_H

#include <pixpool/error.h>
#include <pixpool/image.h>

#include "filter/fixed.h"
#include "filter/light.h"
#include "filter/resample.h"
#include "image/band.h"

struct pp_rescale {
    struct pp_geometry in, out;
    const struct pp_light *light;    /* set: light is added up, not samples; must outlive this */
    struct pp_resample across, down; /* owned; without weights where integers are used */
    bool fixed;
    bool across_first; /* integers: rows are shortened before they are added up */
    unsigned fraction; /* integers: of samples between the two passes */
    struct pp_fixed_weights across_fixed, down_fixed; /* owned */
};

/* *rescale comes in zeroed but for `light`. axes: across, then down. Errors: PP_E_NO_MEMORY;
 * release is allowed then too. */
enum pp_status pp_rescale_init(struct pp_rescale *rescale, const struct pp_geometry *in,
                               const struct pp_geometry *out, const struct pp_axis axes[2],
                               enum pp_kernel kernel, struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_rescale_release(struct pp_rescale *rescale);

/* Bytes of scratch memory that pp_rescale_rows() wants, however many rows. */
size_t pp_rescale_scratch(const struct pp_rescale *rescale);
/* The rows of `out`, from the rows of `in` that `down` names. */
void pp_rescale_rows(const struct pp_rescale *rescale, const struct pp_band *in,
                     const struct pp_band *out, void *scratch);

/* The two ways of it; see above. */
size_t pp_rescale_fixed_scratch(const struct pp_rescale *rescale);
void pp_rescale_fixed_rows(const struct pp_rescale *rescale, const struct pp_band *in,
                           const struct pp_band *out, void *scratch);
size_t pp_rescale_float_scratch(const struct pp_rescale *rescale);
void pp_rescale_float_rows(const struct pp_rescale *rescale, const struct pp_band *in,
                           const struct pp_band *out, void *scratch);

#endif
