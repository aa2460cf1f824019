#include "scene.h"

#include <string.h>

#include "bytes.h"

static const struct scene lake = {
    .land = LAND_LAKE,
    .seed = 4217,
    .eye = 5,
    .horizon = 0.56,
    .zoom = 1.15,
    .sun = {2.5, 2.25, 1.85},
    .zenith = {0.10, 0.22, 0.52},
    .rim = {0.50, 0.62, 0.78},
    .haze = {0.42, 0.53, 0.68},
    .sun_at = {-0.9, 0.62, 0.25},
    .visibility = 2000,
    .cloud = 0.46,
    .trees = 0.55,
    .snow_line = 100,
};

static const struct scene forest = {
    .land = LAND_FOREST,
    .seed = 911,
    .eye = 42,
    .horizon = 0.36,
    .zoom = 1.25,
    .sun = {2.8, 2.3, 1.6},
    .zenith = {0.30, 0.40, 0.55},
    .rim = {0.78, 0.76, 0.70},
    .haze = {0.52, 0.56, 0.60},
    .sun_at = {0.7, 0.42, 0.55},
    .visibility = 620,
    .cloud = 0.62,
    .trees = 0.85,
    .snow_line = 400,
};

static const struct scene coast = {
    .land = LAND_COAST,
    .seed = 3303,
    .eye = 12,
    .horizon = 0.50,
    .zoom = 1.2,
    .sun = {1.9, 0.95, 0.38},
    .zenith = {0.10, 0.13, 0.30},
    .rim = {0.86, 0.46, 0.22},
    .haze = {0.55, 0.33, 0.24},
    .sun_at = {0.22, 0.10, 1.0},
    .visibility = 1100,
    .cloud = 0.50,
    .trees = 0,
    .snow_line = 500,
};

static const struct scene dunes = {
    .land = LAND_DUNES,
    .seed = 60,
    .eye = 26,
    .horizon = 0.40,
    .zoom = 1.1,
    .sun = {2.7, 2.1, 1.45},
    .zenith = {0.09, 0.20, 0.46},
    .rim = {0.55, 0.56, 0.58},
    .haze = {0.58, 0.50, 0.42},
    .sun_at = {0.85, 0.30, 0.42},
    .visibility = 1400,
    .cloud = 0.22,
    .snow_line = 9999,
};

const struct scene *scene_named(const char *name)
{
    static const struct {
        const char *name;
        const struct scene *scene;
    } scenes[] = {{"lake", &lake}, {"forest", &forest}, {"coast", &coast}, {"dunes", &dunes}};
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        if (strcmp(scenes[i].name, name) == 0)
            return scenes[i].scene;
    fail(name, "no such scene");
}
