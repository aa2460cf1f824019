/*
 * scene.h - the pictures the generator can take.
 *
 * Outdoor scenes are a height field seen through a pinhole camera: x to the right, y up, z away
 * from the camera, one unit about three metres. Everything is in linear light.
 */
#ifndef TESTDATA_SCENE_H
#define TESTDATA_SCENE_H

#include <stdint.h>

#include "picture.h"

enum land { LAND_LAKE, LAND_FOREST, LAND_COAST, LAND_DUNES };

struct scene {
    enum land land;
    uint32_t seed;
    double eye;                           /* camera height above z = 0 ground or water */
    double horizon;                       /* its place in the picture, 0 top to 1 bottom */
    double zoom;                          /* focal length in picture heights */
    struct colour sun, zenith, rim, haze; /* light of the sun, the sky above, at the horizon, fog */
    double sun_at[3];                     /* direction towards the sun, any length */
    double visibility;                    /* units after which 63 % is haze */
    double cloud;                         /* share of the sky, 0 to 1 */
    double trees;                         /* density, 0 to 1 */
    double snow_line;                     /* height above which snow lies */
};

/* The sky in the direction (x, y, 1). */
struct colour sky_colour(const struct scene *scene, double x, double y);

/* A height field with the light that reaches it. */
struct terrain {
    const struct scene *scene;
    double sun[3];         /* unit vector */
    float *height, *light; /* owned; TERRAIN_SIDE squared; light is 0 in shadow to 1 */
};

#define TERRAIN_SIDE 1280

struct terrain terrain_new(const struct scene *scene);
void terrain_free(struct terrain *terrain);
/* Height of the ground and of what grows on it. `*tree` is 0 on bare ground, else how far up the
 * tree the surface is, to 1. */
double terrain_height(const struct terrain *terrain, double x, double z, double *tree);
/* The colour of the surface there in its light, without haze. */
struct colour terrain_colour(const struct terrain *terrain, double x, double z, double tree);

/* The scenes, by name: "lake", "forest", "coast", "dunes". */
const struct scene *scene_named(const char *name);
struct picture photograph(const struct scene *scene, unsigned width, unsigned height);

/* A town by night on the water. */
struct picture night_town(unsigned width, unsigned height);
/* A printed page with columns of type, rules, a chart and a picture. */
struct picture printed_page(unsigned width, unsigned height, const struct picture *plate);
/* `ground` with a large F, a frame and a label: no rotation or mirroring leaves it as it is. */
void stamp_motif(struct picture *ground);

#endif
