#include "base/memory.h"

#include <stdlib.h>

bool pp_size_multiply(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

size_t pp_size_aligned(size_t size)
{
    return (size + PP_ALIGNMENT - 1) & ~(size_t)(PP_ALIGNMENT - 1);
}

enum pp_status pp_memory_new(void **buffer, size_t count, size_t size, const char *what,
                             struct pp_error *err)
{
    size_t bytes = 0;

    *buffer = NULL;
    if (!pp_size_multiply(count, size, &bytes) || bytes > SIZE_MAX / 2)
        return pp_error_set(err, PP_E_NO_MEMORY, "%s: size overflows", what);
    *buffer = aligned_alloc(PP_ALIGNMENT, pp_size_aligned(bytes ? bytes : 1));
    if (!*buffer)
        return pp_error_set(err, PP_E_NO_MEMORY, "%s: no memory for %zu bytes", what, bytes);
    return PP_OK;
}
