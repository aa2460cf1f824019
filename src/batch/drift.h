/*
 * batch/drift.h - a manifest of an earlier run, which the outputs of this one are compared with.
 *
 * Its lines are copied into an unnamed file, also when it comes through a pipe; ten bytes of
 * memory a line find them again. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_DRIFT_H
#define PP_BATCH_DRIFT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pixpool/error.h>

#include "batch/text.h"
#include "pipeline/digest.h"

struct pp_drift {
    FILE *lines;     /* owned; NULL: nothing is compared */
    uint64_t *slots; /* owned; 0 is empty, else see drift.c */
    size_t size;
    uint64_t count; /* lines */
    uint64_t seen;  /* of them, asked for */
    struct pp_text line;
};

/* Read the manifest at `path`, whose title must be `title`. Errors: PP_E_READ; PP_E_USAGE when it
 * is none, or one of other filters or settings; PP_E_WRITE, PP_E_NO_SPACE (no place for the copy),
 * PP_E_NO_MEMORY. */
enum pp_status pp_drift_open(struct pp_drift *drift, const char *path, const char *title,
                             struct pp_error *err) PP_MUST_CHECK;

/* How the output differs from what the manifest says of it, in words; NULL when it does not. */
const char *pp_drift_of(struct pp_drift *drift, const char *path, const struct pp_digest *digest);

/* Call `missing` for each path of the manifest that pp_drift_of() was not asked for, in its order.
 * Errors: PP_E_READ. */
enum pp_status pp_drift_missing(struct pp_drift *drift,
                                void (*missing)(void *user, const char *path), void *user,
                                struct pp_error *err) PP_MUST_CHECK;

/* A zeroed struct is allowed. */
void pp_drift_release(struct pp_drift *drift);

#endif
