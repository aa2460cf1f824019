/*
 * batch/naming.h - a file that is whole gets its name in one step, whatever the file system can do.
 *
 * Three kinds of file systems are met: those with unnamed files, which are linked; those with links
 * or with a rename that replaces nothing; and those with neither (FAT, exFAT, some of FUSE), where
 * looking first has to do. A file system on a network may do what it then says has failed, because
 * the answer was lost and the question was asked again: so after a failure it is looked whether
 * the name is the file's. The supervisor's thread; errno tells what failed.
 */
#ifndef PP_BATCH_NAMING_H
#define PP_BATCH_NAMING_H

#include <stdbool.h>

/* Whether `path`, not followed, is the file behind `fd`. */
bool pp_name_is(const char *path, int fd);

/* Link the file behind `fd` to `path`, where nothing may stand. 0, or -1 with errno. */
int pp_name_link(int fd, const char *path);

/* Move the file `hidden`, which is open as `fd`, to `path`, where nothing may stand: EEXIST. The
 * old name may be left to be removed. 0, or -1 with errno. */
int pp_name_move(int fd, const char *hidden, const char *path);

/* The same in place of whatever file stands at `path`: at every moment one of the two is there. */
int pp_name_replace(int fd, const char *hidden, const char *path);

#endif
