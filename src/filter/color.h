/*
 * filter/color.h - colours as users write them. Any thread.
 */
#ifndef PP_FILTER_COLOR_H
#define PP_FILTER_COLOR_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/image.h>

/* Straight alpha, 16 bits each; 8-bit notations times 257. */
struct pp_color {
    uint16_t red, green, blue, alpha;
};

/*
 * Read "#rgb", "#rgba", "#rrggbb", "#rrggbbaa" (CSS Color Module Level 4, 5.2), the same without
 * "#", or a name: CSS's sixteen basic names and "orange" (6.1), "transparent" (black, alpha 0).
 * Case does not matter. False when `text` is none of these.
 */
bool pp_color_parse(const char *text, struct pp_color *color);

/* The names, for error texts and help; NULL past the last. */
const char *pp_color_name_at(unsigned index);

/* The colour as samples of a picture of that geometry, in the order of its channels; rec.601 luma
 * where that is gray, alpha only where it has some. */
void pp_color_samples(const struct pp_color *color, const struct pp_geometry *geometry,
                      uint32_t samples[4]);

#endif
