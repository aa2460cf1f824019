/*
 * Encoding is by a table over the light's square root, which the curve is close to being a straight
 * line of: straight lines between its entries are within 0.05 of 65535 of it. Decoding 16 bits is
 * by such lines too, once for every sample, since to make the curve's power is slow.
 */
#include "filter/light.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/exact_math.h"

#define STEPS 1024
#define KNEE  0.0031308f /* of light: up to here the curve is straight */
#define BLOCK 1024       /* samples; as in sums.c */

static double decode(double v)
{
    return v <= 0.04045 ? v / 12.92 : pp_pow((v + 0.055) / 1.055, 2.4);
}

static double encode(double light)
{
    return 1.055 * pp_pow(light, 1 / 2.4) - 0.055;
}

/* Below the knee entries are never looked at but for the one before it, which lies on the curve
 * drawn on. */
static void fill_encoded(struct pp_light *light)
{
    for (int i = 0; i <= STEPS; i++)
        light->encoded[i] = (float)encode((double)i / STEPS * i / STEPS);
    light->encoded[STEPS + 1] = light->encoded[STEPS];
}

static void fill_decoded(struct pp_light *light, uint32_t max)
{
    double low = 0, high = 0;
    uint32_t step = 0;

    for (uint32_t v = 0; v <= max; v++) {
        if (max < STEPS) {
            light->decoded[v] = (float)decode((double)v / max);
            continue;
        }
        double at = (double)v / max * STEPS;
        while (step <= at) { /* low and high are what the steps on either side decode to */
            step++;
            low = high;
            high = decode((double)step / STEPS);
        }
        light->decoded[v] = (float)(low + (high - low) * (at - (step - 1)));
    }
}

enum pp_status pp_light_init(struct pp_light *light, unsigned depth, struct pp_error *err)
{
    const uint32_t max = pp_sample_max(depth);
    void *decoded = NULL, *encoded = NULL;
    enum pp_status status = pp_memory_new(&decoded, max + 1, sizeof(float), "light table", err);

    if (status == PP_OK)
        status = pp_memory_new(&encoded, STEPS + 2, sizeof(float), "light table", err);
    light->depth = depth;
    light->decoded = decoded;
    light->encoded = encoded;
    if (status != PP_OK)
        return status;
    fill_encoded(light);
    fill_decoded(light, max);
    return PP_OK;
}

void pp_light_release(struct pp_light *light)
{
    free(light->decoded);
    free(light->encoded);
    *light = (struct pp_light){0};
}

/* ---- sums ---------------------------------------------------------------------------------- */

/* As in sums.c: beyond the picture the edges are repeated. */
static const uint8_t *tap_row(const struct pp_band *in, const struct pp_taps *taps, uint32_t tap)
{
    const int64_t y = taps->first + tap, last = (int64_t)taps->height - 1;

    return pp_band_row(in, (uint32_t)(y < 0 ? 0 : y > last ? last : y));
}

PP_INLINE void add_light(float *restrict acc, const uint8_t *restrict row, size_t samples,
                         float weight, const struct pp_light *light)
{
    const float *restrict decoded = light->decoded;

    if (light->depth == 8)
        for (size_t i = 0; i < samples; i++)
            acc[i] += weight * decoded[pp_sample(row, i, 8)];
    else
        for (size_t i = 0; i < samples; i++)
            acc[i] += weight * decoded[pp_sample(row, i, 16)];
}

PP_HOT static void sum_rows(float *restrict acc, const struct pp_band *in,
                            const struct pp_taps *taps, size_t samples,
                            const struct pp_light *light)
{
    for (size_t from = 0; from < samples; from += BLOCK) {
        const size_t count = samples - from < BLOCK ? samples - from : BLOCK;

        memset(acc + from, 0, count * sizeof *acc);
        for (uint32_t tap = 0; tap < taps->count; tap++)
            add_light(acc + from, tap_row(in, taps, tap) + from * light->depth / 8, count,
                      (float)taps->weights[tap], light);
    }
}

/* `layout`: channels x 100 + depth. */
PP_INLINE void add_alpha(double *restrict acc, const uint8_t *restrict row, size_t pixels,
                         const double weight, const float *restrict decoded, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100;

    for (size_t x = 0; x < pixels; x++) {
        const size_t i = x * channels;
        const double opaque = weight * (int)pp_sample(row, i + channels - 1, depth);

        for (unsigned c = 0; c + 1 < channels; c++)
            acc[i + c] += opaque * (double)decoded[pp_sample(row, i + c, depth)];
        acc[i + channels - 1] += opaque;
    }
}

PP_HOT static void sum_rows_alpha(double *restrict acc, const struct pp_band *in,
                                  const struct pp_taps *taps, const struct pp_geometry *geometry,
                                  const struct pp_light *light)
{
    const size_t width = geometry->width, channels = geometry->channels;
    const float *decoded = light->decoded;
    const bool eight = light->depth == 8;

    memset(acc, 0, width * channels * sizeof *acc);
    for (uint32_t tap = 0; tap < taps->count; tap++) {
        const uint8_t *row = tap_row(in, taps, tap);
        const double weight = taps->weights[tap];
        if (channels == 2)
            eight ? add_alpha(acc, row, width, weight, decoded, 208)
                  : add_alpha(acc, row, width, weight, decoded, 216);
        else
            eight ? add_alpha(acc, row, width, weight, decoded, 408)
                  : add_alpha(acc, row, width, weight, decoded, 416);
    }
}

void pp_light_sum_rows(float *restrict acc, const struct pp_band *in, const struct pp_taps *taps,
                       size_t samples, const struct pp_light *light)
{
    sum_rows(acc, in, taps, samples, light);
}

void pp_light_sum_rows_alpha(double *restrict acc, const struct pp_band *in,
                             const struct pp_taps *taps, const struct pp_geometry *geometry,
                             const struct pp_light *light)
{
    sum_rows_alpha(acc, in, taps, geometry, light);
}

/* ---- samples again ------------------------------------------------------------------------- */

PP_INLINE float encoded(const struct pp_light *light, float v)
{
    v = v < 0 ? 0 : v > 1 ? 1 : v;
    const float at = sqrtf(v) * STEPS;
    const int step = (int)at;
    const float low = light->encoded[step], high = light->encoded[step + 1];

    return v < KNEE ? v * 12.92f : low + (high - low) * (at - (float)step);
}

PP_INLINE void store(uint8_t *restrict out, const float *restrict in, size_t pixels,
                     const struct pp_light *light, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100;
    const unsigned colors = channels - (channels % 2 == 0);
    const float max = (float)pp_sample_max(depth);

    for (size_t x = 0; x < pixels; x++) {
        const size_t i = x * channels;

        for (unsigned c = 0; c < colors; c++)
            pp_sample_set(out, i + c, depth,
                          (uint32_t)(int)(encoded(light, in[i + c]) * max + 0.5f));
        if (colors < channels) {
            float v = in[i + colors] < 0 ? 0 : in[i + colors];
            pp_sample_set(out, i + colors, depth, (uint32_t)(int)((v > max ? max : v) + 0.5f));
        }
    }
}

PP_INLINE void store_depth(uint8_t *restrict out, const float *restrict in,
                           const struct pp_geometry *geometry, const struct pp_light *light,
                           unsigned depth)
{
    switch (geometry->channels) {
    case 1:
        store(out, in, geometry->width, light, 100 + depth);
        break;
    case 2:
        store(out, in, geometry->width, light, 200 + depth);
        break;
    case 3:
        store(out, in, geometry->width, light, 300 + depth);
        break;
    default:
        store(out, in, geometry->width, light, 400 + depth);
        break;
    }
}

PP_HOT static void store_row(uint8_t *restrict out, const float *restrict in,
                             const struct pp_geometry *geometry, const struct pp_light *light)
{
    if (light->depth == 8)
        store_depth(out, in, geometry, light, 8);
    else
        store_depth(out, in, geometry, light, 16);
}

void pp_light_store(uint8_t *restrict out, const float *restrict in,
                    const struct pp_geometry *geometry, const struct pp_light *light)
{
    store_row(out, in, geometry, light);
}
