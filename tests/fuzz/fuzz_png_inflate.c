/*
 * The inflater against zlib, over streams that are damaged in all manner of ways: the same rows,
 * the same verdict on the end, the same bytes behind it. zlib is called as libpng calls it.
 *
 * With a compiler that has libFuzzer, define PP_LIBFUZZER and let it find the inputs. Otherwise
 * `fuzz_png_inflate [SECONDS [SEED]]` makes streams with zlib and mutates them.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "codec/png_inflate.h"

#define ROWS_BYTES_MAX ((size_t)200000)
#define HEAD_BYTES     3 /* of an input: row size, number of rows, piece size */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What became of a stream. */
enum verdict { ENDED, MORE, FAULT, STARVED };

struct result {
    size_t rows;               /* whole ones */
    enum verdict rows_verdict; /* ENDED: all rows came */
    enum verdict end_verdict;  /* when all came: what follows without more bytes */
    enum verdict rest_verdict; /* when more bytes follow: what comes behind them */
    uint32_t sum;              /* Adler-32 of all that came, when it ended */
};

struct pieces {
    const uint8_t *data;
    size_t size, piece;
    bool ended; /* the stream in them, to zlib */
};

struct trial {
    struct pieces pieces;
    size_t row, count;
};

static void ensure(bool true_, const char *what)
{
    if (true_)
        return;
    fprintf(stderr, "fuzz_png_inflate: %s\n", what);
    abort();
}

static enum pp_status next(void *user, const uint8_t **data, size_t *size, struct pp_error *err)
{
    struct pieces *pieces = user;

    (void)err;
    *data = pieces->data;
    *size = pieces->size < pieces->piece ? pieces->size : pieces->piece;
    pieces->data += *size;
    pieces->size -= *size;
    return PP_OK;
}

static enum verdict verdict_of(const struct pp_inflate *inflate, enum pp_status status)
{
    if (inflate->fault)
        return FAULT;
    if (inflate->starved)
        return STARVED;
    if (status == PP_OK && inflate->stage != PP_INFLATE_END)
        return MORE;
    return ENDED;
}

static struct result run_ours(struct trial trial, uint8_t *out)
{
    const struct pp_inflate_source source = {next, &trial.pieces};
    struct pp_inflate *inflate = malloc(sizeof(*inflate));
    struct result result = {0};
    const uint8_t *row;

    ensure(inflate &&
               pp_inflate_init(inflate, &source, trial.row * trial.count, trial.row, NULL) == PP_OK,
           "no memory");
    enum pp_status status = PP_OK;
    while (result.rows < trial.count && status == PP_OK) {
        status = pp_inflate_take(inflate, trial.row, &row, NULL);
        if (status == PP_OK)
            memcpy(out + result.rows++ * trial.row, row, trial.row);
    }
    if (status != PP_OK) {
        result.rows_verdict = verdict_of(inflate, status);
        ensure(result.rows_verdict != ENDED || inflate->stage == PP_INFLATE_END, "no cause");
        result.rows_verdict = result.rows_verdict == ENDED ? MORE : result.rows_verdict;
    } else {
        uint64_t expected = trial.row * trial.count;
        status = pp_inflate_rest(inflate, expected, NULL);
        result.end_verdict = verdict_of(inflate, status);
        if (pp_inflate_total(inflate) > expected) {
            status = pp_inflate_rest(inflate, UINT64_MAX, NULL);
            result.rest_verdict = verdict_of(inflate, status);
            result.end_verdict = MORE;
        }
        result.sum = inflate->adler;
    }
    pp_inflate_release(inflate);
    free(inflate);
    return result;
}

/* One call as libpng makes it: a piece when there is none, then as much as the output takes. */
static int call_zlib(z_stream *zlib, struct pieces *pieces, bool *starved)
{
    const uint8_t *data = NULL;
    size_t size = 0;

    *starved = false;
    if (pieces->ended)
        return Z_STREAM_END;
    if (zlib->avail_in == 0) {
        next(pieces, &data, &size, NULL);
        zlib->next_in = (z_const Bytef *)(uintptr_t)data;
        zlib->avail_in = (uInt)size;
        *starved = size == 0;
    }
    int status = *starved ? Z_BUF_ERROR : inflate(zlib, Z_NO_FLUSH);
    pieces->ended = status == Z_STREAM_END;
    return status;
}

/* Go on until `all` of the stream was read, or else until it would make bytes. */
static enum verdict end_zlib(z_stream *zlib, struct pieces *pieces, bool all, uint32_t *sum)
{
    uint8_t waste[4096];
    bool starved = false;

    for (;;) {
        zlib->next_out = waste;
        zlib->avail_out = all ? sizeof(waste) : 0;
        int status = call_zlib(zlib, pieces, &starved);
        if (all)
            *sum = (uint32_t)adler32(*sum, waste, (uInt)(sizeof(waste) - zlib->avail_out));
        if (starved)
            return STARVED;
        if (status == Z_STREAM_END)
            return ENDED;
        if (status != Z_OK && status != Z_BUF_ERROR)
            return FAULT;
        if (!all && zlib->avail_in > 0)
            return MORE;
    }
}

static enum verdict row_zlib(z_stream *zlib, struct pieces *pieces, uint8_t *row, size_t size)
{
    bool starved = false;

    zlib->next_out = row;
    zlib->avail_out = (uInt)size;
    while (zlib->avail_out > 0) {
        int status = call_zlib(zlib, pieces, &starved);
        if (starved)
            return STARVED;
        if (status == Z_STREAM_END)
            return zlib->avail_out > 0 ? MORE : ENDED;
        if (status != Z_OK)
            return FAULT;
    }
    return ENDED;
}

static struct result run_zlib(struct trial trial, uint8_t *out)
{
    z_stream zlib = {0};
    struct result result = {.sum = 1};

    ensure(inflateInit2(&zlib, 0) == Z_OK, "no memory");
    while (result.rows < trial.count && result.rows_verdict == ENDED) {
        uint8_t *row = out + result.rows * trial.row;
        result.rows_verdict = row_zlib(&zlib, &trial.pieces, row, trial.row);
        if (result.rows_verdict == ENDED)
            result.rows++;
    }
    if (result.rows_verdict == ENDED) {
        result.sum = (uint32_t)adler32(1, out, (uInt)(result.rows * trial.row));
        result.end_verdict = end_zlib(&zlib, &trial.pieces, false, &result.sum);
        if (result.end_verdict == MORE)
            result.rest_verdict = end_zlib(&zlib, &trial.pieces, true, &result.sum);
    }
    inflateEnd(&zlib);
    return result;
}

/* zlib takes a code for code lengths without any code as one that is all zeros, and only fails when
 * the lengths are complete; where the stream ends before that, we see the fault first. */
static bool agree(enum verdict ours, enum verdict zlib)
{
    return ours == zlib || (ours == FAULT && zlib == STARVED);
}

/* What became of the stream behind the rows. A match there is looked at by zlib in parts, and by us
 * at once, so whether more bytes come in front of a fault may differ. */
static enum verdict outcome(const struct result *result)
{
    return result->end_verdict == MORE ? result->rest_verdict : result->end_verdict;
}

static void compare(const struct result *ours, const struct result *zlib, size_t count)
{
    /* To zlib a fault right behind a row's last byte is that row's, and what it has still in hand
     * of a match does not come out without more input. */
    bool late =
        ours->rows > zlib->rows && (zlib->rows_verdict == STARVED ||
                                    (zlib->rows_verdict == FAULT && ours->rows == zlib->rows + 1));

    ensure(late || ours->rows == zlib->rows, "other rows");
    if (late && ours->rows == count) {
        ensure(agree(outcome(ours), zlib->rows_verdict), "another verdict behind the rows");
        return;
    }
    ensure(agree(ours->rows_verdict, zlib->rows_verdict), "another verdict on the rows");
    if (zlib->rows_verdict != ENDED)
        return;
    ensure(agree(outcome(ours), outcome(zlib)), "another verdict on the end");
    bool ended = outcome(zlib) == ENDED;
    ensure(!ended || ours->end_verdict == zlib->end_verdict, "bytes behind the rows or not");
    ensure(!ended || ours->sum == zlib->sum, "another checksum");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t piece_sizes[8] = {1, 2, 7, 31, 100, 1000, 8192, 65535};

    if (size < HEAD_BYTES)
        return 0;
    struct trial trial = {
        .pieces = {data + HEAD_BYTES, size - HEAD_BYTES, piece_sizes[data[2] & 7], false},
        .row = 1 + (size_t)data[0] * data[0] / 4,
    };
    trial.count = 1 + data[1] * ROWS_BYTES_MAX / 255 / trial.row;
    uint8_t *ours = malloc(trial.row * trial.count), *zlib = malloc(trial.row * trial.count);
    ensure(ours && zlib, "no memory");
    struct result a = run_ours(trial, ours), b = run_zlib(trial, zlib);
    compare(&a, &b, trial.count);
    ensure(memcmp(ours, zlib, (a.rows < b.rows ? a.rows : b.rows) * trial.row) == 0, "other bytes");
    free(ours);
    free(zlib);
    return 0;
}

#if !defined(PP_LIBFUZZER)

#define RAW_MAX   30000
#define INPUT_MAX 40000

/* xorshift64 (Marsaglia 2003). */
static uint64_t random_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(uint64_t *state, size_t bound)
{
    return (size_t)(random_number(state) >> 11) % bound;
}

/* Bytes with runs, repetitions near and far, and noise in changing shares. */
static void make_bytes(uint64_t *state, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t run = 1 + below(state, 400), kind = below(state, 5);
        size_t back = i > 0 ? 1 + below(state, i < 40 || kind == 3 ? i : 40) : 0;
        unsigned mask = 0xFFu >> below(state, 8);
        for (; run > 0 && i < size; run--, i++) {
            if (kind == 0)
                bytes[i] = 0;
            else if (kind < 3 || back == 0)
                bytes[i] = (uint8_t)(random_number(state) & mask);
            else
                bytes[i] = bytes[i - back];
        }
    }
}

/* A sound stream behind an input's head; its size. */
static size_t make_stream(uint64_t *state, uint8_t *input)
{
    static uint8_t raw[RAW_MAX];
    z_stream zlib = {0};
    size_t size = below(state, 8) ? below(state, 3000) : below(state, RAW_MAX);
    int level = (int)below(state, 10), strategy = (int)below(state, 5);

    make_bytes(state, raw, size);
    ensure(deflateInit2(&zlib, level, Z_DEFLATED, 9 + (int)below(state, 7),
                        1 + (int)below(state, 9), strategy) == Z_OK,
           "no memory");
    zlib.next_in = raw;
    zlib.next_out = input + HEAD_BYTES;
    zlib.avail_out = INPUT_MAX - HEAD_BYTES;
    zlib.avail_in = (uInt)(size / 2);
    deflate(&zlib, (int)below(state, 4)); /* no flush, partial, sync, full */
    zlib.avail_in += (uInt)(size - size / 2);
    deflate(&zlib, Z_FINISH);
    size_t made = HEAD_BYTES + (size_t)zlib.total_out;
    deflateEnd(&zlib);
    /* Rows that make up the picture now and then, so that the end is looked at. */
    input[0] = (uint8_t)below(state, 256);
    size_t row = 1 + (size_t)input[0] * input[0] / 4;
    input[1] =
        (uint8_t)(below(state, 2) ? size / row * row * 255 / ROWS_BYTES_MAX : below(state, 256));
    input[2] = (uint8_t)below(state, 256);
    return made;
}

/* The same with a little damage. */
static size_t mutate(uint64_t *state, uint8_t *input, size_t size)
{
    for (size_t n = below(state, 6); n > 0 && size > HEAD_BYTES; n--) {
        /* The header of the stream and of the first block are where most is decided. */
        size_t span = size - HEAD_BYTES;
        size_t at = HEAD_BYTES + below(state, below(state, 2) && span > 120 ? 120 : span);
        switch (below(state, 5)) {
        case 0:
            input[at] = (uint8_t)random_number(state);
            break;
        case 1:
            memmove(input + at, input + at + 1, size - at - 1);
            size--;
            break;
        case 2:
            size = below(state, 4) ? size : at;
            break;
        default:
            input[at] ^= (uint8_t)(1u << below(state, 8));
            break;
        }
    }
    return size;
}

/* Found once: a row that begins with its piece used up, and a match beyond the promised history. */
static const uint8_t found[] = {
    27,  135, 4,   8,   215, 99,  172, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 251, 251, 251, 251,
    251, 251, 251, 251, 251, 251, 251, 251, 251, 176, 139, 149, 153, 145, 133, 70,  128, 116,
    110, 23,  48,  56,  126, 72,  223, 134, 176, 139, 150, 153, 145, 133, 70,  128, 116, 110,
    23,  48,  56,  240, 240, 240, 240, 240, 240, 240, 240, 240, 139, 149, 153, 145, 133, 70,
    128, 116, 23,  48,  56,  134, 176, 0,   48,  56,  134, 176, 0,   56,  134, 176, 0};

int main(int argc, char **argv)
{
    static uint8_t input[INPUT_MAX], damaged[INPUT_MAX];
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 3;
    uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 20260101;
    unsigned long trials = 0;
    time_t begin = time(NULL);

    LLVMFuzzerTestOneInput(found, sizeof(found));
    while (difftime(time(NULL), begin) < seconds) {
        size_t size = make_stream(&state, input);
        LLVMFuzzerTestOneInput(input, size);
        for (int i = 0; i < 50; i++, trials++) {
            memcpy(damaged, input, size);
            LLVMFuzzerTestOneInput(damaged, mutate(&state, damaged, size));
        }
    }
    printf("fuzz_png_inflate: %lu damaged streams, no difference to zlib\n", trials);
    return 0;
}

#endif
