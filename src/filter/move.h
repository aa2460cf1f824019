/*
 * filter/move.h - whole pixels moved to other places: mirrors, quarter turns, windows.
 *
 * Rendering is pure; any thread.
 */
#ifndef PP_FILTER_MOVE_H
#define PP_FILTER_MOVE_H

#include "filter/samples.h"
#include "image/placement.h"

struct pp_mover {
    enum pp_move move;
    struct pp_geometry in;
};

/* Set a mover up; *out becomes the geometry after the move. */
void pp_mover_init(struct pp_mover *mover, enum pp_move move, const struct pp_geometry *in,
                   struct pp_geometry *out);

/* Members of struct pp_filter for a filter whose state is a struct pp_mover: place (all of the
 * input and the move), rows_needed (the same rows, or all where the move reads from elsewhere) and
 * render. */
void pp_mover_place(const void *state, struct pp_placement *placement);
void pp_mover_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                          uint32_t *in_last);
void pp_mover_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                     void *scratch);

#endif
