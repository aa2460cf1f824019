/*
 * glyphs.h - letters, from a bitmap alphabet of five by seven dots with rounded edges.
 */
#ifndef TESTDATA_GLYPHS_H
#define TESTDATA_GLYPHS_H

#include "picture.h"

struct type {
    double size; /* height of a capital in pixels */
    struct colour ink;
};

/* Draw from (x, y), the left end of the top edge of a capital; returns where the next letter
 * would stand. What falls outside of the picture is cut. */
double draw_text(struct picture *picture, double x, double y, const char *text,
                 const struct type *type);
/* A rectangle of one colour: left, top, right, bottom. */
void draw_box(struct picture *picture, const double box[4], struct colour ink);

#endif
