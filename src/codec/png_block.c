#include "codec/png_block.h"

#include <string.h>

#include "base/log2.h"

/* RFC 1951, 3.2.3: kinds of blocks. */
enum kind { STORED = 0, FIXED = 1, DYNAMIC = 2 };

#define STORED_MAX       65535u
#define STORED_HEAD_BITS (3 + 7 + 32) /* at most: the bits to a whole byte are 7 at most */
/* What a block of its own must save: its head takes about that much. */
#define BLOCK_HEAD_BITS 800u
/* Bytes that the last few bits and an empty stored block take at most, and a store too far. */
#define END_ROOM 24u
/* Literals for which a tally in several tables does not pay. */
#define FEW 512u

size_t pp_png_blocks_memory(size_t size)
{
    return (size < PP_PNG_BLOCK_SYMBOLS ? size : PP_PNG_BLOCK_SYMBOLS) * sizeof(uint32_t);
}

void pp_png_blocks_begin(struct pp_png_blocks *blocks, const uint8_t *data, unsigned segment,
                         uint32_t *items, uint8_t *out, size_t room)
{
    *blocks = (struct pp_png_blocks){
        .segment_symbols_max = segment, .items = items, .data = data, .out = out, .room = room};
}

/* ---- bits ----------------------------------------------------------------------------------- */

/* The lowest byte comes first on every processor. */
static inline void put_64(uint8_t *to, uint64_t value)
{
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        value = __builtin_bswap64(value);
    memcpy(to, &value, sizeof(value));
}

/* Where bits go, and those that are not written yet: see struct pp_png_blocks. */
struct bits {
    uint8_t *out;
    uint64_t bits;
    unsigned width;
};

/* 56 bits at most; eight bytes are written whatever is full of them. */
static inline void put_bits(struct bits *to, uint64_t bits, unsigned width)
{
    to->bits |= bits << to->width;
    to->width += width;
    put_64(to->out, to->bits);
    to->out += to->width / 8;
    to->bits >>= to->width & ~7u;
    to->width %= 8;
}

/* Those of many are kept at hand, where no byte that is written can be one of theirs. */
static inline struct bits take_bits(const struct pp_png_blocks *blocks)
{
    return (struct bits){blocks->out + blocks->used, blocks->bits, blocks->width};
}

static inline void give_bits(struct pp_png_blocks *blocks, const struct bits *bits)
{
    blocks->used = (size_t)(bits->out - blocks->out);
    blocks->bits = bits->bits;
    blocks->width = bits->width;
}

static void put(struct pp_png_blocks *blocks, uint64_t bits, unsigned width)
{
    struct bits to = take_bits(blocks);

    put_bits(&to, bits, width);
    give_bits(blocks, &to);
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

/* ---- writing -------------------------------------------------------------------------------- */

static uint64_t stored_cost(size_t size)
{
    return (uint64_t)size * 8 + (size / STORED_MAX + 1) * STORED_HEAD_BITS;
}

/* 14 + 5 + 14 + 13 bits at most. */
static inline void put_match(struct bits *to, const struct pp_png_codes *codes, uint32_t item)
{
    unsigned length = item & 0xFF;
    unsigned distance = item >> PP_PNG_ITEM_DISTANCE_SHIFT & (PP_PNG_WINDOW - 1);
    unsigned code = pp_png_length_code(length), symbol = PP_PNG_END_SYMBOL + 1 + code;
    unsigned extra = pp_png_length_extra(code), width = codes->literals.lengths[symbol];
    uint64_t bits = codes->literals.bits[symbol];

    bits |= (uint64_t)(length & ((1u << extra) - 1)) << width;
    width += extra;
    code = pp_png_distance_code(distance);
    extra = pp_png_distance_extra(code);
    bits |= (uint64_t)codes->distances.bits[code] << width;
    width += codes->distances.lengths[code];
    bits |= (uint64_t)(distance & ((1u << extra) - 1)) << width;
    put_bits(to, bits, width + extra);
}

/* A code and its width in one number, which takes one look where two tables take two. */
struct narrow_codes {
    uint32_t literals[PP_PNG_END_SYMBOL];
};

#define WIDTH_SHIFT 16u

static void make_narrow(struct narrow_codes *narrow, const struct pp_png_code *literals)
{
    for (unsigned i = 0; i < PP_PNG_END_SYMBOL; i++)
        narrow->literals[i] = literals->bits[i] | (uint32_t)literals->lengths[i] << WIDTH_SHIFT;
}

/* Of four codes 56 bits at most: see PP_PNG_CODE_LIMIT. */
static inline void put_literals(struct bits *to, const struct narrow_codes *narrow,
                                const uint8_t *data, size_t size)
{
    size_t i = 0;

    for (; i + 4 <= size; i += 4) {
        uint64_t bits = 0;
        unsigned width = 0;
        for (unsigned k = 0; k < 4; k++) {
            uint32_t code = narrow->literals[data[i + k]];
            bits |= (uint64_t)(code & 0xFFFF) << width;
            width += code >> WIDTH_SHIFT;
        }
        put_bits(to, bits, width);
    }
    for (; i < size; i++) {
        uint32_t code = narrow->literals[data[i]];
        put_bits(to, code & 0xFFFF, code >> WIDTH_SHIFT);
    }
}

static void put_items(struct pp_png_blocks *blocks, const struct pp_png_codes *codes,
                      unsigned count)
{
    const struct pp_png_code *literals = &codes->literals;
    const uint8_t *data = blocks->data;
    struct bits to = take_bits(blocks);
    struct narrow_codes narrow;

    make_narrow(&narrow, literals);
    for (unsigned i = 0; i < count; i++) {
        uint32_t item = blocks->items[i];
        if (item & PP_PNG_ITEM_MATCH) {
            put_match(&to, codes, item);
            data += (item & 0xFF) + PP_PNG_MATCH_MIN;
        } else {
            put_literals(&to, &narrow, data, item);
            data += item;
        }
    }
    put_bits(&to, literals->bits[PP_PNG_END_SYMBOL], literals->lengths[PP_PNG_END_SYMBOL]);
    give_bits(blocks, &to);
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

/* In the codes of the block's own, or in the fixed ones. */
static void put_coded(struct pp_png_blocks *blocks, struct pp_png_codes *codes, bool fixed,
                      bool final)
{
    if (fixed)
        pp_png_codes_make_fixed(codes);
    put(blocks, (final ? 1u : 0u) | (fixed ? 2u * FIXED : 2u * DYNAMIC), 3);
    for (unsigned i = 0; i < codes->fields; i++)
        put(blocks, codes->head[i].bits, codes->head[i].width);
    put_items(blocks, codes, blocks->segment_begin);
}

/* Write the items before the segment as a block, in the way that is shortest. */
static void put_block(struct pp_png_blocks *blocks, bool final)
{
    struct pp_png_codes codes;

    blocks->block.literals[PP_PNG_END_SYMBOL] = 1;
    pp_png_codes_make(&codes, &blocks->block);
    uint64_t in_own = pp_png_codes_cost(&codes, &blocks->block);
    uint64_t in_fixed = pp_png_codes_fixed_cost(&blocks->block);
    uint64_t in_codes = in_own < in_fixed ? in_own : in_fixed;
    uint64_t stored = stored_cost(blocks->block_size),
             least = in_codes < stored ? in_codes : stored;

    if (blocks->full || least / 8 + END_ROOM > blocks->room - blocks->used)
        blocks->full = true;
    else if (stored < in_codes)
        put_all_stored(blocks, final);
    else
        put_coded(blocks, &codes, in_fixed <= in_own, final);
}

/* ---- segments ------------------------------------------------------------------------------- */

/* n x log2(n) in 2^-16 bits; between powers of two by a parabola, exact to 1/100. */
static uint64_t weight(uint32_t n)
{
    if (n < 2)
        return 0;
    unsigned power = pp_log2_floor(n);
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
    blocks->block_symbols += blocks->segment_symbols;
    blocks->segment_size = 0;
    blocks->segment_symbols = 0;
    blocks->segment_begin = blocks->count;
    blocks->segment = (struct pp_png_tally){0};
}

/* The block is complete: write it, and go on with the segment as the first of the next. */
static void begin_block(struct pp_png_blocks *blocks)
{
    put_block(blocks, false);
    blocks->data += blocks->block_size;
    blocks->block_size = 0;
    blocks->block_symbols = 0;
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
    if (blocks->block_symbols + blocks->segment_symbols_max > PP_PNG_BLOCK_SYMBOLS)
        begin_block(blocks);
    blocks->segment_begin = blocks->count;
}

/* Four tallies: equal neighbours need not wait for each other. */
static void tally_many(uint32_t *tally, const uint8_t *data, size_t size)
{
    uint32_t others[3][256] = {{0}};
    size_t i = 0;

    for (; i + 4 <= size; i += 4) {
        tally[data[i]]++;
        others[0][data[i + 1]]++;
        others[1][data[i + 2]]++;
        others[2][data[i + 3]]++;
    }
    for (; i < size; i++)
        tally[data[i]]++;
    for (i = 0; i < 256; i++)
        tally[i] += others[0][i] + others[1][i] + others[2][i];
}

static void tally_few(uint32_t *tally, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        tally[data[i]]++;
}

void pp_png_blocks_literals(struct pp_png_blocks *blocks, size_t size)
{
    while (size > 0) {
        unsigned left = blocks->segment_symbols_max - blocks->segment_symbols;
        unsigned part = size < left ? (unsigned)size : left;
        const uint8_t *data = blocks->data + blocks->block_size + blocks->segment_size;
        if (part < FEW)
            tally_few(blocks->segment.literals, data, part);
        else
            tally_many(blocks->segment.literals, data, part);
        blocks->items[blocks->count++] = part;
        blocks->segment_symbols += part;
        blocks->segment_size += part;
        size -= part;
        if (part == left)
            pp_png_blocks_end_segment(blocks);
    }
}

size_t pp_png_blocks_end(struct pp_png_blocks *blocks, bool final)
{
    if (blocks->segment_symbols > 0)
        pp_png_blocks_end_segment(blocks);
    put_block(blocks, final);
    if (blocks->full)
        return 0;
    if (!final)
        put_stored(blocks, NULL, 0, false);
    put(blocks, 0, (8 - blocks->width) % 8);
    return blocks->used;
}
