/*
 * Sums of columns are kept from row to row and a running sum goes along each row, so that the time
 * for a sample does not grow with the radius; the first row of a band has to add its columns up,
 * which is why bands should be high. Sums of columns are whole numbers, exact in whatever order
 * they were added up; the running sum always begins at the left edge. Bands therefore do not
 * matter.
 */
#include <math.h>

#include "base/memory.h"
#include "filter/edges.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/sums.h"

static const struct pp_param params[] = {
    {.name = "radius",
     .type = PP_PARAM_NUMBER,
     .summary = "pixels on either side of the middle one, in both directions; of a fraction the "
                "next pixel counts for so much",
     .min = 0,
     .max = 1000,
     .required = true},
    {.name = NULL},
};

struct boxblur {
    struct pp_geometry geometry;
    uint32_t reach; /* pixels on either side that count in full */
    double part;    /* of the pixel beyond them */
    double scale;   /* 1 / the sum of all weights */
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct boxblur *box = state;
    double radius = args[0].number, side = 2 * radius + 1;

    (void)out;
    (void)err;
    box->geometry = *in;
    box->reach = (uint32_t)radius;
    box->part = radius - box->reach;
    box->scale = 1 / (side * side);
    return PP_OK;
}

static bool is_identity(const void *state)
{
    const struct boxblur *box = state;

    return box->reach == 0 && box->part == 0;
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    const struct boxblur *box = state;

    pp_edge_rows_needed(box->reach + 1, box->geometry.height, (uint32_t[]){first, last}, in_first,
                        in_last);
}

static uint32_t band_rows(const void *state)
{
    return 2 * ((const struct boxblur *)state)->reach;
}

/* Sums of columns; a row of them with repeated edges; with alpha a row of results and that row
 * straightened. */
struct buffers {
    void *columns; /* int32_t, with alpha double */
    double *line, *smooth;
    float *straight;
};

static size_t padded_samples(const struct boxblur *box)
{
    return (box->geometry.width + 2 * ((size_t)box->reach + 1)) * box->geometry.channels;
}

static size_t lay_out(const struct boxblur *box, void *scratch, struct buffers *buffers)
{
    const size_t samples = (size_t)box->geometry.width * box->geometry.channels;
    const bool alpha = pp_geometry_has_alpha(&box->geometry);
    const size_t line = pp_size_aligned(samples * (alpha ? sizeof(double) : sizeof(int32_t)));
    const size_t smooth = line + pp_size_aligned(padded_samples(box) * sizeof(double));
    const size_t straight = smooth + (alpha ? pp_size_aligned(samples * sizeof(double)) : 0);

    if (scratch)
        *buffers = (struct buffers){scratch, (void *)((uint8_t *)scratch + line),
                                    (void *)((uint8_t *)scratch + smooth),
                                    (void *)((uint8_t *)scratch + straight)};
    return straight + (alpha ? samples * sizeof(float) : 0);
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    (void)rows;
    return lay_out(state, NULL, NULL);
}

/* ---- without alpha ------------------------------------------------------------------------- */

/* columns += more - less; NULL is a row of zeros. */
PP_INLINE void change(int32_t *restrict columns, const uint8_t *restrict more,
                      const uint8_t *restrict less, size_t samples, unsigned depth)
{
    if (less)
        for (size_t i = 0; i < samples; i++)
            columns[i] += (int32_t)pp_sample(more, i, depth) - (int32_t)pp_sample(less, i, depth);
    else
        for (size_t i = 0; i < samples; i++)
            columns[i] += (int32_t)pp_sample(more, i, depth);
}

/* The columns, and of the rows above and below them a part. */
PP_INLINE void make_line(double *restrict line, const int32_t *restrict columns,
                         const uint8_t *const outer[2], const struct boxblur *box, unsigned depth)
{
    const uint8_t *restrict above = outer[0], *restrict below = outer[1];
    const size_t samples = (size_t)box->geometry.width * box->geometry.channels;
    const double part = box->part;

    for (size_t i = 0; i < samples; i++)
        line[i] =
            columns[i] + part * (int32_t)(pp_sample(above, i, depth) + pp_sample(below, i, depth));
}

/* Along a row: `line` begins with the pixel before the first that counts in full. */
PP_INLINE void run_along(uint8_t *restrict out, const double *restrict line,
                         const struct boxblur *box, unsigned channels, unsigned depth)
{
    const size_t end = 2 * (size_t)box->reach + 2;
    const double part = box->part, scale = box->scale;
    double sums[4] = {0};

    for (size_t k = 1; k < end; k++)
        for (unsigned c = 0; c < channels; c++)
            sums[c] += line[k * channels + c];
    for (size_t x = 0; x < box->geometry.width; x++, line += channels)
        for (unsigned c = 0; c < channels; c++) {
            double before = line[c], after = line[end * channels + c];
            double v = (sums[c] + part * (before + after)) * scale;
            pp_sample_set(out, x * channels + c, depth, (uint32_t)(int32_t)(v + 0.5));
            sums[c] += after - line[channels + c];
        }
}

PP_HOT static void change_row(int32_t *columns, const uint8_t *more, const uint8_t *less,
                              size_t samples, unsigned depth)
{
    if (depth == 8)
        change(columns, more, less, samples, 8);
    else
        change(columns, more, less, samples, 16);
}

PP_HOT static void plain_row(const struct boxblur *box, const struct buffers *buffers,
                             const uint8_t *const outer[2], uint8_t *out)
{
    const size_t channels = box->geometry.channels, before = box->reach + (size_t)1;
    double *line = buffers->line;

    if (box->geometry.depth == 8)
        make_line(line + before * channels, buffers->columns, outer, box, 8);
    else
        make_line(line + before * channels, buffers->columns, outer, box, 16);
    pp_edge_repeat(line, box->geometry.width, channels * sizeof *line, before);
    if (box->geometry.depth == 8)
        channels == 1 ? run_along(out, line, box, 1, 8) : run_along(out, line, box, 3, 8);
    else
        channels == 1 ? run_along(out, line, box, 1, 16) : run_along(out, line, box, 3, 16);
}

/* ---- with alpha: colour premultiplied ------------------------------------------------------ */

PP_INLINE void add_alpha(double *restrict to, const uint8_t *restrict row, double factor,
                         const struct pp_geometry *geometry, unsigned depth)
{
    const unsigned channels = geometry->channels;

    for (size_t x = 0; x < geometry->width; x++, to += channels) {
        const double alpha = (int32_t)pp_sample(row, x * channels + channels - 1, depth);
        for (unsigned c = 0; c + 1 < channels; c++)
            to[c] += factor * (alpha * (int32_t)pp_sample(row, x * channels + c, depth));
        to[channels - 1] += factor * alpha;
    }
}

PP_HOT static void add_alpha_row(double *to, const uint8_t *row, double factor,
                                 const struct pp_geometry *geometry)
{
    if (geometry->depth == 8)
        add_alpha(to, row, factor, geometry, 8);
    else
        add_alpha(to, row, factor, geometry, 16);
}

PP_HOT static void run_along_alpha(double *restrict out, const double *restrict line,
                                   const struct boxblur *box)
{
    const size_t end = 2 * (size_t)box->reach + 2, channels = box->geometry.channels;
    double sums[4] = {0};

    for (size_t k = 1; k < end; k++)
        for (size_t c = 0; c < channels; c++)
            sums[c] += line[k * channels + c];
    for (size_t x = 0; x < box->geometry.width; x++, line += channels, out += channels)
        for (size_t c = 0; c < channels; c++) {
            double before = line[c], after = line[end * channels + c];
            out[c] = (sums[c] + box->part * (before + after)) * box->scale;
            sums[c] += after - line[channels + c];
        }
}

static void alpha_row(const struct boxblur *box, const struct buffers *buffers,
                      const uint8_t *const outer[2], uint8_t *out)
{
    const struct pp_geometry *geometry = &box->geometry;
    const size_t channels = geometry->channels, before = box->reach + (size_t)1;
    const size_t samples = geometry->width * channels;
    double *line = buffers->line;

    memcpy(line + before * channels, buffers->columns, samples * sizeof *line);
    for (int i = 0; i < 2 && box->part > 0; i++)
        add_alpha_row(line + before * channels, outer[i], box->part, geometry);
    pp_edge_repeat(line, geometry->width, channels * sizeof *line, before);
    run_along_alpha(buffers->smooth, line, box);
    pp_sum_straighten(buffers->straight, buffers->smooth, geometry, PP_SUM_TRANSPARENT);
    pp_sum_store(out, buffers->straight, samples, geometry->depth);
}

/* ---- both ---------------------------------------------------------------------------------- */

/* `less` may be NULL. */
static void change_columns(const struct boxblur *box, void *columns, const uint8_t *more,
                           const uint8_t *less)
{
    const struct pp_geometry *geometry = &box->geometry;

    if (!pp_geometry_has_alpha(geometry)) {
        change_row(columns, more, less, (size_t)geometry->width * geometry->channels,
                   geometry->depth);
        return;
    }
    add_alpha_row(columns, more, 1, geometry);
    if (less)
        add_alpha_row(columns, less, -1, geometry);
}

static void begin_columns(const struct boxblur *box, const struct pp_band *in, uint32_t y,
                          void *columns)
{
    const struct pp_geometry *geometry = &box->geometry;
    const size_t size = pp_geometry_has_alpha(geometry) ? sizeof(double) : sizeof(int32_t);

    memset(columns, 0, (size_t)geometry->width * geometry->channels * size);
    for (int64_t k = (int64_t)y - box->reach; k <= (int64_t)y + box->reach; k++)
        change_columns(box, columns, pp_edge_row(in, k, geometry->height), NULL);
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct boxblur *box = state;
    const uint32_t height = box->geometry.height;
    const int64_t reach = box->reach;
    struct buffers buffers;

    if (is_identity(state)) { /* averaging would take the colour from what is transparent */
        pp_copy_rows(in, out, pp_geometry_row_bytes(&box->geometry));
        return;
    }
    lay_out(box, scratch, &buffers);
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        const uint8_t *outer[2] = {pp_edge_row(in, y - reach - 1, height),
                                   pp_edge_row(in, y + reach + 1, height)};
        if (y == out->first)
            begin_columns(box, in, y, buffers.columns);
        else
            change_columns(box, buffers.columns, pp_edge_row(in, y + reach, height), outer[0]);
        if (pp_geometry_has_alpha(&box->geometry))
            alpha_row(box, &buffers, outer, pp_band_row(out, y));
        else
            plain_row(box, &buffers, outer, pp_band_row(out, y));
    }
}

const struct pp_filter pp_filter_boxblur = {
    .name = "boxblur",
    .summary = "smooth by the mean of a square; quick whatever its size",
    .source = "Mean of (2 radius + 1)^2 pixels, those at the margin weighted by the radius's "
              "fraction, as Pillow's ImageFilter.BoxBlur has it, but rounded once instead of after "
              "each direction; the edges are repeated outwards. On encoded values, colour "
              "premultiplied by alpha.",
    .params = params,
    .state_size = sizeof(struct boxblur),
    .averages_pixels = true,
    .prepare = prepare,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .band_rows = band_rows,
    .scratch_size = scratch_size,
    .render = render,
};
