/*
 * image/transform.h - pixels from one colour space to another, by profiles.
 *
 * Making one belongs to one thread; then any thread may use it. The same input gives the same
 * output wherever a row begins and ends.
 */
#ifndef PP_IMAGE_TRANSFORM_H
#define PP_IMAGE_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>
#include <pixpool/image.h>

#include "image/profile.h"

/* What is to be done. Alpha is copied. */
struct pp_transform_need {
    struct pp_profile from, to;
    uint8_t from_colors, to_colors; /* channels beside alpha: 1, 3, and 4 inks to come from */
    bool alpha;
    bool inverted; /* inks are stored as what they leave of the light (Adobe) */
    uint8_t depth; /* 8 or 16, of both */
    enum pp_intent intent;
};

struct pp_transform;

/* *transform is NULL on an error: PP_E_UNSUPPORTED when the profiles do not serve,
 * PP_E_NO_MEMORY. The profiles are not referred to afterwards. */
enum pp_status pp_transform_new(struct pp_transform **transform,
                                const struct pp_transform_need *need,
                                struct pp_error *err) PP_MUST_CHECK;
/* NULL is allowed. */
void pp_transform_free(struct pp_transform *transform);

/* `width` pixels, as many as fit 32 bits; `in` and `out` do not overlap. Samples of 16 bits are
 * aligned to them. */
void pp_transform_row(const struct pp_transform *transform, const uint8_t *in, uint8_t *out,
                      uint32_t width);

#endif
