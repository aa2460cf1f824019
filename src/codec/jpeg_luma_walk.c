#include "codec/jpeg_luma_walk.h"

#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_turn.h"

/*
 * The loops have no jump that depends on the data, but for rare cases: a block's end only chooses
 * the next table. What each look waits for is the look before it: an entry's bits shift the buffer,
 * and its state chooses the table. All else goes on beside that, even a second walk: two go through
 * the data at once, one of them from a place in the middle where it can only suppose that an MCU
 * begins. It is wrong at first, but codes like these fall into step by themselves (Klein and
 * Wiseman, "Parallel Huffman decoding with applications to JPEG files", 2003), here within some
 * hundred bytes. From the first MCU on whose beginning both agree, what the second one found is
 * what the first one would find.
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

/* Bits of a block, until it is known better. */
#define FIRST_MEAN 50

/* Bits for which two walks at once are worth while. */
#define WORTH_TWO ((size_t)2048 * 8)

/* MCUs by which the first walk goes on until it meets the second. */
#define APPROACH 4

_Static_assert(7 + 2 * (PP_LUMA_LOOK_MAX + PP_LUMA_DC_MAX) < 64, "two looks go without a refill");

void pp_luma_walk_begin(struct pp_luma_walk *walk, const struct pp_luma_coding *const codings[],
                        unsigned blocks, uint32_t *other)
{
    walk->blocks = blocks;
    walk->mean = FIRST_MEAN;
    walk->other = other;
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

/* At the first block of an MCU. */
static void start(struct walker *walker, const struct pp_luma_walk *walk, const uint8_t *data,
                  size_t position)
{
    walker->turn = (struct pp_luma_turn){.table = walk->places[walk->blocks - 1].next_first,
                                         .place = walk->places};
    seek(walker, data, position);
}

/* Walk on until there are `wanted` blocks or the data ends; false when it is not sound. */
PP_LUMA_HOT static bool run(struct walker *result, const struct pp_luma_walk *walk,
                            const struct pp_luma_span *span, size_t wanted, uint32_t *ends)
{
    const unsigned shift = 64 - walk->look;
    const uint8_t *const data = span->data;
    const size_t limit = (span->end >> 3) + 8;
    struct walker walker = *result;
    bool sound = true;

    while (sound && walker.turn.count < wanted && walker.at <= limit) {
        if (__builtin_expect(look(&walker, shift, ends) && look(&walker, shift, ends), 1)) {
            refill(&walker, data);
        } else {
            struct walker copy = walker; /* so that the loop's own can be in registers */
            sound = step(&copy, data, ends, walk->dc_alone);
            walker = copy;
        }
    }
    *result = walker;
    return sound;
}

/* ---- two walks ------------------------------------------------------------------------------ */

struct pair {
    struct walker first, second;
    size_t middle;  /* the bit where the second began */
    uint32_t *ends; /* the first one's, from its second entry on */
};

/* Where looks do not serve, take one symbol. The second walk may be out of step; when it comes to
 * nothing it begins anew. */
static bool mend(struct pair *pair, const struct pp_luma_walk *walk,
                 const struct pp_luma_span *span)
{
    const unsigned shift = 64 - walk->look;
    struct walker *second = &pair->second;

    if (!look(&pair->first, shift, pair->ends) &&
        !step(&pair->first, span->data, pair->ends, false))
        return false;
    if (!look(second, shift, walk->other + 1) &&
        !step(second, span->data, walk->other + 1, false)) {
        pair->middle = position(second) + 8;
        start(second, walk, span->data, pair->middle);
    }
    refill(&pair->first, span->data);
    refill(second, span->data);
    return true;
}

/* Walk on with both, until the first comes to the middle or one of them can do no more. */
PP_LUMA_HOT static void run_pair(struct pair *result, const struct pp_luma_walk *walk,
                                 const struct pp_luma_span *span, size_t wanted)
{
    const unsigned shift = 64 - walk->look;
    const uint8_t *const data = span->data;
    const size_t limit = (span->end >> 3) + 8, middle = result->middle >> 3;
    uint32_t *const ends = result->ends, *const other = walk->other + 1;
    struct walker first = result->first, second = result->second;
    bool sound = true;

    while (sound && first.at < middle && first.turn.count < wanted && second.at <= limit &&
           second.turn.count < PP_LUMA_BLOCKS) {
        bool found = look(&first, shift, ends);
        found &= look(&second, shift, other);
        found &= look(&first, shift, ends);
        found &= look(&second, shift, other);
        refill(&first, data);
        refill(&second, data);
        if (__builtin_expect(!found, 0)) {
            struct pair copy = {first, second, result->middle, ends};
            sound = mend(&copy, walk, span);
            first = copy.first;
            second = copy.second;
            result->middle = copy.middle;
        }
    }
    result->first = first;
    result->second = second;
}

/* Blocks of both walks, and those of them that are known to be different. */
struct meeting {
    size_t first, second;
};

/* Whether there is an MCU on whose beginning they agree; else more blocks of the one whose number
 * is beyond its count are needed. */
static bool meet(struct meeting *meeting, const struct pair *pair, const struct pp_luma_walk *walk)
{
    const uint32_t *first = pair->ends - 1, *second = walk->other;

    while (meeting->first <= pair->first.turn.count && meeting->second <= pair->second.turn.count) {
        if (first[meeting->first] == second[meeting->second])
            return true;
        if (first[meeting->first] < second[meeting->second])
            meeting->first += walk->blocks;
        else
            meeting->second += walk->blocks;
    }
    return false;
}

/* From the middle on let the first walk alone go on until they meet; the blocks there are then. */
static size_t join(struct pair *pair, const struct pp_luma_walk *walk,
                   const struct pp_luma_span *span, size_t wanted)
{
    struct meeting meeting = {0, 0};
    const size_t approach = (size_t)APPROACH * walk->blocks;
    const size_t *const count = &pair->first.turn.count;

    walk->other[0] = (uint32_t)pair->middle;
    while (!meet(&meeting, pair, walk)) {
        const size_t next = *count + approach < wanted ? *count + approach : wanted;
        if (meeting.second > pair->second.turn.count || *count >= wanted ||
            pair->first.at > (span->end >> 3) + 8 ||
            !run(&pair->first, walk, span, next, pair->ends))
            return *count < wanted ? *count : wanted;
    }
    if (meeting.first >= wanted)
        return wanted;
    size_t more = pair->second.turn.count - meeting.second;
    if (more > wanted - meeting.first)
        more = wanted - meeting.first;
    memcpy(pair->ends + meeting.first, walk->other + 1 + meeting.second, more * sizeof(uint32_t));
    return meeting.first + more;
}

/* The bits that the wanted blocks will take, as far as there are so many. */
static size_t reach(const struct pp_luma_walk *walk, const struct pp_luma_span *span, size_t begin,
                    size_t wanted)
{
    const size_t likely = wanted * walk->mean, left = span->end - begin;

    return likely < left ? likely : left;
}

/* Of `count` blocks those of whole MCUs within the data. */
static size_t whole(const struct pp_luma_walk *walk, const struct pp_luma_span *span,
                    const uint32_t *ends, size_t count)
{
    while (count > 0 && ends[count] > span->end)
        count--;
    return count - count % walk->blocks;
}

/* Walk from ends[0] on; the blocks of whole MCUs found, which may be less than there are. */
static size_t walk_twice(struct pp_luma_walk *walk, const struct pp_luma_span *span, size_t wanted,
                         uint32_t *ends)
{
    const size_t middle = ends[0] + reach(walk, span, ends[0], wanted) / 2;
    struct pair pair = {.middle = middle, .ends = ends + 1};

    start(&pair.first, walk, span->data, ends[0]);
    start(&pair.second, walk, span->data, middle);
    run_pair(&pair, walk, span, wanted);
    const size_t count = whole(walk, span, ends, join(&pair, walk, span, wanted));
    if (count > 0)
        walk->mean = (ends[count] - ends[0]) / count + 1;
    return count;
}

size_t pp_luma_walk(struct pp_luma_walk *walk, const struct pp_luma_span *span, size_t wanted,
                    uint32_t *ends, bool *sound)
{
    struct walker walker;
    size_t count = 0, more = 1;

    ends[0] = (uint32_t)span->begin;
    while (more > 0 && count < wanted && !walk->dc_alone &&
           reach(walk, span, ends[count], wanted - count) >= WORTH_TWO) {
        more = walk_twice(walk, span, wanted - count, ends + count);
        count += more;
    }
    start(&walker, walk, span->data, ends[count]);
    *sound = run(&walker, walk, span, wanted - count, ends + count + 1);
    count += walker.turn.count;
    /* Where data is missing, zeros were read instead of it. Symbols end at most 32 bits behind
     * where they begin. */
    *sound = count >= wanted || (!span->last && position(&walker) + 64 > span->end);
    return whole(walk, span, ends, count < wanted ? count : wanted);
}

_Static_assert(PP_LUMA_CODE_BITS + PP_LUMA_DC_MAX <= 32, "a symbol has at most 32 bits");
