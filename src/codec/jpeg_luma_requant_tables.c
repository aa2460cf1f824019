#include "codec/jpeg_luma_requant.h"

#include <string.h>

#include "codec/jpeg_luma_bits.h"

#define ZEROS 0xF0u /* the symbol of 16 zeros */

_Static_assert(PP_LUMA_AC_MAX == 10 && PP_LUMA_DC_MAX == 11, "the largest values");

static uint32_t entry_of(unsigned bits, unsigned advance, uint32_t size)
{
    return size << 16 | advance << 8 | bits;
}

/* ---- symbols -------------------------------------------------------------------------------- */

/* F.2.2.1: the coefficient that the `size` uppermost bits tell; what begins with a zero is
 * negative. */
PP_LUMA_INLINE uint32_t extend(uint64_t bits, unsigned size)
{
    const uint32_t extra = (uint32_t)pp_luma_top(bits, size);

    return bits >> 63 ? extra << 16 : (extra ^ ((1u << size) - 1)) << 16 | PP_LUMA_NEGATIVE;
}

/* The entry for a symbol whose code of `length` bits, uppermost in `bits`, is at hand, of which
 * `known` bits are. */
static uint32_t describe(unsigned symbol, unsigned length, uint64_t bits, unsigned known)
{
    const unsigned run = symbol >> 4, size = symbol & 15;

    if (symbol == ZEROS)
        return entry_of(length, 16, 0);
    if (size == 0 || size > PP_LUMA_AC_MAX)
        return entry_of(length, PP_LUMA_END, 0);
    if (length + size > known)
        return entry_of(length + size, run + 1, size) | PP_LUMA_LONG;
    return entry_of(length + size, run + 1, 0) | extend(bits << length, size);
}

static void fill_symbols(struct pp_luma_requant *requant)
{
    const struct pp_luma_codes *codes = requant->codes;
    unsigned length = 1;

    for (unsigned i = 0; i < 1u << PP_LUMA_SYMBOL_BITS; i++) {
        const unsigned bits = i << (PP_LUMA_CODE_BITS - PP_LUMA_SYMBOL_BITS);
        while (length <= PP_LUMA_SYMBOL_BITS && bits >= codes->limit[length])
            length++;
        requant->symbols[i] = PP_LUMA_LONG;
        if (length > PP_LUMA_SYMBOL_BITS)
            continue;
        const int32_t code = (int32_t)(bits >> (PP_LUMA_CODE_BITS - length));
        const uint8_t symbol = codes->symbols[(uint8_t)(codes->first[length] + code)];
        requant->symbols[i] = describe(symbol, length, (uint64_t)bits << 48, PP_LUMA_SYMBOL_BITS);
    }
}

uint32_t pp_luma_requant_find(const struct pp_luma_requant *requant, uint32_t entry, uint64_t bits)
{
    if ((entry & 63) == 0) {
        const struct pp_luma_symbol found =
            pp_luma_codes_find(requant->codes, (unsigned)(bits >> 48));
        return found.length == 0 ? entry_of(0, PP_LUMA_END, 0)
                                 : describe(found.value, found.length, bits, 64);
    }
    const unsigned size = entry >> 16, length = (entry & 63) - size;
    return entry_of(length + size, entry >> 8 & 127, 0) | extend(bits << length, size);
}

/* ---- writes --------------------------------------------------------------------------------- */

/* Codes by symbol: code << 8 | its bits. */
static void derive(const struct pp_luma_huffman *huffman, uint32_t codes[256])
{
    uint32_t code = 0;
    unsigned number = 0;

    for (unsigned length = 1; length <= PP_LUMA_CODE_BITS; length++) {
        for (unsigned i = 0; i < huffman->counts[length]; i++)
            codes[huffman->symbols[number++]] = code++ << 8 | length;
        code <<= 1;
    }
}

static uint64_t write_of(const uint32_t codes[256], unsigned run, unsigned size)
{
    uint64_t bits = 0;
    unsigned length = 0;

    if (run >= 48)
        return PP_LUMA_TOO_LONG;
    for (; run >= 16; run -= 16) {
        bits = bits << (codes[ZEROS] & 255) | codes[ZEROS] >> 8;
        length += codes[ZEROS] & 255;
    }
    const uint32_t code = codes[run << 4 | size];
    bits = (bits << (code & 255) | code >> 8) << size;
    return bits << 6 | (length + (code & 255) + size);
}

static void fill_writes(struct pp_luma_requant *requant)
{
    uint64_t *const writes = requant->writes;
    uint32_t codes[256] = {0};

    memset(writes, 0, sizeof(requant->writes));
    derive(&pp_luma_standard_dc, codes);
    for (unsigned i = 0; i <= PP_LUMA_DC_MAX; i++)
        writes[PP_LUMA_MEAN_ROW << 4 | i] = write_of(codes, 0, i);
    derive(&pp_luma_standard_ac, codes);
    for (unsigned i = 0; i < PP_LUMA_FULL_ROW << 4; i++)
        writes[i] =
            (i & 15) > 0 && (i & 15) <= PP_LUMA_AC_MAX ? write_of(codes, i >> 4, i & 15) : 0;
    for (unsigned i = PP_LUMA_FULL_ROW + 1; i < PP_LUMA_END_NUMBER; i++)
        writes[i << 4] = (uint64_t)(codes[0] >> 8) << 6 | (codes[0] & 255);
    requant->zeros = codes[ZEROS];
    requant->categories[0] = 0;
    for (unsigned i = 1; i < sizeof(requant->categories); i++)
        requant->categories[i] = (uint8_t)(32 - __builtin_clz(i));
}

void pp_luma_requant_set_steps(struct pp_luma_requant *requant, const uint16_t from[64],
                               const uint16_t to[64])
{
    for (unsigned i = 0; i < 64; i++)
        requant->ratios[i] = pp_luma_ratio(from[i], to[i]);
}

void pp_luma_requant_begin(struct pp_luma_requant *requant, const struct pp_luma_codes *ac)
{
    requant->codes = ac;
    fill_symbols(requant);
    fill_writes(requant);
}
