#include "image/lcms.h"

#include <stdlib.h>

#include <lcms2_plugin.h>

/* What lcms2 itself takes for absurd; a profile's sizes are its own affair. */
#define BLOCK_MAX ((cmsUInt32Number)512 * 1024 * 1024)

/* The context is told of only once it is whole. */
static void note_lack(cmsContext context)
{
    struct pp_lcms *lcms = cmsGetContextUserData(context);

    if (lcms)
        lcms->starved = true;
}

static void *take(cmsContext context, cmsUInt32Number size)
{
    void *block = size <= BLOCK_MAX ? malloc(size > 0 ? size : 1) : NULL;

    if (!block && size <= BLOCK_MAX)
        note_lack(context);
    return block;
}

static void give_back(cmsContext context, void *block)
{
    (void)context;
    free(block);
}

static void *resize(cmsContext context, void *block, cmsUInt32Number size)
{
    void *resized = size <= BLOCK_MAX ? realloc(block, size > 0 ? size : 1) : NULL;

    if (!resized && size <= BLOCK_MAX)
        note_lack(context);
    return resized;
}

void pp_lcms_open(struct pp_lcms *lcms)
{
    cmsPluginMemHandler memory = {
        .base = {.Magic = cmsPluginMagicNumber,
                 .ExpectedVersion = 2060,
                 .Type = cmsPluginMemHandlerSig},
        .MallocPtr = take,
        .FreePtr = give_back,
        .ReallocPtr = resize,
    };

    lcms->starved = false;
    lcms->context = cmsCreateContext(&memory, lcms);
    lcms->starved = lcms->starved || !lcms->context;
}

void pp_lcms_close(struct pp_lcms *lcms)
{
    if (lcms->context)
        cmsDeleteContext(lcms->context);
    lcms->context = NULL;
}

cmsToneCurve *pp_lcms_srgb_curve(const struct pp_lcms *lcms)
{
    return cmsBuildParametricToneCurve(
        lcms->context, 4,
        (const cmsFloat64Number[]){2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045});
}

static cmsHPROFILE srgb_gray(const struct pp_lcms *lcms)
{
    cmsToneCurve *curve = pp_lcms_srgb_curve(lcms);
    cmsHPROFILE gray = curve ? cmsCreateGrayProfileTHR(lcms->context, cmsD50_xyY(), curve) : NULL;

    cmsFreeToneCurve(curve);
    return gray;
}

cmsHPROFILE pp_lcms_profile(const struct pp_lcms *lcms, const struct pp_profile *profile,
                            unsigned colors)
{
    if (!lcms->context || profile->size > UINT32_MAX)
        return NULL;
    if (profile->size > 0)
        return cmsOpenProfileFromMemTHR(lcms->context, profile->data,
                                        (cmsUInt32Number)profile->size);
    return colors == 3 ? cmsCreate_sRGBProfileTHR(lcms->context) : srgb_gray(lcms);
}
