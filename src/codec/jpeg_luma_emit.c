#include "codec/jpeg_luma_emit.h"

#include "codec/jpeg_luma_reduce.h"
#include "codec/jpeg_luma_requant.h"

/* Bits by which one pass of draining appends a row. */
#define DRAIN_BITS (PP_LUMA_WINDOW * 8)

_Static_assert(PP_LUMA_BLOCK_BYTES * 8 >=
                   63 * (PP_LUMA_CODE_BITS + PP_LUMA_AC_MAX) + PP_LUMA_CODE_BITS + PP_LUMA_DC_MAX,
               "a block fits");
_Static_assert(PP_LUMA_STEP >= 2 * (PP_LUMA_ROW_BYTES + 8), "a walk's blocks fit, stuffed");

static size_t row_memory(uint32_t columns)
{
    return (size_t)columns * PP_LUMA_BLOCK_BYTES + PP_LUMA_GUARD;
}

size_t pp_luma_emit_memory(uint32_t columns, unsigned v)
{
    return v > 1 ? row_memory(columns) * (v - 1) : 0;
}

/* ---- DC differences -------------------------------------------------------------------------- */

/* Code and extra bits of a difference. */
struct prefix {
    uint64_t bits;
    unsigned length;
};

/* F.1.2.1 */
static struct prefix encode(const struct pp_luma_encoder *encoder, int32_t difference)
{
    const uint32_t size = (uint32_t)(difference < 0 ? -difference : difference);
    const unsigned category = 31u - (unsigned)__builtin_clz(2 * size + 1);
    const uint32_t extra =
        (uint32_t)(difference < 0 ? difference + (1 << category) - 1 : difference);

    return (struct prefix){(uint64_t)encoder->code[category & 31] << category | extra,
                           encoder->length[category & 31] + category};
}

static void fill_prefixes(struct pp_luma_emit *emit)
{
    for (int32_t i = 0; i < 2 * PP_LUMA_SMALL; i++) {
        const struct prefix prefix = encode(&emit->encoder, i - PP_LUMA_SMALL);
        emit->prefixes[i] = (uint32_t)prefix.bits << 5 | prefix.length;
    }
}

/* What goes in front of a block of that value. */
PP_LUMA_INLINE struct prefix find_prefix(const struct pp_luma_emit *emit, int32_t difference,
                                         bool *too_large)
{
    const uint32_t number = (uint32_t)difference + PP_LUMA_SMALL;

    if (__builtin_expect(number < 2 * PP_LUMA_SMALL, 1))
        return (struct prefix){emit->prefixes[number] >> 5, emit->prefixes[number] & 31};
    *too_large |= difference >= 1 << PP_LUMA_DC_MAX || -difference >= 1 << PP_LUMA_DC_MAX;
    return encode(&emit->encoder, difference);
}

/* ---- begin ----------------------------------------------------------------------------------- */

static void begin_row(struct pp_luma_row *row, uint8_t *data, bool waits)
{
    *row =
        (struct pp_luma_row){.data = data, .next = data, .waits = waits, .last_dc = row->last_dc};
}

void pp_luma_emit_begin(struct pp_luma_emit *emit, const struct pp_luma_layout *layout,
                        const struct pp_luma_codes *codes, uint8_t *first, uint8_t *others)
{
    emit->layout = *layout;
    emit->dc = codes ? PP_LUMA_DC_CODED : PP_LUMA_DC_KEPT;
    emit->means.predicted = 0;
    emit->mcu_column = 0;
    emit->mcu_row = 0;
    emit->too_large = false;
    emit->draining = 0;
    emit->drained = 0;
    if (codes) {
        pp_luma_means_begin(&emit->means, layout, codes);
        if (!emit->reduce)
            fill_prefixes(emit);
    }
    for (unsigned i = 0; i < PP_LUMA_ROWS; i++)
        emit->rows[i].last_dc = 0;
    begin_row(&emit->rows[0], first, false);
    for (unsigned i = 1; i < layout->v && others; i++)
        begin_row(&emit->rows[i], others + (i - 1) * row_memory(layout->columns), true);
}

/* ---- bits ---------------------------------------------------------------------------------- */

/* Bits that are stored at once: what is there from any bit on, in whole bytes. */
#define STRIDE 56

/* Append the lower `length` (at most 27) bits of `prefix` and then the `bits` bits of the data from
 * bit `from` on. What is stored beyond their end is stored over later. Four strides are all of most
 * runs, and are taken without asking how many are needed. */
PP_LUMA_INLINE void append(struct pp_luma_row *row, uint64_t prefix, unsigned length,
                           const uint8_t *data, size_t from, size_t bits)
{
    const unsigned before = row->count + length;
    const uint64_t front = (uint64_t)row->pending << length | prefix;
    const uint64_t first = pp_luma_left(front, 64 - before) | pp_luma_peek(data, from) >> before;
    const size_t total = before + bits, second = from + STRIDE - before;

    pp_luma_store(row->next, first);
    pp_luma_store(row->next + 7, pp_luma_peek(data, second));
    pp_luma_store(row->next + 14, pp_luma_peek(data, second + STRIDE));
    pp_luma_store(row->next + 21, pp_luma_peek(data, second + 2 * STRIDE));
    for (size_t at = 4; __builtin_expect(at * STRIDE < total, 0); at++)
        pp_luma_store(row->next + at * 7, pp_luma_peek(data, second + (at - 1) * STRIDE));

    const unsigned count = total & 7;
    const size_t last = from + (bits > count ? bits - count : 0);
    const uint64_t rest =
        pp_luma_choose(total > STRIDE, pp_luma_peek(data, last), first << (total & STRIDE));
    row->pending = (uint32_t)pp_luma_top(rest, count);
    row->count = count;
    row->next += total >> 3;
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* A run of blocks that follow each other in both orders: only the first one's difference changes.
 */
struct run {
    uint32_t from; /* its AC bits */
    uint32_t end;  /* of the last one */
    int32_t first_dc, last_dc;
};

PP_LUMA_INLINE void append_run(struct pp_luma_emit *emit, struct pp_luma_row *row,
                               const uint8_t *data, struct run run)
{
    struct prefix prefix = {0, 0};

    if (__builtin_expect(row->waits, 0))
        row->first_dc = run.first_dc;
    else
        prefix = find_prefix(emit, run.first_dc - row->last_dc, &emit->too_large);
    row->waits = false;
    row->last_dc = run.last_dc;
    append(row, prefix.bits, prefix.length, data, run.from, run.end - run.from);
}

/* Those of them that belong to row `y` and the picture, `columns` more blocks wide. */
PP_LUMA_HOT static void append_group(struct pp_luma_emit *emit, unsigned y, const uint8_t *data,
                                     const uint32_t *ends, uint32_t columns)
{
    const struct pp_luma_layout *layout = &emit->layout;
    const unsigned h = layout->h, most = emit->keeps_codes ? h : 1;
    const uint32_t *from = emit->means.from + (size_t)y * h;
    const int32_t *dc = emit->means.dc + (size_t)y * h;
    struct pp_luma_row row = emit->rows[y];

    ends += (size_t)y * h;
    for (unsigned x = 0; columns > 0;) {
        const unsigned length = columns < most ? columns : most;
        append_run(emit, &row, data,
                   (struct run){from[x], ends[x + length], dc[x], dc[x + length - 1]});
        columns -= length;
        x += length;
        if (x == h) {
            x = 0;
            ends += layout->blocks;
            from += h * layout->v;
            dc += h * layout->v;
        }
    }
    emit->rows[y] = row;
}

/* The same where the coefficients change as well, or are decoded. */
static void change_group(struct pp_luma_emit *emit, unsigned y, const uint8_t *data,
                         uint32_t columns, uint32_t most)
{
    const unsigned h = emit->layout.h;
    const struct pp_luma_line line = {.data = data,
                                      .from = emit->means.from + (size_t)y * h,
                                      .dc = emit->means.dc + (size_t)y * h,
                                      .count = columns < most ? columns : most,
                                      .h = h,
                                      .step = h * emit->layout.v};

    if (emit->reduce)
        pp_luma_reduce_line(emit->reduce, &line, emit->layout.columns - columns, y);
    else
        pp_luma_requant_append(emit->requant, &line, &emit->rows[y]);
}

static void emit_coded_mcus(struct pp_luma_emit *emit, const uint8_t *data, const uint32_t *ends,
                            size_t mcus)
{
    const struct pp_luma_layout *layout = &emit->layout;
    const uint32_t rows = layout->rows - emit->mcu_row * layout->v;
    uint32_t columns = layout->columns - emit->mcu_column * layout->h;

    while (mcus > 0) {
        const size_t part = mcus < PP_LUMA_GROUP ? mcus : PP_LUMA_GROUP;
        const uint32_t most = (uint32_t)part * layout->h;
        pp_luma_means_find(&emit->means, data, ends, part);
        for (unsigned y = 0; y < layout->v && y < rows; y++) {
            if (emit->requant || emit->reduce)
                change_group(emit, y, data, columns, most);
            else
                append_group(emit, y, data, ends, columns < most ? columns : most);
        }
        ends += part * layout->blocks;
        mcus -= part;
        columns -= columns < most ? columns : most;
    }
}

/* Of MCUs the blocks that belong to row `y` and the picture, `columns` more blocks wide. */
PP_LUMA_HOT static void append_as_is(struct pp_luma_emit *emit, unsigned y, const uint8_t *data,
                                     const uint32_t *ends, uint32_t columns)
{
    const struct pp_luma_layout *layout = &emit->layout;
    struct pp_luma_row row = emit->rows[y];

    for (ends += (size_t)y * layout->h; columns > 0; ends += layout->blocks) {
        const unsigned length = columns < layout->h ? columns : layout->h;
        append(&row, 0, 0, data, ends[0], ends[length] - ends[0]);
        columns -= length;
    }
    emit->rows[y] = row;
}

static void emit_mcus_as_they_are(struct pp_luma_emit *emit, const uint8_t *data,
                                  const uint32_t *ends, size_t mcus)
{
    const struct pp_luma_layout *layout = &emit->layout;
    const uint32_t rows = layout->rows - emit->mcu_row * layout->v;
    const uint32_t columns = layout->columns - emit->mcu_column * layout->h;
    const uint32_t most = (uint32_t)mcus * layout->h;

    for (unsigned y = 0; y < layout->v && y < rows; y++)
        append_as_is(emit, y, data, ends, columns < most ? columns : most);
}

static enum pp_status check_size(const struct pp_luma_emit *emit, struct pp_error *err)
{
    if (emit->too_large || emit->means.predicted < INT16_MIN || emit->means.predicted > INT16_MAX)
        return pp_error_set(err, PP_E_CORRUPT,
                            "cannot extract luma: a block's mean value is out of range");
    if (emit->reduce && emit->reduce->beyond)
        return pp_error_set(err, PP_E_UNSUPPORTED,
                            "cannot extract luma: a coefficient is larger than any picture's");
    return PP_OK;
}

unsigned pp_luma_emit_rows(const struct pp_luma_emit *emit)
{
    const uint32_t left = emit->layout.rows - emit->mcu_row * emit->layout.v;

    return left < emit->layout.v ? left : emit->layout.v;
}

static void end_mcu_row(struct pp_luma_emit *emit)
{
    for (unsigned i = 1; i < emit->layout.v; i++)
        begin_row(&emit->rows[i], emit->rows[i].data, true);
    emit->draining = 0;
    emit->drained = 0;
    emit->mcu_column = 0;
    emit->mcu_row++;
}

/* Copied blocks take no more than they did, but for their differences. */
size_t pp_luma_emit_room(const struct pp_luma_emit *emit)
{
    return emit->requant ? PP_LUMA_ROW_BYTES / PP_LUMA_BLOCK_BYTES / emit->layout.h
                         : PP_LUMA_BLOCKS;
}

enum pp_status pp_luma_emit_blocks(struct pp_luma_emit *emit, const uint8_t *data,
                                   const uint32_t *ends, size_t mcus, struct pp_error *err)
{
    if (emit->dc == PP_LUMA_DC_CODED)
        emit_coded_mcus(emit, data, ends, mcus);
    else
        emit_mcus_as_they_are(emit, data, ends, mcus);
    emit->mcu_column += (uint32_t)mcus;
    if (emit->mcu_column == emit->layout.mcu_columns) {
        if (emit->reduce || pp_luma_emit_rows(emit) > 1)
            emit->draining = 1;
        else
            end_mcu_row(emit);
    }
    return check_size(emit, err);
}

bool pp_luma_emit_must_drain(const struct pp_luma_emit *emit)
{
    return emit->draining > 0;
}

/* The waiting row's first difference is known now. */
static struct prefix join(struct pp_luma_emit *emit, const struct pp_luma_row *row)
{
    struct pp_luma_row *first = &emit->rows[0];
    struct prefix prefix = {0, 0};

    if (emit->dc == PP_LUMA_DC_CODED)
        prefix = find_prefix(emit, row->first_dc - first->last_dc, &emit->too_large);
    first->last_dc = row->last_dc;
    return prefix;
}

enum pp_status pp_luma_emit_drain(struct pp_luma_emit *emit, struct pp_error *err)
{
    const struct pp_luma_row *row = &emit->rows[emit->draining];
    const size_t bits = (size_t)(row->next - row->data) * 8 + row->count;
    const size_t left = bits - emit->drained, part = left < DRAIN_BITS ? left : DRAIN_BITS;
    struct prefix prefix = {0, 0};

    if (emit->reduce) {
        end_mcu_row(emit);
        return PP_OK;
    }
    if (emit->drained == 0) {
        *row->next = (uint8_t)(row->pending << (8 - row->count));
        prefix = join(emit, row);
    }
    append(&emit->rows[0], prefix.bits, prefix.length, row->data, emit->drained, part);
    emit->drained += part;
    if (emit->drained == bits) {
        emit->drained = 0;
        if (++emit->draining == pp_luma_emit_rows(emit))
            end_mcu_row(emit);
    }
    return check_size(emit, err);
}

enum pp_status pp_luma_emit_flush(struct pp_luma_emit *emit, bool all,
                                  struct pp_luma_output *output, struct pp_error *err)
{
    struct pp_luma_row *row = &emit->rows[0];

    if (all && row->count > 0) {
        *row->next++ = (uint8_t)(row->pending << (8 - row->count) | 0xFFu >> row->count);
        row->count = 0;
        row->pending = 0;
    }
    enum pp_status status =
        pp_luma_output_stuff(output, row->data, (size_t)(row->next - row->data), err);
    row->next = row->data;
    return status;
}
