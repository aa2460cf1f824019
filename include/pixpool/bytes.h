/*
 * pixpool/bytes.h - some bytes and how many they are: arguments, results, keys, values.
 */
#ifndef PIXPOOL_BYTES_H
#define PIXPOOL_BYTES_H

#include <stddef.h>

/* Whose they are, and for how long they stay, is said where they are used. */
struct pp_bytes {
    const void *data; /* may be NULL where size is 0 */
    size_t size;
};

#endif
