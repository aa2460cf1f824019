/*
 * cli/bench.h - `pixpool bench`: how fast this machine converts these pictures, and where the time
 * goes.
 */
#ifndef PP_CLI_BENCH_H
#define PP_CLI_BENCH_H

#include "cli/exits.h"
#include "cli/options.h"

/* Do what `options` (PP_COMMAND_BENCH) ask for, show it, and return the exit status. Nothing is
 * written but the file of --json. SIGINT and its like end it at once, as they end any process. */
enum pp_exit pp_bench_run(const struct pp_options *options);

#endif
