/*
 * runtime/queue_state.h - what a queue is made of, and how it outlives the deaths of its users.
 *
 * One piece of shared memory: a head, the slots, a lock for each slot, a map of the blocks that are
 * in use, the blocks. All of it but the blocks' bytes is read and written under the head's lock, a
 * robust mutex that is held for a microsecond.
 *
 * Truth and what follows from it. An item is what its slot's word says:
 *
 *     FREE -> WRITING -> FULL -> READING -> FREE      (a small item: FREE -> FULL -> FREE)
 *
 * Each step is decided by one store to that word, after everything that the step needs was written.
 * The truth is these words with ticket, size and block of slots that are not free, and in the head
 * next_ticket, finished and closed. Everything else (lists, counts, the map) follows from the truth
 * and is made anew from it when somebody has died with the lock: pp_queue_repair(). It does not ask
 * how far the dead had got, so that a death in the middle of the repair is no special case.
 *
 * Owners. Large items are copied outside the head's lock, by a thread that meanwhile holds the
 * slot's own lock, a robust mutex as well. A slot in WRITING or READING belongs to who has its
 * lock; when nobody has it the owner has died or given up: what was being written is freed, what
 * was being read becomes FULL again, with its old ticket. No process number is compared: the kernel
 * lets go of the locks of a thread that ends in whatever way. Slots' locks are taken and left under
 * the head's lock, but for giving up, so that in any other state a slot's lock is free, or its
 * holder is just dying and will be rid of it in a moment.
 *
 * Order. Full slots are listed by ticket, the number of their commit. What comes back has a lower
 * ticket than whatever nobody has taken yet, and is therefore the next to be got.
 */
#ifndef PP_RUNTIME_QUEUE_STATE_H
#define PP_RUNTIME_QUEUE_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/queue.h>
#include <pixpool/shared.h>

#define PP_CACHE_LINE   64
#define PP_SLOT_NONE    UINT32_MAX
#define PP_SLOT_INSIDE  24u /* bytes of an item that the slot itself has room for */
#define PP_ITEMS_MAX    (UINT32_C(1) << 30)
#define PP_QUEUE_LOOK_S 0.1 /* seconds: so often a sleeper looks for the dead */

enum pp_slot_state {
    PP_SLOT_FREE,
    PP_SLOT_WRITING, /* its bytes are being written by who has its lock */
    PP_SLOT_FULL,    /* an item; the number: how often it has come back */
    PP_SLOT_READING, /* an item with a reader, who has its lock; the number: the same */
    PP_SLOT_FINISHED /* free, and to be counted; the number: low bits of `finished` then */
};
#define PP_SLOT_STATE_BITS 3
#define PP_SLOT_NUMBER_MAX (UINT32_MAX >> PP_SLOT_STATE_BITS)

struct pp_slot {
    uint32_t word;       /* truth: an enum pp_slot_state, above it a number */
    uint32_t next, prev; /* in the list for its state: free, full or held */
    uint32_t holder;     /* READING by pp_queue_take(): the thread's id; 0 by others */
    uint64_t ticket;     /* truth from FULL on: which commit it was */
    uint64_t size;       /* truth from WRITING on: the item's bytes */
    uint64_t block;      /* truth from WRITING on: the first of its blocks */
    unsigned char inside[PP_SLOT_INSIDE]; /* instead of blocks, for an item that fits */
};

/* Something to sleep on until it happens. `sleepers` is at least the number of those who sleep: a
 * dead sleeper costs one call of the kernel that wakes nobody. */
struct pp_bell {
    _Alignas(PP_CACHE_LINE) uint32_t events;
    uint32_t sleepers;
};

enum pp_bell_name { PP_BELL_ITEM, PP_BELL_ROOM, PP_BELL_TASKS, PP_BELLS };
enum pp_due { PP_DUE_NOBODY, PP_DUE_ONE, PP_DUE_ALL }; /* who is to be woken after unlocking */

struct pp_queue_head {
    uint64_t magic;
    uint64_t items, bytes; /* as asked for: the layout follows from them */
    _Alignas(PP_CACHE_LINE) pthread_mutex_t lock;
    uint32_t closed; /* truth */
    uint32_t free;   /* first of the free slots */
    uint32_t full;   /* how many are full */
    uint8_t due[PP_BELLS];
    uint8_t unlooked;                             /* locks taken since the dead were looked for */
    _Alignas(PP_CACHE_LINE) uint64_t next_ticket; /* truth: items put so far */
    uint64_t finished;                            /* truth: tasks done so far */
    uint64_t used_bytes, used_blocks;
    uint64_t cursor;           /* block at which the search for free ones begins */
    uint32_t first, last;      /* of the full slots, by ticket */
    uint32_t held, held_count; /* slots in WRITING or READING */
    struct pp_bell bells[PP_BELLS];
};

/* A process's own view. Nothing here changes after it was made. */
struct pp_queue {
    struct pp_shared *shared;
    struct pp_queue_head *head;
    struct pp_slot *slots;
    pthread_mutex_t *owners;
    uint64_t *map; /* a bit for each block: in use */
    unsigned char *data;
    uint32_t items;
    uint64_t bytes, blocks;
    unsigned block_shift;
    unsigned spins; /* turns to wait before sleeping: none where there is but one processor */
};

static inline enum pp_slot_state pp_slot_state(const struct pp_slot *slot)
{
    return slot->word & ((1u << PP_SLOT_STATE_BITS) - 1);
}

static inline uint32_t pp_slot_number(const struct pp_slot *slot)
{
    return slot->word >> PP_SLOT_STATE_BITS;
}

/* The one store that decides: whatever was written before it is there when it is. */
static inline void pp_slot_decide(struct pp_slot *slot, enum pp_slot_state state, uint32_t number)
{
    uint32_t word = state | (number & PP_SLOT_NUMBER_MAX) << PP_SLOT_STATE_BITS;

    __atomic_store_n(&slot->word, word, __ATOMIC_RELEASE);
}

/* The bytes of a slot that is not free. */
static inline unsigned char *pp_slot_data(const struct pp_queue *queue, struct pp_slot *slot)
{
    if (slot->size <= PP_SLOT_INSIDE)
        return slot->inside;
    return queue->data + (slot->block << queue->block_shift);
}

#endif
