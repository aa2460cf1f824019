/*
 * pool/cgroup.h - the control groups this process is in, version 1 and 2.
 *
 * A limit of any ancestor binds, so all of them are visited, from the process's own group up to
 * the root of what is mounted here. Within a container the path the kernel names may lie outside
 * what is mounted; then the mount's root is this process's group.
 */
#ifndef PP_POOL_CGROUP_H
#define PP_POOL_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* Called with the directory of one group; version is 1 or 2. */
typedef void pp_cgroup_visit(void *user, const char *directory, int version);

/* Visit the groups for `controller` ("cpu", "memory"): those of its version 1 hierarchy where there
 * is one, and those of version 2. `root` goes before all paths, "" for the real ones. */
void pp_cgroup_each(const char *root, const char *controller, pp_cgroup_visit *visit, void *user);

/* The text of directory/name in `text`, "" when it cannot be read. False then. */
bool pp_cgroup_read(const char *directory, const char *name, char *text, int size);

/* The first number in directory/name; false when there is none ("max", no such file). */
bool pp_cgroup_number(const char *directory, const char *name, uint64_t *number);

/* The number after `key` and a blank at the start of a line of `text`; false when there is none. */
bool pp_cgroup_value(const char *text, const char *key, uint64_t *value);

#endif
