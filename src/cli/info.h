/*
 * cli/info.h - `pixpool info`: what pictures' headers say, a line a file on standard output.
 */
#ifndef PP_CLI_INFO_H
#define PP_CLI_INFO_H

#include <pixpool/info.h>

#include "cli/exits.h"
#include "cli/options.h"

/* Tell of each input of options->batch.inputs in the order given, those in directories by name.
 * What cannot be told of is reported on standard error. The caller flushes standard output. */
enum pp_exit pp_info_run(const struct pp_options *options);

/* One picture in words: "jpeg 4000x3000, 3 x 8 bits YCbCr 4:2:0, quality 92, ...", not escaped. */
void pp_info_format(const struct pp_info *info, char *to, size_t size);

#endif
