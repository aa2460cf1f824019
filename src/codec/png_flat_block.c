#include "codec/png_flat_block.h"

#include <string.h>

#include "codec/png_flat_code.h"

/* RFC 1951, 3.2.3: kinds of blocks. */
enum kind { STORED = 0, FIXED = 1, DYNAMIC = 2 };

#define STORED_MAX       65535u
#define STORED_HEAD_BITS (3 + 7 + 32) /* at most: the bits to a whole byte are 7 at most */
/* What a block of its own must save: its head takes about that much. */
#define BLOCK_HEAD_BITS 800u
/* Bytes that the last few bits and an empty stored block take at most, and a store too far. */
#define END_ROOM 24u

/* RFC 1951, 3.2.7: lengths of codes are themselves coded, in this order. */
#define LENGTH_SYMBOLS    19u
#define LENGTH_LIMIT      7u
#define CODE_LIMIT        15u
#define REPEAT_LAST       16u
#define REPEAT_ZERO       17u
#define REPEAT_ZERO_LONG  18u
#define LITERALS_LEAST    257u
#define LENGTHS_LEAST     4u
#define FIXED_LITERALS    288u
#define FIXED_DISTANCES   30u
#define LENGTHS_IN_A_HEAD (PP_PNG_LITERALS + PP_PNG_DISTANCES)

static const uint8_t length_order[LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                     11, 4,  12, 3, 13, 2, 14, 1, 15};

/* The codes of a block, and how its head tells them. */
struct codes {
    struct pp_png_code literals, distances, lengths;
    unsigned literal_count, distance_count, length_count;
    uint16_t told[LENGTHS_IN_A_HEAD]; /* symbols of `lengths`, with their argument << 8 */
    unsigned told_count;
};

size_t pp_png_blocks_memory(size_t size)
{
    return (size < PP_PNG_BLOCK_ITEMS ? size : PP_PNG_BLOCK_ITEMS) * sizeof(uint32_t);
}

void pp_png_blocks_begin(struct pp_png_blocks *blocks, const uint8_t *data, uint32_t *items,
                         uint8_t *out, size_t room)
{
    *blocks = (struct pp_png_blocks){.items = items, .data = data, .out = out, .room = room};
}

/* ---- bits ----------------------------------------------------------------------------------- */

/* The lowest byte comes first on every processor. */
static inline void put_64(uint8_t *to, uint64_t value)
{
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        value = __builtin_bswap64(value);
    memcpy(to, &value, sizeof(value));
}

/* 56 bits at most; eight bytes are written whatever is full of them. */
static inline void put(struct pp_png_blocks *blocks, uint64_t bits, unsigned width)
{
    blocks->bits |= bits << blocks->width;
    blocks->width += width;
    put_64(blocks->out + blocks->used, blocks->bits);
    blocks->used += blocks->width / 8;
    blocks->bits >>= blocks->width & ~7u;
    blocks->width %= 8;
}

static void put_stored(struct pp_png_blocks *blocks, const uint8_t *data, size_t size, bool final)
{
    put(blocks, (final ? 1u : 0u) | 2u * STORED, 3);
    put(blocks, 0, (8 - blocks->width) % 8);
    put(blocks, (uint32_t)size | (uint32_t)(~size & 0xFFFF) << 16, 32);
    if (size > 0)
        memcpy(blocks->out + blocks->used, data, size);
    blocks->used += size;
}

/* ---- codes ---------------------------------------------------------------------------------- */

/* A run of `count` equal lengths. */
static void tell(struct codes *codes, uint32_t *frequencies, uint8_t length, unsigned count)
{
    while (count > 0) {
        unsigned symbol = length, argument = 0, part = 1;
        if (length == 0 && count >= 3) {
            part = count < 138 ? count : 138;
            symbol = part < 11 ? REPEAT_ZERO : REPEAT_ZERO_LONG;
            argument = part - (part < 11 ? 3 : 11);
        }
        codes->told[codes->told_count++] = (uint16_t)(symbol | argument << 8);
        frequencies[symbol]++;
        count -= part;
        if (length == 0 || count < 3)
            continue;
        for (; count >= 3; count -= part) {
            part = count < 6 ? count : 6;
            codes->told[codes->told_count++] = (uint16_t)(REPEAT_LAST | (part - 3) << 8);
            frequencies[REPEAT_LAST]++;
        }
    }
}

static void tell_all(struct codes *codes, const uint8_t *lengths, unsigned count)
{
    uint32_t frequencies[LENGTH_SYMBOLS] = {0};
    unsigned run = 1;

    codes->told_count = 0;
    for (unsigned i = 0; i < count; i += run) {
        for (run = 1; i + run < count && lengths[i + run] == lengths[i];)
            run++;
        tell(codes, frequencies, lengths[i], run);
    }
    pp_png_code_make(&codes->lengths, frequencies, LENGTH_SYMBOLS, LENGTH_LIMIT);
    codes->length_count = LENGTH_SYMBOLS;
    while (codes->length_count > LENGTHS_LEAST &&
           codes->lengths.lengths[length_order[codes->length_count - 1]] == 0)
        codes->length_count--;
}

static unsigned used_symbols(const struct pp_png_code *code, unsigned count, unsigned least)
{
    while (count > least && code->lengths[count - 1] == 0)
        count--;
    return count;
}

static void make_codes(struct codes *codes, const struct pp_png_tally *tally)
{
    uint8_t lengths[LENGTHS_IN_A_HEAD];

    pp_png_code_make(&codes->literals, tally->literals, PP_PNG_LITERALS, CODE_LIMIT);
    pp_png_code_make(&codes->distances, tally->distances, PP_PNG_DISTANCES, CODE_LIMIT);
    codes->literal_count = used_symbols(&codes->literals, PP_PNG_LITERALS, LITERALS_LEAST);
    codes->distance_count = used_symbols(&codes->distances, PP_PNG_DISTANCES, 1);
    memcpy(lengths, codes->literals.lengths, codes->literal_count);
    memcpy(lengths + codes->literal_count, codes->distances.lengths, codes->distance_count);
    tell_all(codes, lengths, codes->literal_count + codes->distance_count);
}

/* RFC 1951, 3.2.6. */
static void make_fixed_codes(struct codes *codes)
{
    memset(codes->literals.lengths, 8, FIXED_LITERALS);
    memset(codes->literals.lengths + 144, 9, 256 - 144);
    memset(codes->literals.lengths + 256, 7, 280 - 256);
    memset(codes->distances.lengths, 5, FIXED_DISTANCES);
    pp_png_code_assign(&codes->literals, FIXED_LITERALS);
    pp_png_code_assign(&codes->distances, FIXED_DISTANCES);
}

/* ---- what a block takes --------------------------------------------------------------------- */

static unsigned length_extra(unsigned code)
{
    return code < 8 || code == 28 ? 0 : code / 4 - 1;
}

static unsigned distance_extra(unsigned code)
{
    return code < 4 ? 0 : code / 2 - 1;
}

static unsigned told_extra(unsigned symbol)
{
    return symbol < REPEAT_LAST ? 0 : symbol == REPEAT_LAST ? 2 : symbol == REPEAT_ZERO ? 3 : 7;
}

/* Bits of the items in some codes, without a head. */
static uint64_t items_cost(const struct codes *codes, const struct pp_png_tally *tally)
{
    uint64_t cost = 0;

    for (unsigned i = 0; i < PP_PNG_LITERALS; i++)
        cost += (uint64_t)tally->literals[i] * codes->literals.lengths[i];
    for (unsigned i = PP_PNG_END_SYMBOL + 1; i < PP_PNG_LITERALS; i++)
        cost += (uint64_t)tally->literals[i] * length_extra(i - PP_PNG_END_SYMBOL - 1);
    for (unsigned i = 0; i < PP_PNG_DISTANCES; i++)
        cost += (uint64_t)tally->distances[i] * (codes->distances.lengths[i] + distance_extra(i));
    return cost;
}

static uint64_t head_cost(const struct codes *codes)
{
    uint64_t cost = 5 + 5 + 4 + 3 * (uint64_t)codes->length_count;

    for (unsigned i = 0; i < codes->told_count; i++) {
        unsigned symbol = codes->told[i] & 0xFF;
        cost += codes->lengths.lengths[symbol] + told_extra(symbol);
    }
    return cost;
}

static uint64_t stored_cost(size_t size)
{
    return (uint64_t)size * 8 + (size / STORED_MAX + 1) * STORED_HEAD_BITS;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void put_head(struct pp_png_blocks *blocks, const struct codes *codes)
{
    put(blocks, codes->literal_count - LITERALS_LEAST, 5);
    put(blocks, codes->distance_count - 1, 5);
    put(blocks, codes->length_count - LENGTHS_LEAST, 4);
    for (unsigned i = 0; i < codes->length_count; i++)
        put(blocks, codes->lengths.lengths[length_order[i]], 3);
    for (unsigned i = 0; i < codes->told_count; i++) {
        unsigned symbol = codes->told[i] & 0xFF, argument = codes->told[i] >> 8;
        unsigned length = codes->lengths.lengths[symbol];
        put(blocks, codes->lengths.bits[symbol] | (uint64_t)argument << length,
            length + told_extra(symbol));
    }
}

/* 15 + 5 + 15 + 13 bits at most. */
static inline void put_match(struct pp_png_blocks *blocks, const struct codes *codes, uint32_t item)
{
    unsigned length = item & 0xFF;
    unsigned distance = item >> PP_PNG_ITEM_DISTANCE_SHIFT & (PP_PNG_WINDOW - 1);
    unsigned code = pp_png_length_code(length), symbol = PP_PNG_END_SYMBOL + 1 + code;
    unsigned extra = length_extra(code), width = codes->literals.lengths[symbol];
    uint64_t bits = codes->literals.bits[symbol];

    bits |= (uint64_t)(length & ((1u << extra) - 1)) << width;
    width += extra;
    code = pp_png_distance_code(distance);
    extra = distance_extra(code);
    bits |= (uint64_t)codes->distances.bits[code] << width;
    width += codes->distances.lengths[code];
    bits |= (uint64_t)(distance & ((1u << extra) - 1)) << width;
    put(blocks, bits, width + extra);
}

static void put_items(struct pp_png_blocks *blocks, const struct codes *codes, unsigned count)
{
    const struct pp_png_code *literals = &codes->literals;

    for (unsigned i = 0; i < count; i++) {
        uint32_t item = blocks->items[i];
        if (item & PP_PNG_ITEM_MATCH)
            put_match(blocks, codes, item);
        else
            put(blocks, literals->bits[item], literals->lengths[item]);
    }
    put(blocks, literals->bits[PP_PNG_END_SYMBOL], literals->lengths[PP_PNG_END_SYMBOL]);
}

static void put_all_stored(struct pp_png_blocks *blocks, bool final)
{
    const uint8_t *data = blocks->data;
    size_t size = blocks->block_size;

    do {
        size_t part = size < STORED_MAX ? size : STORED_MAX;
        size -= part;
        put_stored(blocks, data, part, final && size == 0);
        data += part;
    } while (size > 0);
}

/* Write the items before the segment as a block, in the way that is shortest. */
static void put_block(struct pp_png_blocks *blocks, bool final)
{
    struct codes codes, fixed;

    blocks->block.literals[PP_PNG_END_SYMBOL] = 1;
    make_codes(&codes, &blocks->block);
    make_fixed_codes(&fixed);
    uint64_t in_own = items_cost(&codes, &blocks->block) + head_cost(&codes);
    uint64_t in_fixed = items_cost(&fixed, &blocks->block);
    uint64_t in_codes = in_own < in_fixed ? in_own : in_fixed;
    uint64_t stored = stored_cost(blocks->block_size),
             least = in_codes < stored ? in_codes : stored;

    if (blocks->full || least / 8 + END_ROOM > blocks->room - blocks->used) {
        blocks->full = true;
        return;
    }
    if (stored < in_codes) {
        put_all_stored(blocks, final);
        return;
    }
    put(blocks, (final ? 1u : 0u) | (in_fixed <= in_own ? 2u * FIXED : 2u * DYNAMIC), 3);
    if (in_fixed > in_own)
        put_head(blocks, &codes);
    put_items(blocks, in_fixed <= in_own ? &fixed : &codes, blocks->segment_begin);
}

/* ---- segments ------------------------------------------------------------------------------- */

/* n x log2(n) in 2^-16 bits; between powers of two by a parabola, exact to 1/100. */
static uint64_t weight(uint32_t n)
{
    if (n < 2)
        return 0;
    unsigned power = 31 - (unsigned)__builtin_clz(n);
    uint64_t part = ((uint64_t)n << 16 >> power) - 65536;
    uint64_t bend = (part * (65536 - part) >> 16) * 22482 >> 16;
    return n * (((uint64_t)power << 16) + part + bend);
}

/* Bits that one code for both costs more than one for each, by the entropies; the extra bits are
 * the same either way. */
static uint64_t difference(const uint32_t *block, const uint32_t *segment, unsigned count)
{
    uint64_t apart = 0, joined = 0;
    uint32_t block_total = 0, segment_total = 0;

    for (unsigned i = 0; i < count; i++) {
        if (block[i] > 0 && segment[i] > 0) {
            apart += weight(block[i]) + weight(segment[i]);
            joined += weight(block[i] + segment[i]);
        }
        block_total += block[i];
        segment_total += segment[i];
    }
    /* A code's bits are total x log2(total) less the sum of n x log2(n). */
    apart += weight(block_total + segment_total);
    joined += weight(block_total) + weight(segment_total);
    return apart > joined ? (apart - joined) >> 16 : 0;
}

/* The segment's items belong to the block now. */
static void join(struct pp_png_blocks *blocks)
{
    for (unsigned i = 0; i < PP_PNG_LITERALS; i++)
        blocks->block.literals[i] += blocks->segment.literals[i];
    for (unsigned i = 0; i < PP_PNG_DISTANCES; i++)
        blocks->block.distances[i] += blocks->segment.distances[i];
    blocks->block_size += blocks->segment_size;
    blocks->segment_size = 0;
    blocks->segment_begin = blocks->count;
    blocks->segment = (struct pp_png_tally){0};
}

/* The block is complete: write it, and go on with the segment as the first of the next. */
static void begin_block(struct pp_png_blocks *blocks)
{
    put_block(blocks, false);
    blocks->data += blocks->block_size;
    blocks->block_size = 0;
    blocks->count -= blocks->segment_begin;
    memmove(blocks->items, blocks->items + blocks->segment_begin,
            blocks->count * sizeof(blocks->items[0]));
    blocks->block = (struct pp_png_tally){0};
}

void pp_png_blocks_end_segment(struct pp_png_blocks *blocks)
{
    const struct pp_png_tally *block = &blocks->block, *segment = &blocks->segment;

    if (blocks->segment_begin > 0 &&
        difference(block->literals, segment->literals, PP_PNG_LITERALS) +
                difference(block->distances, segment->distances, PP_PNG_DISTANCES) >
            BLOCK_HEAD_BITS)
        begin_block(blocks);
    join(blocks);
    if (blocks->count == PP_PNG_BLOCK_ITEMS)
        begin_block(blocks);
    blocks->segment_begin = blocks->count;
}

size_t pp_png_blocks_end(struct pp_png_blocks *blocks, bool final)
{
    if (blocks->count > blocks->segment_begin)
        pp_png_blocks_end_segment(blocks);
    put_block(blocks, final);
    if (blocks->full)
        return 0;
    if (!final)
        put_stored(blocks, NULL, 0, false);
    put(blocks, 0, (8 - blocks->width) % 8);
    return blocks->used;
}
