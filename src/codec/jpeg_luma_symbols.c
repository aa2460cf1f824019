#include "codec/jpeg_luma_symbols.h"

#include "codec/jpeg_luma_bits.h"

static uint32_t entry_of(unsigned bits, unsigned advance, uint32_t size)
{
    return size << 16 | advance << 8 | bits;
}

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

    if (symbol == 0xF0)
        return entry_of(length, 16, 0);
    if (size == 0 || size > PP_LUMA_AC_MAX)
        return entry_of(length, PP_LUMA_END, 0);
    if (length + size > known)
        return entry_of(length + size, run + 1, size) | PP_LUMA_LONG;
    return entry_of(length + size, run + 1, 0) | extend(bits << length, size);
}

void pp_luma_symbols_fill(struct pp_luma_symbols *symbols, const struct pp_luma_codes *codes)
{
    unsigned length = 1;

    symbols->codes = codes;
    for (unsigned i = 0; i < 1u << PP_LUMA_SYMBOL_BITS; i++) {
        const unsigned bits = i << (PP_LUMA_CODE_BITS - PP_LUMA_SYMBOL_BITS);
        while (length <= PP_LUMA_SYMBOL_BITS && bits >= codes->limit[length])
            length++;
        symbols->entries[i] = PP_LUMA_LONG;
        if (length > PP_LUMA_SYMBOL_BITS)
            continue;
        const int32_t code = (int32_t)(bits >> (PP_LUMA_CODE_BITS - length));
        const uint8_t symbol = codes->symbols[(uint8_t)(codes->first[length] + code)];
        symbols->entries[i] = describe(symbol, length, (uint64_t)bits << 48, PP_LUMA_SYMBOL_BITS);
    }
}

uint32_t pp_luma_symbols_find(const struct pp_luma_symbols *symbols, uint32_t entry, uint64_t bits)
{
    if ((entry & 63) == 0) {
        const struct pp_luma_symbol found =
            pp_luma_codes_find(symbols->codes, (unsigned)(bits >> 48));
        return found.length == 0 ? entry_of(0, PP_LUMA_END, 0)
                                 : describe(found.value, found.length, bits, 64);
    }
    const unsigned size = entry >> 16, length = (entry & 63) - size;
    return entry_of(length + size, entry >> 8 & 127, 0) | extend(bits << length, size);
}
