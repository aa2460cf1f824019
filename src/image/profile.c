#include "image/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/lcms.h"

#define STRING(x)   #x
#define EXPANDED(x) STRING(x)

/* How far numbers may be from sRGB's. */
#define COLORANT_TOLERANCE 0.002
#define CURVE_TOLERANCE    (1.0 / 255)
#define CURVE_POINTS       64

/* sRGB's primaries, adapted to D50 (IEC 61966-2-1; ICC.1:2010, annex E). */
static const double srgb_colorants[3][3] = {
    {0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}};

/* ---- what a profile is --------------------------------------------------------------------- */

/* IEC 61966-2-1 */
static double srgb_encode(double linear)
{
    return linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}

static bool has_srgb_curve(cmsHPROFILE profile, cmsTagSignature tag)
{
    const cmsToneCurve *curve = cmsReadTag(profile, tag);

    for (unsigned i = 0; curve && i <= CURVE_POINTS; i++) {
        double v = (double)i / CURVE_POINTS;
        double means = srgb_encode((double)cmsEvalToneCurveFloat(curve, (cmsFloat32Number)v));
        if (!(fabs(means - v) <= CURVE_TOLERANCE))
            return false;
    }
    return curve != NULL;
}

static bool has_colorant(cmsHPROFILE profile, cmsTagSignature tag, const double wanted[3])
{
    const cmsCIEXYZ *is = cmsReadTag(profile, tag);

    return is && fabs(is->X - wanted[0]) <= COLORANT_TOLERANCE &&
           fabs(is->Y - wanted[1]) <= COLORANT_TOLERANCE &&
           fabs(is->Z - wanted[2]) <= COLORANT_TOLERANCE;
}

/* Tables of colours come before primaries and curves wherever both are (ICC.1:2010, 8.3). */
static bool has_tables(cmsHPROFILE profile)
{
    static const cmsTagSignature tables[] = {cmsSigAToB0Tag, cmsSigAToB1Tag, cmsSigAToB2Tag,
                                             cmsSigDToB0Tag, cmsSigDToB1Tag, cmsSigDToB2Tag,
                                             cmsSigDToB3Tag};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (cmsIsTag(profile, tables[i]))
            return true;
    return false;
}

static bool is_srgb(cmsHPROFILE profile)
{
    return !has_tables(profile) && cmsGetPCS(profile) == cmsSigXYZData &&
           has_colorant(profile, cmsSigRedColorantTag, srgb_colorants[0]) &&
           has_colorant(profile, cmsSigGreenColorantTag, srgb_colorants[1]) &&
           has_colorant(profile, cmsSigBlueColorantTag, srgb_colorants[2]) &&
           has_srgb_curve(profile, cmsSigRedTRCTag) && has_srgb_curve(profile, cmsSigGreenTRCTag) &&
           has_srgb_curve(profile, cmsSigBlueTRCTag);
}

/* Whether colours can be had of it: it may lack half of its tags. */
static bool can_be_read(cmsHPROFILE profile)
{
    cmsProfileClassSignature use = cmsGetDeviceClass(profile);

    if (use != cmsSigInputClass && use != cmsSigDisplayClass && use != cmsSigOutputClass &&
        use != cmsSigColorSpaceClass)
        return false;
    if (has_tables(profile) || cmsIsMatrixShaper(profile))
        return true;
    return cmsGetColorSpace(profile) == cmsSigGrayData && cmsReadTag(profile, cmsSigGrayTRCTag);
}

static enum pp_profile_kind kind_of(cmsHPROFILE profile)
{
    if (!can_be_read(profile))
        return PP_PROFILE_BROKEN;
    switch (cmsGetColorSpace(profile)) {
    case cmsSigRgbData:
        return is_srgb(profile) ? PP_PROFILE_SRGB : PP_PROFILE_RGB;
    case cmsSigGrayData:
        return has_srgb_curve(profile, cmsSigGrayTRCTag) ? PP_PROFILE_GRAY_SRGB : PP_PROFILE_GRAY;
    case cmsSigCmykData:
        return PP_PROFILE_CMYK;
    default:
        return PP_PROFILE_OTHER;
    }
}

enum pp_profile_kind pp_profile_kind(const struct pp_profile *profile)
{
    if (profile->size == 0)
        return PP_PROFILE_SRGB;
    struct pp_lcms lcms;
    pp_lcms_open(&lcms);
    cmsHPROFILE opened = pp_lcms_profile(&lcms, profile, 3);
    enum pp_profile_kind kind = opened ? kind_of(opened) : PP_PROFILE_BROKEN;
    if (opened)
        cmsCloseProfile(opened);
    pp_lcms_close(&lcms);
    return lcms.starved ? PP_PROFILE_UNKNOWN : kind;
}

bool pp_profile_check_output(const struct pp_profile *profile)
{
    struct pp_lcms lcms;

    pp_lcms_open(&lcms);
    cmsHPROFILE opened = pp_lcms_profile(&lcms, profile, 3);
    bool can = opened && (cmsIsMatrixShaper(opened) || cmsGetColorSpace(opened) == cmsSigGrayData ||
                          cmsIsCLUT(opened, INTENT_PERCEPTUAL, LCMS_USED_AS_OUTPUT));
    if (opened)
        cmsCloseProfile(opened);
    pp_lcms_close(&lcms);
    return can && !lcms.starved;
}

const char *pp_profile_library(void)
{
    return "lcms " EXPANDED(LCMS_VERSION);
}

/* ---- one made of numbers ------------------------------------------------------------------- */

/* White, red, green and blue, x and y each, and a curve, which is owned. */
struct numbers {
    double xy[8];
    cmsToneCurve *curve;
};

/* The inverse of ITU-R BT.709-6, 1.2. */
static cmsToneCurve *bt709_curve(const struct pp_lcms *lcms)
{
    return cmsBuildParametricToneCurve(
        lcms->context, 4,
        (const cmsFloat64Number[]){1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081});
}

/* ITU-T H.273, table 2. */
static bool known_primaries(uint8_t code, double xy[8])
{
    static const struct {
        uint8_t code;
        double xy[8];
    } known[] = {
        {1, {0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060}},
        {9, {0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046}},
        {12, {0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].code == code) {
            memcpy(xy, known[i].xy, sizeof known[i].xy);
            return true;
        }
    }
    return false;
}

/* ITU-T H.273, table 3: the curves that are the same for any brightness of display. */
static cmsToneCurve *known_curve(const struct pp_lcms *lcms, uint8_t code)
{
    switch (code) {
    case 1:
    case 6:
    case 14:
    case 15:
        return bt709_curve(lcms);
    case 4:
        return cmsBuildGamma(lcms->context, 2.2);
    case 5:
        return cmsBuildGamma(lcms->context, 2.8);
    case 8:
        return cmsBuildGamma(lcms->context, 1.0);
    case 13:
        return pp_lcms_srgb_curve(lcms);
    default:
        return NULL;
    }
}

static bool says_srgb(const struct pp_metadata *metadata, bool gray)
{
    const uint32_t srgb[8] = {31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000};

    if (metadata->has_cicp)
        return (gray || metadata->cicp[0] == 1) && metadata->cicp[1] == 13;
    if (metadata->has_srgb)
        return true;
    /* 1/2.2 is how PNG says sRGB (PNG-3, 11.3.2.5); 5 % cannot be seen (libpng: the same). */
    bool like = !metadata->has_gamma || (metadata->gamma > 43182 && metadata->gamma < 47728);
    for (size_t i = 0; !gray && metadata->has_chromaticities && i < 8; i++)
        like = like && abs((int)metadata->chromaticities[i] - (int)srgb[i]) <= 500;
    return like;
}

static bool is_sound(const struct pp_metadata *metadata)
{
    if (metadata->has_gamma && (metadata->gamma < 10000 || metadata->gamma > 1000000))
        return false;
    for (size_t i = 0; metadata->has_chromaticities && i < 8; i++)
        if (metadata->chromaticities[i] > 200000)
            return false;
    return !metadata->has_chromaticities || metadata->chromaticities[1] > 0;
}

/* The curve is NULL where the chunks cannot be understood. */
static struct numbers numbers_of(const struct pp_lcms *lcms, const struct pp_metadata *metadata)
{
    struct numbers numbers = {{0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060}, NULL};
    const uint8_t *cicp = metadata->cicp;

    if (metadata->has_cicp) { /* RGB, full range */
        if (cicp[2] == 0 && cicp[3] == 1 && known_primaries(cicp[0], numbers.xy))
            numbers.curve = known_curve(lcms, cicp[1]);
        return numbers;
    }
    if (!is_sound(metadata))
        return numbers;
    for (size_t i = 0; metadata->has_chromaticities && i < 8; i++)
        numbers.xy[i] = metadata->chromaticities[i] / 100000.0;
    numbers.curve = metadata->has_gamma ? cmsBuildGamma(lcms->context, 100000.0 / metadata->gamma)
                                        : pp_lcms_srgb_curve(lcms);
    return numbers;
}

static cmsHPROFILE build(const struct pp_lcms *lcms, const struct numbers *numbers, bool gray)
{
    const double *xy = numbers->xy;
    const cmsCIExyY white = {xy[0], xy[1], 1};
    const cmsCIExyYTRIPLE primaries = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    cmsToneCurve *curves[3] = {numbers->curve, numbers->curve, numbers->curve};

    if (gray)
        return cmsCreateGrayProfileTHR(lcms->context, cmsD50_xyY(), numbers->curve);
    return cmsCreateRGBProfileTHR(lcms->context, &white, &primaries, curves);
}

/* The same bytes every time: the date of making stands at bytes 24 to 35 (ICC.1:2010, 7.2). */
static void *save(cmsHPROFILE profile, size_t *size)
{
    static const uint8_t some_day[12] = {0x07, 0xe8, 0, 1, 0, 1};
    cmsUInt32Number bytes = 0;

    if (!cmsSaveProfileToMem(profile, NULL, &bytes) || bytes < 128)
        return NULL;
    uint8_t *data = malloc(bytes);
    if (!data || !cmsSaveProfileToMem(profile, data, &bytes)) {
        free(data);
        return NULL;
    }
    memcpy(data + 24, some_day, sizeof some_day);
    *size = bytes;
    return data;
}

enum pp_status pp_profile_of_chunks(const struct pp_metadata *metadata, bool gray, void **data,
                                    size_t *size, bool *lost, struct pp_error *err)
{
    *data = NULL;
    *size = 0;
    *lost = false;
    if (says_srgb(metadata, gray))
        return PP_OK;
    struct pp_lcms lcms;
    pp_lcms_open(&lcms);
    struct numbers numbers = numbers_of(&lcms, metadata);
    cmsHPROFILE profile = numbers.curve ? build(&lcms, &numbers, gray) : NULL;
    cmsFreeToneCurve(numbers.curve);
    *lost = !profile;
    if (profile) {
        *data = save(profile, size);
        cmsCloseProfile(profile);
    }
    pp_lcms_close(&lcms);
    if (!lcms.starved && (*lost || *data))
        return PP_OK;
    free(*data);
    *data = NULL;
    *size = 0;
    return pp_error_set(err, PP_E_NO_MEMORY, "colour profile: no memory");
}
