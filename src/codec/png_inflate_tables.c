#include "codec/png_inflate_tables.h"

#include <stddef.h>
#include <string.h>

/* A code on its way to a table. */
struct code {
    const uint8_t *sizes; /* by symbol */
    unsigned count;       /* of symbols */
    const uint32_t *meanings;
    unsigned bits_max; /* of the first level */
    bool gaps;         /* a single code of one bit, or none, will do */

    unsigned lengths[PP_CODE_BITS_MAX + 1]; /* codes by length */
    unsigned longest;
    uint16_t sorted[PP_LENGTH_SYMBOLS]; /* symbols by length, then by number */
};

#define LITERAL(v)        ((uint32_t)(v) << 16 | PP_ENTRY_LITERAL | 0x100)
#define BASE(base, extra) ((uint32_t)(base) << 16 | (extra))
#define INVALID           PP_ENTRY_EXCEPTIONAL

#define LITERALS_4(v)  LITERAL(v), LITERAL((v) + 1), LITERAL((v) + 2), LITERAL((v) + 3)
#define LITERALS_16(v) LITERALS_4(v), LITERALS_4((v) + 4), LITERALS_4((v) + 8), LITERALS_4((v) + 12)
#define LITERALS_64(v)                                                                             \
    LITERALS_16(v), LITERALS_16((v) + 16), LITERALS_16((v) + 32), LITERALS_16((v) + 48)

/* RFC 1951, 3.2.5, without the bits of the code itself. */
static const uint32_t length_meanings[PP_LENGTH_SYMBOLS] = {
    LITERALS_64(0),
    LITERALS_64(64),
    LITERALS_64(128),
    LITERALS_64(192),
    PP_ENTRY_EXCEPTIONAL | PP_ENTRY_END,
    BASE(3, 0),
    BASE(4, 0),
    BASE(5, 0),
    BASE(6, 0),
    BASE(7, 0),
    BASE(8, 0),
    BASE(9, 0),
    BASE(10, 0),
    BASE(11, 1),
    BASE(13, 1),
    BASE(15, 1),
    BASE(17, 1),
    BASE(19, 2),
    BASE(23, 2),
    BASE(27, 2),
    BASE(31, 2),
    BASE(35, 3),
    BASE(43, 3),
    BASE(51, 3),
    BASE(59, 3),
    BASE(67, 4),
    BASE(83, 4),
    BASE(99, 4),
    BASE(115, 4),
    BASE(131, 5),
    BASE(163, 5),
    BASE(195, 5),
    BASE(227, 5),
    BASE(258, 0),
    INVALID,
    INVALID,
};
static const uint32_t distance_meanings[PP_DISTANCE_SYMBOLS] = {
    BASE(1, 0),     BASE(2, 0),     BASE(3, 0),      BASE(4, 0),      BASE(5, 1),
    BASE(7, 1),     BASE(9, 2),     BASE(13, 2),     BASE(17, 3),     BASE(25, 3),
    BASE(33, 4),    BASE(49, 4),    BASE(65, 5),     BASE(97, 5),     BASE(129, 6),
    BASE(193, 6),   BASE(257, 7),   BASE(385, 7),    BASE(513, 8),    BASE(769, 8),
    BASE(1025, 9),  BASE(1537, 9),  BASE(2049, 10),  BASE(3073, 10),  BASE(4097, 11),
    BASE(6145, 11), BASE(8193, 12), BASE(12289, 12), BASE(16385, 13), BASE(24577, 13),
    INVALID,        INVALID,
};
static const uint32_t precode_meanings[PP_PRECODE_SYMBOLS] = {
    BASE(0, 0),  BASE(1, 0),  BASE(2, 0),  BASE(3, 0),  BASE(4, 0),  BASE(5, 0),  BASE(6, 0),
    BASE(7, 0),  BASE(8, 0),  BASE(9, 0),  BASE(10, 0), BASE(11, 0), BASE(12, 0), BASE(13, 0),
    BASE(14, 0), BASE(15, 0), BASE(16, 2), BASE(17, 3), BASE(18, 7),
};

/* The entry of a symbol with `bits` of its code left to use. */
static uint32_t entry_of(uint32_t meaning, unsigned bits)
{
    return meaning + bits + (meaning & PP_ENTRY_LITERAL ? 0 : bits << 8);
}

/* Count and sort; false when the lengths are no code. */
static bool sort_symbols(struct code *code)
{
    unsigned place[PP_CODE_BITS_MAX + 2] = {0};
    int left = 1;

    for (unsigned i = 0; i < code->count; i++)
        code->lengths[code->sizes[i]]++;
    code->lengths[0] = 0;
    for (unsigned bits = 1; bits <= PP_CODE_BITS_MAX; bits++) {
        left = left * 2 - (int)code->lengths[bits];
        if (left < 0)
            return false;
        place[bits + 1] = place[bits] + code->lengths[bits];
        if (code->lengths[bits] > 0)
            code->longest = bits;
    }
    for (unsigned i = 0; i < code->count; i++) {
        if (code->sizes[i] > 0)
            code->sorted[place[code->sizes[i]]++] = (uint16_t)i;
    }
    return left == 0 || (code->gaps && code->longest <= 1);
}

/* A table of one bit for a code with at most one symbol. */
static void fill_tiny(const struct code *code, uint32_t *table)
{
    table[0] = entry_of(INVALID, 1);
    table[1] = entry_of(INVALID, 1);
    if (code->longest == 1)
        table[0] = entry_of(code->meanings[code->sorted[0]], 1);
}

/* The next code of the same length; codes are held with their first bit lowest, as they are read,
 * and so count up from the highest bit. */
static unsigned next_word(unsigned word, unsigned bits)
{
    unsigned clear = ~word & ((1u << bits) - 1);

    if (clear == 0)
        return 0;
    unsigned top = 1u << (31 - __builtin_clz(clear));
    return (word & (top - 1)) | top;
}

/* How many bits the second level for codes from `bits` on needs so that all fit that share their
 * first `first` bits; `rest` of the codes of that length are still to come. */
static unsigned second_bits(const struct code *code, unsigned bits, unsigned rest, unsigned first)
{
    unsigned wanted = bits - first, filled = rest;

    while (filled < 1u << wanted && wanted + first < code->longest) {
        wanted++;
        filled = filled * 2 + code->lengths[wanted + first];
    }
    return wanted;
}

/* The codes too long for the first level; `word` is the first of length `bits`, `at` its symbol's
 * place among the sorted ones. */
static void fill_second(const struct code *code, uint32_t *table, unsigned first, unsigned bits,
                        unsigned word, unsigned at)
{
    unsigned end = 1u << first, start = 0, width = 0, prefix = ~0u;

    for (; bits <= code->longest; bits++) {
        for (unsigned i = 0; i < code->lengths[bits]; i++, at++) {
            unsigned low = word & ((1u << first) - 1);
            if (low != prefix) {
                prefix = low;
                start = end;
                width = second_bits(code, bits, code->lengths[bits] - i, first);
                end = start + (1u << width);
                table[low] =
                    PP_ENTRY_EXCEPTIONAL | PP_ENTRY_POINTER | start << 16 | width << 8 | first;
            }
            uint32_t entry = entry_of(code->meanings[code->sorted[at]], bits - first);
            for (unsigned j = word >> first; j < 1u << width; j += 1u << (bits - first))
                table[start + j] = entry;
            word = next_word(word, bits);
        }
    }
}

/* Both levels. A first level that is full for codes of up to n bits is doubled by a copy for those
 * of n + 1. */
static unsigned fill(const struct code *code, uint32_t *table)
{
    unsigned first = code->longest < code->bits_max ? code->longest : code->bits_max;
    unsigned word = 0, at = 0, bits = 1;

    for (; bits <= first; bits++) {
        for (unsigned i = 0; i < code->lengths[bits]; i++) {
            table[word] = entry_of(code->meanings[code->sorted[at++]], bits);
            word = next_word(word, bits);
        }
        if (bits < first)
            memcpy(table + (1u << bits), table, sizeof(*table) << bits);
    }
    if (code->longest > first)
        fill_second(code, table, first, bits, word, at);
    return first;
}

static bool build(struct code *code, uint32_t *table, unsigned *table_bits)
{
    if (!sort_symbols(code))
        return false;
    if (code->longest == 0 || (code->longest == 1 && code->lengths[1] == 1)) {
        fill_tiny(code, table);
        *table_bits = 1;
    } else {
        *table_bits = fill(code, table);
    }
    return true;
}

bool pp_inflate_build_precode(uint32_t *table, const uint8_t *sizes)
{
    struct code code = {.sizes = sizes,
                        .count = PP_PRECODE_SYMBOLS,
                        .meanings = precode_meanings,
                        .bits_max = PP_PRECODE_BITS};
    unsigned bits = 0;

    if (!build(&code, table, &bits))
        return false;
    for (; bits < PP_PRECODE_BITS; bits++)
        memcpy(table + (1u << bits), table, sizeof(*table) << bits);
    return true;
}

bool pp_inflate_build_lengths(struct pp_inflate_tables *tables, const uint8_t *sizes,
                              unsigned count)
{
    struct code code = {.sizes = sizes,
                        .count = count,
                        .meanings = length_meanings,
                        .bits_max = PP_LENGTH_BITS,
                        .gaps = true};

    tables->fixed = false;
    return build(&code, tables->lengths, &tables->length_bits);
}

bool pp_inflate_build_distances(struct pp_inflate_tables *tables, const uint8_t *sizes,
                                unsigned count)
{
    struct code code = {.sizes = sizes,
                        .count = count,
                        .meanings = distance_meanings,
                        .bits_max = PP_DISTANCE_BITS,
                        .gaps = true};

    tables->fixed = false;
    return build(&code, tables->distances, &tables->distance_bits);
}

void pp_inflate_build_fixed(struct pp_inflate_tables *tables)
{
    uint8_t sizes[PP_LENGTH_SYMBOLS];

    if (tables->fixed)
        return;
    for (unsigned i = 0; i < PP_LENGTH_SYMBOLS; i++)
        sizes[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    tables->fixed = pp_inflate_build_lengths(tables, sizes, PP_LENGTH_SYMBOLS);
    memset(sizes, 5, PP_DISTANCE_SYMBOLS);
    tables->fixed = pp_inflate_build_distances(tables, sizes, PP_DISTANCE_SYMBOLS);
}
