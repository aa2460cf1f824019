/*
 * noise.h - repeatable randomness: everything depends on a seed and coordinates alone.
 */
#ifndef TESTDATA_NOISE_H
#define TESTDATA_NOISE_H

#include <stdint.h>

/* A number that looks random for each (seed, x, y). */
uint32_t hash_at(uint32_t seed, int32_t x, int32_t y);
/* The same in [0, 1). */
double random_at(uint32_t seed, int32_t x, int32_t y);

/* Gradient noise (Perlin 2002, "Improving Noise"), about -1 to 1, period none. */
double noise_at(uint32_t seed, double x, double y);
/* Octaves of it at halving amplitude, about -1 to 1. */
double fractal_at(uint32_t seed, double x, double y, int octaves);
/* Sharp crests where the noise crosses zero (Musgrave's ridged multifractal), 0 to about 1. */
double ridges_at(uint32_t seed, double x, double y, int octaves);

/* 0 below `low`, 1 above `high`, a smooth step between. */
double smooth_step(double low, double high, double value);
double clamp_to(double value, double low, double high);
double mix(double a, double b, double t);

#endif
