#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

static const struct pp_param params[] = {
    {.name = "size",
     .type = PP_PARAM_INTEGER,
     .summary = "side of a block in pixels",
     .min = 1,
     .max = 1000,
     .fallback = 8,
     .default_text = "8"},
    {.name = NULL},
};

struct pixelate {
    struct pp_geometry geometry;
    uint32_t size;
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct pixelate *pixelate = state;

    (void)out;
    (void)err;
    pixelate->geometry = *in;
    pixelate->size = (uint32_t)args[0].number;
    return PP_OK;
}

static bool is_identity(const void *state)
{
    return ((const struct pixelate *)state)->size == 1;
}

/* The blocks' rows: the first of the block that `y` is in, and the first behind it. */
static uint32_t block_begin(const struct pixelate *pixelate, uint32_t y)
{
    return y - y % pixelate->size;
}

static uint32_t block_end(const struct pixelate *pixelate, uint32_t y)
{
    uint32_t begin = block_begin(pixelate, y), left = pixelate->geometry.height - begin;

    return begin + (left < pixelate->size ? left : pixelate->size);
}

static void rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last)
{
    *in_first = block_begin(state, first);
    *in_last = block_end(state, last - 1);
}

static uint32_t band_rows(const void *state)
{
    return 2 * ((const struct pixelate *)state)->size;
}

static size_t scratch_size(const void *state, uint32_t rows)
{
    const struct pixelate *pixelate = state;
    size_t blocks = (pixelate->geometry.width - 1) / pixelate->size + 1;

    (void)rows;
    return blocks * pixelate->geometry.channels * sizeof(uint64_t);
}

/* Add a run of pixels; of two or four channels premultiplied by alpha. */
PP_INLINE void add_run(uint64_t *restrict sums, const uint8_t *restrict row, size_t pixels,
                       unsigned channels, unsigned depth)
{
    uint64_t here[4] = {0};

    for (size_t i = 0; i < pixels * channels; i += channels) {
        const uint64_t alpha = channels % 2 ? 1 : pp_sample(row, i + channels - 1, depth);
        for (unsigned c = 0; c < channels; c++)
            here[c] += channels % 2 == 0 && c == channels - 1
                           ? alpha
                           : alpha * pp_sample(row, i + c, depth);
    }
    for (unsigned c = 0; c < channels; c++)
        sums[c] += here[c];
}

PP_INLINE void add_blocks(uint64_t *restrict sums, const uint8_t *restrict row,
                          const struct pixelate *pixelate, unsigned channels, unsigned depth)
{
    const size_t width = pixelate->geometry.width, size = pixelate->size;

    for (size_t x = 0; x < width; x += size, sums += channels)
        add_run(sums, row + x * channels * depth / 8, width - x < size ? width - x : size, channels,
                depth);
}

PP_HOT static void add_row(const struct pixelate *pixelate, uint64_t *sums, const uint8_t *row)
{
    const bool eight = pixelate->geometry.depth == 8;

    switch (pixelate->geometry.channels) {
    case 1:
        eight ? add_blocks(sums, row, pixelate, 1, 8) : add_blocks(sums, row, pixelate, 1, 16);
        break;
    case 2:
        eight ? add_blocks(sums, row, pixelate, 2, 8) : add_blocks(sums, row, pixelate, 2, 16);
        break;
    case 3:
        eight ? add_blocks(sums, row, pixelate, 3, 8) : add_blocks(sums, row, pixelate, 3, 16);
        break;
    default:
        eight ? add_blocks(sums, row, pixelate, 4, 8) : add_blocks(sums, row, pixelate, 4, 16);
        break;
    }
}

/* The nearest whole number. */
static uint64_t quotient(uint64_t sum, uint64_t count)
{
    return count ? (2 * sum + count) / (2 * count) : 0;
}

/* Sums of a block of `count` pixels to its samples. */
static void average(const struct pp_geometry *geometry, const uint64_t *sums, uint64_t count,
                    uint8_t *pixel)
{
    const unsigned channels = geometry->channels, colors = pp_geometry_color_channels(geometry);
    const uint64_t alpha = colors < channels ? quotient(sums[colors], count) : 0;

    for (unsigned c = 0; c < colors; c++) {
        uint64_t v = colors == channels ? quotient(sums[c], count)
                     : alpha > 0        ? quotient(sums[c], sums[colors])
                                        : 0;
        pp_sample_set(pixel, c, geometry->depth, (uint32_t)v);
    }
    if (colors < channels)
        pp_sample_set(pixel, colors, geometry->depth, (uint32_t)alpha);
}

/* A row of the blocks that the sums are of. */
static void fill_row(const struct pixelate *pixelate, const uint64_t *sums, uint32_t rows,
                     uint8_t *row)
{
    const struct pp_geometry *geometry = &pixelate->geometry;
    const size_t channels = geometry->channels, pixel = channels * geometry->depth / 8;
    const size_t width = geometry->width, size = pixelate->size;

    for (size_t x = 0; x < width; x += size, sums += channels) {
        size_t pixels = width - x < size ? width - x : size;
        average(geometry, sums, (uint64_t)pixels * rows, row + x * pixel);
        for (size_t i = 1; i < pixels; i++)
            memcpy(row + (x + i) * pixel, row + x * pixel, pixel);
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct pixelate *pixelate = state;
    const uint32_t last = out->first + out->count;
    uint32_t end = 0;

    if (is_identity(state)) { /* averaging would take the colour from what is transparent */
        pp_copy_rows(in, out, pp_geometry_row_bytes(&pixelate->geometry));
        return;
    }
    for (uint32_t y = out->first; y < last; y = end) {
        uint32_t begin = block_begin(pixelate, y);
        end = block_end(pixelate, y);
        memset(scratch, 0, scratch_size(pixelate, 0));
        for (uint32_t row = begin; row < end; row++)
            add_row(pixelate, scratch, pp_band_row(in, row));
        fill_row(pixelate, scratch, end - begin, pp_band_row(out, y));
        for (uint32_t row = y + 1; row < end && row < last; row++)
            memcpy(pp_band_row(out, row), pp_band_row(out, y),
                   pp_geometry_row_bytes(&pixelate->geometry));
    }
}

const struct pp_filter pp_filter_pixelate = {
    .name = "pixelate",
    .summary = "make blocks of one colour",
    .source = "Mean of each block of size x size pixels from the upper left corner on, rounded to "
              "the nearest; blocks end with the picture. On encoded values, colour premultiplied "
              "by alpha.",
    .params = params,
    .state_size = sizeof(struct pixelate),
    .averages_pixels = true,
    .prepare = prepare,
    .is_identity = is_identity,
    .rows_needed = rows_needed,
    .band_rows = band_rows,
    .scratch_size = scratch_size,
    .render = render,
};
