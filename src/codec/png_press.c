#include "codec/png_press.h"

#include <stdlib.h>

#include "base/memory.h"
#include "codec/png_deflate.h"
#include "codec/png_filter.h"
#include "codec/png_flat.h"

#define DEFAULT_LEVEL 3
#define LEVELS        12
#define STRATEGIES    3

/*
 * What a level costs: libdeflate's level, and which ways to filter are tried. With more than one
 * each piece is first deflated at the level of the trial, which tells roughly; the first way,
 * nearly always the best, yields to one that is smaller by more than 1/64. Where all is to be tried
 * those within 1/16 are deflated in earnest, and the smallest is kept. Below the level where many
 * tries are made a flat piece is deflated by codec/png_flat.h, which looks at so many places.
 */
struct effort {
    int level, trial;
    unsigned flat_depth; /* 0: not at all */
    bool earnest;
    unsigned count;
    enum pp_png_strategy strategies[STRATEGIES];
};

static unsigned flat_depth_of(int level)
{
    if (level < 1 || level > 9)
        return 0;
    return level <= 3 ? 8 : level <= 6 ? 16 : 256;
}

/* How flat a piece must be. Where it has details as well libdeflate is quicker, which matters at
 * the fast levels for pictures that are large. */
static size_t least_flatness(int level, bool whole)
{
    if (level > 3)
        return 500;
    return whole ? 750 : 930;
}

static struct effort effort_of(const struct pp_png_press_shape *shape)
{
    struct effort effort = {.count = 1,
                            .strategies = {PP_PNG_LEAST_SUM, PP_PNG_NONE, PP_PNG_LEAST_ENTROPY}};

    effort.level = shape->level == 0 ? DEFAULT_LEVEL : shape->level;
    effort.level = effort.level > LEVELS ? LEVELS : effort.level;
    effort.earnest = effort.level == LEVELS;
    effort.flat_depth = flat_depth_of(effort.level);
    if (effort.level < 0 || shape->unfiltered) {
        effort.strategies[0] = PP_PNG_NONE;
    } else if (effort.level >= 7) {
        effort.trial = effort.level >= 10 ? 6 : 1;
        effort.count = effort.level >= 10 ? 3 : 2;
    }
    return effort;
}

/* Where the parts of a press's memory begin, and its size. */
struct layout {
    size_t filtered, scratch, out, spare, size;
};

static bool lay_out(const struct pp_png_press_shape *shape, struct layout *layout)
{
    struct effort effort = effort_of(shape);
    size_t rows, filtered, row = shape->row_bytes;

    if (row > SIZE_MAX / 8 || !pp_size_multiply(row, (size_t)shape->rows + 1, &rows) ||
        !pp_size_multiply(row + 1, shape->rows, &filtered) || rows > SIZE_MAX / 8 ||
        filtered > SIZE_MAX / 8)
        return false;
    layout->filtered = pp_size_aligned(rows);
    layout->scratch = layout->filtered + pp_size_aligned(filtered);
    layout->out = layout->scratch + pp_size_aligned(row);
    layout->spare = layout->out + pp_size_aligned(pp_png_deflate_bound(filtered));
    layout->size = layout->spare;
    if (effort.earnest && effort.count > 1)
        layout->size += pp_png_deflate_bound(filtered);
    return true;
}

/* Of the rows in a piece, filtered; lay_out() has seen that it fits. */
static size_t size_of_rows(const struct pp_png_press_shape *shape, uint32_t rows)
{
    return rows * (shape->row_bytes + 1);
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
    if (effort.flat_depth > 0)
        compressors += pp_png_flat_memory(size_of_rows(shape, shape->rows));
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
    press->spare = press->rows + layout.spare;
    return PP_OK;
}

static bool compressor_at(struct libdeflate_compressor **compressor, int level)
{
    if (!*compressor && level > 0)
        *compressor = libdeflate_alloc_compressor(level);
    return *compressor || level <= 0;
}

static size_t piece_size(const struct pp_png_press *press)
{
    return size_of_rows(&press->shape, press->count);
}

static void filter(struct pp_png_press *press, enum pp_png_strategy strategy)
{
    struct pp_png_rows rows = {.above = press->rows,
                               .row_bytes = press->shape.row_bytes,
                               .pixel_bytes = press->shape.pixel_bytes,
                               .count = press->count};

    pp_png_filter(&rows, strategy, press->filtered, press->scratch);
}

/* How large the piece becomes at the trial's level, by strategy. */
static void try_all(struct pp_png_press *press, const struct effort *effort,
                    size_t sizes[STRATEGIES])
{
    for (unsigned i = 0; i < effort->count; i++) {
        filter(press, effort->strategies[i]);
        sizes[i] =
            pp_png_deflate(press->trial, press->filtered, piece_size(press), true, press->out);
    }
}

static unsigned promising(const struct effort *effort, const size_t sizes[STRATEGIES])
{
    size_t least = sizes[0] - sizes[0] / 64;
    unsigned best = 0;

    for (unsigned i = 1; i < effort->count; i++) {
        if (sizes[i] < least) {
            least = sizes[i];
            best = i;
        }
    }
    return best;
}

/* Its bytes do not depend on whether there is memory: without, the piece fails. */
static enum pp_status deflate_flat(struct pp_png_press *press, const struct effort *effort)
{
    const struct pp_png_press_shape *shape = &press->shape;
    struct pp_png_flat_piece piece = {.data = press->filtered,
                                      .size = piece_size(press),
                                      .pixel_bytes = shape->pixel_bytes,
                                      .row_bytes = shape->row_bytes + 1,
                                      .depth = effort->flat_depth,
                                      .final = press->final};

    if (!press->flat)
        press->flat = malloc(pp_png_flat_memory(size_of_rows(shape, shape->rows)));
    if (!press->flat)
        return PP_E_NO_MEMORY;
    press->out_size =
        pp_png_flat_deflate(&piece, press->flat, press->out, pp_png_deflate_bound(piece.size));
    return PP_OK;
}

static enum pp_status press_as(struct pp_png_press *press, const struct effort *effort,
                               enum pp_png_strategy strategy)
{
    size_t size = piece_size(press);
    enum pp_status status = PP_OK;

    filter(press, strategy);
    press->adler = libdeflate_adler32(1, press->filtered, size);
    press->out_size = 0;
    if (effort->flat_depth > 0 &&
        pp_png_flatness(press->filtered, size) >= least_flatness(effort->level, press->shape.whole))
        status = deflate_flat(press, effort);
    if (status != PP_OK || press->out_size > 0)
        return status;
    if (!compressor_at(&press->compressor, effort->level))
        return PP_E_NO_MEMORY;
    press->out_size =
        pp_png_deflate(press->compressor, press->filtered, size, press->final, press->out);
    return PP_OK;
}

/* Press in each way that came near to the best of the trial, and keep the smallest. */
static enum pp_status press_in_earnest(struct pp_png_press *press, const struct effort *effort,
                                       const size_t sizes[STRATEGIES])
{
    size_t least = sizes[promising(effort, sizes)], best_size = SIZE_MAX;
    uint32_t best_adler = 0;

    for (unsigned i = 0; i < effort->count; i++) {
        if (sizes[i] > least + least / 16)
            continue;
        enum pp_status status = press_as(press, effort, effort->strategies[i]);
        if (status != PP_OK)
            return status;
        if (press->out_size >= best_size)
            continue;
        best_size = press->out_size;
        best_adler = press->adler;
        uint8_t *best = press->out;
        press->out = press->spare;
        press->spare = best;
    }
    uint8_t *other = press->out;
    press->out = press->spare;
    press->spare = other;
    press->out_size = best_size;
    press->adler = best_adler;
    return PP_OK;
}

void pp_png_press_run(struct pp_png_press *press)
{
    struct effort effort = effort_of(&press->shape);
    size_t sizes[STRATEGIES] = {0};

    press->status = PP_E_NO_MEMORY;
    if (!compressor_at(&press->trial, effort.trial))
        return;
    if (effort.count > 1)
        try_all(press, &effort, sizes);
    if (effort.count > 1 && effort.earnest)
        press->status = press_in_earnest(press, &effort, sizes);
    else
        press->status = press_as(press, &effort, effort.strategies[promising(&effort, sizes)]);
    press->raw_size = piece_size(press);
}

void pp_png_press_release(struct pp_png_press *press)
{
    libdeflate_free_compressor(press->compressor);
    libdeflate_free_compressor(press->trial);
    free(press->flat);
    free(press->memory);
    *press = (struct pp_png_press){0};
}
