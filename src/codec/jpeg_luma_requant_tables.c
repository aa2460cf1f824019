#include "codec/jpeg_luma_requant.h"

#include <string.h>

#define ZEROS 0xF0u /* the symbol of 16 zeros */

_Static_assert(PP_LUMA_AC_MAX == 10 && PP_LUMA_DC_MAX == 11, "the largest values");

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
    pp_luma_symbols_fill(&requant->symbols, ac);
    fill_writes(requant);
}
