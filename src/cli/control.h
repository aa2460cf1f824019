/*
 * cli/control.h - `pixpool status`, `pause`, `resume`, `cancel` and `jobs`: runs that are going on,
 * seen and led.
 */
#ifndef PP_CLI_CONTROL_H
#define PP_CLI_CONTROL_H

#include "cli/exits.h"
#include "cli/options.h"

/* Do what the options say. What goes wrong is said on standard error. */
enum pp_exit pp_control_run(const struct pp_options *options);

#endif
