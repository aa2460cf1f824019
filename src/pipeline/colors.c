#include "pipeline/colors.h"

#include <stdlib.h>
#include <string.h>

static bool is_gray(const struct pp_geometry *geometry)
{
    return pp_geometry_color_channels(geometry) == 1;
}

static bool is_gray_kind(enum pp_profile_kind kind)
{
    return kind == PP_PROFILE_GRAY || kind == PP_PROFILE_GRAY_SRGB;
}

static bool is_rgb_kind(enum pp_profile_kind kind)
{
    return kind == PP_PROFILE_RGB || kind == PP_PROFILE_SRGB;
}

static struct pp_profile wanted(const struct pp_colors *colors)
{
    return (struct pp_profile){colors->settings->profile, colors->settings->profile_size};
}

/* ---- what there is ------------------------------------------------------------------------- */

/* A profile of another kind of pixels, or one that cannot be read, says nothing. */
static enum pp_status take_profile(struct pp_colors *colors, const struct pp_metadata_block *icc,
                                   struct pp_error *err)
{
    struct pp_profile profile = {icc->data, icc->size};
    enum pp_profile_kind kind = pp_color_cache_kind(colors->cache, &profile);

    if (kind == PP_PROFILE_UNKNOWN)
        return pp_error_set(err, PP_E_NO_MEMORY, "colour profile: no memory");
    if (kind == (colors->now_gray ? PP_PROFILE_GRAY : PP_PROFILE_RGB))
        colors->now = profile;
    else if (kind == PP_PROFILE_BROKEN && (colors->settings->to_srgb || colors->settings->profile))
        colors->warning = "the colour profile cannot be read: colours are taken for sRGB";
    return PP_OK;
}

static enum pp_status take_chunks(struct pp_colors *colors, const struct pp_metadata *metadata,
                                  struct pp_error *err)
{
    bool lost = false;
    enum pp_status status = pp_profile_of_chunks(metadata, colors->now_gray, &colors->made,
                                                 &colors->made_size, &lost, err);

    if (lost)
        colors->warning = "what the file says of its colours is not understood";
    colors->now = (struct pp_profile){colors->made, colors->made_size};
    return status;
}

enum pp_status pp_colors_init(struct pp_colors *colors, const struct pp_color_settings *settings,
                              struct pp_color_cache *cache, const struct pp_reader *reader,
                              struct pp_error *err)
{
    const struct pp_metadata_block *icc = pp_metadata_find(&reader->metadata, PP_METADATA_ICC);

    *colors = (struct pp_colors){
        .settings = settings,
        .cache = cache,
        .now_gray = !reader->luma && is_gray(&reader->geometry),
        .inks = reader->jpeg.valid && reader->jpeg.components == 4,
    };
    if (settings->profile) {
        struct pp_profile profile = wanted(colors);
        enum pp_profile_kind kind = pp_color_cache_kind(cache, &profile);
        if (kind == PP_PROFILE_UNKNOWN)
            return pp_error_set(err, PP_E_NO_MEMORY, "colour profile: no memory");
        if (!is_rgb_kind(kind) && !is_gray_kind(kind))
            return pp_error_set(err, PP_E_USAGE,
                                "the profile to convert to is not one of RGB or gray");
    }
    if (icc && !reader->metadata.has_cicp) /* which comes before (PNG-3, 4.3) */
        return take_profile(colors, icc, err);
    return colors->inks ? PP_OK : take_chunks(colors, &reader->metadata, err);
}

void pp_colors_release(struct pp_colors *colors)
{
    free(colors->made);
    *colors = (struct pp_colors){0};
}

bool pp_colors_need_pixels(const struct pp_colors *colors)
{
    return colors->converted ||
           (colors->inks && (colors->settings->to_srgb || colors->settings->profile));
}

/* ---- conversions --------------------------------------------------------------------------- */

/* What the pixels mean may be known of colours, of which gray was made since. */
static void follow(struct pp_colors *colors, const struct pp_geometry *geometry)
{
    if (is_gray(geometry) == colors->now_gray)
        return;
    colors->now_gray = is_gray(geometry);
    colors->now = (struct pp_profile){0};
}

static enum pp_status find_transform(struct pp_colors *colors, const struct pp_profile *to,
                                     struct pp_geometry *geometry, unsigned to_colors,
                                     const struct pp_transform **transform, struct pp_error *err)
{
    const bool alpha = pp_geometry_has_alpha(geometry);
    const struct pp_transform_need need = {
        .from = colors->now,
        .to = *to,
        .from_colors = (uint8_t)pp_geometry_color_channels(geometry),
        .to_colors = (uint8_t)to_colors,
        .alpha = alpha,
        .depth = geometry->depth,
        .intent = colors->settings->intent,
    };
    struct pp_error problem = {0};

    enum pp_status status = pp_color_cache_transform(colors->cache, &need, transform, &problem);
    if (status == PP_E_UNSUPPORTED) { /* it looked sound from outside */
        colors->warning = "the colour profile cannot be used: colours are left as they are";
        return PP_OK;
    }
    if (status != PP_OK)
        return pp_error_set(err, status, "%s", problem.text);
    geometry->channels = (uint8_t)(to_colors + (alpha ? 1 : 0));
    colors->now = *to;
    colors->now_gray = to_colors == 1;
    colors->converted = true;
    return PP_OK;
}

static enum pp_status to_srgb(struct pp_colors *colors, struct pp_geometry *geometry,
                              const struct pp_transform **transform, struct pp_error *err)
{
    static const struct pp_profile srgb = {0};

    if (colors->now.size == 0)
        return PP_OK;
    return find_transform(colors, &srgb, geometry, pp_geometry_color_channels(geometry), transform,
                          err);
}

static bool are_same(const struct pp_profile *a, const struct pp_profile *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Colours become gray where the profile is of gray; gray does not become colours. */
static enum pp_status to_profile(struct pp_colors *colors, struct pp_geometry *geometry,
                                 const struct pp_transform **transform, struct pp_error *err)
{
    const struct pp_profile to = wanted(colors);
    const bool gray = is_gray_kind(pp_color_cache_kind(colors->cache, &to));

    if (!gray && is_gray(geometry)) {
        colors->warning = "the profile to convert to is one of colours: gray is left without it";
        return PP_OK;
    }
    colors->embeds = true;
    if (are_same(&colors->now, &to))
        return PP_OK;
    enum pp_status status = find_transform(colors, &to, geometry, gray ? 1 : 3, transform, err);
    colors->embeds = status == PP_OK && *transform;
    return status;
}

enum pp_status pp_colors_convert(struct pp_colors *colors, enum pp_colors_goal goal,
                                 struct pp_geometry *geometry,
                                 const struct pp_transform **transform, struct pp_error *err)
{
    const struct pp_color_settings *settings = colors->settings;

    *transform = NULL;
    if (goal != PP_COLORS_AT_BEGIN) /* luma stands for the colours until then */
        follow(colors, geometry);
    if (goal == PP_COLORS_AT_BEGIN && settings->to_srgb)
        return to_srgb(colors, geometry, transform, err);
    if (goal == PP_COLORS_FOR_FILTER && !is_gray(geometry))
        return to_srgb(colors, geometry, transform, err);
    if (goal == PP_COLORS_AT_END && settings->profile)
        return to_profile(colors, geometry, transform, err);
    return PP_OK;
}

/* ---- what the output says ------------------------------------------------------------------ */

static void forget(struct pp_metadata *metadata)
{
    pp_metadata_drop(metadata, PP_METADATA_ICC);
    metadata->has_gamma = metadata->has_chromaticities = metadata->has_srgb = false;
    metadata->has_cicp = false;
}

/* Of colours sRGB is said where there is a place of a few bytes for it, PNG's sRGB chunk; numbers
 * of which nothing is said are sRGB's to everybody. */
static void say_srgb(const struct pp_colors *colors, const struct pp_geometry *out,
                     struct pp_metadata *metadata)
{
    static const uint8_t intents[] = {[PP_INTENT_RELATIVE] = 1,
                                      [PP_INTENT_PERCEPTUAL] = 0,
                                      [PP_INTENT_SATURATION] = 2,
                                      [PP_INTENT_ABSOLUTE] = 3};

    forget(metadata);
    metadata->has_srgb = !is_gray(out);
    metadata->srgb_intent = intents[colors->settings->intent];
}

enum pp_status pp_colors_describe(struct pp_colors *colors, const struct pp_geometry *out,
                                  const struct pp_codec *writer, struct pp_metadata *metadata,
                                  struct pp_error *err)
{
    const struct pp_color_settings *settings = colors->settings;
    const bool has_icc = pp_metadata_find(metadata, PP_METADATA_ICC) != NULL;

    if (colors->embeds) {
        forget(metadata);
        return pp_metadata_add(metadata, PP_METADATA_ICC, settings->profile, settings->profile_size,
                               err);
    }
    if (colors->converted || (settings->to_srgb && colors->now.size == 0))
        say_srgb(colors, out, metadata);
    else if (colors->made && !has_icc && colors->now.size > 0 && writer != &pp_codec_png)
        return pp_metadata_add(metadata, PP_METADATA_ICC, colors->made, colors->made_size, err);
    return PP_OK;
}
