/*
 * tests/filter/support_render.h - one filter over a whole picture in memory, as the pipeline does
 * it: observe, conclude, then bands of rows rendered from exactly the rows they need.
 *
 * Every band lies in a block of its own, so that a sanitizer or valgrind sees any step outside;
 * what lies between a row's end and the stride is checked to be untouched.
 */
#ifndef PP_TESTS_SUPPORT_RENDER_H
#define PP_TESTS_SUPPORT_RENDER_H

#include <pixpool/filter.h>
#include <pixpool/image.h>

#include "filter/filter.h"

struct pp_picture {
    struct pp_geometry geometry;
    size_t stride;
    uint8_t *data; /* owned */
};

enum pp_fill { PP_FILL_ZERO, PP_FILL_MAX, PP_FILL_RANDOM };

/* A picture with all bytes, padding too, set to a guard value. Failing allocations fail the test.
 */
struct pp_picture pp_picture_new(struct pp_geometry geometry);
void pp_picture_free(struct pp_picture *picture);
/* Set all samples; PP_FILL_RANDOM is the same for the same geometry. */
void pp_picture_fill(struct pp_picture *picture, enum pp_fill fill);
/* A picture of random samples. */
struct pp_picture pp_picture_random(uint32_t width, uint32_t height, unsigned channels,
                                    unsigned depth);

unsigned pp_picture_get(const struct pp_picture *picture, uint32_t x, uint32_t y, unsigned channel);
void pp_picture_set(struct pp_picture *picture, uint32_t x, uint32_t y, unsigned channel,
                    unsigned value);
unsigned pp_picture_max(const struct pp_picture *picture);

/* Whether geometry (but for the orientation) and all samples are the same. */
bool pp_picture_equal(const struct pp_picture *a, const struct pp_picture *b);

/* One filter, `band` output rows at a time; 0: all at once. Any error fails the test. */
struct pp_picture pp_render_link(struct pp_chain_item link, const struct pp_picture *in,
                                 uint32_t band);

/* Whether the filter, prepared for that picture, says that it leaves it as it is. */
bool pp_link_is_identity(struct pp_chain_item link, const struct pp_picture *in);

/* Give every filter that names a picture `picture`, which must outlive the chain; NULL: one of 5 x
 * 4 pixels with alpha. */
void pp_chain_give(struct pp_chain *chain, const struct pp_raster *picture);

/* A whole chain, filter after filter, each in one band; pictures as pp_chain_give() with NULL. */
struct pp_picture pp_render_text(const char *text, const struct pp_picture *in);

#endif
