/*
 * base/memory.h - sizes that cannot overflow, and aligned buffers.
 *
 * Any process, any thread. Buffers are freed with free().
 */
#ifndef PP_BASE_MEMORY_H
#define PP_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

/* Vector loads like it, and no two threads' rows then share a cache line. */
#define PP_ALIGNMENT 64

/* a x b into *product; false when it does not fit. Every size from a file goes through here. */
bool pp_size_multiply(size_t a, size_t b, size_t *product) PP_MUST_CHECK;

/* `size` rounded up to a multiple of PP_ALIGNMENT. */
size_t pp_size_aligned(size_t size);

/*
 * count x size bytes at an address that is a multiple of PP_ALIGNMENT, not zeroed. On failure
 * *buffer is NULL and the error is PP_E_NO_MEMORY naming `what` and the bytes asked for.
 */
enum pp_status pp_memory_new(void **buffer, size_t count, size_t size, const char *what,
                             struct pp_error *err) PP_MUST_CHECK;

#endif
