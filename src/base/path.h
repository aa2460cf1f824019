/*
 * base/path.h - file names as bytes. Any process, any thread. No encoding is assumed.
 */
#ifndef PP_BASE_PATH_H
#define PP_BASE_PATH_H

#include <stddef.h>

/* What follows the last slash. */
const char *pp_path_last(const char *path);

/* The length of the last name's stem: all of `name` before its last dot, or all of it where there
 * is no dot, or only one at the very front (".hidden"). `name` has no slash. */
size_t pp_path_stem_length(const char *name);

/* The extension without its dot, "" where there is none. `name` has no slash. */
const char *pp_path_extension(const char *name);

#endif
