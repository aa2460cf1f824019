/*
 * runtime/queue_copy.h - bytes into and out of a queue. Any thread.
 */
#ifndef PP_RUNTIME_QUEUE_COPY_H
#define PP_RUNTIME_QUEUE_COPY_H

#include <stddef.h>
#include <string.h>

/* Bytes: copying so many takes less time than getting the lock once more, which copying outside it
 * takes. */
#define PP_COPY_LOCKED 2048u

/* Of nothing, either address may be NULL. */
static inline void pp_copy(void *to, const void *from, size_t size)
{
    if (size > 0)
        memcpy(to, from, size);
}

#endif
