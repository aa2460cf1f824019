#include "filter/planes.h"

#include "filter/samples.h"

PP_INLINE void take(struct pp_planes *restrict planes, const uint8_t *restrict in, size_t count,
                    unsigned channels, unsigned depth)
{
    for (size_t i = 0; i < count; i++) {
        planes->r[i] = (float)(int32_t)pp_sample(in, i * channels, depth);
        planes->g[i] = (float)(int32_t)pp_sample(in, i * channels + 1, depth);
        planes->b[i] = (float)(int32_t)pp_sample(in, i * channels + 2, depth);
    }
}

PP_HOT static void load(struct pp_planes *restrict planes, const uint8_t *restrict in, size_t count,
                        const struct pp_geometry *geometry)
{
    if (geometry->depth == 8)
        geometry->channels == 3 ? take(planes, in, count, 3, 8) : take(planes, in, count, 4, 8);
    else
        geometry->channels == 3 ? take(planes, in, count, 3, 16) : take(planes, in, count, 4, 16);
}

PP_INLINE uint32_t rounded(float v, unsigned depth)
{
    const float max = depth == 8 ? 255 : 65535;

    v = v > 0 ? v : 0;
    v = v < max ? v : max;
    return (uint32_t)(int32_t)(v + 0.5f);
}

PP_INLINE void put(const struct pp_planes *restrict planes, const uint8_t *restrict in,
                   uint8_t *restrict out, size_t count, unsigned layout)
{
    const unsigned channels = layout & 7, depth = layout & ~7u;

    for (size_t i = 0; i < count; i++) {
        pp_sample_set(out, i * channels, depth, rounded(planes->r[i], depth));
        pp_sample_set(out, i * channels + 1, depth, rounded(planes->g[i], depth));
        pp_sample_set(out, i * channels + 2, depth, rounded(planes->b[i], depth));
        if (channels == 4)
            pp_sample_set(out, i * 4 + 3, depth, pp_sample(in, i * 4 + 3, depth));
    }
}

PP_HOT static void store(const struct pp_planes *restrict planes, const uint8_t *restrict in,
                         uint8_t *restrict out, size_t count, unsigned layout)
{
    switch (layout) {
    case 8 | 3:
        put(planes, in, out, count, 8 | 3);
        break;
    case 8 | 4:
        put(planes, in, out, count, 8 | 4);
        break;
    case 16 | 3:
        put(planes, in, out, count, 16 | 3);
        break;
    default:
        put(planes, in, out, count, 16 | 4);
        break;
    }
}

void pp_planes_render(pp_planes_kernel *kernel, const void *state,
                      const struct pp_geometry *geometry, const struct pp_band *in,
                      const struct pp_band *out)
{
    const size_t pixel = geometry->channels * (geometry->depth / 8u);
    struct pp_planes planes;

    for (uint32_t y = out->first; y < out->first + out->count; y++)
        for (size_t x = 0; x < geometry->width; x += PP_PLANES_BLOCK) {
            const uint8_t *from = pp_band_row(in, y) + x * pixel;
            size_t left = geometry->width - x;
            size_t count = left < PP_PLANES_BLOCK ? left : PP_PLANES_BLOCK;

            load(&planes, from, count, geometry);
            kernel(state, &planes, count);
            store(&planes, from, pp_band_row(out, y) + x * pixel, count,
                  (unsigned)geometry->depth | geometry->channels);
        }
}
