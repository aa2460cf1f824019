/*
 * image/profile.h - colour profiles: what one is, whether it says sRGB, and making one of numbers.
 *
 * With image/transform.c and image/lcms.c the one home of lcms2. Pure; any process, any thread.
 */
#ifndef PP_IMAGE_PROFILE_H
#define PP_IMAGE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "image/metadata.h"

/* The bytes of an ICC profile, which belong to somebody else. size 0: sRGB, or gray with its curve
 * where the pixels are gray. */
struct pp_profile {
    const void *data;
    size_t size;
};

enum pp_profile_kind {
    PP_PROFILE_UNKNOWN, /* there was no memory to look into it */
    PP_PROFILE_BROKEN,  /* cannot be read, or is for no device with pixels */
    PP_PROFILE_SRGB,    /* RGB, its numbers as good as sRGB's */
    PP_PROFILE_RGB,
    PP_PROFILE_GRAY_SRGB, /* gray, its curve as good as sRGB's */
    PP_PROFILE_GRAY,
    PP_PROFILE_CMYK,
    PP_PROFILE_OTHER /* of another space */
};

/*
 * What kind it is. As good as sRGB's are numbers that mean colours less than a step of 8 bits away:
 * primaries within 0.002 of sRGB's in XYZ, curves within 1/255 of its curve. A profile that works
 * by tables of colours is never taken for sRGB.
 */
enum pp_profile_kind pp_profile_kind(const struct pp_profile *profile);

/* Whether colours can also be turned into its numbers: a scanner's may say the other way alone.
 * false without memory, too. */
bool pp_profile_check_output(const struct pp_profile *profile);

/*
 * A profile for what PNG's chunks say (cICP before gAMA and cHRM): *data is the caller's to free;
 * NULL when they say nothing, sRGB, or what cannot be understood, which *lost tells. `gray`: of
 * gray pixels, for which the curve alone counts. Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_profile_of_chunks(const struct pp_metadata *metadata, bool gray, void **data,
                                    size_t *size, bool *lost, struct pp_error *err) PP_MUST_CHECK;

/* "lcms 2140", for 2.14, as lcms2 counts. */
const char *pp_profile_library(void);

#endif
