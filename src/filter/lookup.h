/*
 * filter/lookup.h - bytes through a table of 256.
 *
 * Pure; any thread; the rows do not overlap.
 */
#ifndef PP_FILTER_LOOKUP_H
#define PP_FILTER_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

/* out[i] = table[in[i]] for `samples` bytes, but where `channels` is even the last of each so many,
 * alpha, is copied. `samples` is a multiple of `channels`, which is 1 to 4. */
typedef void pp_lookup_kernel(uint8_t *restrict out, const uint8_t *restrict in, size_t samples,
                              unsigned channels, const uint8_t *table);

/* By the fastest way this processor has. */
void pp_lookup(uint8_t *restrict out, const uint8_t *restrict in, size_t samples, unsigned channels,
               const uint8_t *table);

/* The portable one, and the one for AVX2: NULL where there is none. */
pp_lookup_kernel *pp_lookup_portable(void);
pp_lookup_kernel *pp_lookup_avx2(void);

#endif
