/*
 * image/placement.h - a window of a picture, turned: what moving pixels comes down to.
 *
 * Any number of crops, mirrors and quarter turns after each other is one window of the first input
 * and one of the eight orientations. Pure functions; any thread.
 */
#ifndef PP_IMAGE_PLACEMENT_H
#define PP_IMAGE_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/image.h>

/* The eight ways a rectangle maps onto itself, numbered as EXIF 2.32, tag 0x0112, numbers the
 * orientations that they set upright. */
enum pp_move {
    PP_MOVE_NONE = 1,
    PP_MOVE_FLOP, /* left to right */
    PP_MOVE_HALF_TURN,
    PP_MOVE_FLIP,       /* top to bottom */
    PP_MOVE_TRANSPOSE,  /* along the main diagonal */
    PP_MOVE_TURN_RIGHT, /* a quarter clockwise */
    PP_MOVE_TRANSVERSE, /* along the other diagonal */
    PP_MOVE_TURN_LEFT
};

struct pp_placement {
    uint32_t x, y, width, height; /* the window, in pixels of the input */
    enum pp_move move;            /* what then happens to it */
};

/* Whether width and height change places. */
static inline bool pp_move_swaps(enum pp_move move)
{
    return move >= PP_MOVE_TRANSPOSE;
}

/* Whether the output's first column (after transposing, where it does) is the window's last, and
 * the same of rows: each move is a transposition or none, then mirrors. */
bool pp_move_mirrors_x(enum pp_move move);
bool pp_move_mirrors_y(enum pp_move move);

/* All of a picture, where it is. */
struct pp_placement pp_placement_whole(uint32_t width, uint32_t height);
/* The size of what comes out. */
void pp_placement_size(const struct pp_placement *placement, uint32_t *width, uint32_t *height);
/* One placement for `first` and, on its output, `second`, whose window must lie inside it. */
struct pp_placement pp_placement_then(const struct pp_placement *first,
                                      const struct pp_placement *second);

#endif
