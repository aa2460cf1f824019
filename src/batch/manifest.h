/*
 * batch/manifest.h - a list of all outputs with their hashes, in the order the inputs were found.
 *
 * Outputs are done in another order: their lines go into an unnamed file, and eight bytes of memory
 * an input say where. The manifest appears whole at the end, in place of an earlier one, or not at
 * all. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_MANIFEST_H
#define PP_BATCH_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pixpool/error.h>

#include "batch/staged.h"
#include "batch/text.h"
#include "pipeline/digest.h"

/* Released when zeroed but for staged.fd, which is then -1. */
struct pp_manifest {
    struct pp_staged staged; /* fd -1: no manifest is kept */
    FILE *lines;             /* owned: in the order they were done */
    uint64_t end;            /* its size */
    uint64_t *places;        /* owned: by order, one more than the line's place; 0: none */
    size_t count, room;      /* in `places` */
    struct pp_text line;
};

/* Be ready to write `path`, which must outlive the manifest. What stands there must be a manifest
 * or empty. Errors: PP_E_CONFLICT, PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_manifest_open(struct pp_manifest *manifest, const char *path,
                                struct pp_error *err) PP_MUST_CHECK;

/* The output of the input found as number `order`, from 0 on. Once for each at most. Errors:
 * PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_manifest_add(struct pp_manifest *manifest, uint64_t order, const char *path,
                               const struct pp_digest *digest, struct pp_error *err) PP_MUST_CHECK;

/* Write it under its name; with `sync` it is on the disk first. Errors: PP_E_WRITE, PP_E_NO_SPACE,
 * PP_E_NO_MEMORY. */
enum pp_status pp_manifest_publish(struct pp_manifest *manifest, const char *title, bool sync,
                                   struct pp_error *err) PP_MUST_CHECK;

void pp_manifest_release(struct pp_manifest *manifest);

#endif
