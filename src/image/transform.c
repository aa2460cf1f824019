#include "image/transform.h"

#include <stdlib.h>

#include "image/lcms.h"

struct pp_transform {
    struct pp_lcms lcms; /* that the rest lives in */
    cmsHTRANSFORM made;
    bool by_table; /* gray of 8 bits to gray: */
    unsigned step; /* samples a pixel, the last alpha where there are two */
    uint8_t table[256];
};

static bool is_gray_of_8_bits(const struct pp_transform_need *need)
{
    return need->from_colors == 1 && need->to_colors == 1 && need->depth == 8;
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
 * samples of 16 bits, a grid of 33 points a side, is up to 5,000 of 65,535 off, and of gray up to
 * 10 of 255: those go through curves and matrices themselves. */
static cmsUInt32Number flags_of(const struct pp_transform_need *need)
{
    cmsUInt32Number flags = cmsFLAGS_NOCACHE;

    if (need->alpha)
        flags |= cmsFLAGS_COPY_ALPHA;
    if (need->intent == PP_INTENT_RELATIVE)
        flags |= cmsFLAGS_BLACKPOINTCOMPENSATION;
    return need->depth == 16 || is_gray_of_8_bits(need) ? flags | cmsFLAGS_NOOPTIMIZE : flags;
}

static cmsHTRANSFORM make(const struct pp_lcms *lcms, const struct pp_transform_need *need)
{
    cmsHPROFILE from = pp_lcms_profile(lcms, &need->from, need->from_colors);
    cmsHPROFILE to = pp_lcms_profile(lcms, &need->to, need->to_colors);
    cmsHTRANSFORM made = NULL;

    if (from && to)
        made = cmsCreateTransformTHR(lcms->context, from, format_of(need, need->from_colors), to,
                                     format_of(need, need->to_colors), intent_of(need->intent),
                                     flags_of(need));
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
    return made;
}

static void fill_table(struct pp_transform *transform, const struct pp_transform_need *need)
{
    uint8_t in[2] = {0, 255}, out[2];

    transform->by_table = true;
    transform->step = need->alpha ? 2 : 1;
    for (unsigned v = 0; v < 256; v++) {
        in[0] = (uint8_t)v;
        cmsDoTransform(transform->made, in, out, 1);
        transform->table[v] = out[0];
    }
}

enum pp_status pp_transform_new(struct pp_transform **transform,
                                const struct pp_transform_need *need, struct pp_error *err)
{
    struct pp_transform *new = calloc(1, sizeof *new);

    *transform = NULL;
    if (new) {
        pp_lcms_open(&new->lcms);
        new->made = make(&new->lcms, need);
    }
    if (!new || new->lcms.starved) {
        pp_transform_free(new);
        return pp_error_set(err, PP_E_NO_MEMORY, "colours: no memory to convert them");
    }
    if (!new->made) {
        pp_transform_free(new);
        return pp_error_set(err, PP_E_UNSUPPORTED, "its colour profile cannot be used");
    }
    if (is_gray_of_8_bits(need))
        fill_table(new, need);
    *transform = new;
    return PP_OK;
}

void pp_transform_free(struct pp_transform *transform)
{
    if (!transform)
        return;
    if (transform->made)
        cmsDeleteTransform(transform->made);
    pp_lcms_close(&transform->lcms);
    free(transform);
}

void pp_transform_row(const struct pp_transform *transform, const uint8_t *in, uint8_t *out,
                      uint32_t width)
{
    const size_t samples = (size_t)width * transform->step;

    if (!transform->by_table) {
        cmsDoTransform(transform->made, in, out, width);
        return;
    }
    for (size_t i = 0; i < samples; i += transform->step) {
        out[i] = transform->table[in[i]];
        if (transform->step == 2)
            out[i + 1] = in[i + 1];
    }
}
