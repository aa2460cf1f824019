#include "codec/png_inflate.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "base/memory.h"

/* What comes out between two moves of the history to the window's front: with the history about
 * what a second-level cache holds, and enough to make the moves cheap. */
#define AHEAD_MOST  ((size_t)96 * 1024)
#define AHEAD_LEAST ((size_t)16 * 1024)

enum pp_status pp_inflate_init(struct pp_inflate *inflate, const struct pp_inflate_source *source,
                               uint64_t expected, size_t most, struct pp_error *err)
{
    size_t ahead = expected < AHEAD_MOST ? (size_t)expected : AHEAD_MOST;
    void *window = NULL;

    if (ahead < AHEAD_LEAST)
        ahead = AHEAD_LEAST;
    if (ahead < most)
        ahead = most;
    if (ahead > SIZE_MAX - PP_INFLATE_HISTORY - PP_INFLATE_SLOP)
        return pp_error_set(err, PP_E_NO_MEMORY, "inflated rows: size overflows");
    memset(inflate, 0, offsetof(struct pp_inflate, tables));
    inflate->limit = PP_INFLATE_HISTORY + ahead;
    enum pp_status status =
        pp_memory_new(&window, inflate->limit + PP_INFLATE_SLOP, 1, "inflated rows", err);
    inflate->window = window;
    inflate->source = *source;
    inflate->adler = 1; /* RFC 1950, 8.2 */
    inflate->expected = expected;
    inflate->most = most;
    inflate->tables.fixed = false;
    return status;
}

void pp_inflate_release(struct pp_inflate *inflate)
{
    free(inflate->window);
    inflate->window = NULL;
}

/* ---- the stream, step by step --------------------------------------------------------------- */

static bool fail(struct pp_inflate *inflate, const char *fault)
{
    inflate->fault = fault;
    return false;
}

/* RFC 1950, 2.2. */
static bool read_header(struct pp_inflate *inflate)
{
    if (!pp_inflate_need(inflate, 16))
        return false;
    unsigned method = pp_inflate_bits(inflate, 8), flags = pp_inflate_bits(inflate, 8);
    if ((method * 256 + flags) % 31 != 0)
        return fail(inflate, "incorrect header check");
    if ((method & 15) != 8)
        return fail(inflate, "unknown compression method");
    if (method >> 4 > 7)
        return fail(inflate, "invalid window size");
    inflate->reach = (size_t)256 << (method >> 4);
    if (flags & 0x20)
        return fail(inflate, "missing dictionary");
    inflate->stage = PP_INFLATE_BLOCK;
    return true;
}

static void sum_up(struct pp_inflate *inflate)
{
    inflate->adler = libdeflate_adler32(inflate->adler, inflate->window + inflate->summed,
                                        inflate->write - inflate->summed);
    inflate->summed = inflate->write;
}

static bool read_check(struct pp_inflate *inflate)
{
    pp_inflate_bits(inflate, inflate->bit_count & 7);
    if (!pp_inflate_need(inflate, 32))
        return false;
    uint32_t stored = __builtin_bswap32((uint32_t)inflate->bits);
    inflate->bits = 0;
    inflate->bit_count = 0;
    sum_up(inflate);
    if (stored != inflate->adler)
        return fail(inflate, "incorrect data check");
    inflate->stage = PP_INFLATE_END;
    return true;
}

static void end_block(struct pp_inflate *inflate)
{
    inflate->stage = inflate->last_block ? PP_INFLATE_CHECK : PP_INFLATE_BLOCK;
}

static bool copy_stored(struct pp_inflate *inflate, size_t limit)
{
    size_t size = inflate->stored_left;

    if (size == 0) {
        end_block(inflate);
        return true;
    }
    if (inflate->in == inflate->in_end && !pp_inflate_next_piece(inflate))
        return false;
    if (size > (size_t)(inflate->in_end - inflate->in))
        size = (size_t)(inflate->in_end - inflate->in);
    if (size > limit - inflate->write)
        size = limit - inflate->write;
    memcpy(inflate->window + inflate->write, inflate->in, size);
    inflate->in += size;
    inflate->write += size;
    inflate->stored_left -= (unsigned)size;
    pp_inflate_used(inflate);
    return true;
}

/*
 * zlib keeps as much history as the stream's header promises to need; how far back a match may
 * reach beyond that depends on how zlib is called. As libpng calls it, row by row and with one
 * piece of input at a time, it sees that much of what came out before the call, and all that came
 * out in it; what goes on in the next row must fit the history.
 */
size_t pp_inflate_reachable(const struct pp_inflate *inflate, size_t write, size_t distance,
                            size_t length)
{
    uint64_t place = inflate->dropped + write;
    size_t in_row = (size_t)(place % inflate->most), row_left = inflate->most - in_row;
    uint64_t begin = place - in_row;

    if (distance <= inflate->reach)
        return length;
    if (begin < inflate->piece_begin)
        begin = inflate->piece_begin;
    uint64_t history = begin < inflate->reach ? begin : inflate->reach;
    if (distance > place - begin + history)
        return 0;
    return length < row_left ? length : row_left;
}

/* The rest of a match whose length is known. */
static bool copy_match(struct pp_inflate *inflate, size_t length)
{
    const struct pp_inflate_tables *tables = &inflate->tables;
    uint32_t entry;

    if (!pp_inflate_symbol(inflate, tables->distances, tables->distance_bits, &entry))
        return false;
    if (entry & PP_ENTRY_EXCEPTIONAL)
        return fail(inflate, "invalid distance code");
    size_t distance = pp_entry_value(entry, inflate->bits);
    pp_inflate_bits(inflate, pp_entry_bits(entry));
    if (distance > inflate->write)
        return fail(inflate, "invalid distance too far back");
    size_t part = pp_inflate_reachable(inflate, inflate->write, distance, length);
    pp_inflate_copy(inflate->window + inflate->write, distance, part);
    inflate->write += part;
    return part == length || fail(inflate, "invalid distance too far back");
}

/* One symbol, whatever the pieces it comes in. */
static bool decode_symbol(struct pp_inflate *inflate)
{
    const struct pp_inflate_tables *tables = &inflate->tables;
    uint32_t entry;

    if (!pp_inflate_symbol(inflate, tables->lengths, tables->length_bits, &entry))
        return false;
    size_t length = pp_entry_value(entry, inflate->bits);
    pp_inflate_bits(inflate, pp_entry_bits(entry));
    if (entry & PP_ENTRY_LITERAL) {
        inflate->window[inflate->write++] = (uint8_t)(entry >> 16);
        return true;
    }
    if (entry & PP_ENTRY_END) {
        end_block(inflate);
        return true;
    }
    if (entry & PP_ENTRY_EXCEPTIONAL)
        return fail(inflate, "invalid literal/length code");
    return copy_match(inflate, length);
}

/* ---- runs of steps ----------------------------------------------------------------------------
 */

/* Toward more bytes, at most up to offset `limit`. */
static bool step(struct pp_inflate *inflate, size_t limit)
{
    switch (inflate->stage) {
    case PP_INFLATE_HEADER:
        return read_header(inflate);
    case PP_INFLATE_BLOCK:
        return pp_inflate_begin_block(inflate);
    case PP_INFLATE_STORED:
        return copy_stored(inflate, limit);
    case PP_INFLATE_CODED:
        pp_inflate_loop(inflate, limit);
        if (inflate->fault || inflate->stage != PP_INFLATE_CODED || inflate->write >= limit)
            return !inflate->fault;
        return decode_symbol(inflate);
    case PP_INFLATE_CHECK:
        return read_check(inflate);
    default:
        return true;
    }
}

/* Move what is still needed to the window's front: the history, and what was not taken. */
static void slide(struct pp_inflate *inflate)
{
    size_t from = inflate->write > PP_INFLATE_HISTORY ? inflate->write - PP_INFLATE_HISTORY : 0;

    if (from > inflate->read)
        from = inflate->read;
    sum_up(inflate);
    memmove(inflate->window, inflate->window + from, inflate->write - from);
    inflate->dropped += from;
    inflate->read -= from;
    inflate->write -= from;
    inflate->summed -= from;
}

static bool has_failed(const struct pp_inflate *inflate)
{
    return inflate->fault || inflate->starved || inflate->error.status != PP_OK;
}

static enum pp_status failure(struct pp_inflate *inflate, struct pp_error *err)
{
    if (inflate->fault)
        pp_error_set(&inflate->error, PP_E_CORRUPT, "cannot decode: IDAT: %s", inflate->fault);
    else
        pp_error_set(&inflate->error, PP_E_CORRUPT, "cannot decode: not enough image data");
    return pp_error_set(err, inflate->error.status, "%s", inflate->error.text);
}

/* As many bytes as fit the window. */
static void run(struct pp_inflate *inflate)
{
    uint64_t wanted = inflate->expected - inflate->dropped;
    size_t limit = wanted < inflate->limit ? (size_t)wanted : inflate->limit;
    bool fine = !has_failed(inflate);

    while (fine && inflate->write < limit && inflate->stage != PP_INFLATE_END)
        fine = step(inflate, limit);
}

enum pp_status pp_inflate_take(struct pp_inflate *inflate, size_t size, const uint8_t **data,
                               struct pp_error *err)
{
    if (inflate->write - inflate->read < size) {
        if (inflate->read + size > inflate->limit)
            slide(inflate);
        run(inflate);
    }
    if (inflate->write - inflate->read < size)
        return failure(inflate, err);
    *data = inflate->window + inflate->read;
    inflate->read += size;
    return PP_OK;
}

enum pp_status pp_inflate_rest(struct pp_inflate *inflate, uint64_t most, struct pp_error *err)
{
    bool fine = !has_failed(inflate);

    while (fine && inflate->stage != PP_INFLATE_END && pp_inflate_total(inflate) <= most) {
        inflate->read = inflate->write;
        if (inflate->write >= inflate->limit)
            slide(inflate);
        uint64_t room = most - pp_inflate_total(inflate);
        bool all = room >= inflate->limit - inflate->write;
        fine = step(inflate, all ? inflate->limit : inflate->write + (size_t)room + 1);
    }
    return fine ? PP_OK : failure(inflate, err);
}
