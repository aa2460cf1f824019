/*
 * pipeline/colors.h - what the numbers of one picture's pixels mean, and what becomes of that.
 *
 * While the plan is made its colours are followed from the reader's pixels to the writer's: what
 * conversions there are to be, and in the end what the output is to say of its colours. Belongs to
 * one conversion; stages refer to transforms that its cache owns.
 */
#ifndef PP_PIPELINE_COLORS_H
#define PP_PIPELINE_COLORS_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "codec/codec.h"
#include "filter/filter.h"
#include "image/color_cache.h"

struct pp_colors {
    const struct pp_color_settings *settings;
    struct pp_color_cache *cache;
    struct pp_profile now; /* what the pixels mean where the plan stands; size 0: sRGB, said to be
                              or taken for it */
    bool now_gray;         /* they are gray there */
    bool converted;        /* what the file says of its colours is no longer true */
    bool embeds;           /* the settings' profile is to be embedded */
    bool inks;             /* the reader makes RGB of other inks than the file's */
    void *made;            /* owned: the profile that stands for PNG's chunks; NULL: none */
    size_t made_size;
    const char *warning; /* a static string; NULL: none */
};

/* Where in the plan a conversion may be due, and what for. */
enum pp_colors_goal {
    PP_COLORS_AT_BEGIN,   /* to sRGB, if the settings ask for it */
    PP_COLORS_FOR_FILTER, /* to sRGB, for a filter that assumes it of colours */
    PP_COLORS_AT_END      /* to the settings' profile */
};

/* What a file says of the pixels its reader delivers. The settings and the reader's metadata must
 * outlive *colors. Errors: PP_E_USAGE (the settings' profile), PP_E_NO_MEMORY. */
enum pp_status pp_colors_init(struct pp_colors *colors, const struct pp_color_settings *settings,
                              struct pp_color_cache *cache, const struct pp_reader *reader,
                              struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_colors_release(struct pp_colors *colors);

/*
 * The transform that is due where pixels have the geometry *geometry, which becomes that after it;
 * *transform is NULL when none is. Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_colors_convert(struct pp_colors *colors, enum pp_colors_goal goal,
                                 struct pp_geometry *geometry,
                                 const struct pp_transform **transform,
                                 struct pp_error *err) PP_MUST_CHECK;

/* Whether colours are converted, so that the output can be had of decoded pixels alone: inks by the
 * reader, without a stage of the plan that says so. Once the plan is made. */
bool pp_colors_need_pixels(const struct pp_colors *colors);

/* Make the metadata, already adapted to the output's geometry, say what the output's numbers mean.
 * Errors: PP_E_NO_MEMORY. */
enum pp_status pp_colors_describe(struct pp_colors *colors, const struct pp_geometry *out,
                                  const struct pp_codec *writer, struct pp_metadata *metadata,
                                  struct pp_error *err) PP_MUST_CHECK;

/* ---- color_stage.c ---- */

/* A filter that is in no registry and has no parameters: pixels through a transform, which must be
 * set right after prepare, whose output geometry the caller replaces. */
extern const struct pp_filter pp_filter_colors;
void pp_colors_stage_set(void *state, const struct pp_transform *transform);

#endif
