#include <string.h>

#include "codec/png_inflate.h"

/* RFC 1951, 3.2.7; two more symbols than these have codes in no stream. */
#define LENGTHS_MAX   286
#define DISTANCES_MAX 30
#define END_OF_BLOCK  256

static bool fail(struct pp_inflate *inflate, const char *fault)
{
    inflate->fault = fault;
    return false;
}

static bool begin_stored(struct pp_inflate *inflate)
{
    pp_inflate_bits(inflate, inflate->bit_count & 7);
    if (!pp_inflate_need(inflate, 32))
        return false;
    unsigned size = pp_inflate_bits(inflate, 16);
    if (pp_inflate_bits(inflate, 16) != (size ^ 0xFFFF))
        return fail(inflate, "invalid stored block lengths");
    inflate->stored_left = size;
    inflate->stage = PP_INFLATE_STORED;
    return true;
}

static bool read_precode(struct pp_inflate *inflate, unsigned count, uint32_t *table)
{
    static const uint8_t order[PP_PRECODE_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t sizes[PP_PRECODE_SYMBOLS] = {0};

    for (unsigned i = 0; i < count; i++) {
        if (!pp_inflate_need(inflate, 3))
            return false;
        sizes[order[i]] = (uint8_t)pp_inflate_bits(inflate, 3);
    }
    return pp_inflate_build_precode(table, sizes) || fail(inflate, "invalid code lengths set");
}

/* The code lengths of both tables, run-length and Huffman coded, as one sequence. */
static bool read_sizes(struct pp_inflate *inflate, const uint32_t *precode, uint8_t *sizes,
                       unsigned count)
{
    static const uint8_t run[3] = {3, 3, 11};

    for (unsigned i = 0; i < count;) {
        uint32_t entry;
        if (!pp_inflate_symbol(inflate, precode, PP_PRECODE_BITS, &entry))
            return false;
        unsigned symbol = entry >> 16;
        unsigned extra = pp_entry_value(entry, inflate->bits) - symbol;
        pp_inflate_bits(inflate, pp_entry_bits(entry));
        if (symbol < 16) {
            sizes[i++] = (uint8_t)symbol;
            continue;
        }
        unsigned repeat = run[symbol - 16] + extra;
        if ((symbol == 16 && i == 0) || repeat > count - i)
            return fail(inflate, "invalid bit length repeat");
        memset(sizes + i, symbol == 16 ? sizes[i - 1] : 0, repeat);
        i += repeat;
    }
    return true;
}

static bool begin_dynamic(struct pp_inflate *inflate)
{
    uint32_t precode[1u << PP_PRECODE_BITS];
    uint8_t sizes[LENGTHS_MAX + DISTANCES_MAX];

    if (!pp_inflate_need(inflate, 14))
        return false;
    unsigned lengths = pp_inflate_bits(inflate, 5) + 257;
    unsigned distances = pp_inflate_bits(inflate, 5) + 1;
    unsigned precodes = pp_inflate_bits(inflate, 4) + 4;
    if (lengths > LENGTHS_MAX || distances > DISTANCES_MAX)
        return fail(inflate, "too many length or distance symbols");
    if (!read_precode(inflate, precodes, precode) ||
        !read_sizes(inflate, precode, sizes, lengths + distances))
        return false;
    if (sizes[END_OF_BLOCK] == 0)
        return fail(inflate, "invalid code -- missing end-of-block");
    if (!pp_inflate_build_lengths(&inflate->tables, sizes, lengths))
        return fail(inflate, "invalid literal/lengths set");
    if (!pp_inflate_build_distances(&inflate->tables, sizes + lengths, distances))
        return fail(inflate, "invalid distances set");
    inflate->stage = PP_INFLATE_CODED;
    return true;
}

bool pp_inflate_begin_block(struct pp_inflate *inflate)
{
    if (!pp_inflate_need(inflate, 3))
        return false;
    inflate->last_block = pp_inflate_bits(inflate, 1) != 0;
    switch (pp_inflate_bits(inflate, 2)) {
    case 0:
        return begin_stored(inflate);
    case 1:
        pp_inflate_build_fixed(&inflate->tables);
        inflate->stage = PP_INFLATE_CODED;
        return true;
    case 2:
        return begin_dynamic(inflate);
    default:
        return fail(inflate, "invalid block type");
    }
}
