#include "codec/png_inflate.h"

/* Called row by row, zlib is given the next piece as soon as a row begins with the last one used
 * up, even if bits at hand suffice for a while. */
static uint64_t begin_of_piece(const struct pp_inflate *inflate)
{
    uint64_t place = pp_inflate_total(inflate), row = place - place % inflate->most;

    return inflate->piece_end <= row ? row : place;
}

bool pp_inflate_next_piece(struct pp_inflate *inflate)
{
    size_t size = 0;

    enum pp_status status =
        inflate->source.next(inflate->source.user, &inflate->in, &size, &inflate->error);
    if (status != PP_OK)
        size = 0;
    inflate->in_end = size > 0 ? inflate->in + size : inflate->in; /* it may be NULL */
    inflate->piece_begin = begin_of_piece(inflate);
    inflate->starved = status == PP_OK && size == 0;
    return size > 0;
}

bool pp_inflate_need(struct pp_inflate *inflate, unsigned count)
{
    while (inflate->bit_count < count) {
        if (inflate->in == inflate->in_end && !pp_inflate_next_piece(inflate))
            return false;
        inflate->bits |= (uint64_t)*inflate->in++ << inflate->bit_count;
        inflate->bit_count += 8;
        pp_inflate_used(inflate);
    }
    return true;
}

/* The entry that the bits at hand lead to, over both levels. When it says that its code is longer
 * than what is at hand, it is not the right one yet. */
static uint32_t look_up(const struct pp_inflate *inflate, const uint32_t *table,
                        unsigned table_bits)
{
    uint32_t entry = table[inflate->bits & ((1u << table_bits) - 1)];

    if (!(entry & PP_ENTRY_POINTER))
        return entry;
    unsigned first = pp_entry_bits(entry);
    unsigned second = (unsigned)(inflate->bits >> first) & ((1u << (entry >> 8 & 15)) - 1);
    entry = table[(entry >> 16) + second];
    return entry + first + (entry & PP_ENTRY_LITERAL ? 0 : first << 8);
}

bool pp_inflate_symbol(struct pp_inflate *inflate, const uint32_t *table, unsigned table_bits,
                       uint32_t *entry)
{
    *entry = look_up(inflate, table, table_bits);
    while (pp_entry_bits(*entry) > inflate->bit_count) {
        if (!pp_inflate_need(inflate, inflate->bit_count + 1))
            return false;
        *entry = look_up(inflate, table, table_bits);
    }
    return true;
}
