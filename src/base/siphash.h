/*
 * base/siphash.h - hashes that nobody who does not know the key can make meet. Pure; any process,
 * any thread.
 */
#ifndef PP_BASE_SIPHASH_H
#define PP_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define PP_SIPHASH_KEY 16 /* bytes */

struct pp_siphash {
    uint64_t low, high;
};

/* SipHash-2-4 with 128 bits of output. */
struct pp_siphash pp_siphash(const uint8_t key[PP_SIPHASH_KEY], const void *bytes, size_t size);

#endif
