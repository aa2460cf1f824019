#include "filter/registry.h"

#include <string.h>

/* In the order lists show them: colour, statistics, neighbourhood, geometry, format. */
static const struct pp_filter *const filters[] = {
    &pp_filter_gray,          &pp_filter_channel,  &pp_filter_saturate,   &pp_filter_hue,
    &pp_filter_modulate,      &pp_filter_tint,     &pp_filter_duotone,    &pp_filter_sepia,
    &pp_filter_white_balance, &pp_filter_invert,   &pp_filter_threshold,  &pp_filter_posterize,
    &pp_filter_solarize,      &pp_filter_dither,   &pp_filter_brightness, &pp_filter_contrast,
    &pp_filter_gamma,         &pp_filter_levels,   &pp_filter_curves,     &pp_filter_autocontrast,
    &pp_filter_normalize,     &pp_filter_equalize, &pp_filter_clahe,      &pp_filter_blur,
    &pp_filter_boxblur,       &pp_filter_median,   &pp_filter_bilateral,  &pp_filter_sharpen,
    &pp_filter_unsharp,       &pp_filter_edge,     &pp_filter_emboss,     &pp_filter_noise,
    &pp_filter_pixelate,      &pp_filter_vignette, &pp_filter_resize,     &pp_filter_thumbnail,
    &pp_filter_crop,          &pp_filter_trim,     &pp_filter_pad,        &pp_filter_extent,
    &pp_filter_border,        &pp_filter_flip,     &pp_filter_flop,       &pp_filter_transpose,
    &pp_filter_transverse,    &pp_filter_rotate,   &pp_filter_orient,     &pp_filter_overlay,
    &pp_filter_flatten,       &pp_filter_depth,
};

const struct pp_filter *pp_filter_at(size_t index)
{
    return index < sizeof filters / sizeof filters[0] ? filters[index] : NULL;
}

const struct pp_filter *pp_filter_find(const char *name)
{
    const struct pp_filter *filter;

    for (size_t i = 0; (filter = pp_filter_at(i)); i++)
        if (strcmp(filter->name, name) == 0)
            return filter;
    return NULL;
}

const char *pp_filter_name(const struct pp_filter *filter)
{
    return filter->name;
}

const char *pp_filter_summary(const struct pp_filter *filter)
{
    return filter->summary;
}

const char *pp_filter_source(const struct pp_filter *filter)
{
    return filter->source;
}

const char *pp_filter_example(const struct pp_filter *filter)
{
    return filter->example;
}

const struct pp_param *pp_filter_params(const struct pp_filter *filter)
{
    return filter->params;
}
