#include <math.h>

#include "filter/filter.h"
#include "filter/gray_linear.h"
#include "filter/luma.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum mode { REC601, REC709, LINEAR, AVERAGE, LIGHTNESS, RED, GREEN, BLUE, WEIGHTS };

static const char *const modes[] = {"rec601", "rec709", "linear", "average", "lightness",
                                    "red",    "green",  "blue",   "weights", NULL};

enum { MODE, R, G, B };

static const struct pp_param params[] = {
    [MODE] = {.name = "mode",
              .type = PP_PARAM_CHOICE,
              .summary = "how red, green and blue become one",
              .choices = modes,
              .default_text = "rec601"},
    [R] = {.name = "r",
           .type = PP_PARAM_NUMBER,
           .summary = "weights: red's share; the three are scaled to add up to 1",
           .min = -10,
           .max = 10,
           .fallback = 0.299,
           .default_text = "0.299"},
    [G] = {.name = "g",
           .type = PP_PARAM_NUMBER,
           .summary = "weights: green's share",
           .min = -10,
           .max = 10,
           .fallback = 0.587,
           .default_text = "0.587"},
    [B] = {.name = "b",
           .type = PP_PARAM_NUMBER,
           .summary = "weights: blue's share",
           .min = -10,
           .max = 10,
           .fallback = 0.114,
           .default_text = "0.114"},
    {.name = NULL},
};

/* 0.2126, 0.7152 and 0.0722 (ITU-R BT.709-6, 3.2) of 65,536; they add up to it. */
#define LUMA_709 ((struct pp_luma){13933, 46871, 4732})

struct gray {
    enum mode mode;
    struct pp_geometry in;
    int64_t weights[3]; /* of 2^32, which is exactly their sum */
    struct pp_gray_linear linear;
};

static bool luma_suffices(const struct pp_value *args)
{
    return args[MODE].choice == REC601;
}

/* Who names a formula gets it of the numbers as they are. */
static bool assumes_srgb(const struct pp_value *args)
{
    return !args[MODE].given;
}

static enum pp_status check(const struct pp_value *args, struct pp_error *err)
{
    double r = args[R].number, g = args[G].number, b = args[B].number;
    double most = fmax(fabs(r), fmax(fabs(g), fabs(b)));

    if (args[MODE].choice != WEIGHTS && (args[R].given || args[G].given || args[B].given))
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"gray\": r, g and b are for mode \"weights\", not \"%s\"",
                            modes[args[MODE].choice]);
    /* beyond a factor of 1000 the weights as good as cancel out */
    if (r + g + b <= 0 || most / (r + g + b) > 1000)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"gray\": weights %g, %g and %g do not add up to something "
                            "above 0",
                            r, g, b);
    return PP_OK;
}

/* Scale to a sum of exactly 2^32, so that every neutral gray maps to itself. */
static void set_weights(struct gray *gray, const struct pp_value *args)
{
    double sum = args[R].number + args[G].number + args[B].number;

    gray->weights[0] = llround(args[R].number / sum * 4294967296.0);
    gray->weights[2] = llround(args[B].number / sum * 4294967296.0);
    gray->weights[1] = INT64_C(4294967296) - gray->weights[0] - gray->weights[2];
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct gray *gray = state;

    gray->mode = (enum mode)args[MODE].choice;
    gray->in = *in;
    out->channels = pp_geometry_has_alpha(in) ? 2 : 1;
    set_weights(gray, args);
    if (gray->mode == LINEAR && in->channels > 2)
        return pp_gray_linear_init(&gray->linear, in->depth, err);
    return PP_OK;
}

static void release(void *state)
{
    pp_gray_linear_release(&((struct gray *)state)->linear);
}

PP_INLINE uint32_t largest(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

PP_INLINE uint32_t smallest(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Weights may be negative, so that sums may leave the range. */
PP_INLINE uint32_t weighted(const struct gray *gray, uint32_t r, uint32_t g, uint32_t b,
                            unsigned depth)
{
    const int64_t *w = gray->weights;
    int64_t v = (w[0] * r + w[1] * g + w[2] * b + (INT64_C(1) << 31)) >> 32;
    int64_t max = pp_sample_max(depth);

    return (uint32_t)(v < 0 ? 0 : v > max ? max : v);
}

/* One pixel at `p`. The call sites give mode and depth as constants. */
PP_INLINE uint32_t gray_of(const struct gray *gray, const uint8_t *p, enum mode mode,
                           unsigned depth)
{
    uint32_t r = pp_sample(p, 0, depth), g = pp_sample(p, 1, depth), b = pp_sample(p, 2, depth);

    switch (mode) {
    case REC601:
        return pp_luma601(r, g, b);
    case REC709:
        return (LUMA_709.r * r + LUMA_709.g * g + LUMA_709.b * b + 32768) >> 16;
    case LINEAR:
        return pp_gray_linear(&gray->linear, r, g, b);
    case AVERAGE:
        return (r + g + b + 1) / 3;
    case LIGHTNESS:
        return (largest(r, largest(g, b)) + smallest(r, smallest(g, b)) + 1) / 2;
    case RED:
        return r;
    case GREEN:
        return g;
    case BLUE:
        return b;
    case WEIGHTS:
        return weighted(gray, r, g, b, depth);
    }
    return 0;
}

PP_INLINE void gray_pixels(const struct gray *gray, const uint8_t *restrict in,
                           uint8_t *restrict out, enum mode mode, unsigned layout)
{
    unsigned channels = layout / 100, depth = layout % 100, bytes = channels * depth / 8;
    size_t width = gray->in.width;

    for (size_t x = 0; x < width; x++) {
        uint32_t v = gray_of(gray, in + x * bytes, mode, depth);
        if (channels == 4) {
            pp_sample_set(out, 2 * x, depth, v);
            pp_sample_set(out, 2 * x + 1, depth, pp_sample(in + x * bytes, 3, depth));
        } else {
            pp_sample_set(out, x, depth, v);
        }
    }
}

PP_INLINE void gray_row(const struct gray *gray, const uint8_t *restrict in, uint8_t *restrict out,
                        enum mode mode)
{
    bool eight = gray->in.depth == 8;

    if (gray->in.channels == 3)
        eight ? gray_pixels(gray, in, out, mode, 308) : gray_pixels(gray, in, out, mode, 316);
    else
        eight ? gray_pixels(gray, in, out, mode, 408) : gray_pixels(gray, in, out, mode, 416);
}

PP_HOT static void any_row(const struct gray *gray, const uint8_t *restrict in,
                           uint8_t *restrict out)
{
    switch (gray->mode) {
    case REC601:
        gray_row(gray, in, out, REC601);
        break;
    case REC709:
        gray_row(gray, in, out, REC709);
        break;
    case LINEAR:
        gray_row(gray, in, out, LINEAR);
        break;
    case AVERAGE:
        gray_row(gray, in, out, AVERAGE);
        break;
    case LIGHTNESS:
        gray_row(gray, in, out, LIGHTNESS);
        break;
    case RED:
        gray_row(gray, in, out, RED);
        break;
    case GREEN:
        gray_row(gray, in, out, GREEN);
        break;
    case BLUE:
        gray_row(gray, in, out, BLUE);
        break;
    case WEIGHTS:
        gray_row(gray, in, out, WEIGHTS);
        break;
    }
}

static void row(const void *state, const uint8_t *restrict in, uint8_t *restrict out, size_t width)
{
    const struct gray *gray = state;

    if (gray->in.depth == 8 && gray->mode == REC601)
        pp_luma_row(out, in, width, gray->in.channels, PP_LUMA_601);
    else if (gray->in.depth == 8 && gray->mode == REC709)
        pp_luma_row(out, in, width, gray->in.channels, LUMA_709);
    else
        any_row(gray, in, out);
}

static bool is_linear(const void *state)
{
    const struct gray *gray = state;

    return gray->mode != LINEAR && gray->mode != LIGHTNESS;
}

static bool is_identity(const void *state)
{
    return ((const struct gray *)state)->in.channels <= 2;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct gray *gray = state;

    (void)scratch;
    if (gray->in.channels <= 2)
        pp_copy_rows(in, out, pp_geometry_row_bytes(&gray->in));
    else
        pp_render_rows(row, state, in, out, gray->in.width);
}

const struct pp_filter pp_filter_gray = {
    .name = "gray",
    .summary = "turn colours into one gray channel; alpha stays",
    .source = "rec601: (19595 R + 38470 G + 7471 B + 32768) >> 16 on encoded values, the weights "
              "of ITU-R BT.601 as libjpeg and Pillow have them, at 16 bits too. rec709: 0.2126, "
              "0.7152, 0.0722 of ITU-R BT.709 on encoded values. linear: the same weights on "
              "values decoded by IEC 61966-2-1 and encoded again, as libvips. average: "
              "(R + G + B) / 3. lightness: (max + min) / 2, the L of HSL. Rounded to the nearest; "
              "every neutral gray maps to itself. Without a mode, colours whose profile is not "
              "sRGB's are converted to sRGB first; with one it works on the numbers as they are.",
    .params = params,
    .state_size = sizeof(struct gray),
    .luma_suffices = luma_suffices,
    .assumes_srgb = assumes_srgb,
    .is_linear = is_linear,
    .check = check,
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .render = render,
};
