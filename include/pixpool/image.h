/*
 * pixpool/image.h - the shape of a picture as the pipeline knows it.
 *
 * Samples are interleaved, rows go from top to bottom. Eight-bit samples are bytes; 16-bit samples
 * are uint16_t in the machine's byte order. Alpha is straight (not premultiplied) and is always the
 * last channel. CMYK does not occur: codecs convert it on the way in.
 */
#ifndef PIXPOOL_IMAGE_H
#define PIXPOOL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>

PP_BEGIN_DECLS

struct pp_geometry {
    uint32_t width;      /* pixels, 1 or more */
    uint32_t height;     /* rows, 1 or more */
    uint8_t channels;    /* 1 gray, 2 gray+alpha, 3 RGB, 4 RGBA */
    uint8_t depth;       /* bits per sample: 8 or 16 */
    uint8_t orientation; /* 1 to 8 as in EXIF 2.32, tag 0x0112; 1 when unknown */
};

/* How colours come into a smaller space (ICC.1:2010, 6.2.5). */
enum pp_intent {
    PP_INTENT_RELATIVE = 0, /* as they are, what cannot be is clipped; black becomes black */
    PP_INTENT_PERCEPTUAL,
    PP_INTENT_SATURATION,
    PP_INTENT_ABSOLUTE /* paper keeps its tint */
};

/*
 * What was worked out of the colour profiles of earlier pictures, so that the next one of the same
 * profile costs less. One thread, one conversion at a time.
 */
struct pp_color_cache;

/* An empty one; NULL without memory. To be called before the process confines itself: what colour
 * profiles need of the file system is read here. */
PP_API struct pp_color_cache *pp_color_cache_new(void);
/* NULL is allowed. */
PP_API void pp_color_cache_free(struct pp_color_cache *cache);

/* Bytes of one row without padding: width x channels x depth / 8. Cannot overflow on 64 bits. */
PP_API size_t pp_geometry_row_bytes(const struct pp_geometry *geometry);

/* True when the last channel is alpha (2 or 4 channels). */
PP_API bool pp_geometry_has_alpha(const struct pp_geometry *geometry);

/* The channels that are not alpha: 1 or 3. */
PP_API unsigned pp_geometry_color_channels(const struct pp_geometry *geometry);

PP_END_DECLS

#endif
