/*
 * Error diffusion hands what a pixel could not show on to pixels on its right and below: each
 * depends on all before it. It is done while the picture is looked at, from top to bottom, and the
 * few bits of its result are kept. The ordered way needs nothing but the pixel's place.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { BITS, METHOD };
enum { DIFFUSION, ORDERED };

static const char *const words[] = {"floyd-steinberg", "ordered", NULL};

static const struct pp_param params[] = {
    [BITS] = {.name = "bits",
              .type = PP_PARAM_INTEGER,
              .summary = "bits of a gray sample: 1 for black and white, 4 for 16 grays",
              .min = 1,
              .max = 4,
              .fallback = 1,
              .default_text = "1"},
    [METHOD] = {.name = "method",
                .type = PP_PARAM_CHOICE,
                .summary = "hand errors on to the neighbours, or compare with an 8 x 8 pattern",
                .choices = words,
                .default_text = "floyd-steinberg"},
    {.name = NULL},
};

#define GRAYS_MOST 16

struct dither {
    struct pp_geometry in;
    unsigned bits;
    uint32_t grays;              /* 2^bits */
    int32_t values[GRAYS_MOST];  /* of each gray, as samples of the input */
    uint8_t samples[GRAYS_MOST]; /* the same of 8 bits */
    size_t row_bytes;            /* of the result */
    uint8_t *result;             /* diffusion: packed as in a PNG, 3 bits as 4; owned */
    int32_t *errors;             /* from the row before, one for each pixel and one more; owned */
};

static bool luma_suffices(const struct pp_value *args)
{
    (void)args;
    return true;
}

static bool observes(const struct pp_value *args)
{
    return args[METHOD].choice == DIFFUSION;
}

/* Grays of 3 bits are none of 4. */
static uint8_t gray_bits(const struct pp_value *args)
{
    return args[BITS].number == 3 ? 8 : (uint8_t)args[BITS].number;
}

static unsigned packed_bits(const struct dither *dither)
{
    return dither->bits == 3 ? 4 : dither->bits;
}

static uint32_t share_of(uint32_t gray, uint32_t grays, uint32_t max)
{
    return (2 * gray * max + grays - 1) / (2 * (grays - 1));
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct dither *dither = state;
    void *result = NULL, *errors = NULL;
    enum pp_status status = PP_OK;

    dither->in = *in;
    dither->bits = (unsigned)args[BITS].number;
    dither->grays = 1u << dither->bits;
    for (uint32_t gray = 0; gray < dither->grays; gray++) {
        dither->values[gray] = (int32_t)share_of(gray, dither->grays, pp_sample_max(in->depth));
        dither->samples[gray] = (uint8_t)share_of(gray, dither->grays, 255);
    }
    out->channels = pp_geometry_has_alpha(in) ? 2 : 1;
    out->depth = 8;
    if (!observes(args))
        return PP_OK;
    dither->row_bytes = ((size_t)in->width * packed_bits(dither) + 7) / 8;
    status = pp_memory_new(&result, in->height, dither->row_bytes, "the dithered picture", err);
    if (status == PP_OK)
        status = pp_memory_new(&errors, in->width + (size_t)1, sizeof(int32_t), "errors", err);
    if (status == PP_OK)
        memset(errors, 0, (in->width + (size_t)1) * sizeof(int32_t));
    dither->result = result;
    dither->errors = errors;
    return status;
}

static void release(void *state)
{
    struct dither *dither = state;

    free(dither->result);
    free(dither->errors);
    dither->result = NULL;
    dither->errors = NULL;
}

static uint64_t state_memory(const void *state)
{
    const struct dither *dither = state;

    return dither->result ? (uint64_t)dither->row_bytes * dither->in.height +
                                (dither->in.width + UINT64_C(1)) * sizeof(int32_t)
                          : 0;
}

PP_INLINE uint32_t gray_at(const uint8_t *row, size_t x, unsigned channels, unsigned depth)
{
    const size_t i = x * channels;

    return channels <= 2 ? pp_sample(row, i, depth)
                         : pp_luma601(pp_sample(row, i, depth), pp_sample(row, i + 1, depth),
                                      pp_sample(row, i + 2, depth));
}

/* ---- error diffusion ----------------------------------------------------------------------- */

/* The gray nearest to `v`, of two the darker one; of black and white, which Pillow parts one
 * further up, black for 128 too. */
PP_INLINE uint32_t nearest(uint32_t v, uint32_t grays, unsigned depth)
{
    const uint32_t max = pp_sample_max(depth);

    if (grays == 2)
        return v > 128 * (max / 255);
    return (2 * v * (grays - 1) + max - 1) / (2 * max);
}

/*
 * One row, by the arithmetic of Pillow's convert("1"): of what a pixel is off, 7/16 go to the one
 * on its right and 3/16, 5/16 and 1/16 to those below it from left to right. The errors are those
 * that came from above, in sixteenths, and become those for the row below, one place further left.
 * What is wholly transparent takes no part.
 */
PP_INLINE void diffuse(struct dither *dither, const uint8_t *restrict in, uint8_t *restrict out,
                       unsigned channels, unsigned depth)
{
    const int32_t max = (int32_t)pp_sample_max(depth);
    const unsigned bits = packed_bits(dither);
    int32_t *restrict errors = dither->errors;
    int32_t right = 0, below = 0, corner = 0;

    for (size_t x = 0; x < dither->in.width; x++) {
        bool hidden = channels % 2 == 0 && pp_sample(in, x * channels + channels - 1, depth) == 0;
        int32_t v = (int32_t)gray_at(in, x, channels, depth) + (right + errors[x + 1]) / 16;
        v = v < 0 ? 0 : v > max ? max : v;
        uint32_t gray = nearest((uint32_t)v, dither->grays, depth);
        int32_t off = hidden ? 0 : v - dither->values[gray];

        errors[x] = 3 * off + below;
        below = 5 * off + corner;
        corner = off;
        right = 7 * off;
        out[x * bits / 8] = (uint8_t)(out[x * bits / 8] | gray << (8 - bits - x * bits % 8));
    }
    errors[dither->in.width] = below;
}

static void diffuse_row(struct dither *dither, const uint8_t *in, uint8_t *out)
{
    const bool eight = dither->in.depth == 8;

    memset(out, 0, dither->row_bytes);
    switch (dither->in.channels) {
    case 1:
        eight ? diffuse(dither, in, out, 1, 8) : diffuse(dither, in, out, 1, 16);
        break;
    case 2:
        eight ? diffuse(dither, in, out, 2, 8) : diffuse(dither, in, out, 2, 16);
        break;
    case 3:
        eight ? diffuse(dither, in, out, 3, 8) : diffuse(dither, in, out, 3, 16);
        break;
    default:
        eight ? diffuse(dither, in, out, 4, 8) : diffuse(dither, in, out, 4, 16);
        break;
    }
}

static void observe(void *state, const struct pp_band *in)
{
    struct dither *dither = state;

    for (uint32_t y = in->first; dither->result && y < in->first + in->count; y++)
        diffuse_row(dither, pp_band_row(in, y), dither->result + y * dither->row_bytes);
}

static void conclude(void *state)
{
    (void)state;
}

static void unpack(const struct dither *dither, const uint8_t *packed, uint8_t *out, size_t step)
{
    const unsigned bits = packed_bits(dither), mask = (1u << bits) - 1;

    for (size_t x = 0; x < dither->in.width; x++) {
        unsigned gray = (unsigned)packed[x * bits / 8] >> (8 - bits - x * bits % 8) & mask;
        out[x * step] = dither->samples[gray];
    }
}

/* ---- ordered ------------------------------------------------------------------------------- */

/* The 8 x 8 matrix of B. Bayer, "An optimum method for two-level rendition of continuous-tone
 * pictures", IEEE International Conference on Communications, 1973: 0 to 63, by the bits of the
 * place. */
static uint32_t bayer(uint32_t x, uint32_t y)
{
    uint32_t value = 0;

    for (unsigned bit = 0; bit < 3; bit++)
        value = value << 2 | ((x ^ y) >> bit & 1) << 1 | (y >> bit & 1);
    return value;
}

PP_INLINE void compare(const struct dither *dither, const uint32_t *pattern,
                       const uint8_t *restrict in, uint8_t *restrict out, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100, step = channels % 2 ? 1 : 2;
    const uint32_t max = pp_sample_max(depth), steps = dither->grays - 1;

    for (size_t x = 0; x < dither->in.width; x++) {
        uint32_t v = gray_at(in, x, channels, depth);
        uint32_t gray = (128 * v * steps + pattern[x % 8]) / (128 * max);
        out[x * step] = dither->samples[gray];
    }
}

static void order_row(const struct dither *dither, uint32_t y, const uint8_t *in, uint8_t *out)
{
    const bool eight = dither->in.depth == 8;
    uint32_t pattern[8]; /* what is added to 128 x the gray before it is cut off */

    for (uint32_t x = 0; x < 8; x++)
        pattern[x] = (2 * bayer(x, y) + 1) * pp_sample_max(dither->in.depth);
    switch (dither->in.channels) {
    case 1:
        eight ? compare(dither, pattern, in, out, 108) : compare(dither, pattern, in, out, 116);
        break;
    case 2:
        eight ? compare(dither, pattern, in, out, 208) : compare(dither, pattern, in, out, 216);
        break;
    case 3:
        eight ? compare(dither, pattern, in, out, 308) : compare(dither, pattern, in, out, 316);
        break;
    default:
        eight ? compare(dither, pattern, in, out, 408) : compare(dither, pattern, in, out, 416);
        break;
    }
}

/* ---- both ---------------------------------------------------------------------------------- */

static void copy_alpha(const struct dither *dither, const uint8_t *in, uint8_t *out)
{
    const size_t channels = dither->in.channels;

    if (!pp_geometry_has_alpha(&dither->in))
        return;
    for (size_t x = 0; x < dither->in.width; x++) {
        uint32_t v = pp_sample(in, x * channels + channels - 1, dither->in.depth);
        out[2 * x + 1] = (uint8_t)(dither->in.depth == 8 ? v : (v + 128) / 257);
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct dither *dither = state;
    const size_t step = pp_geometry_has_alpha(&dither->in) ? 2 : 1;

    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        uint8_t *row = pp_band_row(out, y);
        if (dither->result)
            unpack(dither, dither->result + y * dither->row_bytes, row, step);
        else
            order_row(dither, y, pp_band_row(in, y), row);
        copy_alpha(dither, pp_band_row(in, y), row);
    }
}

const struct pp_filter pp_filter_dither = {
    .name = "dither",
    .summary = "few grays that look like many; colours become gray first, 16 bits 8",
    .source =
        "Gray as gray=rec601. floyd-steinberg: R. Floyd and L. Steinberg, \"An adaptive "
        "algorithm for spatial greyscale\", Proc. SID 17(2), 1976, rows from left to right; 1 "
        "bit by the arithmetic of Pillow's convert(\"1\"). ordered: the 8 x 8 matrix of B. "
        "Bayer, ICC 1973. Grays are spaced evenly from black to white.",
    .params = params,
    .state_size = sizeof(struct dither),
    .gray_bits = gray_bits,
    .luma_suffices = luma_suffices,
    .observes = observes,
    .prepare = prepare,
    .release = release,
    .state_memory = state_memory,
    .observe = observe,
    .conclude = conclude,
    .render = render,
};
