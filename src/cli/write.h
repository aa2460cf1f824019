/*
 * cli/write.h - all of some bytes into a descriptor, in however many portions. Any thread.
 */
#ifndef PP_CLI_WRITE_H
#define PP_CLI_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/* False with errno set. */
bool pp_cli_write(int fd, const void *bytes, size_t size);

#endif
