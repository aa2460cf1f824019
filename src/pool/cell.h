/*
 * pool/cell.h - the memory a supervisor and one worker share.
 *
 * Each incarnation of a worker has a cell of its own, made before the fork and never used again:
 * two sealed memfds, which have no name that could be left behind and no size that could change
 * under a reader.
 *
 *   results  written by the worker, read by the supervisor, which believes none of it
 *   orders   written by the supervisor; the worker cannot even map it for writing
 *
 * Nothing in a cell blocks: no lock is shared, so no death can leave one taken. Creating belongs to
 * the supervisor, attaching to the worker's main thread.
 */
#ifndef PP_POOL_CELL_H
#define PP_POOL_CELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>
#include <pixpool/pool.h>

#include "pool/sandbox.h"

/* Records in a ring: at least the tasks a worker can have at once, so that publishing never waits.
 * Powers of two. */
enum pp_ring_size {
    PP_RING_FEW = 8,  /* small tasks */
    PP_RING_MANY = 64 /* tiny ones: see pp_pool_settings.tiny */
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
               "shared words must be atomic without a lock");

enum pp_record_kind {
    PP_RECORD_DONE = 1,   /* run() ended; the payload is what it wrote */
    PP_RECORD_SKIPPED = 2 /* the task had been called off before it began */
};

struct pp_record {
    uint32_t crc; /* CRC-32 of all that follows, up to the payload's end */
    uint32_t payload_size;
    uint64_t id;
    uint32_t attempt;
    uint32_t incarnation;
    uint32_t kind;
    uint32_t with_fd;   /* 1: a descriptor was sent along, see pp_message_answer() */
    uint32_t unused[4]; /* 0; they align the payload for any type */
    _Alignas(max_align_t) uint8_t payload[PP_RESULT_MAX];
};
_Static_assert(offsetof(struct pp_record, payload) == 48, "no padding: the CRC covers all of it");

enum pp_readiness {
    PP_WORKER_STARTING = 0,
    PP_WORKER_READY,   /* start() succeeded */
    PP_WORKER_REFUSED, /* it did not; start_text says why */
    PP_WORKER_UNSAFE   /* the same, for want of the sandbox: no other would fare better */
};

/* A hand-out may ask for memory again, for another way of doing its task: each wish has a number of
 * its own, by which the hand-out is known. */
#define PP_WISH_BITS 4

static inline uint64_t pp_wish_number(uint64_t id, unsigned wishes_before)
{
    return (id + 1) << PP_WISH_BITS | wishes_before;
}

/* Written by the worker. A hand-out is named by its id + 1, so that 0 names none. */
struct pp_results {
    uint64_t guard_front;        /* the supervisor's random word: gone if someone scribbled here */
    _Atomic uint64_t tail;       /* records published since the start; storing it commits one */
    _Atomic uint64_t current;    /* the hand-out in work */
    _Atomic uint64_t progress;   /* of it, in the service's unit */
    _Atomic uint64_t wish_bytes; /* memory asked for; written before wish */
    _Atomic uint64_t wish;       /* pp_wish_number() of what it is asked for; 0: nothing yet */
    _Atomic uint32_t ready;      /* an enum pp_readiness */
    _Atomic uint32_t sandbox;    /* the level it entered, as pp_sandbox_pack(); before `ready` */
    int32_t start_errno;         /* why the program could not be executed at all */
    char start_text[PP_ERROR_TEXT];
    struct pp_record ring[]; /* orders->records of them, and behind them the guard word again */
};

/* Bytes of the results with so many records. */
static inline size_t pp_results_size(uint32_t records)
{
    return sizeof(struct pp_results) + records * sizeof(struct pp_record) + sizeof(uint64_t);
}

/* Written by the supervisor. The first group is constant from before the fork. */
struct pp_orders {
    int32_t supervisor; /* its process id */
    uint32_t number;    /* of the worker's place */
    uint32_t incarnation;
    uint32_t records;   /* in the ring */
    uint64_t allowance; /* bytes a task may take without asking */
    uint64_t budget;    /* bytes no request can exceed */
    struct pp_sandbox_orders sandbox;

    _Atomic uint32_t stop;         /* begin nothing more, end in order */
    _Atomic uint32_t threads;      /* the thread budget */
    _Atomic uint64_t quiet;        /* the record behind so many is to be rung for */
    _Atomic uint64_t cancel_below; /* hand-outs with a smaller id are not to be begun */
    _Atomic uint64_t granted;      /* the last wish for memory that was granted, its number */
    _Atomic uint32_t answers;      /* futex word, moved whenever a waiting worker should look */
};

/* The supervisor's view. */
struct pp_cell {
    const struct pp_results *results;
    struct pp_orders *orders;
    uint32_t records;
    int results_fd, orders_fd; /* until the worker has them; then -1 */
    uint64_t guard;
};

/* Make a cell. Returns 0 or an errno value; on failure the cell is as after pp_cell_release(). */
int pp_cell_create(struct pp_cell *cell, enum pp_ring_size records) PP_MUST_CHECK;
/* Close the descriptors; the mappings stay. */
void pp_cell_close_fds(struct pp_cell *cell);
/* Undo pp_cell_create(). A released cell may be released again. */
void pp_cell_release(struct pp_cell *cell);
/* Whether the words around the results are still the supervisor's. */
bool pp_cell_intact(const struct pp_cell *cell);

/* The worker's view. Returns 0 or an errno value; EPROTO when the descriptors are no cell. */
int pp_cell_attach(int results_fd, int orders_fd, struct pp_results **results,
                   const struct pp_orders **orders) PP_MUST_CHECK;

#endif
