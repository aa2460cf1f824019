/*
 * base/memfile.h - files in memory: without a name that could be left behind, and sealed, so that
 * who maps one that another process has is safe from a size that shrinks (SIGBUS) and, where the
 * bytes are sealed too, from bytes that change. See memfd_create(2) and F_ADD_SEALS in fcntl(2).
 *
 * Any process, any thread. All descriptors are closed by exec.
 */
#ifndef PP_BASE_MEMFILE_H
#define PP_BASE_MEMFILE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PP_SEAL_SIZE = F_SEAL_SHRINK | F_SEAL_GROW,
    PP_SEAL_BYTES = PP_SEAL_SIZE | F_SEAL_WRITE,
    /* The bytes, but for mappings there are already. */
    PP_SEAL_LATER = PP_SEAL_SIZE | F_SEAL_FUTURE_WRITE
};

/* A new one without bytes, still to be sealed; `name` is told in /proc alone. -1 with errno set. */
int pp_memfile_new(const char *name);

/* The same of `size` zeros. 0 and *fd, which is the caller's to close; or the errno, and -1. */
int pp_memfile_create(const char *name, size_t size, int *fd);

/* Seal so, and against further seals. 0 or the errno. */
int pp_memfile_seal(int fd, int seals);

/* Whether it is a file in memory with all of these seals; *size is its size in bytes then. */
bool pp_memfile_is_sealed(int fd, int seals, uint64_t *size);

#endif
