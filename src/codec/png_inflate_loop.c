#include <string.h>

#include "codec/png_inflate.h"

/*
 * Nearly all of the time spent in a PNG that is not spent in its row filters is spent here, so the
 * loop keeps 56 and more bits at hand without asking how many, and looks symbols up several to a
 * refill:
 *
 *   three literal entries of the first level (11 bits each), then a length (20)  53 bits
 *   refill, then a distance (15 + 13)                                            28 bits
 *
 * Reads go up to 8 bytes over what is used, writes up to 16 over what comes out, so it stops before
 * the piece or the window ends; what remains is for the careful code in png_inflate.c.
 */

/* Where the C library can choose at load time, shifts by a variable take one instruction less. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define HOT __attribute__((target_clones("bmi2", "default")))
#else
#define HOT
#endif
#define INLINE static inline __attribute__((always_inline))

/* Two refills in each turn, each moving on by at most 7 bytes and looking 8 ahead. */
#define IN_MARGIN 16

struct bits {
    const uint8_t *in;
    uint64_t buffer;
    unsigned count;
};

INLINE uint64_t load_64(const uint8_t *from)
{
    uint64_t value;

    memcpy(&value, from, sizeof(value));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(value) : value;
}

/* At least 56 bits. Those above `count` are the stream's next as well and are or'ed in again. */
INLINE void refill(struct bits *bits)
{
    bits->buffer |= load_64(bits->in) << bits->count;
    bits->in += (63 - bits->count) >> 3;
    bits->count |= 56;
}

INLINE void use(struct bits *bits, uint32_t entry)
{
    bits->buffer >>= pp_entry_bits(entry);
    bits->count -= pp_entry_bits(entry);
}

HOT static void loop(struct pp_inflate *inflate, size_t limit)
{
    const uint32_t *const lengths = inflate->tables.lengths;
    const uint32_t *const distances = inflate->tables.distances;
    const uint64_t length_mask = (1u << inflate->tables.length_bits) - 1;
    const uint64_t distance_mask = (1u << inflate->tables.distance_bits) - 1;
    struct bits bits = {inflate->in, inflate->bits, inflate->bit_count};
    const uint8_t *const in_stop = inflate->in_end - IN_MARGIN;
    uint8_t *out = inflate->window + inflate->write, *const out_stop = inflate->window + limit;

    refill(&bits);
    uint32_t entry = lengths[bits.buffer & length_mask];
    while (bits.in <= in_stop && out < out_stop) {
        uint64_t saved = bits.buffer;
        use(&bits, entry);
        if (entry & PP_ENTRY_LITERAL) {
            *out++ = (uint8_t)(entry >> 16);
            entry = lengths[bits.buffer & length_mask];
            saved = bits.buffer;
            use(&bits, entry);
            if (entry & PP_ENTRY_LITERAL) {
                *out++ = (uint8_t)(entry >> 16);
                entry = lengths[bits.buffer & length_mask];
                saved = bits.buffer;
                use(&bits, entry);
                if (entry & PP_ENTRY_LITERAL) {
                    *out++ = (uint8_t)(entry >> 16);
                    refill(&bits);
                    entry = lengths[bits.buffer & length_mask];
                    continue;
                }
            }
        }
        if (entry & PP_ENTRY_EXCEPTIONAL) {
            if (entry & PP_ENTRY_POINTER) {
                unsigned width = entry >> 8 & 15;
                entry = lengths[(entry >> 16) + (bits.buffer & ((1u << width) - 1))];
                saved = bits.buffer;
                use(&bits, entry);
            }
            if (entry & PP_ENTRY_LITERAL) {
                *out++ = (uint8_t)(entry >> 16);
                refill(&bits);
                entry = lengths[bits.buffer & length_mask];
                continue;
            }
            if (entry & PP_ENTRY_EXCEPTIONAL) {
                if (!(entry & PP_ENTRY_END))
                    inflate->fault = "invalid literal/length code";
                inflate->stage = inflate->last_block ? PP_INFLATE_CHECK : PP_INFLATE_BLOCK;
                break;
            }
        }
        size_t length = pp_entry_value(entry, saved);
        refill(&bits);
        entry = distances[bits.buffer & distance_mask];
        if (entry & PP_ENTRY_EXCEPTIONAL) {
            if (entry & PP_ENTRY_POINTER) {
                use(&bits, entry);
                unsigned width = entry >> 8 & 15;
                entry = distances[(entry >> 16) + (bits.buffer & ((1u << width) - 1))];
            }
            if (entry & PP_ENTRY_EXCEPTIONAL) {
                inflate->fault = "invalid distance code";
                break;
            }
        }
        size_t distance = pp_entry_value(entry, bits.buffer);
        use(&bits, entry);
        if (distance > (size_t)(out - inflate->window)) {
            inflate->fault = "invalid distance too far back";
            break;
        }
        refill(&bits);
        entry = lengths[bits.buffer & length_mask];
        pp_inflate_copy(out, distance, length);
        out += length;
    }
    /* Give whole bytes back. */
    inflate->in = bits.in - (bits.count >> 3);
    inflate->bit_count = bits.count & 7;
    inflate->bits = bits.buffer & ((UINT64_C(1) << inflate->bit_count) - 1);
    inflate->write = (size_t)(out - inflate->window);
}

void pp_inflate_loop(struct pp_inflate *inflate, size_t limit)
{
    if (inflate->in_end - inflate->in >= IN_MARGIN + 8)
        loop(inflate, limit);
}
