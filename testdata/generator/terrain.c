/*
 * The ground: a map of heights made once, light and cast shadows on it, and trees that are cones
 * on a jittered grid.
 */
#include "scene.h"

#include <math.h>
#include <stdlib.h>

#include "bytes.h"
#include "noise.h"

#define SIDE   TERRAIN_SIDE
#define MIDDLE (TERRAIN_SIDE / 2)

static double lake_height(const struct scene *scene, double x, double z)
{
    double wide = fractal_at(scene->seed + 7, x / 260, z / 260, 3);
    double side = fabs(x - 0.12 * z + 60 * wide) / (110 + 0.34 * z);
    double bank = smooth_step(0.35, 1.15, side);
    double back = smooth_step(420, 900, z);
    double rise = clamp_to(bank + back, 0, 1.25);
    double peaks = ridges_at(scene->seed, x / 420 + 3.1, z / 420, 9);
    double massif = 0.6 + 0.5 * fractal_at(scene->seed + 13, x / 300, z / 500, 3);
    double rough = fractal_at(scene->seed + 40, x / 40, z / 40, 5);
    double high = 330 * massif * pow(peaks, 1.35) * (0.45 + 0.55 * back);
    return -9 + rise * (12 + high + 9 * rough) + 3 * rough;
}

static double forest_height(const struct scene *scene, double x, double z)
{
    double hills = fractal_at(scene->seed, x / 170 + 0.4, z / 120 + 7.7, 6);
    double ridge = ridges_at(scene->seed + 9, x / 420, z / 300 + 0.3, 6);
    double valley = smooth_step(20, 260, fabs(x - 30 * sin(z / 70)) + 0.25 * z);
    return 9 + valley * (30 * hills + 150 * ridge * smooth_step(60, 800, z)) + 6 * hills;
}

static double coast_height(const struct scene *scene, double x, double z)
{
    double shore = x + 70 - 0.30 * z + 120 * fractal_at(scene->seed, z / 180, x / 500, 4);
    double land = smooth_step(30, -170, shore);
    double cliff = smooth_step(-10, -30, shore) * 14;
    double stacks = smooth_step(0.50, 0.62,
                                fractal_at(scene->seed + 3, x / 34, z / 34, 4) +
                                    0.42 * smooth_step(120, 0, shore));
    double rough = fractal_at(scene->seed + 20, x / 55, z / 55, 7);
    double hills = ridges_at(scene->seed + 5, x / 260, z / 260, 8);
    return -6 + land * (26 + 85 * hills * smooth_step(80, 500, z) + 20 * rough) + cliff +
           (z > 40 ? stacks * 15 : 0) + 2.5 * rough;
}

static double dunes_height(const struct scene *scene, double x, double z)
{
    double bend = 46 * fractal_at(scene->seed, x / 150, z / 190, 3);
    double wave = (z + 0.45 * x + bend) / 92;
    double phase = wave - floor(wave);
    /* Wind leaves a long rise and a short slip face. */
    double dune = phase < 0.72 ? smooth_step(0, 0.72, phase) : 1 - smooth_step(0.72, 1, phase);
    double size = 0.55 + 0.8 * fractal_at(scene->seed + 11, x / 210, z / 210, 2);
    double ripples = 0.06 * fractal_at(scene->seed + 17, x / 9.0, z / 4.0, 2);
    return 21 * dune * clamp_to(size, 0.15, 1.4) + ripples +
           0.035 * z * ridges_at(scene->seed + 23, x / 500, z / 400, 4) - 2;
}

static double map_height(const struct scene *scene, double x, double z)
{
    switch (scene->land) {
    case LAND_LAKE:
        return lake_height(scene, x, z);
    case LAND_FOREST:
        return forest_height(scene, x, z);
    case LAND_COAST:
        return coast_height(scene, x, z);
    case LAND_DUNES:
        break;
    }
    return dunes_height(scene, x, z);
}

/* Bilinear; outside of the map its edge goes on. */
static double look_up(const float *map, double x, double z)
{
    double u = clamp_to(x + MIDDLE, 0, SIDE - 1.001), v = clamp_to(z, 0, SIDE - 1.001);
    int i = (int)u, j = (int)v;
    const float *at = map + (size_t)j * SIDE + (size_t)i;
    double near = mix((double)at[0], (double)at[1], u - i);
    double far = mix((double)at[SIDE], (double)at[SIDE + 1], u - i);
    return mix(near, far, v - j);
}

/* Walk towards the sun and see how much of it the ground hides. */
static float light_at(const struct terrain *terrain, double x, double z)
{
    const double *sun = terrain->sun;
    double y = look_up(terrain->height, x, z), open = 1;
    for (double t = 2; t < 420 && open > 0; t *= 1.09) {
        double above = y + sun[1] * t - look_up(terrain->height, x + sun[0] * t, z + sun[2] * t);
        open = fmin(open, 0.5 + above / (0.05 * t + 1));
    }
    return (float)clamp_to(open, 0, 1);
}

struct terrain terrain_new(const struct scene *scene)
{
    struct terrain terrain = {.scene = scene};
    const double *s = scene->sun_at;
    double length = sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2]);
    for (int i = 0; i < 3; i++)
        terrain.sun[i] = s[i] / length;
    terrain.height = checked_alloc((size_t)SIDE * SIDE * sizeof(float));
    terrain.light = checked_alloc((size_t)SIDE * SIDE * sizeof(float));
    for (int z = 0; z < SIDE; z++)
        for (int x = 0; x < SIDE; x++)
            terrain.height[z * SIDE + x] = (float)map_height(scene, x - MIDDLE, z);
    for (int z = 0; z < SIDE; z++)
        for (int x = 0; x < SIDE; x++)
            terrain.light[z * SIDE + x] = light_at(&terrain, x - MIDDLE, z);
    return terrain;
}

void terrain_free(struct terrain *terrain)
{
    free(terrain->height);
    free(terrain->light);
}

/* How thickly trees stand on ground of this height. */
static double tree_density(const struct scene *scene, double x, double z, double ground)
{
    if (scene->trees <= 0 || ground < 1.2)
        return 0;
    double patches = fractal_at(scene->seed + 61, x / 45, z / 45, 3);
    double limit = smooth_step(scene->snow_line * 0.62, scene->snow_line * 0.4, ground);
    return clamp_to(scene->trees + 0.8 * patches, 0, 1) * limit;
}

/* The tallest of the cones around (x, z). */
static double tree_top(const struct terrain *terrain, double x, double z, double ground)
{
    const struct scene *scene = terrain->scene;
    double density = tree_density(scene, x, z, ground), best = 0;
    if (density <= 0)
        return 0;
    double spacing = 2.6;
    int ci = (int)floor(x / spacing), cj = (int)floor(z / spacing);
    for (int j = cj - 1; j <= cj + 1; j++) {
        for (int i = ci - 1; i <= ci + 1; i++) {
            uint32_t h = hash_at(scene->seed + 71, i, j);
            if ((h & 0xff) / 256.0 > density)
                continue;
            double px = (i + 0.15 + 0.7 * ((h >> 8) & 0xff) / 255.0) * spacing;
            double pz = (j + 0.15 + 0.7 * ((h >> 16) & 0xff) / 255.0) * spacing;
            double tall = 3.2 + 4.6 * ((h >> 24) & 0xff) / 255.0;
            double off = sqrt((x - px) * (x - px) + (z - pz) * (z - pz)) / (0.24 * tall + 0.35);
            best = fmax(best, tall * (1 - off));
        }
    }
    return best;
}

double terrain_height(const struct terrain *terrain, double x, double z, double *tree)
{
    double ground = look_up(terrain->height, x, z);
    double top = tree_top(terrain, x, z, ground);
    *tree = clamp_to(top / 7.0, 0, 1);
    if (z < 240 && terrain->scene->land != LAND_DUNES)
        ground += 0.5 * fractal_at(terrain->scene->seed + 81, x / 1.7, z / 1.7, 4);
    return ground + top;
}

/* Bare ground by height and slope; `flat` is the normal's y. */
static struct colour ground_colour(const struct scene *scene, double x, double z, double height,
                                   double flat)
{
    double grain = fractal_at(scene->seed + 91, x / 2.3, z / 2.3, 4);
    double blotch = fractal_at(scene->seed + 95, x / 30, z / 30, 4);
    if (scene->land == LAND_DUNES) {
        struct colour sand = {0.62 + 0.05 * blotch, 0.36 + 0.03 * blotch, 0.175 + 0.01 * blotch};
        return colour_scale(sand,
                            1 + 0.05 * grain + 0.06 * noise_at(scene->seed + 92, x * 9, z * 9));
    }
    struct colour grass = {0.075 + 0.05 * blotch, 0.105 + 0.03 * blotch, 0.028};
    struct colour rock = {0.19, 0.175, 0.16}, beach = {0.34, 0.29, 0.21};
    rock = colour_scale(rock, 1 + 0.6 * fractal_at(scene->seed + 99, x / 9, height / 3.5, 4));
    double bare = smooth_step(0.80, 0.62, flat + 0.12 * blotch + 0.1 * grain);
    bare = fmax(
        bare, smooth_step(scene->snow_line * 0.45, scene->snow_line * 0.85, height + 14 * blotch));
    struct colour colour = colour_scale(colour_mix(grass, rock, bare), 1 + 0.7 * grain);
    colour = colour_mix(beach, colour, smooth_step(0.6, 2.2, height + grain));
    double snow = smooth_step(scene->snow_line, scene->snow_line * 1.25, height + 26 * blotch) *
                  smooth_step(0.42, 0.62, flat + 0.12 * grain);
    return colour_mix(colour, (struct colour){0.86, 0.88, 0.93}, snow);
}

/* What is too small for the map: wind ripples on sand, tufts elsewhere; fading with distance. */
static double fine_slope(const struct scene *scene, double x, double z)
{
    double near = smooth_step(260, 40, z);
    if (near <= 0)
        return 0;
    if (scene->land != LAND_DUNES)
        return 0.25 * near * fractal_at(scene->seed + 85, x / 0.9, z / 0.9, 3);
    double bent = z + 0.3 * x + 1.6 * fractal_at(scene->seed + 86, x / 5, z / 7, 3);
    double strength = 0.6 + fractal_at(scene->seed + 88, x / 12, z / 12, 2);
    return 0.28 * near * clamp_to(strength, 0, 1) * sin(bent * 6.5);
}

struct colour terrain_colour(const struct terrain *terrain, double x, double z, double tree)
{
    const struct scene *scene = terrain->scene;
    double step = 0.7 + z * 0.0012, ignored;
    double here = look_up(terrain->height, x, z);
    double dx = (tree > 0 ? terrain_height(terrain, x + step * 0.5, z, &ignored) -
                                terrain_height(terrain, x - step * 0.5, z, &ignored)
                          : look_up(terrain->height, x + step, z) - here);
    double dz = look_up(terrain->height, x, z + step) - here;
    dz += step * fine_slope(scene, x, z);
    double length = sqrt(dx * dx + dz * dz + step * step);
    double normal[3] = {-dx / length, step / length, -dz / length};
    double facing =
        normal[0] * terrain->sun[0] + normal[1] * terrain->sun[1] + normal[2] * terrain->sun[2];
    double direct = clamp_to(facing, 0, 1) * look_up(terrain->light, x, z);
    double open = 0.45 + 0.55 * normal[1];
    struct colour skylight = colour_mix(scene->zenith, scene->rim, 0.4);
    struct colour light =
        colour_add(colour_scale(scene->sun, direct), colour_scale(skylight, 0.75 * open));
    struct colour colour = ground_colour(scene, x, z, here, normal[1]);
    if (tree > 0) {
        double kind = random_at(scene->seed + 77, (int32_t)floor(x / 2.6), (int32_t)floor(z / 2.6));
        struct colour needles = {0.020 + 0.030 * kind, 0.045 + 0.028 * kind, 0.014};
        double leaf = 0.8 + 0.6 * noise_at(scene->seed + 79, x * 3.7, z * 3.7 + tree * 9);
        colour = colour_scale(needles, leaf * (0.45 + 1.4 * tree));
    }
    return colour_times(colour, light);
}
