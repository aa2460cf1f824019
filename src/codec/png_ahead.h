/*
 * codec/png_ahead.h - rows of a PNG as they lie in its zlib stream, one after the other.
 *
 * While the team has other threads, they inflate some batches of rows ahead of the one that is
 * read; else the rows are taken where they were inflated. It belongs to the thread that leads the
 * team. Nobody else may touch the inflater but before the first row and behind the last.
 */
#ifndef PP_CODEC_PNG_AHEAD_H
#define PP_CODEC_PNG_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/team.h"
#include "codec/png_inflate.h"

/* Batches there are. As long as the leader is at a piece of output, the thread that inflates has to
 * have something to fill. */
#define PP_PNG_BATCHES 8u

struct pp_png_batch {
    struct pp_png_ahead *ahead;
    struct pp_job job;     /* fills it */
    uint8_t *rows;         /* owned */
    uint32_t asked;        /* rows that are to be inflated into it */
    uint32_t count;        /* that were */
    enum pp_status status; /* of the row behind these */
    struct pp_error error;
};

struct pp_png_ahead {
    struct pp_team *team;
    struct pp_inflate *inflate;
    size_t row_bytes;    /* the filter's type included */
    uint32_t batch_rows; /* 0: nothing is inflated ahead */
    uint32_t rows_left;  /* not asked for yet, of the inflater */
    struct pp_png_batch batches[PP_PNG_BATCHES];
    unsigned reading; /* the batch that rows are taken from, counted on beyond their number */
    unsigned posted;  /* the first one behind it that is not to be filled yet */
    uint32_t place;   /* in it, of the next row */
};

/* Bytes it allocates at most for a picture of `height` rows of no more than `row_bytes` each. */
uint64_t pp_png_ahead_memory(size_t row_bytes, uint32_t height, unsigned threads_max);

/* The team, which may be NULL, and the inflater, not yet begun, must outlive it. Errors:
 * PP_E_NO_MEMORY; it is to be released then too. */
enum pp_status pp_png_ahead_init(struct pp_png_ahead *ahead, struct pp_team *team,
                                 unsigned threads_max, struct pp_inflate *inflate, size_t row_bytes,
                                 uint32_t height, struct pp_error *err) PP_MUST_CHECK;
/* Wait for what is being inflated, and free. */
void pp_png_ahead_release(struct pp_png_ahead *ahead);

/* The next row, valid until the next call; no more than there are. Errors: those of
 * pp_inflate_take(), when their row is asked for. */
enum pp_status pp_png_ahead_take(struct pp_png_ahead *ahead, const uint8_t **row,
                                 struct pp_error *err) PP_MUST_CHECK;
/* The row behind the one just taken, if it is at hand; else NULL. */
const uint8_t *pp_png_ahead_peek(const struct pp_png_ahead *ahead);

#endif
