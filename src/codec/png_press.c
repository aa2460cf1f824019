#include "codec/png_press.h"

#include <stdlib.h>

#include "base/memory.h"
#include "codec/png_deflate.h"
#include "codec/png_filter.h"
#include "codec/png_flat.h"
#include "codec/png_look.h"
#include "codec/png_near.h"

#define DEFAULT_LEVEL 3
#define LEVELS        12
#define STRATEGIES    3

/* Ways to deflate: three matchers, of which none is the best for every picture. */
enum way {
    NEAR = 1,   /* codec/png_near.h: photographs and gradients */
    FLAT = 2,   /* codec/png_flat.h: drawings and icons */
    GENERAL = 4 /* libdeflate: what repeats farther back */
};
#define WAYS 3

/*
 * What a level costs: libdeflate's level, and which ways to filter are tried. With more than one
 * each piece is first deflated at the level of the trial, which tells roughly; the first way,
 * nearly always the best, yields to one that is smaller by more than 1/64. Where all is to be tried
 * those within 1/16 are deflated in earnest, and the smallest is kept.
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

/* The fast levels take one way. How flat a piece must be for that of drawings is less where it is
 * all of a picture: most of those are icons, and a large picture has time to lose. */
#define FLAT_LEAST       930u
#define FLAT_LEAST_WHOLE 750u
/* Above them several are taken where they may be the best, and all from ALL_TRIED on. */
#define FLAT_LEAST_TRIED 500u
#define ALL_TRIED        7
#define ONE_TRIED        3
/* Of the bits that single bytes take, how many strings must save to be looked for, in thousandths:
 * much, since there are few pictures for which that is the smallest. */
#define REPEATS_LEAST 600u
/* Too small to lose much, or to have room for many. */
#define REPEATS_SIZE 8192u

static unsigned ways_of(const struct effort *effort, const struct pp_png_press_shape *shape,
                        const uint8_t *data, size_t size)
{
    unsigned least = shape->whole ? FLAT_LEAST_WHOLE : FLAT_LEAST;

    if (effort->level <= 0)
        return GENERAL;
    if (effort->level >= ALL_TRIED)
        return effort->flat_depth > 0 ? NEAR | FLAT | GENERAL : NEAR | GENERAL;
    unsigned flatness = pp_png_flatness(data, size);
    if (effort->level <= ONE_TRIED && flatness >= least)
        return FLAT;
    bool repeats =
        size >= REPEATS_SIZE && pp_png_repeats(data, size, shape->row_bytes + 1) >= REPEATS_LEAST;
    if (effort->level <= ONE_TRIED)
        return repeats ? GENERAL : NEAR;
    return NEAR | (flatness >= FLAT_LEAST_TRIED ? FLAT : 0) | (repeats ? GENERAL : 0);
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
    size_t filtered, scratch, out, spare, best, size;
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
    layout->best = layout->spare;
    if (effort.level > ONE_TRIED)
        layout->best += pp_size_aligned(pp_png_deflate_bound(filtered));
    layout->size = layout->best;
    if (effort.earnest && effort.count > 1)
        layout->size += pp_png_deflate_bound(filtered);
    return true;
}

/* Of the rows in a piece, filtered; lay_out() has seen that it fits. */
static size_t size_of_rows(const struct pp_png_press_shape *shape, uint32_t rows)
{
    return rows * (shape->row_bytes + 1);
}

/* One for both of our own, which take turns. */
static size_t matcher_memory(const struct pp_png_press_shape *shape)
{
    size_t size = size_of_rows(shape, shape->rows);
    size_t flat = pp_png_flat_memory(size), near = pp_png_near_memory(size);

    return flat > near ? flat : near;
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
    if (effort.level > 0)
        compressors += matcher_memory(shape);
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
    press->best = press->rows + layout.best;
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

/* One way, to the room there is. */
static size_t deflate_as(struct pp_png_press *press, const struct effort *effort, enum way way,
                         uint8_t *out)
{
    struct pp_png_filtered rows = {.data = press->filtered,
                                   .size = piece_size(press),
                                   .pixel_bytes = press->shape.pixel_bytes,
                                   .row_bytes = press->shape.row_bytes + 1,
                                   .final = press->final};
    size_t room = pp_png_deflate_bound(rows.size);

    switch (way) {
    case NEAR:
        return pp_png_near_deflate(&rows, press->matcher, out, room);
    case FLAT:
        return pp_png_flat_deflate(&rows, effort->flat_depth, press->matcher, out, room);
    default:
        return pp_png_deflate(press->compressor, rows.data, rows.size, rows.final, out);
    }
}

static void swap(uint8_t **a, uint8_t **b)
{
    uint8_t *other = *a;

    *a = *b;
    *b = other;
}

/* Its bytes do not depend on whether there is memory: without, the piece fails. */
static bool get_ready(struct pp_png_press *press, const struct effort *effort, unsigned ways)
{
    if (ways & (NEAR | FLAT) && !press->matcher)
        press->matcher = malloc(matcher_memory(&press->shape));
    if (ways & (NEAR | FLAT) && !press->matcher)
        return false;
    return !(ways & GENERAL) || compressor_at(&press->compressor, effort->level);
}

/* Filter and deflate in each way that may be the best, and keep the smallest. */
static enum pp_status press_as(struct pp_png_press *press, const struct effort *effort,
                               enum pp_png_strategy strategy)
{
    size_t size = piece_size(press);

    filter(press, strategy);
    press->adler = libdeflate_adler32(1, press->filtered, size);
    press->out_size = 0;
    unsigned ways = ways_of(effort, &press->shape, press->filtered, size);
    if (!get_ready(press, effort, ways))
        return PP_E_NO_MEMORY;
    for (unsigned i = 0; i < WAYS; i++) {
        if (!(ways & 1u << i))
            continue;
        bool first = press->out_size == 0;
        size_t now =
            deflate_as(press, effort, (enum way)(1u << i), first ? press->out : press->spare);
        if (now == 0 || (!first && now >= press->out_size))
            continue;
        if (!first)
            swap(&press->out, &press->spare);
        press->out_size = now;
    }
    if (press->out_size == 0) /* no room for a code: as it is */
        press->out_size = pp_png_deflate(NULL, press->filtered, size, press->final, press->out);
    return PP_OK;
}

/* Press in each way to filter that came near to the best of the trial, and keep the smallest. */
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
        swap(&press->out, &press->best);
    }
    swap(&press->out, &press->best);
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
    free(press->matcher);
    free(press->memory);
    *press = (struct pp_png_press){0};
}
