/*
 * batch/in_place.h - outputs that take the places of their inputs.
 *
 * The only exception from the rule that no output may be an input, and so kept by itself: the file
 * that is replaced must be the very file that was read, unchanged since it was opened, and what
 * takes its place is whole. Where a backup is wanted, the old contents have that name first. At
 * every moment the name shows the old or the new contents; a kill leaves at most a hidden name,
 * which the next run removes, and a backup that is the file itself, which the next run accepts.
 * The supervisor's thread.
 */
#ifndef PP_BATCH_IN_PLACE_H
#define PP_BATCH_IN_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>

#include "batch/staged.h"
#include "batch/text.h"
#include "batch/walk.h"

/* Whether the settings can be had in place: PP_E_USAGE. */
enum pp_status pp_in_place_check(const struct pp_batch_settings *settings,
                                 struct pp_error *err) PP_MUST_CHECK;

/* The path of the file to be replaced for an input: what a link leads to, so that the link stays.
 * Errors: PP_E_NO_MEMORY. */
enum pp_status pp_in_place_path(const char *input, struct pp_text *path,
                                struct pp_error *err) PP_MUST_CHECK;

/* Whether a file that the walk came by is the backup of another that it comes by. */
bool pp_in_place_is_backup(const struct pp_batch_inputs *inputs, const char *suffix,
                           const struct pp_found *found);

/* Whether the name of `path`'s backup is free, or that of the same file already. Errors:
 * PP_E_CONFLICT, PP_E_NO_MEMORY. */
enum pp_status pp_in_place_check_backup(const char *path, const char *suffix,
                                        struct pp_error *err) PP_MUST_CHECK;

/* Put `staged` in the place of its path, which must still be `opened`; with a `suffix` other than
 * "" the old file is kept. Errors, nothing is done then: PP_E_CONFLICT (it changed meanwhile, there
 * is a backup), PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY, PP_E_SYSTEM. */
enum pp_status pp_in_place_publish(struct pp_staged *staged, const struct stat *opened,
                                   const char *suffix, struct pp_error *err) PP_MUST_CHECK;

#endif
