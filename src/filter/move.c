/*
 * Output rows of a transposition are input columns. Read pixel by pixel they would touch one cache
 * line a pixel; they are therefore made in tiles whose input lines stay in the L1 cache until all
 * of their pixels are used.
 */
#include "filter/move.h"

#define TILE 32 /* pixels each way: 32 lines in, 32 lines out */

void pp_mover_init(struct pp_mover *mover, enum pp_move move, const struct pp_geometry *in,
                   struct pp_geometry *out)
{
    mover->move = move;
    mover->in = *in;
    if (pp_move_swaps(move)) {
        out->width = in->height;
        out->height = in->width;
    }
}

void pp_mover_place(const void *state, struct pp_placement *placement)
{
    const struct pp_mover *mover = state;

    *placement = pp_placement_whole(mover->in.width, mover->in.height);
    placement->move = mover->move;
}

void pp_mover_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                          uint32_t *in_last)
{
    const struct pp_mover *mover = state;
    bool same = mover->move == PP_MOVE_NONE || mover->move == PP_MOVE_FLOP;

    *in_first = same ? first : 0;
    *in_last = same ? last : mover->in.height;
}

PP_INLINE void mirror_row(const uint8_t *restrict in, uint8_t *restrict out, size_t width,
                          unsigned size)
{
    for (size_t x = 0; x < width; x++)
        memcpy(out + x * size, in + (width - 1 - x) * size, size);
}

static void copy_mirrored(const uint8_t *in, uint8_t *out, size_t width, unsigned size)
{
    switch (size) {
    case 1:
        mirror_row(in, out, width, 1);
        break;
    case 2:
        mirror_row(in, out, width, 2);
        break;
    case 3:
        mirror_row(in, out, width, 3);
        break;
    case 4:
        mirror_row(in, out, width, 4);
        break;
    case 6:
        mirror_row(in, out, width, 6);
        break;
    default:
        mirror_row(in, out, width, 8);
        break;
    }
}

/* Rows stay rows, in the same or the opposite order. */
static void move_rows(const struct pp_mover *mover, const struct pp_band *in,
                      const struct pp_band *out)
{
    bool upside_down = mover->move == PP_MOVE_HALF_TURN || mover->move == PP_MOVE_FLIP;
    bool mirrored = mover->move == PP_MOVE_HALF_TURN || mover->move == PP_MOVE_FLOP;
    size_t bytes = pp_geometry_row_bytes(&mover->in);

    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        const uint8_t *from = pp_band_row(in, upside_down ? mover->in.height - 1 - y : y);
        if (mirrored)
            copy_mirrored(from, pp_band_row(out, y), mover->in.width,
                          mover->in.channels * mover->in.depth / 8u);
        else
            memcpy(pp_band_row(out, y), from, bytes);
    }
}

/* A tile of output: columns [x, x + width) of rows [y, y + height). */
struct tile {
    uint32_t x, y, width, height;
};

/* Output pixel (x, y) is input pixel (y, x), with either index counted from the far end. */
PP_INLINE void move_tile(const struct pp_mover *mover, const struct pp_band *in,
                         const struct pp_band *out, const struct tile *tile, unsigned size)
{
    bool from_bottom = mover->move == PP_MOVE_TURN_RIGHT || mover->move == PP_MOVE_TRANSVERSE;
    bool from_right = mover->move == PP_MOVE_TRANSVERSE || mover->move == PP_MOVE_TURN_LEFT;
    uint32_t row = from_bottom ? mover->in.height - 1 - tile->x : tile->x;
    ptrdiff_t step = (ptrdiff_t)in->stride * (from_bottom ? -1 : 1);

    for (uint32_t y = tile->y; y < tile->y + tile->height; y++) {
        size_t column = from_right ? mover->in.width - 1 - y : y;
        const uint8_t *from = pp_band_row(in, row) + column * size;
        uint8_t *to = pp_band_row(out, y) + (size_t)tile->x * size;

        for (uint32_t x = 0; x < tile->width; x++)
            memcpy(to + (size_t)x * size, from + (ptrdiff_t)x * step, size);
    }
}

static void move_any_tile(const struct pp_mover *mover, const struct pp_band *in,
                          const struct pp_band *out, const struct tile *tile)
{
    switch (mover->in.channels * mover->in.depth / 8) {
    case 1:
        move_tile(mover, in, out, tile, 1);
        break;
    case 2:
        move_tile(mover, in, out, tile, 2);
        break;
    case 3:
        move_tile(mover, in, out, tile, 3);
        break;
    case 4:
        move_tile(mover, in, out, tile, 4);
        break;
    case 6:
        move_tile(mover, in, out, tile, 6);
        break;
    default:
        move_tile(mover, in, out, tile, 8);
        break;
    }
}

void pp_mover_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                     void *scratch)
{
    const struct pp_mover *mover = state;
    uint32_t width = mover->in.height, last = out->first + out->count;

    (void)scratch;
    if (!pp_move_swaps(mover->move)) {
        move_rows(mover, in, out);
        return;
    }
    for (uint32_t y = out->first; y < last; y += TILE) {
        uint32_t height = last - y < TILE ? last - y : TILE;
        for (uint32_t x = 0; x < width; x += TILE) {
            const struct tile tile = {x, y, width - x < TILE ? width - x : TILE, height};
            move_any_tile(mover, in, out, &tile);
        }
    }
}
