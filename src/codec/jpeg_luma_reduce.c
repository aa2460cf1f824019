#include "codec/jpeg_luma_reduce.h"

#include <string.h>

#include "base/memory.h"
#include "codec/jpeg_luma_bits.h"
#include "codec/jpeg_luma_frame.h"

/*
 * As in jpeg_luma_requant.c blocks were walked through before and are sound, a look takes a symbol
 * with its coefficient, and two blocks are taken at once, so that none has to wait for its own last
 * look only. What a symbol of 16 zeros stores is a zero where there is one.
 */

/* Where coefficients of the zigzag order lie in a block. */
#define AT(y, x) ((y)*PP_LUMA_BLOCK_ROW + (x))
static const uint8_t places[64] = {
    AT(0, 0), AT(0, 1), AT(1, 0), AT(2, 0), AT(1, 1), AT(0, 2), AT(0, 3), AT(1, 2),
    AT(2, 1), AT(3, 0), AT(4, 0), AT(3, 1), AT(2, 2), AT(1, 3), AT(0, 4), AT(0, 5),
    AT(1, 4), AT(2, 3), AT(3, 2), AT(4, 1), AT(5, 0), AT(6, 0), AT(5, 1), AT(4, 2),
    AT(3, 3), AT(2, 4), AT(1, 5), AT(0, 6), AT(0, 7), AT(1, 6), AT(2, 5), AT(3, 4),
    AT(4, 3), AT(5, 2), AT(6, 1), AT(7, 0), AT(7, 1), AT(6, 2), AT(5, 3), AT(4, 4),
    AT(3, 5), AT(2, 6), AT(1, 7), AT(2, 7), AT(3, 6), AT(4, 5), AT(5, 4), AT(6, 3),
    AT(7, 2), AT(7, 3), AT(6, 4), AT(5, 5), AT(4, 6), AT(3, 7), AT(4, 7), AT(5, 6),
    AT(6, 5), AT(7, 4), AT(7, 5), AT(6, 6), AT(5, 7), AT(6, 7), AT(7, 6), AT(7, 7),
};

/* ---- begin ---------------------------------------------------------------------------------- */

/* A pair of blocks may be stored where there is only one. */
static size_t stride_of(uint32_t columns, unsigned eighths)
{
    return pp_size_aligned(((size_t)columns + 1) * eighths);
}

size_t pp_luma_reduce_size(uint32_t columns, unsigned v, unsigned eighths)
{
    return pp_size_aligned(sizeof(struct pp_luma_reduce) +
                           stride_of(columns, eighths) * v * eighths);
}

static uint32_t with_sign(uint32_t entry)
{
    const uint32_t sign = (uint32_t)((int32_t)entry >> 31), size = entry >> 16 & 0x7FFF;

    return ((size ^ sign) - sign) << 16 | (entry & 0xFFFF);
}

static pp_luma_inverse *inverse_for(unsigned eighths)
{
    const struct pp_luma_inverses *inverses = pp_luma_inverses_avx2();

    if (!inverses)
        inverses = pp_luma_inverses_portable();
    if (eighths == 1)
        return pp_luma_inverse_one;
    return eighths == 2 ? inverses->two : inverses->four;
}

void pp_luma_reduce_begin(struct pp_luma_reduce *reduce, uint32_t columns, unsigned eighths,
                          const struct pp_luma_codes *ac, const uint16_t steps[64])
{
    uint32_t *const entries = reduce->symbols.entries;

    reduce->eighths = eighths;
    reduce->beyond = false;
    reduce->inverse = inverse_for(eighths);
    reduce->stride = stride_of(columns, eighths);
    pp_luma_steps_set(&reduce->steps, steps);
    memset(reduce->blocks, 0, sizeof(reduce->blocks));
    pp_luma_symbols_fill(&reduce->symbols, ac);
    for (unsigned i = 0; i < 1u << PP_LUMA_SYMBOL_BITS; i++)
        entries[i] = entries[i] & PP_LUMA_LONG ? entries[i] : with_sign(entries[i]);
}

/* ---- coefficients --------------------------------------------------------------------------- */

/* Take a symbol. False at the block's end. */
PP_LUMA_INLINE bool take(const struct pp_luma_symbols *symbols, struct pp_luma_source *source,
                         int16_t *block)
{
    uint32_t entry = symbols->entries[source->bits >> (64 - PP_LUMA_SYMBOL_BITS)];

    if (__builtin_expect(entry & PP_LUMA_LONG, 0))
        entry = with_sign(pp_luma_symbols_find(symbols, entry, source->bits));
    source->bits <<= PP_LUMA_CONSUMED(entry);
    source->sum += entry;
    if (source->sum & (PP_LUMA_END << 8))
        return false;
    const unsigned number = source->sum >> 8 & 63;
    block[places[number]] = (int16_t)(entry >> 16);
    return number < 63;
}

/* One of two that go through a line's blocks at once. */
struct lane {
    const uint32_t *from; /* of the blocks that lie beside each other */
    const int32_t *dc;
    uint32_t x; /* the block of them that is next */
    uint32_t i; /* its number in the line */
    int16_t *block;
    struct pp_luma_source source;
};

static struct lane lane_at(const struct pp_luma_line *line, uint32_t i)
{
    const size_t offset = (size_t)(i / line->h) * line->step;

    return (struct lane){
        .from = line->from + offset, .dc = line->dc + offset, .x = i % line->h, .i = i};
}

PP_LUMA_INLINE void next_block(struct lane *lane, const struct pp_luma_line *line)
{
    lane->i++;
    if (++lane->x == line->h) {
        lane->x = 0;
        lane->from += line->step;
        lane->dc += line->step;
    }
}

/* What is beyond 16 bits is beyond any picture's mean, and stays so. */
PP_LUMA_INLINE int16_t mean_of(int32_t dc)
{
    if (dc > INT16_MAX)
        return INT16_MAX;
    return (int16_t)(dc < -INT16_MAX ? -INT16_MAX : dc);
}

PP_LUMA_INLINE void begin_block(struct pp_luma_reduce *reduce, struct lane *lane,
                                const struct pp_luma_line *line)
{
    lane->block = reduce->blocks + pp_luma_block_at(lane->i);
    lane->block[0] = mean_of(lane->dc[lane->x]);
    pp_luma_seek(&lane->source, line->data, lane->from[lane->x]);
    next_block(lane, line);
}

/* The rest of a block. */
PP_LUMA_INLINE void take_rest(const struct pp_luma_symbols *symbols, struct lane *lane)
{
    do
        pp_luma_refill(&lane->source);
    while (take(symbols, &lane->source, lane->block) && take(symbols, &lane->source, lane->block));
}

/* Two blocks' symbols, as far as both have as many. */
PP_LUMA_INLINE void take_both(const struct pp_luma_symbols *symbols, struct lane *a, struct lane *b)
{
    for (;;) {
        if (!take(symbols, &a->source, a->block))
            break;
        if (!take(symbols, &b->source, b->block)) {
            take_rest(symbols, a);
            return;
        }
        if (!take(symbols, &a->source, a->block))
            break;
        if (!take(symbols, &b->source, b->block)) {
            take_rest(symbols, a);
            return;
        }
        pp_luma_refill(&a->source);
        pp_luma_refill(&b->source);
    }
    take_rest(symbols, b);
}

PP_LUMA_HOT static void take_line(struct pp_luma_reduce *reduce, const struct pp_luma_line *line)
{
    const uint32_t half = line->count / 2;
    struct lane a = lane_at(line, 0), b = lane_at(line, line->count - half);

    for (uint32_t i = 0; i < half; i++) {
        begin_block(reduce, &a, line);
        begin_block(reduce, &b, line);
        take_both(&reduce->symbols, &a, &b);
    }
    if (line->count > 2 * half) {
        begin_block(reduce, &a, line);
        take_rest(&reduce->symbols, &a);
    }
}

static void take_means(struct pp_luma_reduce *reduce, const struct pp_luma_line *line)
{
    struct lane lane = lane_at(line, 0);

    while (lane.i < line->count) {
        reduce->blocks[pp_luma_block_at(lane.i)] = mean_of(lane.dc[lane.x]);
        next_block(&lane, line);
    }
}

void pp_luma_reduce_line(struct pp_luma_reduce *reduce, const struct pp_luma_line *line, uint32_t x,
                         unsigned y)
{
    const struct pp_luma_samples samples = {
        reduce->strip + (size_t)y * reduce->eighths * reduce->stride + (size_t)x * reduce->eighths,
        reduce->stride};

    if (reduce->eighths == 1) {
        take_means(reduce, line);
    } else {
        memset(reduce->blocks, 0,
               pp_luma_block_at((line->count + 1) & ~1u) * sizeof(reduce->blocks[0]));
        take_line(reduce, line);
    }
    reduce->beyond |= !reduce->inverse(&reduce->steps, reduce->blocks, line->count, samples);
}
