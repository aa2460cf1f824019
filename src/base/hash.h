/*
 * base/hash.h - numbers for names. Pure; any process, any thread.
 */
#ifndef PP_BASE_HASH_H
#define PP_BASE_HASH_H

#include <stdint.h>

/* A hash of the string whose bits are all of use. Nobody is kept from making two names meet. */
uint64_t pp_hash_name(const char *name);

#endif
