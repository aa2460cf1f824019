/*
 * pipeline/conversion.h - one way through one picture, from sniffing to the last byte.
 *
 * The cheapest ways rest on guesses: that a file's coded bits are as the standard says, that its
 * alpha is opaque. A run that finds its guess wrong says so in `again`; the caller sets the streams
 * back to their start and runs once more, without that guess. A filter whose output's size depends
 * on the pixels takes a run of its own, too, which ends with it and writes nothing. One thread owns
 * a conversion.
 */
#ifndef PP_PIPELINE_CONVERSION_H
#define PP_PIPELINE_CONVERSION_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/convert.h>

#include "base/stream.h"
#include "base/team.h"
#include "codec/codec.h"
#include "pipeline/colors.h"
#include "pipeline/flow.h"
#include "pipeline/plan.h"
#include "pipeline/survey.h"

struct pp_conversion {
    const struct pp_chain *chain;
    const struct pp_convert_settings *settings;
    struct pp_convert_report *report;
    struct pp_input *in;
    struct pp_output *out;
    struct pp_team *team;               /* the calling thread's, who leads it */
    struct pp_color_cache *color_cache; /* the settings', or one of this conversion's own */
    bool rewinds;                       /* both streams can be set back to their start */
    bool trusts_bits;                   /* the reader may try what does not work for every file */
    bool trusts_coefficients;           /* they may be carried over without decoding pixels */
    bool trusts_pixels;                 /* the writer may take them for opaque, or for few grays */
    bool again; /* one of these turned out wrong and is now false, or more was found */
    struct pp_placement *found; /* by filters that look at the picture first; owned by the caller */
    size_t found_count;
    uint64_t decode_ns, filter_ns, encode_ns; /* of all runs */
    uint64_t granted;                         /* bytes of memory asked for so far */
    /* of one run, owned */
    const struct pp_codec *codec; /* the writer's */
    struct pp_reader *reader;
    struct pp_writer *writer;
    struct pp_colors colors;
    struct pp_plan plan;
    struct pp_flow flow;
    struct pp_survey survey; /* instead of the writer, where plan.survey says so */
    struct pp_band band;     /* between the flow and the writer; its rows are owned */
};

/* One run. Fills the report as far as it comes, gives back all it acquired. Errors: as
 * pp_convert_fd(); with `again` set they are to be forgotten. */
enum pp_status pp_conversion_run(struct pp_conversion *conversion,
                                 struct pp_error *err) PP_MUST_CHECK;

#endif
