/*
 * cli/values.h - an option's value, checked and stored.
 */
#ifndef PP_CLI_VALUES_H
#define PP_CLI_VALUES_H

#include <pixpool/error.h>

#include "cli/options.h"

/*
 * Check `text` against what `option` takes and store it in the member of `options` the table names.
 * `text` must live as long as `options`; it is NULL for options without a value. The error's text
 * begins with "--name: ". Errors: PP_E_USAGE.
 */
enum pp_status pp_option_store(const struct pp_option *option, const char *text,
                               struct pp_options *options, struct pp_error *err) PP_MUST_CHECK;

#endif
