/*
 * filter/fit.h - how large a resized picture becomes, and from what part of the input. Pure.
 */
#ifndef PP_FILTER_FIT_H
#define PP_FILTER_FIT_H

#include "filter/filter.h"
#include "filter/resample.h"

/* In the order of resize's choices. */
enum pp_fit { PP_FIT_INSIDE, PP_FIT_OUTSIDE, PP_FIT_COVER, PP_FIT_FILL };

struct pp_fit_request {
    const struct pp_value *size;
    enum pp_fit fit;
    bool enlarge;
};

/* Lay out both directions. Errors: PP_E_LIMIT when a side would grow beyond 1,000,000 pixels. */
enum pp_status pp_fit(const struct pp_fit_request *request, const struct pp_geometry *in,
                      struct pp_axis axes[2], struct pp_error *err) PP_MUST_CHECK;

#endif
