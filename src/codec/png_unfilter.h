/*
 * codec/png_unfilter.h - the row filters of PNG undone (PNG-3, 9.2).
 *
 * Pure; any thread.
 */
#ifndef PP_CODEC_PNG_UNFILTER_H
#define PP_CODEC_PNG_UNFILTER_H

#include <stddef.h>
#include <stdint.h>

/* PNG-3, table 9.1. */
enum pp_png_filter {
    PP_PNG_FILTER_NONE,
    PP_PNG_FILTER_SUB,
    PP_PNG_FILTER_UP,
    PP_PNG_FILTER_AVERAGE,
    PP_PNG_FILTER_PAETH
};

/* A filtered row, and where it goes. Nothing overlaps `out`. */
struct pp_png_row {
    const uint8_t *in;
    const uint8_t *above; /* the row before as it was unfiltered; zeros for the first */
    uint8_t *out;
    size_t size;    /* bytes, a multiple of `pixel` */
    unsigned pixel; /* bytes between like bytes of two neighbours: 1, 2, 3, 4, 6 or 8 */
};

/* Undo any filter. */
void pp_png_unfilter(enum pp_png_filter filter, const struct pp_png_row *row);

/* Those that go from pixel to pixel: in vector registers where every processor of the kind has
 * them (png_unfilter_sse2.c), else byte by byte (png_unfilter_portable.c). */
void pp_png_undo_sub(const struct pp_png_row *row);
void pp_png_undo_average(const struct pp_png_row *row);
void pp_png_undo_paeth(const struct pp_png_row *row);

/* Two rows of filter Paeth at once, for pixels of up to 4 bytes: second->above is first->out, and
 * both have the same size. Takes little longer than one. */
void pp_png_undo_paeth_twice(const struct pp_png_row *first, const struct pp_png_row *second);

#endif
