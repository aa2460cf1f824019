#include "codec/jpeg_luma_tables.h"

#include <stddef.h>
#include <string.h>

/* An entry that advances by so many coefficients. The uppermost bit says that it ends a block. */
#define ADVANCE(entry) (((entry) >> 8) & 127u)

/* Beyond that many, a sum could come round to a state that is not odd. */
#define ADVANCE_MAX 63u

static uint16_t entry_of(unsigned advance, unsigned bits)
{
    return (uint16_t)(advance << 8 | bits);
}

uint16_t pp_luma_ac_entry(unsigned symbol, unsigned length)
{
    unsigned run = symbol >> 4, size = symbol & 15;

    if (symbol == 0x00)
        return entry_of(PP_LUMA_ENDED, length);
    if (symbol == 0xF0)
        return entry_of(16, length);
    if (size == 0 || size > PP_LUMA_AC_MAX)
        return 0;
    return entry_of(run + 1, length + size);
}

uint16_t pp_luma_dc_entry(unsigned category, unsigned length, bool ends)
{
    if (category > PP_LUMA_DC_MAX)
        return 0;
    return entry_of(ends ? 1 | PP_LUMA_ENDED : 1, length + category);
}

/* `to` becomes what follows from `rest`, with `before` in front of it as far as it is sound. */
static void put_before(uint16_t *restrict to, const uint16_t *restrict rest, size_t count,
                       uint16_t before)
{
    const unsigned room = ADVANCE_MAX - ADVANCE(before);

    for (size_t i = 0; i < count; i++) {
        uint16_t both = (uint16_t)(before + rest[i]);
        to[i] = ADVANCE(rest[i]) <= room ? both : before;
    }
}

/* All entries for what begins with a symbol: `from` .. `from + count`, of tables of `look` address
 * bits. `smaller` has the tables of AC symbols, NULL when none follow. */
static void fill(uint16_t *from, size_t count, uint16_t symbol, unsigned look,
                 const struct pp_luma_ac_table *smaller)
{
    const unsigned bits = symbol & 255u;
    size_t done = 1;

    if (bits == 0 || bits >= look || (symbol >> 8 & PP_LUMA_ENDED) || !smaller) {
        from[0] = symbol;
    } else {
        done = (size_t)1 << (look - bits);
        put_before(from, smaller->entries + done, done, symbol);
    }
    for (; done < count; done *= 2)
        memcpy(from + done, from, done * sizeof(*from));
}

/* Call fill() for each symbol whose code is no longer than the look; returns the entries filled. */
static size_t fill_all(uint16_t *entries, const struct pp_luma_codes *codes, unsigned look,
                       const struct pp_luma_ac_table *smaller,
                       uint16_t (*entry)(unsigned, unsigned))
{
    size_t at = 0;

    for (unsigned length = 1; length <= look; length++) {
        const size_t count = (size_t)1 << (look - length);
        const size_t end = codes->limit[length] >> (PP_LUMA_CODE_BITS - look);
        for (; at < end; at += count) {
            int32_t code = (int32_t)(at >> (look - length));
            uint8_t symbol = codes->symbols[(uint8_t)(codes->first[length] + code)];
            fill(entries + at, count, entry(symbol, length), look, smaller);
        }
    }
    return at;
}

static void mark_missing(uint16_t *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        entries[i] = entries[i] ? entries[i] : PP_LUMA_NO_ENTRY;
}

void pp_luma_ac_table_build(struct pp_luma_ac_table *table, const struct pp_luma_codes *ac,
                            unsigned look)
{
    table->entries[1] = 0;
    for (unsigned bits = 1; bits <= look; bits++) {
        uint16_t *entries = table->entries + ((size_t)1 << bits);
        size_t filled = fill_all(entries, ac, bits, table, pp_luma_ac_entry);
        memset(entries + filled, 0, (((size_t)1 << bits) - filled) * sizeof(*entries));
    }
    mark_missing(table->entries + ((size_t)1 << look), (size_t)1 << look);
}

static uint16_t dc_begins(unsigned category, unsigned length)
{
    return pp_luma_dc_entry(category, length, false);
}

static uint16_t dc_is_all(unsigned category, unsigned length)
{
    return pp_luma_dc_entry(category, length, true);
}

void pp_luma_first_table_build(struct pp_luma_first_table *table, const struct pp_luma_codes *dc,
                               const struct pp_luma_ac_table *ac, unsigned look)
{
    size_t filled = fill_all(table->entries, dc, look, ac, ac ? dc_begins : dc_is_all);

    memset(table->entries + filled, 0, (((size_t)1 << look) - filled) * sizeof(table->entries[0]));
    mark_missing(table->entries, (size_t)1 << look);
}

void pp_luma_bit_table_build(struct pp_luma_first_table *table, unsigned look)
{
    for (size_t i = 0; i < (size_t)1 << look; i++)
        table->entries[i] = pp_luma_dc_entry(0, 1, true);
}
