/*
 * batch/claims.h - which output names this run has given out, and to which input.
 *
 * Eight bytes of memory a name: a table of hashes points into an unnamed file that holds the names,
 * so that a hit is always checked against the name itself. Ten million inputs need 128 MB here and
 * never a comparison that could be wrong. One thread owns it.
 */
#ifndef PP_BATCH_CLAIMS_H
#define PP_BATCH_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pixpool/error.h>

#include "batch/text.h"

struct pp_claims {
    uint64_t *slots; /* owned; 0 is empty, else tag and place in the file, see claims.c */
    size_t size;     /* a power of two */
    size_t used;
    FILE *names;       /* owned; output NUL input NUL, in order of claiming */
    uint64_t end;      /* its size */
    bool reading;      /* the file stands where a record was read, not at its end */
    struct pp_text at; /* the record read last */
};

/* Errors: PP_E_NO_MEMORY, PP_E_WRITE, PP_E_NO_SPACE (no place for the unnamed file). */
enum pp_status pp_claims_init(struct pp_claims *claims, struct pp_error *err) PP_MUST_CHECK;
void pp_claims_release(struct pp_claims *claims);

/*
 * Claim `output` for `input`. When it was claimed before, *first is the input that has it, valid
 * until the next call; NULL when the claim is new. Errors: PP_E_NO_MEMORY, PP_E_WRITE,
 * PP_E_NO_SPACE.
 */
enum pp_status pp_claims_add(struct pp_claims *claims, const char *output, const char *input,
                             const char **first, struct pp_error *err) PP_MUST_CHECK;

/* Whether `output` was claimed. */
bool pp_claims_has(struct pp_claims *claims, const char *output);

#endif
