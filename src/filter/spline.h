/*
 * filter/spline.h - a smooth curve through points that never overshoots them.
 *
 * Piecewise cubic Hermite interpolation, monotone wherever the points are: F. N. Fritsch and
 * R. E. Carlson, "Monotone piecewise cubic interpolation", SIAM J. Numer. Anal. 17(2), 1980, with
 * the slopes of F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5(2), 1984 (weighted
 * harmonic means) and ends by the three-point formula of C. Moler, "Numerical Computing with
 * MATLAB", SIAM, 2004, 3.4: what MATLAB and SciPy call pchip. Pure; any thread.
 */
#ifndef PP_FILTER_SPLINE_H
#define PP_FILTER_SPLINE_H

#include <stddef.h>

#define PP_SPLINE_POINTS_MAX 32

struct pp_spline {
    size_t count; /* 2 or more */
    double x[PP_SPLINE_POINTS_MAX], y[PP_SPLINE_POINTS_MAX], slope[PP_SPLINE_POINTS_MAX];
};

/* Find the slopes for `count` points whose x rises. */
void pp_spline_set(struct pp_spline *spline);
/* The curve at x; before the first point and behind the last as there. */
double pp_spline_at(const struct pp_spline *spline, double x);

#endif
