/*
 * batch/location.h - where a path really leads, whether it exists yet or not.
 *
 * Two names meet in one file when their directories are the same once links are followed, so
 * outputs are compared by location. The last directory is remembered: inputs come directory by
 * directory. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_LOCATION_H
#define PP_BATCH_LOCATION_H

#include <stdbool.h>

#include <pixpool/error.h>

#include "batch/text.h"

struct pp_location {
    struct pp_text directory; /* the directory asked for last, as written */
    struct pp_text real;      /* the same without links; what does not exist is kept as written */
    struct pp_text path;      /* the result: real directory and last name */
    bool fresh;               /* the last call was for another directory than the one before */
    bool exists;              /* the directory does */
};

/* Set location->path for `path`. The last name is never followed. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_location_find(struct pp_location *location, const char *path,
                                struct pp_error *err) PP_MUST_CHECK;
void pp_location_release(struct pp_location *location);

#endif
