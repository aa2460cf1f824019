#include "filter/filter.h"
#include "filter/planes.h"
#include "filter/registry.h"
#include "filter/table.h"

enum { BRIGHTNESS, SATURATION, HUE };

static const struct pp_param params[] = {
    [BRIGHTNESS] = {.name = "brightness",
                    .type = PP_PARAM_NUMBER,
                    .summary = "percent of the lightness there is",
                    .min = 0,
                    .max = 1000,
                    .fallback = 100,
                    .default_text = "100"},
    [SATURATION] = {.name = "saturation",
                    .type = PP_PARAM_NUMBER,
                    .summary = "percent of the saturation there is: 0 leaves grays",
                    .min = 0,
                    .max = 1000,
                    .fallback = 100,
                    .default_text = "100"},
    [HUE] = {.name = "hue",
             .type = PP_PARAM_NUMBER,
             .summary = "turn of hues in percent of half the circle: 100 none, 0 and 200 all of it",
             .min = 0,
             .max = 200,
             .fallback = 100,
             .default_text = "100"},
    {.name = NULL},
};

struct modulate {
    struct pp_table table; /* of gray pictures, which have lightness alone */
    struct pp_geometry geometry;
    float brightness, saturation; /* factors */
    float turn;                   /* of hues, in sixths of the circle, 0 to 6 */
};

static double scaled(double factor, double v)
{
    return v * factor;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct modulate *modulate = state;
    double turn = (args[HUE].number - 100) * 0.03;
    enum pp_status status = PP_OK;

    (void)out;
    modulate->geometry = *in;
    modulate->brightness = (float)(args[BRIGHTNESS].number / 100);
    modulate->saturation = (float)(args[SATURATION].number / 100);
    modulate->turn = (float)(turn < 0 ? turn + 6 : turn);
    if (in->channels <= 2) {
        status = pp_table_init(&modulate->table, in, 1, err);
        if (status == PP_OK)
            pp_table_fill(&modulate->table, scaled, args[BRIGHTNESS].number / 100);
    }
    return status;
}

static bool is_identity(const void *state)
{
    const struct modulate *modulate = state;

    if (modulate->geometry.channels <= 2)
        return pp_table_is_identity(state);
    return modulate->brightness == 1 && modulate->saturation == 1 && modulate->turn == 0;
}

static const uint8_t *table(const void *state, unsigned channel)
{
    const struct modulate *modulate = state;

    return modulate->geometry.channels <= 2 ? pp_table_entries(state, channel) : NULL;
}

PP_INLINE float least(float a, float b)
{
    return a < b ? a : b;
}

PP_INLINE float most(float a, float b)
{
    return a > b ? a : b;
}

/* A colour of the HSL model in units of samples: twice the lightness, and what it leaves room for.
 */
struct shade {
    float double_lightness, chroma, low, high;
};

PP_INLINE struct shade shade_of(float r, float g, float b)
{
    float high = most(r, most(g, b)), low = least(r, least(g, b));

    return (struct shade){high + low, high - low, low, high};
}

/* The chroma of the same saturation times the factor, at another lightness. */
PP_INLINE float new_chroma(const struct modulate *modulate, const struct shade *shade,
                           float double_lightness, float max)
{
    float room = least(shade->double_lightness, 2 * max - shade->double_lightness);
    float saturation = shade->chroma / (room > 0 ? room : 1) * modulate->saturation;

    return least(saturation, 1) * least(double_lightness, 2 * max - double_lightness);
}

/* Hues stay, so channels keep their places between the lowest and the highest. */
PP_HOT static void keep_hues(const void *state, struct pp_planes *planes, size_t count)
{
    const struct modulate *modulate = state;
    const float max = (float)(int32_t)pp_sample_max(modulate->geometry.depth);

    for (size_t i = 0; i < count; i++) {
        const float r = planes->r[i], g = planes->g[i], b = planes->b[i];
        const struct shade shade = shade_of(r, g, b);
        const float light = least(shade.double_lightness * modulate->brightness, 2 * max);
        const float chroma = new_chroma(modulate, &shade, light, max);
        const float scale = chroma / (shade.chroma > 0 ? shade.chroma : 1);
        const float base = light * 0.5f, middle = shade.double_lightness * 0.5f;

        planes->r[i] = base + (r - middle) * scale;
        planes->g[i] = base + (g - middle) * scale;
        planes->b[i] = base + (b - middle) * scale;
    }
}

/* In sixths of the circle, from red on; 0 where there is no hue. */
PP_INLINE float hue_of(float r, float g, float b, const struct shade *shade)
{
    const float chroma = shade->chroma > 0 ? shade->chroma : 1;
    const bool red = r == shade->high, green = g == shade->high;
    const float over = red ? g - b : green ? b - r : r - g;
    const float from = red ? 0 : green ? 2 : 4;
    const float hue = over / chroma + from;

    return hue < 0 ? hue + 6 : hue;
}

/* How far the channel whose own hue is `at` sixths lies above the middle, -1 to 1: a trapezium over
 * the circle. */
PP_INLINE float height_of(float hue, float at)
{
    float apart = hue - at;

    apart = apart < 0 ? -apart : apart;
    apart = least(apart, 6 - apart); /* 0 to 3 */
    return most(-1, least(1, 3 - 2 * apart));
}

PP_HOT static void turn_hues(const void *state, struct pp_planes *planes, size_t count)
{
    const struct modulate *modulate = state;
    const float max = (float)(int32_t)pp_sample_max(modulate->geometry.depth);

    for (size_t i = 0; i < count; i++) {
        const float r = planes->r[i], g = planes->g[i], b = planes->b[i];
        const struct shade shade = shade_of(r, g, b);
        const float light = least(shade.double_lightness * modulate->brightness, 2 * max);
        const float half = new_chroma(modulate, &shade, light, max) * 0.5f, base = light * 0.5f;
        const float turned = hue_of(r, g, b, &shade) + modulate->turn;
        const float hue = turned >= 6 ? turned - 6 : turned;

        planes->r[i] = base + half * height_of(hue, 0);
        planes->g[i] = base + half * height_of(hue, 2);
        planes->b[i] = base + half * height_of(hue, 4);
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct modulate *modulate = state;

    if (modulate->geometry.channels <= 2)
        pp_table_render(state, in, out, scratch);
    else
        pp_planes_render(modulate->turn == 0 ? keep_hues : turn_hues, state, &modulate->geometry,
                         in, out);
}

const struct pp_filter pp_filter_modulate = {
    .name = "modulate",
    .summary = "change lightness, saturation and hue",
    .source = "ImageMagick's and GraphicsMagick's -modulate in the HSL model (A. R. Smith, "
              "SIGGRAPH 1978; CSS Color Module Level 4, 7): lightness and saturation are "
              "multiplied and kept within 0 and 1, hue moves by (hue - 100) x 1.8 degrees; on "
              "encoded values.",
    .params = params,
    .state_size = sizeof(struct modulate),
    .prepare = prepare,
    .release = pp_table_release,
    .is_identity = is_identity,
    .table = table,
    .render = render,
};
