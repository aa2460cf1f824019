/*
 * pool/ring.h - the ring of result records in a cell: one writer, one reader, two processes.
 *
 * The worker fills a record and then stores the tail: from that store on the result counts, even
 * if the worker dies at the next instruction. The supervisor copies a record out once and looks
 * only at its copy.
 */
#ifndef PP_POOL_RING_H
#define PP_POOL_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/cell.h"

/* The worker's end. */
struct pp_ring_writer {
    struct pp_results *results;
    const struct pp_orders *orders;
    uint64_t tail; /* its own count: what stands in shared memory is only ever written */
};

/*
 * Publish a record. `head` gives all but crc and payload. There is always room, see
 * enum pp_ring_size. Returns whether the supervisor may be asleep and must be woken: it need not
 * when it has not yet taken out what was published before, for then it will look again, or when it
 * asked to be left alone for so long.
 */
bool pp_ring_push(struct pp_ring_writer *writer, const struct pp_record *head,
                  const void *payload) PP_MUST_CHECK;

/* The supervisor's end. */
struct pp_ring_reader {
    const struct pp_cell *cell;
    uint32_t incarnation;
    uint64_t head;  /* records taken so far */
    uint64_t quiet; /* as it stands in the orders; taking a record makes it the head */
};

/* What the next record must be: the oldest hand-out of which none has been taken yet. */
struct pp_ring_expected {
    unsigned outstanding; /* hand-outs without a record; 0: there can be no next one */
    uint64_t id;
    uint32_t attempt;
};

enum pp_ring_state {
    PP_RING_EMPTY,
    PP_RING_TAKEN, /* *record is a checked copy */
    PP_RING_BROKEN /* the tail or the record cannot be: the cell was scribbled over */
};

/* Of the next `records` none is to be rung for. Only ever puts it off: a ring that is due stays so.
 * The reader must look again after a while by itself. */
void pp_ring_hush(struct pp_ring_reader *reader, uint64_t records);
/* Be rung for the next record; then look once more, it may be there. */
void pp_ring_listen(struct pp_ring_reader *reader);

enum pp_ring_state pp_ring_take(struct pp_ring_reader *reader,
                                const struct pp_ring_expected *expected, struct pp_record *record);

#endif
