#include "batch/resume_settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pixpool/version.h>

#include "base/siphash.h"
#include "filter/filter.h"
#include "pipeline/digest.h"

#define NUMBER_SIZE 32

/* "key length:value\n": the length leaves no doubt where a value with odd bytes ends. */
static enum pp_status add(struct pp_text *text, const char *key, const char *value,
                          struct pp_error *err)
{
    char length[NUMBER_SIZE];
    enum pp_status status = pp_text_add_string(text, key, err);

    snprintf(length, sizeof length, " %zu:", strlen(value));
    if (status == PP_OK)
        status = pp_text_add_string(text, length, err);
    if (status == PP_OK)
        status = pp_text_add_string(text, value, err);
    return status == PP_OK ? pp_text_add(text, "\n", 1, err) : status;
}

static enum pp_status add_integer(struct pp_text *text, const char *key, int number,
                                  struct pp_error *err)
{
    char value[NUMBER_SIZE];

    snprintf(value, sizeof value, "%d", number);
    return add(text, key, value, err);
}

/* What it shows: the file may have another name or be coded another way, or be another one under
 * the same name. */
static enum pp_status add_picture(struct pp_text *text, const char *key,
                                  const struct pp_raster *picture, struct pp_error *err)
{
    uint8_t digest[PP_DIGEST_BYTES];
    char shown[2 * PP_DIGEST_BYTES + 1] = "";

    if (!picture)
        return add(text, key, "", err);
    enum pp_status status = pp_digest_raster(picture, digest, err);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(shown + 2 * i, 3, "%02x", digest[i]);
    return status == PP_OK ? add(text, key, shown, err) : status;
}

static enum pp_status add_argument(struct pp_text *text, const struct pp_param *param,
                                   const struct pp_value *value, struct pp_error *err)
{
    char shown[4 * NUMBER_SIZE];

    if (param->type == PP_PARAM_SIZE)
        snprintf(shown, sizeof shown, "%.17gx%.17g%s", value->width, value->height,
                 value->percent       ? "%"
                 : value->choice >= 0 ? param->choices[value->choice]
                                      : "");
    else if (param->choices && value->choice >= 0)
        return add(text, param->name, param->choices[value->choice], err);
    else if (param->type == PP_PARAM_PICTURE)
        return add_picture(text, param->name, value->picture, err);
    else if (param->type == PP_PARAM_TEXT)
        return add(text, param->name, value->text ? value->text : "", err);
    else if (param->type == PP_PARAM_COLOR)
        snprintf(shown, sizeof shown, "#%04x%04x%04x%04x", value->color.red, value->color.green,
                 value->color.blue, value->color.alpha);
    else
        snprintf(shown, sizeof shown, "%.17g", value->number);
    return add(text, param->name, shown, err);
}

/* Each filter with all of its arguments, whether they were given or are the defaults. */
static enum pp_status add_chain(struct pp_text *text, const struct pp_chain *chain,
                                struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (size_t i = 0; status == PP_OK && i < pp_chain_length(chain); i++) {
        const struct pp_chain_item item = pp_chain_item(chain, i);
        const struct pp_param *params = pp_filter_params(item.filter);
        status = add(text, "filter", pp_filter_name(item.filter), err);
        if (status == PP_OK && item.filter->assumes_srgb)
            status = add_integer(text, "srgb", item.filter->assumes_srgb(item.args), err);
        for (size_t j = 0; status == PP_OK && params[j].name; j++)
            status = add_argument(text, &params[j], &item.args[j], err);
    }
    if (status == PP_OK && pp_chain_strips_metadata(chain))
        status = add(text, "filters strip", "metadata", err);
    return status;
}

static enum pp_status add_versions(struct pp_text *text, struct pp_error *err)
{
    enum pp_status status = add(text, "pixpool", pp_version(), err);
    const char *library;

    for (size_t i = 0; status == PP_OK && (library = pp_library_version(i)) != NULL; i++)
        status = add(text, "library", library, err);
    return status;
}

static enum pp_status add_encoding(struct pp_text *text, const struct pp_encode_settings *encode,
                                   struct pp_error *err)
{
    enum pp_status status = add(text, "format", pp_format_name(encode->format), err);

    if (status == PP_OK)
        status = add_integer(text, "quality", encode->quality, err);
    if (status == PP_OK)
        status = add_integer(text, "progressive", encode->progressive, err);
    if (status == PP_OK)
        status = add_integer(text, "subsampling", (int)encode->subsampling, err);
    if (status == PP_OK)
        status = add_integer(text, "png-level", encode->png_level, err);
    return status == PP_OK ? add_integer(text, "strip", (int)encode->strip, err) : status;
}

/* Two profiles are one when their bytes are. */
static enum pp_status add_colors(struct pp_text *text, const struct pp_color_settings *color,
                                 struct pp_error *err)
{
    static const uint8_t key[PP_SIPHASH_KEY] = "output profiles";
    char shown[3 * NUMBER_SIZE] = "";

    if (color->profile) {
        struct pp_siphash hash = pp_siphash(key, color->profile, color->profile_size);
        snprintf(shown, sizeof shown, "%zu %016" PRIx64 "%016" PRIx64, color->profile_size,
                 hash.high, hash.low);
    }
    enum pp_status status = add_integer(text, "to-srgb", color->to_srgb, err);
    if (status == PP_OK)
        status = add_integer(text, "intent", (int)color->intent, err);
    return status == PP_OK ? add(text, "profile", shown, err) : status;
}

static enum pp_status add_outputs(struct pp_text *text, const struct pp_batch_outputs *outputs,
                                  struct pp_error *err)
{
    enum pp_status status = add(text, "prefix", outputs->prefix ? outputs->prefix : "", err);

    if (status == PP_OK)
        status = add(text, "suffix", outputs->suffix ? outputs->suffix : "", err);
    if (status == PP_OK)
        status = add_integer(text, "preserve", outputs->preserve, err);
    if (status == PP_OK && outputs->in_place)
        status = add(text, "in-place", outputs->in_place, err);
    return status;
}

enum pp_status pp_resume_settings(const struct pp_batch_settings *settings,
                                  const struct pp_encode_settings *encode, struct pp_text *text,
                                  struct pp_error *err)
{
    pp_text_clear(text);
    enum pp_status status = add_versions(text, err);

    if (status == PP_OK)
        status = add_chain(text, settings->chain, err);
    if (status == PP_OK)
        status = add(text, "path", pp_decode_path_name(settings->path), err);
    if (status == PP_OK)
        status = add_encoding(text, encode, err);
    if (status == PP_OK)
        status = add_colors(text, &settings->color, err);
    return status == PP_OK ? add_outputs(text, &settings->outputs, err) : status;
}
