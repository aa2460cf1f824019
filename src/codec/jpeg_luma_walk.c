#include "codec/jpeg_luma_walk.h"

#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_turn.h"

/*
 * The loop has no jump that depends on the data, but for rare cases: a block's end only chooses the
 * next table. What each look waits for is the look before it: an entry's bits shift the buffer,
 * and its state chooses the table. All else goes on beside that.
 *
 * The lower byte of the state counts the bits consumed since the byte `at`: 0 to 7 before two
 * looks, of which neither takes more than PP_LUMA_LOOK_MAX + PP_LUMA_DC_MAX. The buffer has the 64
 * bits from there on before two looks.
 */
struct walker {
    struct pp_luma_turn turn;
    uint64_t bits; /* the next one uppermost */
    size_t at;     /* a byte of the data */
};

_Static_assert(7 + 2 * (PP_LUMA_LOOK_MAX + PP_LUMA_DC_MAX) < 64, "two looks go without a refill");

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

/* Those bits that are in the buffer still come once more, and are the same. */
PP_LUMA_INLINE void refill(struct walker *walker, const uint8_t *data)
{
    const uint64_t more = pp_luma_load(data + walker->at + 8) >> 1;

    walker->bits |= more >> (~walker->turn.state & 63);
    walker->at += walker->turn.state >> 3 & 31;
    walker->turn.state &= ~UINT64_C(0xF8);
}

PP_LUMA_INLINE size_t position(const struct walker *walker)
{
    return walker->at * 8 + (walker->turn.state & 255);
}

/* Go on at a bit of the data. */
PP_LUMA_INLINE void seek(struct walker *walker, const uint8_t *data, size_t position)
{
    walker->at = position >> 3;
    walker->turn.state = (walker->turn.state & 0xFF00) | (position & 7);
    walker->bits = pp_luma_load(data + walker->at) << (position & 7);
    refill(walker, data);
}

/* One look, and where it ends. False when nothing regular came of it; nothing has changed then. */
PP_LUMA_INLINE bool look(struct walker *walker, unsigned shift, uint32_t *ends)
{
    const uint64_t entry = walker->turn.table[walker->bits >> shift];
    const uint64_t after = walker->turn.state + entry, consumed = after & 255;

    if (__builtin_expect(after & (PP_LUMA_ODD << 8), 0))
        return false;
    walker->bits <<= entry & 63;
    walker->turn.state = after;
    ends[walker->turn.count] = (uint32_t)(walker->at * 8 + consumed);
    pp_luma_turn(&walker->turn, consumed);
    return true;
}

/* The entry for one symbol, whatever the length of its code; 0 when there is none. */
static uint32_t find_symbol(const struct pp_luma_coding *coding, unsigned bits, bool is_first,
                            bool dc_alone)
{
    const struct pp_luma_symbol symbol =
        pp_luma_codes_find(is_first ? &coding->dc : &coding->ac, bits);

    if (symbol.length == 0)
        return 0;
    return is_first ? pp_luma_dc_entry(symbol.value, symbol.length, dc_alone)
                    : pp_luma_ac_entry(symbol.value, symbol.length);
}

/* Take one symbol. False when there is none, or it goes over the end of the block. */
static bool step(struct walker *walker, const uint8_t *data, uint32_t *ends, bool dc_alone)
{
    const size_t at = position(walker);
    const unsigned bits = (unsigned)(pp_luma_peek(data, at) >> 48);
    const uint64_t before = walker->turn.state >> 8;

    const uint32_t entry = find_symbol(walker->turn.place->coding, bits, before == 0, dc_alone);
    uint64_t after = before + (entry >> 8);
    if (after == PP_LUMA_FULL)
        after = PP_LUMA_ENDED;
    if (entry == 0 || (after & PP_LUMA_ODD))
        return false;
    walker->turn.state = after << 8;
    seek(walker, data, at + (entry & 255));
    ends[walker->turn.count] = (uint32_t)position(walker);
    pp_luma_turn(&walker->turn, walker->turn.state & 255);
    return true;
}

/* Walk up to where blocks or data end; *stopped is the bit where it stands. */
PP_LUMA_HOT static size_t run(const struct pp_luma_walk *walk, const struct pp_luma_span *span,
                              size_t wanted, uint32_t *ends, size_t *stopped)
{
    const unsigned shift = 64 - walk->look;
    const uint8_t *const data = span->data;
    const size_t limit = (span->end >> 3) + 8;
    struct walker walker = {
        .turn = {.table = walk->places[walk->blocks - 1].next_first, .place = walk->places}};

    seek(&walker, data, span->begin);
    while (walker.turn.count < wanted && walker.at <= limit) {
        if (__builtin_expect(look(&walker, shift, ends) && look(&walker, shift, ends), 1)) {
            refill(&walker, data);
        } else {
            struct walker copy = walker; /* so that the loop's own can be in registers */
            if (!step(&copy, data, ends, walk->dc_alone))
                break;
            walker = copy;
        }
    }
    *stopped = position(&walker);
    return walker.turn.count;
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
