/*
 * Columns first: each output row is a weighted sum of input rows, which vectorises whatever the
 * channels are and holds most of the work where a picture is reduced; the one row of sums is then
 * resampled along itself. No input row is ever worked on for a band and again for its neighbour.
 */
#include "filter/filter.h"
#include "filter/fit.h"
#include "filter/registry.h"
#include "filter/resample.h"
#include "filter/sums.h"

#include "base/memory.h"

enum { SIZE, FIT, KERNEL, ENLARGE };

static const char *const fits[] = {"inside", "outside", "cover", "fill", NULL};
static const char *const kernels[] = {"nearest", "bilinear", "bicubic", "lanczos3", NULL};

static const struct pp_param params[] = {
    [SIZE] = {.name = "size",
              .type = PP_PARAM_SIZE,
              .summary = "pixels, or percent of both sides; a side left out follows the other",
              .min = 1,
              .max = 1000000,
              .required = true},
    [FIT] = {.name = "fit",
             .type = PP_PARAM_CHOICE,
             .summary = "stay inside the size, reach outside, cover it and cut, or fill it and "
                        "distort",
             .choices = fits,
             .default_text = "inside"},
    [KERNEL] = {.name = "kernel",
                .type = PP_PARAM_CHOICE,
                .summary = "how samples are interpolated",
                .choices = kernels,
                .default_text = "lanczos3"},
    [ENLARGE] = {.name = "enlarge",
                 .type = PP_PARAM_SWITCH,
                 .summary = "whether a picture may become larger than it is",
                 .fallback = 0,
                 .default_text = "0"},
    {.name = NULL},
};

struct resize {
    struct pp_geometry in, out;
    bool nearest, identity;
    struct pp_resample across, down;
};

/* Whether a direction has its own length again, of all that it has. */
static bool is_whole(const struct pp_axis *axis)
{
    return axis->out == axis->in && axis->from == 0 && axis->length == axis->in;
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct resize *resize = state;
    enum pp_kernel kernel = (enum pp_kernel)args[KERNEL].choice;
    const struct pp_fit_request request = {&args[SIZE], (enum pp_fit)args[FIT].choice,
                                           args[ENLARGE].number != 0};
    struct pp_axis axes[2];
    enum pp_status status = pp_fit(&request, in, axes, err);

    if (status != PP_OK)
        return status;
    out->width = axes[0].out;
    out->height = axes[1].out;
    resize->in = *in;
    resize->out = *out;
    resize->nearest = kernel == PP_KERNEL_NEAREST;
    resize->identity = is_whole(&axes[0]) && is_whole(&axes[1]);
    status = pp_resample_init(&resize->across, &axes[0], kernel, err);
    if (status == PP_OK)
        status = pp_resample_init(&resize->down, &axes[1], kernel, err);
    return status;
}

static void release(void *state)
{
    struct resize *resize = state;

    pp_resample_release(&resize->across);
    pp_resample_release(&resize->down);
}

static bool is_identity(const void *state)
{
    return ((const struct resize *)state)->identity;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    const struct pp_resample *down = &((const struct resize *)state)->down;

    *in_first = down->first[first];
    *in_last = down->first[last - 1] + down->count[last - 1];
}

/* With alpha: a row of sums and a row of quotients, both double, then the straight row. Without: a
 * row of sums and the straight row. */
struct layout {
    size_t sums, resampled, total; /* bytes */
};

static struct layout scratch_layout(const struct resize *resize)
{
    bool alpha = pp_geometry_has_alpha(&resize->in);
    size_t size = alpha ? sizeof(double) : sizeof(float), channels = resize->in.channels;
    struct layout layout;

    layout.sums = pp_size_aligned(resize->in.width * channels * size);
    layout.resampled = alpha ? pp_size_aligned(resize->out.width * channels * size) : 0;
    layout.total = layout.sums + layout.resampled +
                   pp_size_aligned(resize->out.width * channels * sizeof(float));
    return layout;
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    const struct resize *resize = state;

    (void)rows;
    return resize->nearest || resize->identity ? 0 : scratch_layout(resize).total;
}

PP_INLINE void pick_row(const struct resize *resize, const uint8_t *restrict in,
                        uint8_t *restrict out, unsigned size)
{
    const uint32_t *columns = resize->across.first;

    for (size_t x = 0; x < resize->out.width; x++)
        memcpy(out + x * size, in + (size_t)columns[x] * size, size);
}

static void pick_any_row(const struct resize *resize, const uint8_t *in, uint8_t *out)
{
    switch (resize->in.channels * resize->in.depth / 8) {
    case 1:
        pick_row(resize, in, out, 1);
        break;
    case 2:
        pick_row(resize, in, out, 2);
        break;
    case 3:
        pick_row(resize, in, out, 3);
        break;
    case 4:
        pick_row(resize, in, out, 4);
        break;
    case 6:
        pick_row(resize, in, out, 6);
        break;
    default:
        pick_row(resize, in, out, 8);
        break;
    }
}

/* Even and odd taps are added up apart, which halves the wait for each other's result. */
PP_INLINE void across_row(const struct pp_resample *across, const float *restrict in,
                          float *restrict out, size_t width, unsigned channels)
{
    for (size_t x = 0; x < width; x++) {
        const double *weights = across->weights + x * across->taps;
        const float *from = in + (size_t)across->first[x] * channels;
        uint32_t count = across->count[x], k = 0;
        float even[3] = {0}, odd[3] = {0};

        for (; k + 2 <= count; k += 2)
            for (unsigned c = 0; c < channels; c++) {
                even[c] += (float)weights[k] * from[k * channels + c];
                odd[c] += (float)weights[k + 1] * from[(k + 1) * channels + c];
            }
        for (unsigned c = 0; c < channels; c++) {
            if (k < count)
                even[c] += (float)weights[k] * from[k * channels + c];
            out[x * channels + c] = even[c] + odd[c];
        }
    }
}

PP_INLINE void across_row_alpha(const struct pp_resample *across, const double *restrict in,
                                double *restrict out, size_t width, unsigned channels)
{
    for (size_t x = 0; x < width; x++) {
        const double *weights = across->weights + x * across->taps;
        const double *from = in + (size_t)across->first[x] * channels;
        double sums[4] = {0};

        for (uint32_t k = 0; k < across->count[x]; k++)
            for (unsigned c = 0; c < channels; c++)
                sums[c] += weights[k] * from[k * channels + c];
        for (unsigned c = 0; c < channels; c++)
            out[x * channels + c] = sums[c];
    }
}

/* The straight, not yet rounded samples of output row `y`. */
PP_HOT static const float *resample_row(const struct resize *resize, const struct pp_band *in,
                                        uint32_t y, void *scratch)
{
    const struct layout layout = scratch_layout(resize);
    const struct pp_resample *down = &resize->down;
    const struct pp_taps taps = {down->first[y], down->count[y], resize->in.height,
                                 down->weights + (size_t)y * down->taps};
    void *sums = scratch, *resampled = (uint8_t *)scratch + layout.sums;
    void *straight = (uint8_t *)resampled + layout.resampled;
    size_t width = resize->out.width;
    unsigned channels = resize->in.channels;

    if (channels % 2 == 0) {
        pp_sum_rows_alpha(sums, in, &taps, &resize->in);
        if (channels == 2)
            across_row_alpha(&resize->across, sums, resampled, width, 2);
        else
            across_row_alpha(&resize->across, sums, resampled, width, 4);
        pp_sum_straighten(straight, resampled, &resize->out, PP_SUM_TRANSPARENT);
        return straight;
    }
    pp_sum_rows(sums, in, &taps, (size_t)resize->in.width * channels, resize->in.depth);
    if (channels == 1)
        across_row(&resize->across, sums, straight, width, 1);
    else
        across_row(&resize->across, sums, straight, width, 3);
    return straight;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct resize *resize = state;

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        const uint8_t *from = pp_band_row(in, resize->down.first[y]);
        uint8_t *to = pp_band_row(out, y);

        if (resize->nearest)
            pick_any_row(resize, from, to);
        else if (resize->identity)
            memcpy(to, pp_band_row(in, y), pp_geometry_row_bytes(&resize->out));
        else
            pp_sum_store(to, resample_row(resize, in, y, scratch),
                         (size_t)resize->out.width * resize->out.channels, resize->out.depth);
    }
}

const struct pp_filter pp_filter_resize = {
    .name = "resize",
    .summary = "make smaller, or larger where asked to",
    .source = "Separable convolution with the kernel widened by the reduction, as Pillow: nearest; "
              "bilinear (triangle); bicubic (R. Keys 1981, a = -1/2); lanczos3 (C. Duchon 1979). "
              "On encoded values, colour premultiplied by alpha, not rounded between the two "
              "directions. The fits are sharp's and CSS's.",
    .params = params,
    .state_size = sizeof(struct resize),
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .scratch_size = scratch_size,
    .render = render,
};
