/*
 * cli/preset_apply.h - a preset's options among those of the command line.
 */
#ifndef PP_CLI_PRESET_APPLY_H
#define PP_CLI_PRESET_APPLY_H

#include "cli/option_parser.h"
#include "cli/options.h"

/*
 * Find options->preset, the user's own first, and store its options but for those the command line
 * gave, or gave the contrary of (`are_contrary` knows); those stored count as given from then on.
 * options->preset_filters becomes its line of filters; options->presets holds the texts.
 * Errors: PP_E_USAGE, PP_E_READ, PP_E_NO_MEMORY.
 */
enum pp_status pp_preset_apply(struct pp_option_parser *parser, struct pp_options *options,
                               bool (*are_contrary)(const char *one, const char *other),
                               struct pp_error *err) PP_MUST_CHECK;

#endif
