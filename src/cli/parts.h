/*
 * cli/parts.h - a value that is a list of words, each of which stands for bits.
 */
#ifndef PP_CLI_PARTS_H
#define PP_CLI_PARTS_H

#include <pixpool/error.h>

#include "cli/options.h"

/* Store what `text` names in *bits, as PP_OPTION_PARTS or PP_OPTION_OTHER_PARTS have it. `text` may
 * be NULL where the value can be left out. Errors: PP_E_USAGE. */
enum pp_status pp_parts_store(const struct pp_option *option, const char *text, unsigned *bits,
                              struct pp_error *err) PP_MUST_CHECK;

#endif
