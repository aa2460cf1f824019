/*
 * pool/capacity.h - what this machine leaves us, with the place of /proc and /sys injected.
 *
 * pp_cores_available() and pp_memory_available() of <pixpool/pool.h> are these with root "".
 */
#ifndef PP_POOL_CAPACITY_H
#define PP_POOL_CAPACITY_H

#include <stdint.h>

/* The smaller of `affinity` and every quota, rounded up to whole cores; at least 1. */
unsigned pp_capacity_cores(const char *root, unsigned affinity);

/* Bytes; 0 when unknown. */
uint64_t pp_capacity_memory(const char *root);

#endif
