#include "codec/jpeg_luma_walk.h"

#include "codec/jpeg_luma_bits.h"

/*
 * The loop has no jump that depends on the data, but for rare cases: a block's end only chooses the
 * next table. What each look waits for is the look before it: an entry's bits shift the buffer,
 * and its state chooses the table. All else goes on beside that.
 *
 * `state` has the state of the block (jpeg_luma_tables.h) in bits 8 to 15 and the bits at hand in
 * the lower ones. The buffer has 56 bits or more before two looks, of which neither takes more than
 * PP_LUMA_LOOK_MAX + PP_LUMA_DC_MAX.
 */
struct walker {
    uint64_t bits;       /* the next one uppermost */
    const uint8_t *next; /* bytes not yet counted in the bits at hand */
    uint32_t state;
    const uint16_t *table;
    const struct pp_luma_place *place;
};

_Static_assert(2 * (PP_LUMA_LOOK_MAX + PP_LUMA_DC_MAX) <= 56, "two looks go without a refill");

void pp_luma_walk_begin(struct pp_luma_walk *walk, const struct pp_luma_coding *const codings[],
                        unsigned blocks)
{
    walk->blocks = blocks;
    for (unsigned i = 0; i < blocks; i++) {
        unsigned next = i + 1 < blocks ? i + 1 : 0;
        walk->places[i] = (struct pp_luma_place){
            .rest = codings[i]->rest.entries + ((size_t)1 << walk->look),
            .next_first = codings[next]->first.entries,
            .next = &walk->places[next],
            .coding = codings[i],
        };
    }
}

/* Bits come from 8 bytes wherever they stand; those counted already are the same ones again. */
PP_LUMA_INLINE void refill(struct walker *walker)
{
    walker->bits |= pp_luma_load(walker->next) >> (walker->state & 63);
    walker->next += ((walker->state & 63) ^ 63) >> 3;
    walker->state |= 56;
}

PP_LUMA_INLINE size_t position(const struct walker *walker, const uint8_t *data)
{
    return ((size_t)(walker->next - data) << 3) - (walker->state & 63);
}

PP_LUMA_INLINE void seek(struct walker *walker, const uint8_t *data, size_t at)
{
    const uint32_t within = (uint32_t)(at & 7);

    walker->next = data + (at >> 3);
    walker->bits = 0;
    walker->state &= 0xFF00;
    refill(walker);
    walker->bits <<= within;
    walker->state -= within;
    refill(walker);
}

/* One look. False when what it would lead to is not sound; nothing has changed then. */
PP_LUMA_INLINE bool look(struct walker *walker, unsigned shift)
{
    const uint32_t entry = walker->table[walker->bits >> shift];
    const uint32_t after = walker->state - entry;

    if (__builtin_expect(pp_luma_unsound[(after >> 8) & 255], 0))
        return false;
    walker->state = after;
    walker->bits <<= entry & 63;
    return true;
}

/* At a block's end go on to the next; 1 then, else 0. */
PP_LUMA_INLINE size_t advance(struct walker *walker)
{
    const uint32_t ended = walker->state & (PP_LUMA_ENDED << 8);
    const struct pp_luma_place *place = walker->place;

    walker->table = PP_LUMA_EVEN(ended) ? place->next_first : place->rest;
    walker->place = PP_LUMA_EVEN(ended) ? place->next : place;
    walker->state =
        PP_LUMA_EVEN(ended) ? (walker->state & 255) | PP_LUMA_BEGIN << 8 : walker->state;
    return ended >> 15;
}

/* Take one symbol, whatever the length of its code. False when there is none, or it goes over the
 * end of the block. */
static bool step(struct walker *walker, const uint8_t *data, bool dc_alone)
{
    const bool is_first = walker->state >> 8 == PP_LUMA_BEGIN;
    const struct pp_luma_coding *coding = walker->place->coding;
    const size_t at = position(walker, data);
    const unsigned bits = (unsigned)(pp_luma_peek(data, at) >> 48);

    struct pp_luma_symbol symbol = pp_luma_codes_find(is_first ? &coding->dc : &coding->ac, bits);
    if (symbol.length == 0)
        return false;
    const uint32_t entry = is_first ? pp_luma_dc_entry(symbol.value, symbol.length, dc_alone)
                                    : pp_luma_ac_entry(symbol.value, symbol.length);
    const uint32_t after = walker->state - (entry & 0xFF00);
    if (entry == 0 || pp_luma_unsound[(after >> 8) & 255])
        return false;
    walker->state = after & 0xFFFF;
    seek(walker, data, at + (entry & 255));
    return true;
}

/* Where the walk stops for another reason than that it has all blocks: *sound is false when a look
 * failed. The place must be that of the block at hand. */
PP_LUMA_HOT static size_t run(const struct pp_luma_walk *walk, const struct pp_luma_span *span,
                              size_t wanted, uint32_t *ends, size_t *stopped)
{
    const unsigned shift = 64 - walk->look;
    const uint8_t *const data = span->data, *const limit = data + (span->end >> 3) + 8;
    struct walker walker = {.state = PP_LUMA_BEGIN << 8,
                            .table = walk->places[walk->blocks - 1].next_first,
                            .place = walk->places};
    size_t count = 0;

    seek(&walker, data, span->begin);
    while (count < wanted && walker.next <= limit) {
        bool found = look(&walker, shift);
        if (__builtin_expect(found, 1)) {
            ends[count] = (uint32_t)position(&walker, data);
            count += advance(&walker);
            found = look(&walker, shift);
        }
        if (__builtin_expect(!found, 0) && !step(&walker, data, walk->dc_alone))
            break;
        ends[count] = (uint32_t)position(&walker, data);
        count += advance(&walker);
        refill(&walker);
    }
    *stopped = position(&walker, data);
    return count;
}

size_t pp_luma_walk(const struct pp_luma_walk *walk, const struct pp_luma_span *span, size_t wanted,
                    uint32_t *ends, bool *sound)
{
    size_t stopped;

    ends[0] = (uint32_t)span->begin;
    size_t count = run(walk, span, wanted, ends + 1, &stopped);
    /* Where data is missing, zeros were read instead of it. Symbols end at most 32 bits behind
     * where they begin. */
    *sound = count >= wanted || (!span->last && stopped + 64 > span->end);
    if (count > wanted)
        count = wanted;
    while (count > 0 && ends[count] > span->end)
        count--;
    return count - count % walk->blocks;
}

_Static_assert(PP_LUMA_CODE_BITS + PP_LUMA_DC_MAX <= 32, "a symbol has at most 32 bits");
