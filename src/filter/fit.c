#include "filter/fit.h"

#include <math.h>

#define SIDE_MAX 1000000.0 /* pixels, unless the input has more */

/* A side multiplied, rounded to the nearest pixel, at least one. */
static double scaled(double side, double scale)
{
    double length = floor(side * scale + 0.5);

    return length < 1 ? 1 : length;
}

/* The one scale that keeps the picture's shape. A side left out has no say. */
static double common_scale(const struct pp_fit_request *request, double width, double height)
{
    const struct pp_value *size = request->size;
    double across = size->width / width, down = size->height / height, scale;

    if (size->percent)
        scale = size->width / 100;
    else if (size->height == 0)
        scale = across;
    else if (size->width == 0)
        scale = down;
    else
        scale = request->fit == PP_FIT_INSIDE ? fmin(across, down) : fmax(across, down);
    return scale > 1 && !request->enlarge ? 1 : scale;
}

/* The sides asked for, with those left out or in percent worked out. */
static double wanted(double side, double asked, const struct pp_fit_request *request)
{
    double length = request->size->percent ? scaled(side, asked / 100) : asked > 0 ? asked : side;

    return length > side && !request->enlarge ? side : length;
}

/* Both sides are filled and what sticks out is cut off, as much at either end. */
static void cut(struct pp_axis *axis, double scale)
{
    double length = axis->out / scale;

    /* a part of a millionth of a pixel is the division's rounding */
    if (length < axis->in - 1e-6) {
        axis->from = (axis->in - length) / 2;
        axis->length = length;
    }
}

/* The output's sides, as whole numbers. */
static void sides(const struct pp_fit_request *request, const struct pp_geometry *in, double scale,
                  double out[2])
{
    const struct pp_value *size = request->size;

    out[0] = scaled(in->width, scale);
    out[1] = scaled(in->height, scale);
    if (request->fit == PP_FIT_FILL) {
        out[0] = wanted(in->width, size->width, request);
        out[1] = wanted(in->height, size->height, request);
    }
    if (request->fit == PP_FIT_COVER && !size->percent) {
        out[0] = size->width > 0 ? fmin(out[0], size->width) : out[0];
        out[1] = size->height > 0 ? fmin(out[1], size->height) : out[1];
    }
}

enum pp_status pp_fit(const struct pp_fit_request *request, const struct pp_geometry *in,
                      struct pp_axis axes[2], struct pp_error *err)
{
    const struct pp_value *size = request->size;
    double scale = common_scale(request, in->width, in->height), out[2];

    sides(request, in, scale, out);
    if (out[0] > fmax(SIDE_MAX, in->width) || out[1] > fmax(SIDE_MAX, in->height))
        return pp_error_set(err, PP_E_LIMIT,
                            "filter \"resize\": %ux%u would become %.0fx%.0f, a side may grow to "
                            "%.0f at most",
                            in->width, in->height, out[0], out[1], SIDE_MAX);
    axes[0] = (struct pp_axis){.in = in->width, .out = (uint32_t)out[0], .length = in->width};
    axes[1] = (struct pp_axis){.in = in->height, .out = (uint32_t)out[1], .length = in->height};
    if (request->fit == PP_FIT_COVER && !size->percent) {
        if (size->width > 0)
            cut(&axes[0], scale);
        if (size->height > 0)
            cut(&axes[1], scale);
    }
    return PP_OK;
}
