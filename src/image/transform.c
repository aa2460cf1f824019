#include "image/transform.h"

#include <stdlib.h>

#include <lcms2.h>

struct pp_transform {
    cmsHTRANSFORM lcms;
};

static cmsHPROFILE open_profile(const struct pp_profile *profile, unsigned colors)
{
    if (profile->size > 0)
        return profile->size > UINT32_MAX
                   ? NULL
                   : cmsOpenProfileFromMem(profile->data, (cmsUInt32Number)profile->size);
    if (colors == 3)
        return cmsCreate_sRGBProfile();
    cmsToneCurve *curve = cmsBuildParametricToneCurve(
        NULL, 4, (const cmsFloat64Number[]){2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045});
    cmsHPROFILE gray = curve ? cmsCreateGrayProfile(cmsD50_xyY(), curve) : NULL;
    cmsFreeToneCurve(curve);
    return gray;
}

static cmsUInt32Number format_of(const struct pp_transform_need *need, unsigned colors)
{
    const unsigned space = colors == 1 ? PT_GRAY : colors == 3 ? PT_RGB : PT_CMYK;
    bool flipped = colors == 4 && need->inverted;

    return (cmsUInt32Number)(COLORSPACE_SH(space) | CHANNELS_SH(colors) |
                             BYTES_SH(need->depth / 8u) | EXTRA_SH(need->alpha ? 1u : 0u) |
                             FLAVOR_SH(flipped ? 1u : 0u));
}

static cmsUInt32Number intent_of(enum pp_intent intent)
{
    static const cmsUInt32Number intents[] = {
        [PP_INTENT_RELATIVE] = INTENT_RELATIVE_COLORIMETRIC,
        [PP_INTENT_PERCEPTUAL] = INTENT_PERCEPTUAL,
        [PP_INTENT_SATURATION] = INTENT_SATURATION,
        [PP_INTENT_ABSOLUTE] = INTENT_ABSOLUTE_COLORIMETRIC,
    };

    return (unsigned)intent < sizeof intents / sizeof *intents ? intents[intent] : 0;
}

/* No cache of the last pixel, which threads would share. What lcms2 makes of a transform for
 * samples of 16 bits, a grid of 33 points a side, is up to 5,000 of 65,535 off: those go through
 * curves and matrices themselves. */
static cmsUInt32Number flags_of(const struct pp_transform_need *need)
{
    cmsUInt32Number flags = cmsFLAGS_NOCACHE;

    if (need->alpha)
        flags |= cmsFLAGS_COPY_ALPHA;
    if (need->intent == PP_INTENT_RELATIVE)
        flags |= cmsFLAGS_BLACKPOINTCOMPENSATION;
    return need->depth == 16 ? flags | cmsFLAGS_NOOPTIMIZE : flags;
}

static cmsHTRANSFORM make(const struct pp_transform_need *need)
{
    cmsHPROFILE from = open_profile(&need->from, need->from_colors);
    cmsHPROFILE to = open_profile(&need->to, need->to_colors);
    cmsHTRANSFORM made = NULL;

    if (from && to)
        made = cmsCreateTransform(from, format_of(need, need->from_colors), to,
                                  format_of(need, need->to_colors), intent_of(need->intent),
                                  flags_of(need));
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
    return made;
}

enum pp_status pp_transform_new(struct pp_transform **transform,
                                const struct pp_transform_need *need, struct pp_error *err)
{
    struct pp_transform *made = calloc(1, sizeof *made);

    *transform = NULL;
    if (!made)
        return pp_error_set(err, PP_E_NO_MEMORY, "colours: no memory to convert them");
    made->lcms = make(need);
    if (!made->lcms) {
        free(made);
        return pp_error_set(err, PP_E_UNSUPPORTED, "its colour profile cannot be used");
    }
    *transform = made;
    return PP_OK;
}

void pp_transform_free(struct pp_transform *transform)
{
    if (!transform)
        return;
    cmsDeleteTransform(transform->lcms);
    free(transform);
}

void pp_transform_row(const struct pp_transform *transform, const uint8_t *in, uint8_t *out,
                      uint32_t width)
{
    cmsDoTransform(transform->lcms, in, out, width);
}
