/*
 * filter/exact_math.h - sine, exponential, logarithm and power that give the same bits everywhere.
 *
 * The C library chooses among several versions of these by the processor it finds (with and without
 * fused multiply-add), and they may differ in the last bit; weights and tables made from them could
 * then differ from machine to machine. These use nothing but IEEE 754 additions, multiplications
 * and divisions in one fixed order. Relative error under 1e-15 for sine, exponential and logarithm.
 * Any thread.
 */
#ifndef PP_FILTER_EXACT_MATH_H
#define PP_FILTER_EXACT_MATH_H

#include <stddef.h>

#define PP_PI 3.14159265358979323846

/* Taylor's series of the sine up to the 23rd power, whose remainder is below 1e-19 at pi / 2: what
 * leads from each term to the one before. Quotients of constants: to divide takes long. */
static const double pp_sine_steps[] = {
    -1.0 / (23 * 22), -1.0 / (21 * 20), -1.0 / (19 * 18), -1.0 / (17 * 16),
    -1.0 / (15 * 14), -1.0 / (13 * 12), -1.0 / (11 * 10), -1.0 / (9 * 8),
    -1.0 / (7 * 6),   -1.0 / (5 * 4),   -1.0 / (3 * 2),
};

/* sin(pi r) for |r| up to 1/2, by itself in a loop without a call. */
static inline __attribute__((always_inline)) double pp_sin_pi_half(double r)
{
    double t = r * PP_PI, square = t * t, sum = 0;

    for (size_t i = 0; i < sizeof pp_sine_steps / sizeof pp_sine_steps[0]; i++)
        sum = (1 + sum) * (square * pp_sine_steps[i]);
    return t * (1 + sum);
}

/* sin(pi x); exactly 0 where x is whole. */
double pp_sin_pi(double x);

/* e to the power x, for |x| below 700. */
double pp_exp(double x);

/* `base` (0 or more) to the power `exponent` (above 0). */
double pp_pow(double base, double exponent);

#endif
