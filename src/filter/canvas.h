/*
 * filter/canvas.h - a picture laid on a canvas of another size, for pad, extent and border.
 *
 * What of the picture lies outside is left away, what of the canvas it does not cover has the
 * background's colour. A background that is not opaque adds alpha to a picture without, where any
 * of it is to be seen. Preparing belongs to one thread, all else to any.
 */
#ifndef PP_FILTER_CANVAS_H
#define PP_FILTER_CANVAS_H

#include "filter/filter.h"

struct pp_canvas {
    struct pp_geometry in, out;
    int64_t x, y;   /* the picture's place on the canvas; below 0: so much of it is left away */
    uint8_t *blank; /* a row of the canvas without picture; owned */
};

/* What a canvas is to be. */
struct pp_canvas_request {
    int64_t width, height;
    int64_t x, y;
    const struct pp_color *background;
    const char *filter; /* whose name an error has */
};

/* The size that an argument asks for: a side left out is the picture's, percentages are of it. */
void pp_canvas_size(const struct pp_value *size, const struct pp_geometry *in,
                    struct pp_canvas_request *request);

/* *out comes in as a copy of *in. Errors: PP_E_LIMIT when a side would grow beyond 1,000,000
 * pixels, PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_canvas_init(struct pp_canvas *canvas, const struct pp_geometry *in,
                              const struct pp_canvas_request *request, struct pp_geometry *out,
                              struct pp_error *err) PP_MUST_CHECK;

/* Members of struct pp_filter for a filter whose state is a struct pp_canvas. */
void pp_canvas_release(void *state);
bool pp_canvas_is_identity(const void *state);
void pp_canvas_rows_needed(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                           uint32_t *in_last);
void pp_canvas_render(const void *state, const struct pp_band *in, const struct pp_band *out,
                      void *scratch);

#endif
