/*
 * batch/hidden.h - the names that outputs have beside their places until they are whole.
 *
 * Such a name says which machine and which process gave it and when, so that a later run can tell
 * what is in use from what a run that was killed has left. The supervisor's thread.
 */
#ifndef PP_BATCH_HIDDEN_H
#define PP_BATCH_HIDDEN_H

#include <stdbool.h>
#include <sys/types.h>

/* A name beside `path` for `process` of this machine: hidden, so that no glob meets it, and no two
 * runs and no two files of a run share one. The caller frees it; NULL when memory is out. */
char *pp_hidden_name(const char *path, pid_t process);

/* Whether a name without its directory is such a one, of whichever machine and process. */
bool pp_hidden_is(const char *name);

/* Remove the hidden files in `directory` that runs of this machine left when they were killed.
 * Returns whether nothing else was seen in it. */
bool pp_hidden_sweep(const char *directory);

#endif
