/*
 * codec/png_pieces.h - rows in, IDAT chunks out (PNG-3, 11.2.3): one zlib stream, made in pieces of
 * a fixed size so that the bytes do not depend on the number of threads.
 *
 * Belongs to one thread, the one that leads the team. A piece that is complete becomes a job of the
 * team while the caller goes on with the next rows; where the team is of one, it is pressed at
 * once. That may change between two calls.
 */
#ifndef PP_CODEC_PNG_PIECES_H
#define PP_CODEC_PNG_PIECES_H

#include <stdint.h>

#include <pixpool/error.h>

#include "base/stream.h"
#include "base/team.h"
#include "codec/png_press.h"

/* Bytes in a piece before they are deflated, unless one row is longer. A piece costs some 0.1 % in
 * size, since none refers back into another and each ends its last block early. */
#define PP_PNG_PIECE_BYTES ((size_t)512 * 1024)

struct pp_png_pieces_settings {
    struct pp_png_press_shape shape; /* but for the rows of a piece, chosen here */
    uint32_t height;
    unsigned threads_max; /* 0 means 1 */
    struct pp_team *team; /* as in struct pp_write_settings */
};

struct pp_png_pieces;

/* Bytes it holds at its peak. */
uint64_t pp_png_pieces_memory(const struct pp_png_pieces_settings *settings);

/* *pieces is the caller's. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_png_pieces_new(struct pp_output *out,
                                 const struct pp_png_pieces_settings *settings,
                                 struct pp_png_pieces **pieces, struct pp_error *err) PP_MUST_CHECK;
/*
 * Where the next row is to be put, before the next call; `height` times. What is complete by then
 * may be pressed and written. Errors: those of pp_output_write(), PP_E_INTERNAL for a row too many.
 */
enum pp_status pp_png_pieces_next_row(struct pp_png_pieces *pieces, uint8_t **row,
                                      struct pp_error *err) PP_MUST_CHECK;
/* After the last row is there: press and write all that is left. Errors: the same. */
enum pp_status pp_png_pieces_finish(struct pp_png_pieces *pieces,
                                    struct pp_error *err) PP_MUST_CHECK;
/* Wait for what others are at, and free; NULL is allowed. */
void pp_png_pieces_free(struct pp_png_pieces *pieces);

#endif
