/*
 * pixpool/shared.h - memory that several processes see.
 *
 * A piece of shared memory has no name in the file system: it is a descriptor and a mapping, and is
 * gone when the last process that has either is. Another process gets at it by fork, or by being
 * given the descriptor (an exec'd child inherits it, a Unix socket carries it) and attaching. Its
 * size is sealed, so that no process can cut it off under another's feet. It may be mapped at
 * another address in each process: no pointer may be kept in it.
 *
 * All functions may be called from any process and thread; a struct pp_shared belongs to the
 * process that made or attached it and, by fork, to its children, each with its own copy.
 */
#ifndef PIXPOOL_SHARED_H
#define PIXPOOL_SHARED_H

#include <stddef.h>

#include <pixpool/api.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

struct pp_shared;

/*
 * `size` bytes (at least 1) of zeros. The data begin at a page's beginning. The descriptor is
 * closed by exec; pass it on purpose. On PP_OK *shared is the caller's to free.
 * Errors: PP_E_USAGE, PP_E_NO_MEMORY, PP_E_SYSTEM when descriptors are missing.
 */
PP_API enum pp_status pp_shared_create(size_t size, struct pp_shared **shared,
                                       struct pp_error *err) PP_MUST_CHECK;

/*
 * Map what another process created. `fd` stays the caller's: it is duplicated. A descriptor that is
 * no shared memory, or whose size is not sealed, is refused with PP_E_USAGE: whoever holds it could
 * cut it down. Otherwise as pp_shared_create().
 */
PP_API enum pp_status pp_shared_attach(int fd, struct pp_shared **shared,
                                       struct pp_error *err) PP_MUST_CHECK;

/* The first byte; valid until pp_shared_free(). */
PP_API void *pp_shared_data(const struct pp_shared *shared);

/* Bytes, as they were asked for. */
PP_API size_t pp_shared_size(const struct pp_shared *shared);

/* The descriptor to hand on. It stays this struct's; close-on-exec is set. */
PP_API int pp_shared_fd(const struct pp_shared *shared);

/* Unmap and close; other processes' mappings stay. NULL is allowed. */
PP_API void pp_shared_free(struct pp_shared *shared);

PP_END_DECLS

#endif
