/*
 * cli/preset_list.h - what presets there are.
 */
#ifndef PP_CLI_PRESET_LIST_H
#define PP_CLI_PRESET_LIST_H

#include <stdio.h>

#include "cli/presets.h"

/* All of them, in the form of a file of presets. Errors: those of reading the user's. */
enum pp_status pp_preset_list_print(FILE *out, struct pp_error *err) PP_MUST_CHECK;

/* The built-in preset that was probably meant; NULL when none is near. */
const char *pp_preset_nearest(const char *name);

#endif
