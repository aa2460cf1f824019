/*
 * codec/png_filter_part.h - some bytes of a row filtered (PNG-3, clause 9), and what they then
 * cost.
 *
 * Any thread. Every kernel makes the same bytes and the same sum.
 */
#ifndef PP_CODEC_PNG_FILTER_PART_H
#define PP_CODEC_PNG_FILTER_PART_H

#include <stddef.h>
#include <stdint.h>

/* One row to be filtered, and the one above it. */
struct pp_png_unfiltered {
    const uint8_t *above, *here;
    size_t size, pixel; /* in bytes; pixel as in struct pp_png_rows */
};

/*
 * Filter the bytes from `from`, which is at least a pixel's but for PP_PNG_NONE, to `to`, to the
 * same place in `out`; PP_PNG_NONE writes nothing. A part of under 32 bytes may also write those
 * before it again, as this filter makes them. Returns their sum as signed numbers without
 * their signs (PNG-3, 12.7).
 */
typedef uint64_t pp_png_part_kernel(const struct pp_png_unfiltered *row, unsigned filter,
                                    size_t from, size_t to, uint8_t *out);

pp_png_part_kernel *pp_png_part_portable(void);

/* NULL where the processor has no AVX2. */
pp_png_part_kernel *pp_png_part_avx2(void);

#endif
