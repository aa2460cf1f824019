#include "scene.h"

#include <math.h>

#include "noise.h"

/* Clouds on a plane above; u and v in its coordinates. */
static double cloud_density(const struct scene *scene, double u, double v)
{
    double shape = fractal_at(scene->seed + 101, u * 0.9, v * 1.3, 7);
    double gaps = fractal_at(scene->seed + 131, u * 0.23, v * 0.31, 2);
    return shape + 0.6 * gaps + (scene->cloud - 0.5) * 1.2;
}

static struct colour with_clouds(const struct scene *scene, struct colour sky, double x, double y)
{
    double reach = 1 / (y + 0.06);
    double u = x * reach, v = reach;
    double density = cloud_density(scene, u, v);
    double cover = smooth_step(0.0, 0.42, density);
    if (cover <= 0)
        return sky;
    double towards = 0.12 * clamp_to(2 * (scene->sun_at[0] - x), -1, 1);
    double thick = cloud_density(scene, u + towards, v + 0.08);
    double lit = clamp_to(0.75 - 0.9 * (thick - 0.25 * density), 0.12, 1.1);
    struct colour base = colour_mix(scene->zenith, scene->rim, 0.55);
    struct colour cloud =
        colour_add(colour_scale(base, 0.55), colour_scale(scene->sun, 0.34 * lit));
    return colour_mix(sky, cloud, cover * 0.92 * smooth_step(0.0, 0.10, y));
}

struct colour sky_colour(const struct scene *scene, double x, double y)
{
    double length = sqrt(x * x + y * y + 1);
    double up = y > 0 ? y / length : 0;
    const double *s = scene->sun_at;
    double cosine =
        (x * s[0] + y * s[1] + s[2]) / (length * sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2]));
    cosine = cosine > 0 ? cosine : 0;
    struct colour sky = colour_mix(scene->zenith, scene->rim, exp(-up * 5.5));
    double glow = 0.16 * pow(cosine, 12) + 0.35 * pow(cosine, 160);
    sky = colour_add(sky, colour_scale(scene->sun, glow));
    if (y > 0.002 && scene->cloud > 0)
        sky = with_clouds(scene, sky, x, y);
    double disc = smooth_step(0.99965, 0.99985, cosine);
    return colour_add(sky, colour_scale(scene->sun, 3 * disc + 0.5 * pow(cosine, 900)));
}
