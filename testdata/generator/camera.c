/*
 * A photograph of a height field: each column of the picture is one walk away from the camera that
 * keeps the highest point seen so far. Rendered at twice the size both ways and averaged.
 */
#include "scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "noise.h"

#define FAR_AWAY 1250.0

struct view {
    const struct scene *scene;
    const struct terrain *terrain;
    unsigned width, height; /* of the oversampled picture */
    double horizon, focal;  /* in its pixels */
};

/* One column, from the top. */
struct column {
    double x; /* direction of the column: (x, ., 1) */
    struct colour *pixels;
    uint8_t *water;
};

static struct colour hazy(const struct view *view, struct colour colour, const double at[3])
{
    const struct scene *scene = view->scene;
    double far = at[2] / scene->visibility;
    double low = exp(-fmax(at[1], 0) / 90);
    double fog = 1 - exp(-far * (0.35 + 0.65 * low));
    double length = sqrt(at[0] * at[0] + at[2] * at[2]);
    double cosine = (at[0] * view->terrain->sun[0] + at[2] * view->terrain->sun[2]) / length;
    double glow = 0.18 * pow(fmax(cosine, 0), 8);
    struct colour haze = colour_add(scene->haze, colour_scale(scene->sun, glow));
    return colour_mix(colour, haze, fog);
}

/* Fill the rows from `top` down to what is already there. */
static void fill(struct column *column, int top, int bottom, const struct colour ends[2])
{
    for (int y = top; y < bottom; y++) {
        double t = bottom > top + 1 ? (double)(y - top) / (bottom - top) : 0;
        column->pixels[y] = colour_mix(ends[0], ends[1], t);
    }
}

/* Water is only marked here: what it mirrors is not drawn yet. */
static void march(const struct view *view, struct column *column)
{
    int filled = (int)view->height;
    struct colour last = {0};
    int fresh = 1;
    for (double z = 3; z < FAR_AWAY && filled > 0; z *= 1.0028) {
        double x = column->x * z, tree;
        double height = terrain_height(view->terrain, x, z, &tree);
        int water = height < 0 && view->scene->land != LAND_DUNES;
        double top = view->horizon + (view->scene->eye - (water ? 0 : height)) * view->focal / z;
        int y = (int)clamp_to(ceil(top), 0, view->height);
        if (y >= filled) {
            fresh = 1;
            continue;
        }
        if (water) {
            memset(column->water + y, 1, (size_t)(filled - y));
            fresh = 1;
        } else {
            const double at[3] = {x, height, z};
            struct colour now = hazy(view, terrain_colour(view->terrain, x, z, tree), at);
            struct colour ends[2] = {now, fresh ? now : last};
            fill(column, y, filled, ends);
            last = now;
            fresh = 0;
        }
        filled = y;
    }
    for (int y = 0; y < filled; y++)
        column->pixels[y] = sky_colour(view->scene, column->x, (view->horizon - y) / view->focal);
}

/* Where there is water, the mirror image about the horizon, bent by waves. */
static void reflect(const struct view *view, struct column *column)
{
    const struct scene *scene = view->scene;
    struct colour deep = colour_scale(colour_mix(scene->zenith, scene->haze, 0.3), 0.10);
    for (int y = (int)view->horizon + 1; y < (int)view->height; y++) {
        if (!column->water[y])
            continue;
        double z = scene->eye * view->focal / (y - view->horizon);
        double x = column->x * z;
        double wave = fractal_at(scene->seed + 51, x / 2.2, z / 0.8, 5) +
                      0.7 * fractal_at(scene->seed + 57, x / 14, z / 6, 3);
        double calm =
            0.35 + 0.65 * smooth_step(-0.2, 0.5, noise_at(scene->seed + 59, x / 60, z / 25));
        double tilt = wave * calm * (0.03 + 2.2 / (z + 30));
        double mirrored =
            2 * view->horizon - y - fabs(tilt) * view->focal * 0.6 - tilt * view->focal * 0.35;
        struct colour seen;
        if (mirrored >= 0 && mirrored < view->horizon)
            seen = column->pixels[(int)mirrored];
        else
            seen = sky_colour(scene, column->x, (view->horizon - mirrored) / view->focal);
        double sine = scene->eye / sqrt(z * z + scene->eye * scene->eye) + 0.10 * wave * calm;
        double fresnel = 0.03 + 0.97 * pow(1 - clamp_to(sine, 0, 1), 5);
        const double at[3] = {x, 0, z};
        column->pixels[y] = hazy(view, colour_mix(deep, colour_scale(seen, 0.93), fresnel), at);
    }
}

static void render_column(const struct view *view, unsigned x, struct column *column)
{
    column->x = (x + 0.5 - view->width / 2.0) / view->focal;
    memset(column->water, 0, view->height);
    march(view, column);
    if (view->scene->land != LAND_DUNES)
        reflect(view, column);
}

static void store(struct picture *picture, unsigned x, const struct column pair[2])
{
    for (unsigned y = 0; y < picture->height; y++) {
        struct colour sum = {0};
        for (int c = 0; c < 2; c++)
            for (unsigned row = 2 * y; row < 2 * y + 2; row++)
                sum = colour_add(sum, pair[c].pixels[row]);
        double dx = (double)x / picture->width - 0.5, dy = (double)y / picture->height - 0.5;
        double vignette = 1 - 0.35 * (dx * dx + dy * dy);
        /* A sensor's grain: two random numbers make it fall off to both sides. */
        double grain = 1 + 0.05 * (random_at(901, (int32_t)x, (int32_t)y) +
                                   random_at(902, (int32_t)x, (int32_t)y) - 1);
        picture_put(picture, x, y, colour_scale(sum, 0.25 * vignette * grain));
    }
}

struct picture photograph(const struct scene *scene, unsigned width, unsigned height)
{
    struct picture picture = picture_new(width, height);
    struct terrain terrain = terrain_new(scene);
    struct view view = {scene,
                        &terrain,
                        width * 2,
                        height * 2,
                        scene->horizon * height * 2,
                        scene->zoom * height * 2};
    struct column pair[2];
    for (int i = 0; i < 2; i++) {
        pair[i].pixels = checked_alloc(view.height * sizeof(struct colour));
        pair[i].water = checked_alloc(view.height);
    }
    for (unsigned x = 0; x < width; x++) {
        render_column(&view, 2 * x, &pair[0]);
        render_column(&view, 2 * x + 1, &pair[1]);
        store(&picture, x, pair);
    }
    for (int i = 0; i < 2; i++) {
        free(pair[i].pixels);
        free(pair[i].water);
    }
    terrain_free(&terrain);
    return picture;
}
