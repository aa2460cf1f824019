/*
 * Pictures for the pipeline's tests: noise with structure, encoded and decoded by the codecs.
 */
#ifndef PP_TESTS_SUPPORT_PICTURE_H
#define PP_TESTS_SUPPORT_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/image.h>

/* Rows without padding, owned by the test. */
struct picture {
    struct pp_geometry geometry;
    uint8_t *rows;
};

struct encoded {
    void *bytes;
    size_t size;
};

/* A picture whose every sample depends on its place, the same for the same arguments. */
struct picture picture_new(uint32_t width, uint32_t height, uint8_t channels, uint8_t depth);
void picture_free(struct picture *picture);
/* One sample, whatever the depth. */
unsigned picture_sample(const struct picture *picture, uint32_t x, uint32_t y, unsigned channel);
void picture_assert_equal(const struct picture *a, const struct picture *b);

struct encoded picture_encode(const struct picture *picture, enum pp_format format);
/* Decode in full colour. */
struct picture picture_decode(const void *bytes, size_t size);

/* Parse the chain, convert, assert that it worked; the caller frees the bytes. */
struct encoded convert(const char *filters, const struct encoded *in,
                       const struct pp_convert_settings *settings,
                       struct pp_convert_report *report);
/* The same for a picture that goes and comes as PNG, with `threads` threads. */
struct picture convert_picture(const char *filters, const struct picture *in, unsigned threads);
/* Convert, assert that it failed with `status` and give the error. */
struct pp_error convert_fails(const char *filters, const void *bytes, size_t size,
                              const struct pp_convert_settings *settings, enum pp_status status);

#endif
