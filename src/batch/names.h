/*
 * batch/names.h - the output's name for an input's. Pure functions over bytes.
 */
#ifndef PP_BATCH_NAMES_H
#define PP_BATCH_NAMES_H

#include <pixpool/batch.h>
#include <pixpool/error.h>

#include "batch/text.h"

/*
 * Make `name` the output's path below the output directory: the input's `relative` path with prefix
 * and suffix about its stem, and with the extension of `format` unless it has one of that format
 * already. Errors: PP_E_NO_MEMORY.
 */
enum pp_status pp_output_name(const char *relative, const struct pp_batch_outputs *outputs,
                              enum pp_format format, struct pp_text *name,
                              struct pp_error *err) PP_MUST_CHECK;

#endif
