#include "codec/jpeg_luma_requant.h"

#include "codec/jpeg_luma_bits.h"

/*
 * Blocks were walked through before, so that their symbols are known to be sound. In a first pass
 * each symbol is taken by one look, which tells its coefficient as well, and what that becomes is
 * put down; without a jump, the next one goes to the same place when that is nothing. The only jump
 * that cannot be foreseen is at a block's end. The second pass writes codes, and has none.
 */
#define SIZE(entry) ((entry) >> 16 & 0x7FFFu)

/* ---- coefficients --------------------------------------------------------------------------- */

/* Take a symbol, put down what it becomes. False at the block's end. */
PP_LUMA_INLINE bool take(const struct pp_luma_requant *requant, struct pp_luma_source *source,
                         uint32_t **values)
{
    uint32_t entry = requant->symbols.entries[source->bits >> (64 - PP_LUMA_SYMBOL_BITS)];

    if (__builtin_expect(entry & PP_LUMA_LONG, 0))
        entry = pp_luma_symbols_find(&requant->symbols, entry, source->bits);
    source->bits <<= PP_LUMA_CONSUMED(entry);
    source->sum += entry;
    if (source->sum & (PP_LUMA_END << 8))
        return false;
    const unsigned number = source->sum >> 8 & 63;
    const uint64_t scaled = pp_luma_scaled(requant->ratios[number], SIZE(entry));
    const uint32_t size = scaled < PP_LUMA_AC_LARGEST ? (uint32_t)scaled : PP_LUMA_AC_LARGEST;
    **values = size | number << 16 | (entry & PP_LUMA_NEGATIVE);
    *values += size != 0;
    return number < 63;
}

PP_LUMA_INLINE int32_t scaled_mean(const struct pp_luma_requant *requant, int32_t dc)
{
    const uint32_t sign = (uint32_t)(dc >> 31), size = ((uint32_t)dc ^ sign) - sign;
    const uint64_t scaled = pp_luma_scaled(requant->ratios[0], size);
    const uint32_t now = scaled < PP_LUMA_MEAN_LARGEST ? (uint32_t)scaled : PP_LUMA_MEAN_LARGEST;

    return (int32_t)((now ^ sign) - sign);
}

PP_LUMA_INLINE uint32_t value_of(int32_t difference)
{
    const uint32_t sign = (uint32_t)(difference >> 31);

    return (((uint32_t)difference ^ sign) - sign) | (sign & PP_LUMA_NEGATIVE);
}

/* One of two that go through a line's blocks at once, so that none has to wait for its own last
 * look only. */
struct lane {
    const uint32_t *from; /* of the blocks that lie beside each other */
    const int32_t *dc;
    uint32_t x;       /* the block of them that is next */
    int32_t last;     /* the mean before it */
    uint32_t *values; /* where they go */
    struct pp_luma_source source;
};

/* At block `first` of the line; `last` is the mean before the line. */
static void begin_lane(const struct pp_luma_requant *requant, struct lane *lane,
                       const struct pp_luma_line *line, uint32_t first)
{
    const size_t offset = (size_t)(first / line->h) * line->step;
    const uint32_t before = first > 0 ? first - 1 : 0;

    lane->from = line->from + offset;
    lane->dc = line->dc + offset;
    lane->x = first % line->h;
    if (first > 0)
        lane->last = scaled_mean(
            requant, line->dc[(size_t)(before / line->h) * line->step + before % line->h]);
}

PP_LUMA_INLINE void begin_block(const struct pp_luma_requant *requant, struct lane *lane,
                                const struct pp_luma_line *line)
{
    const int32_t mean = scaled_mean(requant, lane->dc[lane->x]);

    *lane->values++ = value_of(mean - lane->last);
    lane->last = mean;
    pp_luma_seek(&lane->source, line->data, lane->from[lane->x]);
    if (++lane->x == line->h) {
        lane->x = 0;
        lane->from += line->step;
        lane->dc += line->step;
    }
}

/* The rest of a block. */
PP_LUMA_INLINE void take_rest(const struct pp_luma_requant *requant, struct lane *lane)
{
    do
        pp_luma_refill(&lane->source);
    while (take(requant, &lane->source, &lane->values) &&
           take(requant, &lane->source, &lane->values));
}

/* Two blocks' symbols, as far as both have as many. */
PP_LUMA_INLINE void take_both(const struct pp_luma_requant *requant, struct lane *a, struct lane *b)
{
    for (;;) {
        if (!take(requant, &a->source, &a->values))
            break;
        if (!take(requant, &b->source, &b->values)) {
            take_rest(requant, a);
            return;
        }
        if (!take(requant, &a->source, &a->values))
            break;
        if (!take(requant, &b->source, &b->values)) {
            take_rest(requant, a);
            return;
        }
        pp_luma_refill(&a->source);
        pp_luma_refill(&b->source);
    }
    take_rest(requant, b);
}

PP_LUMA_INLINE void end_block(struct lane *lane)
{
    *lane->values++ = PP_LUMA_END_NUMBER << 16;
}

/* Put `count` blocks of each lane down. */
PP_LUMA_HOT static void take_lanes(const struct pp_luma_requant *requant,
                                   const struct pp_luma_line *line, struct lane lanes[2],
                                   uint32_t count)
{
    struct lane a = lanes[0], b = lanes[1];

    for (uint32_t i = 0; i < count; i++) {
        begin_block(requant, &a, line);
        begin_block(requant, &b, line);
        take_both(requant, &a, &b);
        end_block(&a);
        end_block(&b);
    }
    lanes[0] = a;
    lanes[1] = b;
}

static void take_odd(const struct pp_luma_requant *requant, const struct pp_luma_line *line,
                     struct lane *lane)
{
    begin_block(requant, lane, line);
    take_rest(requant, lane);
    end_block(lane);
}

/* ---- codes ---------------------------------------------------------------------------------- */

struct sink {
    uint8_t *next;
    uint64_t bits;  /* the last ones lowermost */
    unsigned count; /* of them, 0 to 7, those that are in no whole byte yet */
};

/* At most 56 bits. */
PP_LUMA_INLINE void put(struct sink *sink, uint64_t bits, unsigned length)
{
    sink->bits = sink->bits << length | bits;
    sink->count += length;
    pp_luma_store(sink->next, pp_luma_left(sink->bits, 64 - sink->count));
    sink->next += sink->count >> 3;
    sink->count &= 7;
}

/* By value, so that the caller's own can be in registers. */
static __attribute__((noinline)) struct sink with_zeros(const struct pp_luma_requant *requant,
                                                        struct sink sink)
{
    for (unsigned i = 0; i < 3; i++)
        put(&sink, requant->zeros >> 8, requant->zeros & 255);
    return sink;
}

/* Write the values of whole blocks. */
PP_LUMA_HOT static void put_values(const struct pp_luma_requant *requant, const uint32_t *begin,
                                   const uint32_t *end, struct pp_luma_row *row)
{
    struct sink sink = {row->next, row->pending, row->count};
    uint32_t last = row->waits ? 0 : PP_LUMA_END_NUMBER;

    for (const uint32_t *at = begin; at < end; at++) {
        const uint32_t value = *at, size = value & 0xFFFF, number = value >> 16 & 127;
        const unsigned category = requant->categories[size];
        const unsigned index = (number - last - 1) << 4 & 0xFF0;
        const uint32_t sign = (uint32_t)((int32_t)value >> 31);
        const uint32_t extra = (size ^ sign) & ((1u << category) - 1);
        uint64_t write = requant->writes[index | category];
        last = number;
        if (__builtin_expect((write & PP_LUMA_TOO_LONG) != 0, 0)) {
            sink = with_zeros(requant, sink);
            write = requant->writes[(index | category) & 255];
        }
        put(&sink, write >> 6 | extra, write & 63);
    }
    row->next = sink.next;
    row->count = sink.count;
    row->pending = (uint32_t)sink.bits & ((1u << sink.count) - 1);
}

void pp_luma_requant_append(struct pp_luma_requant *requant, const struct pp_luma_line *line,
                            struct pp_luma_row *row)
{
    uint32_t *const values = requant->values, *const more =
                                                  values + PP_LUMA_LINE / 2 * PP_LUMA_VALUES;
    struct lane lanes[2] = {{.last = row->last_dc, .values = values},
                            {.last = row->last_dc, .values = more}};
    const uint32_t half = line->count / 2;
    const bool waits = row->waits;

    begin_lane(requant, &lanes[0], line, 0);
    begin_lane(requant, &lanes[1], line, line->count - half);
    if (waits)
        row->first_dc = scaled_mean(requant, line->dc[0]);
    take_lanes(requant, line, lanes, half);
    if (line->count > 2 * half)
        take_odd(requant, line, &lanes[0]);
    put_values(requant, values + waits, lanes[0].values, row);
    row->waits = false;
    put_values(requant, more, lanes[1].values, row);
    row->last_dc = half > 0 ? lanes[1].last : lanes[0].last;
}
