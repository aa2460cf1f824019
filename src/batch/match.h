/*
 * batch/match.h - which names below a directory are inputs. Any thread; nothing is owned.
 */
#ifndef PP_BATCH_MATCH_H
#define PP_BATCH_MATCH_H

#include <stdbool.h>

#include <pixpool/batch.h>

/* Whether the file `relative` (its path below the directory given) is wanted by the globs. */
bool pp_match_file(const struct pp_batch_inputs *inputs, const char *relative);

/* Whether the directory `relative` is to be entered: exclusion holds for all below it. */
bool pp_match_directory(const struct pp_batch_inputs *inputs, const char *relative);

#endif
