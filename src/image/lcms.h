/*
 * image/lcms.h - lcms2 with the knowledge whether it ever lacked memory.
 *
 * It then does without what it could not make, and answers something else without a word. For the
 * files beside this one alone; one thread.
 */
#ifndef PP_IMAGE_LCMS_H
#define PP_IMAGE_LCMS_H

#include <stdbool.h>

#include <lcms2.h>

#include "image/profile.h"

/* Must not move between the two calls. */
struct pp_lcms {
    cmsContext context; /* for lcms2's functions; NULL when there was no memory for it */
    bool starved;       /* memory was lacking: nothing that came of it is to be believed */
};

void pp_lcms_open(struct pp_lcms *lcms);
/* After everything made in it. A zeroed struct is allowed. */
void pp_lcms_close(struct pp_lcms *lcms);

/* The profile, open; one of sRGB where it is empty, with `colors` (1 or 3) channels. NULL when it
 * cannot be read. */
cmsHPROFILE pp_lcms_profile(const struct pp_lcms *lcms, const struct pp_profile *profile,
                            unsigned colors);
/* The curve of IEC 61966-2-1; NULL without memory. */
cmsToneCurve *pp_lcms_srgb_curve(const struct pp_lcms *lcms);

#endif
