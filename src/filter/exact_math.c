#include "filter/exact_math.h"

#include <math.h>

/* ln 2 in two parts: the first has enough trailing zeros for k x LN2_HIGH to be exact. */
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW  1.90821492927058770002e-10

double pp_sin_pi(double x)
{
    double r = x - 2 * floor(x / 2 + 0.5); /* exact, within [-1, 1] */

    if (r > 0.5)
        r = 1 - r;
    else if (r < -0.5)
        r = -1 - r;
    return pp_sin_pi_half(r);
}

double pp_exp(double x)
{
    double k = floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW; /* within half of ln 2 */
    double sum = 0;

    for (int n = 16; n >= 1; n--)
        sum = (1 + sum) * (r / n);
    return ldexp(1 + sum, (int)k);
}

/* ln x for x above 0, by the series of 2 artanh((m - 1) / (m + 1)). */
static double natural_log(double x)
{
    int exponent;
    double m = frexp(x, &exponent); /* within [0.5, 1) */

    if (m < 0.70710678118654752440) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int n = 29; n >= 1; n -= 2)
        sum = sum * square + 1.0 / n;
    return exponent * LN2_HIGH + (2 * s * sum + exponent * LN2_LOW);
}

double pp_pow(double base, double exponent)
{
    double power;

    if (base <= 0)
        return 0;
    power = exponent * natural_log(base);
    return power < -700 ? 0 : pp_exp(power);
}
