/*
 * A town on the water by night: three rows of houses with lit windows, lamps along the quay, and
 * the mirror image of it all drawn out by ripples.
 */
#include "scene.h"

#include <math.h>
#include <stdlib.h>

#include "bytes.h"
#include "noise.h"

struct town {
    unsigned width, height;
    double quay; /* the waterline's row */
    struct colour *above;
};

static struct colour night_sky(const struct town *town, double x, double y)
{
    double up = (town->quay - y) / town->quay;
    struct colour sky =
        colour_mix((struct colour){0.075, 0.050, 0.055}, (struct colour){0.004, 0.007, 0.022},
                   pow(clamp_to(up, 0, 1), 0.5));
    double cloud = fractal_at(201, x / 330, y / 120, 6);
    sky = colour_add(sky, colour_scale((struct colour){0.05, 0.035, 0.04},
                                       smooth_step(0, 0.7, cloud) * (1.1 - up)));
    int32_t sx = (int32_t)x / 3, sy = (int32_t)y / 3;
    if (random_at(203, sx, sy) > 0.9985 - 0.001 * up && cloud < 0.1)
        sky = colour_add(
            sky, colour_scale((struct colour){0.5, 0.55, 0.7}, pow(random_at(204, sx, sy), 3)));
    return sky;
}

/* A house front at (u, v): metres from its left edge and above the ground. */
static struct colour front(uint32_t seed, int32_t house, double u, double v)
{
    double shade = 0.4 + 0.6 * random_at(seed, house, 2);
    double wall = (0.016 + 0.010 * fractal_at(seed, u / 3 + house * 31, v / 3, 4)) * shade;
    struct colour colour = {wall * 1.25, wall, wall * 0.9};
    /* lamps light the lowest floors */
    colour = colour_scale(colour, 1 + 9 * exp(-v / 5));
    int32_t column = (int32_t)floor(u / 2.6), floor_number = (int32_t)floor(v / 3.2);
    double pu = u / 2.6 - column, pv = v / 3.2 - floor_number;
    if (pu < 0.24 || pu > 0.78 || pv < 0.25 || pv > 0.80)
        return colour;
    uint32_t h = hash_at(seed + 9, house * 64 + column, floor_number);
    if ((h & 255) > 90)
        return colour_add(colour, (struct colour){0.006, 0.008, 0.014});
    double power = 0.25 + 1.2 * pow((h >> 8 & 255) / 255.0, 2);
    double warm = (h >> 16 & 255) / 255.0;
    struct colour lamp =
        colour_mix((struct colour){1.0, 0.55, 0.20}, (struct colour){0.75, 0.85, 1.0}, warm * warm);
    double curtain = 0.7 + 0.3 * cos((pu - 0.5) * 9 + warm * 6) - 0.4 * (pv - 0.25);
    return colour_scale(lamp, power * curtain);
}

/* Which house of a row stands over x, and how high it is; metres. */
static int row_of_houses(int row, double x, double v, struct colour *colour)
{
    double pitch = 26 - 4 * row;
    int32_t house = (int32_t)floor(x / pitch);
    uint32_t seed = 300 + 17 * (uint32_t)row;
    double left = house * pitch + 3 * random_at(seed, house, 0);
    double envelope = 0.55 + 0.45 * noise_at(seed + 5, x / 150, 0.5);
    double storeys = 3 + floor((4 + 16 * row) * envelope * random_at(seed, house, 1));
    double high = storeys * 3.2 + 1;
    double roof = random_at(seed, house, 3) < 0.5 ? 3 - fabs(x - left - pitch / 2) * 0.25 : 0;
    if (x < left || v > high + fmax(roof, 0))
        return 0;
    if (v > high)
        *colour = (struct colour){0.006, 0.006, 0.009};
    else
        *colour = front(seed, house, x - left, v);
    return 1;
}

static struct colour lamps(double x, double v)
{
    struct colour light = {0};
    int32_t nearest = (int32_t)floor(x / 17 + 0.5);
    for (int32_t i = nearest - 2; i <= nearest + 2; i++) {
        double dx = x - 17 * i - 4 * random_at(401, i, 0), dy = v - 5.5;
        double near = dx * dx + dy * dy;
        double power = 0.03 / (0.02 + near * 0.12) + 2.5 * exp(-near * 6);
        light = colour_add(light, colour_scale((struct colour){1.0, 0.62, 0.28}, power));
    }
    return light;
}

static struct colour town_at(const struct town *town, unsigned x, unsigned y)
{
    double metre = town->width / 340.0;
    double u = x / metre, v = (town->quay - y) / metre;
    struct colour colour = night_sky(town, x, y);
    for (int row = 2; row >= 0; row--) {
        struct colour house;
        if (row_of_houses(row, u + 71 * row, v - 2.5 - row, &house))
            colour = colour_mix(house, (struct colour){0.05, 0.04, 0.045}, 0.22 * row);
    }
    if (v < 2.5) /* the quay wall */
        colour = colour_scale((struct colour){0.05, 0.042, 0.035},
                              0.8 + 0.6 * fractal_at(405, u * 1.3, v * 3, 4));
    return colour_add(colour, colour_scale(lamps(u, v), 0.8));
}

/* The mean of the mirror image over a vertical run, longer nearer the viewer. */
static struct colour water_at(const struct town *town, unsigned x, unsigned y)
{
    double down = y - town->quay, depth = down / (town->height - town->quay);
    double span = 4 + down * 0.55;
    struct colour sum = {0.002, 0.003, 0.006};
    for (int i = 0; i < 9; i++) {
        double ripple =
            fractal_at(411, x / (14.0 + 40 * depth), y / (2.0 + 6 * depth) + i * 3.7, 4);
        double row = town->quay - down + span * (i - 4) / 4.5 + ripple * span;
        double column = x + ripple * 7 * depth + 2 * noise_at(412, x / 9.0, y / 3.0);
        unsigned from_y = (unsigned)clamp_to(row, 0, town->quay - 1);
        unsigned from_x = (unsigned)clamp_to(column, 0, town->width - 1);
        sum = colour_add(
            sum, colour_scale(town->above[(size_t)from_y * town->width + from_x], 0.62 / 9));
    }
    return sum;
}

struct picture night_town(unsigned width, unsigned height)
{
    struct picture picture = picture_new(width, height);
    struct town town = {width, height, floor(height * 0.58), NULL};
    unsigned quay = (unsigned)town.quay;
    town.above = checked_alloc((size_t)quay * width * sizeof(struct colour));
    for (unsigned y = 0; y < quay; y++)
        for (unsigned x = 0; x < width; x++)
            town.above[(size_t)y * width + x] = town_at(&town, x, y);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            struct colour colour =
                y < quay ? town.above[(size_t)y * width + x] : water_at(&town, x, y);
            double grain = 1 + 0.05 * (random_at(421, (int32_t)x, (int32_t)y) - 0.5);
            picture_put(&picture, x, y, colour_scale(colour, 1.25 * grain));
        }
    }
    free(town.above);
    return picture;
}
