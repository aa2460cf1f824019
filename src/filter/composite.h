/*
 * filter/composite.h - pixels laid over pixels: Porter and Duff's "over" on straight alpha.
 *
 * With a the alpha of what lies above times the opacity, b that of what lies below, both of 1:
 *     alpha = a + b (1 - a),   colour = (c_above a + c_below b (1 - a)) / alpha
 * each rounded to the nearest, on encoded values. Over what is opaque a is held in 16 bits, so that
 * 16-bit samples come out within one of the formula; for 8-bit samples in 24. Where both are
 * transparent, what lies below stays. What lies above takes the form of what lies below: colour
 * becomes rec.601 luma where that is gray, samples are brought to its depth.
 *
 * Preparing belongs to one thread; the rest is pure.
 */
#ifndef PP_FILTER_COMPOSITE_H
#define PP_FILTER_COMPOSITE_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/image.h>

struct pp_composite {
    size_t width; /* of what lies above */
    uint8_t over_channels, over_depth;
    uint8_t under_channels, under_depth;
    double opacity;
    uint64_t factor;       /* of 2^32: what 16-bit alpha is multiplied by to be a weight */
    uint32_t weights[256]; /* of 8-bit alpha */
};

/* `opacity`: 0 to 1. */
void pp_composite_init(struct pp_composite *composite, const struct pp_geometry *over,
                       const struct pp_geometry *under, double opacity);

/* Bytes of scratch memory, aligned to PP_ALIGNMENT, that a row of what lies above takes. */
size_t pp_composite_scratch(const struct pp_composite *composite);

/* Bring such a row to the form of what lies below, in `scratch`. */
void pp_composite_adapt(const struct pp_composite *composite, const uint8_t *over, void *scratch);

/* Lay `pixels` pixels of the row adapted in `scratch`, from number `first` on, over as many at
 * `under`. As often as wanted. */
void pp_composite_lay(const struct pp_composite *composite, const void *scratch, size_t first,
                      uint8_t *under, size_t pixels);

#endif
