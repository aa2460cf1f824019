/*
 * pipeline/metadata.h - what of a picture's metadata goes into the output, once the plan is known.
 */
#ifndef PP_PIPELINE_METADATA_H
#define PP_PIPELINE_METADATA_H

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "codec/codec.h"
#include "pipeline/plan.h"

/*
 * Make the reader's metadata what the output of `plan`, in the format of `writer`, is to have: true
 * of it, and without the parts that `strip` (bits of enum pp_strip) names. What was lost that way
 * is told as warnings in the report. Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_metadata_settle(struct pp_reader *reader, const struct pp_plan *plan,
                                  const struct pp_codec *writer, unsigned strip,
                                  struct pp_convert_report *report,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
