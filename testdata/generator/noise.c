#include "noise.h"

#include <math.h>

uint32_t hash_at(uint32_t seed, int32_t x, int32_t y)
{
    /* The finaliser of MurmurHash3 over a linear mix of the coordinates. */
    uint32_t h = seed * 0x9e3779b1U + (uint32_t)x * 0x85ebca6bU + (uint32_t)y * 0xc2b2ae35U;
    h ^= h >> 16;
    h *= 0x85ebca6bU;
    h ^= h >> 13;
    h *= 0xc2b2ae35U;
    h ^= h >> 16;
    return h;
}

double random_at(uint32_t seed, int32_t x, int32_t y)
{
    return hash_at(seed, x, y) * (1.0 / 4294967296.0);
}

/* The dot product of one of eight gradients with the offset. */
static double gradient(uint32_t hash, double x, double y)
{
    static const double directions[8][2] = {{1, 0},
                                            {0, 1},
                                            {-1, 0},
                                            {0, -1},
                                            {0.7071, 0.7071},
                                            {-0.7071, 0.7071},
                                            {0.7071, -0.7071},
                                            {-0.7071, -0.7071}};
    const double *d = directions[hash >> 29];
    return d[0] * x + d[1] * y;
}

static double fade(double t)
{
    return t * t * t * (t * (t * 6 - 15) + 10);
}

double noise_at(uint32_t seed, double x, double y)
{
    double fx = floor(x), fy = floor(y);
    int32_t ix = (int32_t)fx, iy = (int32_t)fy;
    double dx = x - fx, dy = y - fy;
    double a = gradient(hash_at(seed, ix, iy), dx, dy);
    double b = gradient(hash_at(seed, ix + 1, iy), dx - 1, dy);
    double c = gradient(hash_at(seed, ix, iy + 1), dx, dy - 1);
    double d = gradient(hash_at(seed, ix + 1, iy + 1), dx - 1, dy - 1);
    double u = fade(dx);
    return 1.5 * mix(mix(a, b, u), mix(c, d, u), fade(dy));
}

double fractal_at(uint32_t seed, double x, double y, int octaves)
{
    double sum = 0, amplitude = 0.55;
    for (int i = 0; i < octaves; i++) {
        sum += amplitude * noise_at(seed + (uint32_t)i, x, y);
        /* Turning each octave hides the lattice. */
        double turned = 1.6 * x - 1.2 * y + 17.3;
        y = 1.2 * x + 1.6 * y - 9.1;
        x = turned;
        amplitude *= 0.5;
    }
    return sum;
}

double ridges_at(uint32_t seed, double x, double y, int octaves)
{
    double sum = 0, amplitude = 0.5, weight = 1;
    for (int i = 0; i < octaves; i++) {
        double ridge = 1 - fabs(noise_at(seed + (uint32_t)i, x, y));
        ridge *= ridge * weight;
        weight = clamp_to(ridge * 1.8, 0, 1);
        sum += amplitude * ridge;
        double turned = 1.6 * x - 1.2 * y + 5.7;
        y = 1.2 * x + 1.6 * y + 3.3;
        x = turned;
        amplitude *= 0.5;
    }
    return sum;
}

double smooth_step(double low, double high, double value)
{
    double t = clamp_to((value - low) / (high - low), 0, 1);
    return t * t * (3 - 2 * t);
}

double clamp_to(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

double mix(double a, double b, double t)
{
    return a + (b - a) * t;
}
