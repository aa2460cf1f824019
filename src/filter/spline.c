#include "filter/spline.h"

#include <math.h>

/* The slope of the line from point k to the next. */
static double rise(const struct pp_spline *s, size_t k)
{
    return (s->y[k + 1] - s->y[k]) / (s->x[k + 1] - s->x[k]);
}

static double width(const struct pp_spline *s, size_t k)
{
    return s->x[k + 1] - s->x[k];
}

/* Between two lines: level where they do not both rise or both fall. */
static double inner_slope(const struct pp_spline *s, size_t k)
{
    double before = rise(s, k - 1), after = rise(s, k);
    double a = 2 * width(s, k) + width(s, k - 1), b = width(s, k) + 2 * width(s, k - 1);

    if (before * after <= 0)
        return 0;
    return (a + b) / (a / before + b / after);
}

/* At an end, from the line there and the one next to it. */
static double end_slope(double h, double next_h, double line, double next)
{
    double slope = ((2 * h + next_h) * line - h * next) / (h + next_h);

    if (slope * line <= 0)
        return 0;
    if (line * next <= 0 && fabs(slope) > 3 * fabs(line))
        return 3 * line;
    return slope;
}

void pp_spline_set(struct pp_spline *spline)
{
    size_t last = spline->count - 1;

    if (last == 1) {
        spline->slope[0] = spline->slope[1] = rise(spline, 0);
        return;
    }
    for (size_t k = 1; k < last; k++)
        spline->slope[k] = inner_slope(spline, k);
    spline->slope[0] =
        end_slope(width(spline, 0), width(spline, 1), rise(spline, 0), rise(spline, 1));
    spline->slope[last] = end_slope(width(spline, last - 1), width(spline, last - 2),
                                    rise(spline, last - 1), rise(spline, last - 2));
}

double pp_spline_at(const struct pp_spline *spline, double x)
{
    size_t k = 0, last = spline->count - 1;

    if (x <= spline->x[0])
        return spline->y[0];
    if (x >= spline->x[last])
        return spline->y[last];
    while (x >= spline->x[k + 1])
        k++;
    double h = width(spline, k), line = rise(spline, k), t = x - spline->x[k];
    double second = (3 * line - 2 * spline->slope[k] - spline->slope[k + 1]) / h;
    double third = (spline->slope[k] - 2 * line + spline->slope[k + 1]) / (h * h);
    return spline->y[k] + t * (spline->slope[k] + t * (second + t * third));
}
