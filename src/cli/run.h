/*
 * cli/run.h - a batch with its progress and reports shown on standard error.
 */
#ifndef PP_CLI_RUN_H
#define PP_CLI_RUN_H

#include "cli/exits.h"
#include "cli/options.h"

/*
 * Run what `options` (PP_COMMAND_CONVERT) asks for and return the exit status. Where a signal ended
 * the run, the process is ended by the same signal, so that a shell sees it; `options` are released
 * in either case by the caller or by that end.
 */
enum pp_exit pp_run_batch(const struct pp_options *options);

#endif
