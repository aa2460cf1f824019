#include "codec/png_press.h"

#include <stdlib.h>

#include "base/memory.h"
#include "codec/png_deflate.h"
#include "codec/png_filter.h"

#define DEFAULT_LEVEL 3
#define LEVELS        12
#define STRATEGIES    4

/* What a level costs: libdeflate's level, and which ways to filter are tried out on each piece, by
 * deflating it at the level of the trial and keeping the smallest. */
struct effort {
    int level, trial;
    unsigned count;
    enum pp_png_strategy strategies[STRATEGIES];
};

static struct effort effort_of(const struct pp_png_press_shape *shape)
{
    struct effort effort = {.count = 1, .strategies = {PP_PNG_LEAST_SUM}};

    effort.level = shape->level == 0 ? DEFAULT_LEVEL : shape->level;
    effort.level = effort.level > LEVELS ? LEVELS : effort.level;
    if (effort.level < 0 || shape->unfiltered)
        effort.strategies[0] = PP_PNG_NONE;
    else if (effort.level >= 10)
        effort =
            (struct effort){effort.level,
                            6,
                            4,
                            {PP_PNG_LEAST_SUM, PP_PNG_NONE, PP_PNG_LEAST_ENTROPY, PP_PNG_PAETH}};
    else if (effort.level >= 7)
        effort = (struct effort){effort.level, 1, 2, {PP_PNG_LEAST_SUM, PP_PNG_NONE}};
    return effort;
}

/* Where the parts of a press's memory begin, and its size. */
struct layout {
    size_t filtered, scratch, out, size;
};

static bool lay_out(const struct pp_png_press_shape *shape, struct layout *layout)
{
    size_t rows, filtered, row = shape->row_bytes;

    if (row > SIZE_MAX / 8 || !pp_size_multiply(row, (size_t)shape->rows + 1, &rows) ||
        !pp_size_multiply(row + 1, shape->rows, &filtered) || rows > SIZE_MAX / 8 ||
        filtered > SIZE_MAX / 8)
        return false;
    layout->filtered = pp_size_aligned(rows);
    layout->scratch = layout->filtered + pp_size_aligned(filtered);
    layout->out = layout->scratch + pp_size_aligned(row);
    layout->size = layout->out + pp_png_deflate_bound(filtered);
    return true;
}

uint64_t pp_png_press_memory(const struct pp_png_press_shape *shape)
{
    struct effort effort = effort_of(shape);
    struct layout layout;
    uint64_t compressors = 0;

    if (!lay_out(shape, &layout))
        return UINT64_MAX / 2;
    if (effort.level > 0)
        compressors = pp_png_compressor_bytes(effort.level);
    if (effort.count > 1)
        compressors += pp_png_compressor_bytes(effort.trial);
    return layout.size + compressors;
}

enum pp_status pp_png_press_init(struct pp_png_press *press, const struct pp_png_press_shape *shape,
                                 struct pp_error *err)
{
    struct layout layout;

    if (!lay_out(shape, &layout))
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG writer: no memory for a row so long");
    enum pp_status status = pp_memory_new(&press->memory, layout.size, 1, "PNG writer", err);
    if (status != PP_OK)
        return status;
    press->shape = *shape;
    press->rows = press->memory;
    press->filtered = press->rows + layout.filtered;
    press->scratch = press->rows + layout.scratch;
    press->out = press->rows + layout.out;
    return PP_OK;
}

static bool compressor_at(struct libdeflate_compressor **compressor, int level)
{
    if (!*compressor && level > 0)
        *compressor = libdeflate_alloc_compressor(level);
    return *compressor || level <= 0;
}

static void filter(struct pp_png_press *press, enum pp_png_strategy strategy)
{
    struct pp_png_rows rows = {.above = press->rows,
                               .row_bytes = press->shape.row_bytes,
                               .pixel_bytes = press->shape.pixel_bytes,
                               .count = press->count};

    pp_png_filter(&rows, strategy, press->filtered, press->scratch);
}

/* Filter in the way that is the smallest in the trial. */
static void filter_best(struct pp_png_press *press, const struct effort *effort, size_t size)
{
    size_t least = SIZE_MAX;
    unsigned best = 0;

    for (unsigned i = 0; i < effort->count; i++) {
        filter(press, effort->strategies[i]);
        size_t used = pp_png_deflate(press->trial, press->filtered, size, true, press->out);
        if (used < least) {
            least = used;
            best = i;
        }
    }
    if (best != effort->count - 1)
        filter(press, effort->strategies[best]);
}

void pp_png_press_run(struct pp_png_press *press)
{
    struct effort effort = effort_of(&press->shape);
    size_t size = press->count * (press->shape.row_bytes + 1);

    press->status = PP_E_NO_MEMORY;
    if (!compressor_at(&press->compressor, effort.level))
        return;
    if (effort.count > 1 && !compressor_at(&press->trial, effort.trial))
        return;
    if (effort.count > 1)
        filter_best(press, &effort, size);
    else
        filter(press, effort.strategies[0]);
    press->out_size =
        pp_png_deflate(press->compressor, press->filtered, size, press->final, press->out);
    press->raw_size = size;
    press->adler = libdeflate_adler32(1, press->filtered, size);
    press->status = PP_OK;
}

void pp_png_press_release(struct pp_png_press *press)
{
    libdeflate_free_compressor(press->compressor);
    libdeflate_free_compressor(press->trial);
    free(press->memory);
    *press = (struct pp_png_press){0};
}
