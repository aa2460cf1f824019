#include "filter/filter.h"
#include "filter/registry.h"

/* As resize has them, which gets them by their names. */
static const char *const fits[] = {"inside", "outside", "cover", "fill", NULL};
static const char *const kernels[] = {"nearest", "bilinear", "bicubic", "lanczos3", NULL};

static const struct pp_param params[] = {
    {.name = "size",
     .type = PP_PARAM_SIZE,
     .summary = "pixels, or percent of both sides; a side left out follows the other",
     .min = 1,
     .max = 1000000,
     .required = true},
    {.name = "fit",
     .type = PP_PARAM_CHOICE,
     .summary = "stay inside the size, reach outside, cover it and cut, or fill it and distort",
     .choices = fits,
     .default_text = "inside"},
    {.name = "kernel",
     .type = PP_PARAM_CHOICE,
     .summary = "how samples are interpolated",
     .choices = kernels,
     .default_text = "lanczos3"},
    {.name = NULL},
};

static const struct pp_filter *part(const struct pp_value *args, size_t index)
{
    static const struct pp_filter *const parts[] = {&pp_filter_orient, &pp_filter_resize, NULL};

    (void)args;
    return parts[index];
}

const struct pp_filter pp_filter_thumbnail = {
    .name = "thumbnail",
    .summary = "set upright, make smaller, leave metadata away but for the colour profile",
    .source = "orient, then resize, which is described there; of metadata the output has the "
              "colour profile alone.",
    .params = params,
    .part = part,
    .strips_metadata = true,
};
