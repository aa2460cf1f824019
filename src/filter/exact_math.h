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

#define PP_PI 3.14159265358979323846

/* sin(pi x); exactly 0 where x is whole. */
double pp_sin_pi(double x);

/* e to the power x, for |x| below 700. */
double pp_exp(double x);

/* `base` (0 or more) to the power `exponent` (above 0). */
double pp_pow(double base, double exponent);

#endif
