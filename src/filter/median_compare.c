/*
 * Forgetting selection: of n = 2 m + 1 samples any m + 2 have a least and a greatest one that
 * cannot be the median. These two are dropped and another sample comes in, until three are left,
 * whose middle one it is. What is compared with what does not depend on the samples, so all is done
 * to a block of neighbours at once.
 */
#include "base/memory.h"
#include "filter/edges.h"
#include "filter/median.h"

#define BLOCK       256 /* samples; all of them stay in the L1 cache up to a radius of 2 */
#define RADIUS_MOST 3
#define KEPT_MOST   ((2 * RADIUS_MOST + 1) * (2 * RADIUS_MOST + 1) / 2 + 2)

static size_t padded_bytes(const struct pp_median *median)
{
    const struct pp_geometry *geometry = &median->geometry;
    size_t pixel = geometry->channels * (size_t)geometry->depth / 8;

    return pp_size_aligned((geometry->width + 2 * (size_t)median->radius) * pixel);
}

static size_t scratch_size(const struct pp_median *median)
{
    return (2 * median->radius + 1) * padded_bytes(median) + KEPT_MOST * BLOCK * sizeof(uint16_t);
}

/* The lesser ones to `a`, the greater ones to `b`. Always whole blocks: their ends may be
 * meaningless. */
PP_INLINE void exchange(uint8_t *restrict a, uint8_t *restrict b, unsigned depth)
{
    uint16_t *restrict wide_a = (void *)a, *restrict wide_b = (void *)b;

    if (depth == 8)
        for (int i = 0; i < BLOCK; i++) {
            uint8_t x = a[i], y = b[i];
            a[i] = x < y ? x : y;
            b[i] = x < y ? y : x;
        }
    else
        for (int i = 0; i < BLOCK; i++) {
            uint16_t x = wide_a[i], y = wide_b[i];
            wide_a[i] = x < y ? x : y;
            wide_b[i] = x < y ? y : x;
        }
}

/* Of `count` blocks the least samples to the first, the greatest to the last. */
PP_INLINE void drive_apart(uint8_t *kept, unsigned count, unsigned depth)
{
    const unsigned block = BLOCK * depth / 8;

    for (unsigned i = 0; i < count / 2; i++)
        exchange(kept + i * block, kept + (count - 1 - i) * block, depth);
    for (unsigned i = 1; i <= (count - 1) / 2; i++)
        exchange(kept, kept + i * block, depth);
    for (unsigned i = count / 2; i < count - 1; i++)
        exchange(kept + i * block, kept + (count - 1) * block, depth);
}

struct square {
    const uint8_t *rows; /* padded */
    size_t row_bytes, step;
    unsigned side;
};

/* Sample number `k` of the square around each of a block's samples. */
static void take(uint8_t *block, const struct square *square, unsigned k, size_t bytes)
{
    memcpy(block,
           square->rows + k / square->side * square->row_bytes + k % square->side * square->step,
           bytes);
}

PP_INLINE const uint8_t *select_block(const struct square *square, uint8_t *kept, size_t bytes,
                                      unsigned depth)
{
    const unsigned block = BLOCK * depth / 8, all = square->side * square->side;
    unsigned count = all / 2 + 2, taken = 0;

    for (; taken < count; taken++)
        take(kept + taken * block, square, taken, bytes);
    for (;; count--) {
        drive_apart(kept, count, depth);
        if (taken == all)
            return kept + block;
        take(kept, square, taken++, bytes);
    }
}

PP_HOT static void select_row(const struct square *square, uint8_t *kept, uint8_t *out,
                              size_t bytes, unsigned depth)
{
    const size_t block = BLOCK * depth / 8;
    struct square here = *square;

    for (size_t at = 0; at < bytes; at += block) {
        size_t left = bytes - at < block ? bytes - at : block;
        here.rows = square->rows + at;
        memcpy(out + at,
               depth == 8 ? select_block(&here, kept, left, 8)
                          : select_block(&here, kept, left, 16),
               left);
    }
}

static void render(const struct pp_median *median, const struct pp_band *in,
                   const struct pp_band *out, void *scratch)
{
    const struct pp_geometry *geometry = &median->geometry;
    const uint32_t radius = median->radius, side = 2 * radius + 1;
    const size_t pixel = geometry->channels * (size_t)geometry->depth / 8;
    const struct square square = {scratch, padded_bytes(median), pixel, side};
    const size_t bytes = pp_geometry_row_bytes(geometry);
    uint8_t *rows = scratch, *kept = rows + side * square.row_bytes;

    memset(kept, 0, KEPT_MOST * BLOCK * sizeof(uint16_t));
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        for (uint32_t k = 0; k < side; k++) {
            uint8_t *row = rows + k * square.row_bytes;
            memcpy(row + radius * pixel, pp_edge_row(in, (int64_t)y + k - radius, geometry->height),
                   bytes);
            pp_edge_repeat(row, geometry->width, pixel, radius);
        }
        select_row(&square, kept, pp_band_row(out, y), bytes, geometry->depth);
    }
}

const struct pp_median_way pp_median_compare = {scratch_size, render};
