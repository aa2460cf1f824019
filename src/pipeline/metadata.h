/*
 * pipeline/metadata.h - what of a picture's metadata goes into the output, once the plan is known.
 */
#ifndef PP_PIPELINE_METADATA_H
#define PP_PIPELINE_METADATA_H

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "codec/codec.h"
#include "pipeline/colors.h"
#include "pipeline/plan.h"

struct pp_metadata_wish {
    const struct pp_codec *writer; /* of the output's format */
    struct pp_colors *colors;      /* as the plan's making left them */
    unsigned strip;                /* bits of enum pp_strip */
};

/*
 * Make the reader's metadata what the output of `plan` is to have: true of it, its colours among
 * that, and without the parts that the wish names. What was lost that way
 * is told as warnings in the report. Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_metadata_settle(struct pp_reader *reader, const struct pp_plan *plan,
                                  const struct pp_metadata_wish *wish,
                                  struct pp_convert_report *report,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
