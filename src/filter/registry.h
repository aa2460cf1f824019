/*
 * filter/registry.h - every filter there is. A new one needs its file, a line here and one in
 * registry.c.
 */
#ifndef PP_FILTER_REGISTRY_H
#define PP_FILTER_REGISTRY_H

#include "filter/filter.h"

extern const struct pp_filter pp_filter_gray, pp_filter_invert, pp_filter_sepia,
    pp_filter_threshold, pp_filter_brightness, pp_filter_contrast, pp_filter_gamma,
    pp_filter_autocontrast, pp_filter_blur, pp_filter_sharpen, pp_filter_resize, pp_filter_crop,
    pp_filter_flip, pp_filter_flop, pp_filter_rotate, pp_filter_orient, pp_filter_flatten,
    pp_filter_depth;
extern const struct pp_filter pp_filter_pad, pp_filter_extent, pp_filter_border,
    pp_filter_transpose, pp_filter_transverse, pp_filter_thumbnail, pp_filter_trim;

#endif
