/*
 * batch/roots.h - the inputs as they were named: arguments first, then the entries of a list.
 *
 * The list is copied into an unnamed file first, also when it comes through a pipe: whether an
 * existing output is an input too can only be told by going over all inputs named, and they may be
 * too many to keep in memory. One thread owns it.
 */
#ifndef PP_BATCH_ROOTS_H
#define PP_BATCH_ROOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>

struct pp_roots {
    const struct pp_batch_inputs *inputs;
    FILE *list; /* owned; NULL without a list */
};

/* A place among the roots; zeroed is the first. Any number of them may be under way. */
struct pp_roots_at {
    size_t argument;
    int64_t offset; /* bytes into the list */
    char *entry;    /* owned: the last list entry */
    size_t room;
};

/* Copies the list. Errors: PP_E_READ with the list's name, PP_E_WRITE, PP_E_NO_SPACE. */
enum pp_status pp_roots_init(struct pp_roots *roots, const struct pp_batch_inputs *inputs,
                             struct pp_error *err) PP_MUST_CHECK;
void pp_roots_release(struct pp_roots *roots);

/* The next input named, NULL past the last; valid until the next call for the same place. */
const char *pp_roots_next(struct pp_roots *roots, struct pp_roots_at *at);
void pp_roots_at_release(struct pp_roots_at *at);

#endif
