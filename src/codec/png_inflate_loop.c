#include <string.h>

#include "codec/png_inflate.h"

/*
 * Most of the time that a PNG takes is spent here. The loop keeps 56 and more bits at hand without
 * asking how many, and between two refills uses at most
 *
 *   two literals of the first level (11 each), then a literal or length (15 + 5)  42 bits, or
 *   a distance (15 + 13), then the look-up of what follows it, which uses none    28 bits
 *
 * Reads go up to 8 bytes beyond what is used and writes up to 31 beyond what comes out, so it stops
 * before the piece or the window ends; what remains is for the careful code in png_inflate.c.
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
    bits->buffer |= load_64(bits->in) << (bits->count & 63);
    bits->in += ~bits->count >> 3 & 7;
    bits->count |= 56;
}

/* Only the low 6 bits of `count` are it: so nothing needs to be masked here. */
INLINE void use(struct bits *bits, uint32_t entry)
{
    bits->buffer >>= entry & 63;
    bits->count -= entry;
}

INLINE uint32_t look_up(const struct bits *bits, const uint32_t *table, uint64_t mask)
{
    return table[bits->buffer & mask];
}

/* From a pointer to the entry it leads to. */
INLINE uint32_t follow(struct bits *bits, const uint32_t *table, uint32_t pointer)
{
    unsigned width = pointer >> 8 & 15;

    return table[(pointer >> 16) + (bits->buffer & ((1u << width) - 1))];
}

INLINE size_t take_distance(struct bits *bits, const uint32_t *table, uint64_t mask,
                            uint32_t *entry)
{
    refill(bits);
    *entry = look_up(bits, table, mask);
    if (*entry & PP_ENTRY_POINTER) {
        use(bits, *entry);
        *entry = follow(bits, table, *entry);
    }
    size_t distance = pp_entry_value(*entry, bits->buffer);
    use(bits, *entry);
    return distance;
}

/* Whole bytes that were not used. */
static void give_back(struct pp_inflate *inflate, const struct bits *bits)
{
    unsigned count = bits->count & 63;

    inflate->in = bits->in - (count >> 3);
    inflate->bit_count = count & 7;
    inflate->bits = bits->buffer & ((UINT64_C(1) << inflate->bit_count) - 1);
}

static void end_block(struct pp_inflate *inflate, uint32_t entry)
{
    if (!(entry & PP_ENTRY_END))
        inflate->fault = "invalid literal/length code";
    inflate->stage = inflate->last_block ? PP_INFLATE_CHECK : PP_INFLATE_BLOCK;
}

/* How much comes out of a match that is wrong or goes beyond the promised history: all of it, or
 * less with a fault and copied already. */
static size_t judge(struct pp_inflate *inflate, uint32_t entry, uint8_t *out, size_t distance,
                    size_t length)
{
    size_t write = (size_t)(out - inflate->window);

    if ((entry & PP_ENTRY_EXCEPTIONAL) || distance > write) {
        inflate->fault = entry & PP_ENTRY_EXCEPTIONAL ? "invalid distance code"
                                                      : "invalid distance too far back";
        return 0;
    }
    size_t part = pp_inflate_reachable(inflate, write, distance, length);
    if (part < length) {
        inflate->fault = "invalid distance too far back";
        pp_inflate_copy(out, distance, part);
    }
    return part;
}

HOT static void loop(struct pp_inflate *inflate, size_t limit)
{
    const uint32_t *const lengths = inflate->tables.lengths;
    const uint32_t *const distances = inflate->tables.distances;
    const uint64_t length_mask = (1u << inflate->tables.length_bits) - 1;
    const uint64_t distance_mask = (1u << inflate->tables.distance_bits) - 1;
    const size_t reach = inflate->reach;
    const uint8_t *const in_stop = inflate->in_end - IN_MARGIN;
    uint8_t *const window = inflate->window, *const out_stop = window + limit;
    uint8_t *out = window + inflate->write;
    struct bits bits = {inflate->in, inflate->bits, inflate->bit_count};

    refill(&bits);
    uint32_t entry = look_up(&bits, lengths, length_mask);
    while (bits.in <= in_stop && out < out_stop) {
        uint64_t saved = bits.buffer;
        use(&bits, entry);
        for (unsigned i = 0; i < 2 && (entry & PP_ENTRY_LITERAL); i++) {
            *out++ = (uint8_t)(entry >> 16);
            entry = look_up(&bits, lengths, length_mask);
            saved = bits.buffer;
            use(&bits, entry);
        }
        if (entry & PP_ENTRY_POINTER) {
            entry = follow(&bits, lengths, entry);
            saved = bits.buffer;
            use(&bits, entry);
        }
        if (entry & PP_ENTRY_LITERAL) {
            *out++ = (uint8_t)(entry >> 16);
            refill(&bits);
            entry = look_up(&bits, lengths, length_mask);
            continue;
        }
        if (entry & PP_ENTRY_EXCEPTIONAL) {
            end_block(inflate, entry);
            break;
        }
        size_t length = pp_entry_value(entry, saved);
        size_t distance = take_distance(&bits, distances, distance_mask, &entry);
        if ((entry & PP_ENTRY_EXCEPTIONAL) || distance > reach ||
            distance > (size_t)(out - window)) {
            length = judge(inflate, entry, out, distance, length);
            if (inflate->fault) {
                out += length;
                break;
            }
        }
        refill(&bits);
        entry = look_up(&bits, lengths, length_mask);
        pp_inflate_copy(out, distance, length);
        out += length;
    }
    give_back(inflate, &bits);
    inflate->write = (size_t)(out - inflate->window);
}

void pp_inflate_loop(struct pp_inflate *inflate, size_t limit)
{
    if (inflate->in_end - inflate->in >= IN_MARGIN + 8)
        loop(inflate, limit);
}
