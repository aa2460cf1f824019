/*
 * base/unnamed.h - scratch files without a name. Any process, any thread.
 */
#ifndef PP_BASE_UNNAMED_H
#define PP_BASE_UNNAMED_H

#include <stdio.h>

/* A new stream for reading and writing over a file that vanishes with it: in $TMPDIR, /tmp or
 * /var/tmp, and in memory when none of them takes one. NULL with errno set. */
FILE *pp_unnamed_file(void);

#endif
