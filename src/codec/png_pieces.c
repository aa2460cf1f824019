#include "codec/png_pieces.h"

#include <stdlib.h>
#include <string.h>

#include "codec/png_chunk.h"
#include "codec/png_deflate.h"

/* Pieces beyond the number of threads. */
#define SPARE_PIECES 2

/* A piece on its way: filled, pressed, written. */
struct piece {
    struct pp_png_press press;
    struct pp_job job; /* presses it */
};

struct pp_png_pieces {
    struct pp_output *out;
    struct pp_png_pieces_settings settings;
    uint32_t rows_left; /* not asked for yet */
    uint32_t adler;     /* of what is written */
    bool begun;         /* the stream's head is written */
    unsigned count;     /* of the pieces there may be at once */
    unsigned oldest;    /* the first that is complete and not written */
    unsigned complete;  /* how many are, one behind the other, in a ring */
    struct piece *filling;
    struct piece ring[];
};

static uint32_t rows_of_piece(const struct pp_png_pieces_settings *settings)
{
    size_t rows = PP_PNG_PIECE_BYTES / (settings->shape.row_bytes + 1);

    if (rows < 1)
        return 1;
    return rows < settings->height ? (uint32_t)rows : settings->height;
}

/* More than there are threads, so that some can be filled while others are pressed. */
static unsigned piece_count(const struct pp_png_pieces_settings *settings)
{
    uint32_t rows = rows_of_piece(settings);
    uint32_t needed = (settings->height - 1) / rows + 1;
    unsigned wanted = settings->threads_max > 1 ? settings->threads_max + SPARE_PIECES : 1;

    return wanted < needed ? wanted : needed;
}

static struct pp_png_press_shape shape_of(const struct pp_png_pieces_settings *settings)
{
    struct pp_png_press_shape shape = settings->shape;

    shape.rows = rows_of_piece(settings);
    shape.whole = shape.rows == settings->height;
    return shape;
}

uint64_t pp_png_pieces_memory(const struct pp_png_pieces_settings *settings)
{
    struct pp_png_press_shape shape = shape_of(settings);
    uint64_t one = sizeof(struct piece) + pp_png_press_memory(&shape),
             count = piece_count(settings);

    return one > UINT64_MAX / 2 / count ? UINT64_MAX / 2 : one * count;
}

enum pp_status pp_png_pieces_new(struct pp_output *out,
                                 const struct pp_png_pieces_settings *settings,
                                 struct pp_png_pieces **result, struct pp_error *err)
{
    unsigned count = piece_count(settings);
    struct pp_png_pieces *pieces = *result =
        calloc(1, sizeof(*pieces) + count * sizeof(struct piece));

    if (!pieces)
        return pp_error_set(err, PP_E_NO_MEMORY, "PNG writer: no memory");
    pieces->out = out;
    pieces->settings = *settings;
    pieces->settings.shape = shape_of(settings);
    pieces->rows_left = settings->height;
    pieces->count = count;
    pieces->adler = 1;
    return PP_OK;
}

/* ---- out ------------------------------------------------------------------------------------ */

/* RFC 1950, 2.2: deflate with a window of 32 KB; how hard was tried; a check of the two bytes. */
static void put_zlib_head(uint8_t head[2], int level)
{
    unsigned effort = level < 0 || level == 1   ? 0
                      : level == 0 || level < 6 ? 1
                      : level < 10              ? 2
                                                : 3;
    unsigned value = 0x7800 | effort << 6;

    value += 31 - value % 31;
    head[0] = (uint8_t)(value >> 8);
    head[1] = (uint8_t)value;
}

static enum pp_status write_press(struct pp_png_pieces *pieces, const struct pp_png_press *press,
                                  struct pp_error *err)
{
    uint8_t head[2], tail[4];

    if (press->status != PP_OK)
        return pp_error_set(err, press->status, "PNG writer: no memory to deflate");
    put_zlib_head(head, pieces->settings.shape.level);
    pieces->adler = pp_png_adler_joined(pieces->adler, press->adler, press->raw_size);
    pp_png_put_32(tail, pieces->adler);
    struct pp_png_part parts[] = {{head, pieces->begun ? 0 : sizeof(head)},
                                  {press->out, press->out_size},
                                  {tail, press->final ? sizeof(tail) : 0}};
    pieces->begun = true;
    return pp_png_write_chunks(pieces->out, "IDAT", parts, 3, err);
}

/* ---- pressing ------------------------------------------------------------------------------- */

static struct piece *complete_piece(struct pp_png_pieces *pieces, unsigned index)
{
    return &pieces->ring[(pieces->oldest + index) % pieces->count];
}

static void press(void *user)
{
    struct piece *piece = user;

    pp_png_press_run(&piece->press);
}

static enum pp_status write_oldest(struct pp_png_pieces *pieces, struct pp_error *err)
{
    struct piece *piece = complete_piece(pieces, 0);

    pp_team_wait(pieces->settings.team, &piece->job);
    pieces->oldest = (pieces->oldest + 1) % pieces->count;
    pieces->complete--;
    return write_press(pieces, &piece->press, err);
}

/* The piece that was being filled is complete. */
static enum pp_status pass_on(struct pp_png_pieces *pieces, struct pp_error *err)
{
    struct piece *piece = pieces->filling;
    bool shared = pp_team_size(pieces->settings.team) > 1;
    enum pp_status status = PP_OK;

    piece->press.final = pieces->rows_left == 0;
    pieces->filling = NULL;
    pieces->complete++;
    if (shared)
        pp_team_post(pieces->settings.team, &piece->job, PP_JOB_LAST);
    else
        press(piece);
    while (status == PP_OK && (shared && !piece->press.final ? pieces->complete == pieces->count
                                                             : pieces->complete > 0))
        status = write_oldest(pieces, err);
    return status;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* Take the next piece of the ring, beginning with the last row of `before` as the one above. */
static enum pp_status begin_piece(struct pp_png_pieces *pieces, const struct piece *before,
                                  struct pp_error *err)
{
    struct piece *piece = complete_piece(pieces, pieces->complete);
    const struct pp_png_press_shape *shape = &pieces->settings.shape;
    enum pp_status status = PP_OK;

    if (!piece->press.memory)
        status = pp_png_press_init(&piece->press, shape, err);
    if (status != PP_OK)
        return status;
    if (before)
        memmove(piece->press.rows, before->press.rows + before->press.count * shape->row_bytes,
                shape->row_bytes);
    else
        memset(piece->press.rows, 0, shape->row_bytes);
    piece->press.count = 0;
    piece->job = (struct pp_job){.run = press, .user = piece};
    pieces->filling = piece;
    return PP_OK;
}

enum pp_status pp_png_pieces_next_row(struct pp_png_pieces *pieces, uint8_t **row,
                                      struct pp_error *err)
{
    const struct piece *before = pieces->filling;
    enum pp_status status = PP_OK;

    if (pieces->rows_left == 0)
        return pp_error_set(err, PP_E_INTERNAL, "cannot encode: more rows than the picture has");
    bool is_full = before && before->press.count == pieces->settings.shape.rows;
    if (is_full)
        status = pass_on(pieces, err);
    if (status == PP_OK && (is_full || !before))
        status = begin_piece(pieces, before, err);
    if (status != PP_OK)
        return status;
    struct pp_png_press *press = &pieces->filling->press;
    press->count++;
    *row = press->rows + press->count * press->shape.row_bytes;
    pieces->rows_left--;
    return PP_OK;
}

enum pp_status pp_png_pieces_finish(struct pp_png_pieces *pieces, struct pp_error *err)
{
    if (pieces->rows_left > 0 || !pieces->filling)
        return pp_error_set(err, PP_E_INTERNAL, "cannot encode: rows are missing");
    return pass_on(pieces, err);
}

void pp_png_pieces_free(struct pp_png_pieces *pieces)
{
    if (!pieces)
        return;
    for (unsigned i = 0; i < pieces->count; i++) {
        pp_team_wait(pieces->settings.team, &pieces->ring[i].job);
        pp_png_press_release(&pieces->ring[i].press);
    }
    free(pieces);
}
