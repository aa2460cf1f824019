#include "runtime/queue_room.h"

#include <string.h>

#define WORD_BITS 64u

static uint64_t blocks_of(const struct pp_queue *queue, uint64_t size)
{
    if (size <= PP_SLOT_INSIDE)
        return 0;
    return ((size - 1) >> queue->block_shift) + 1;
}

/* The first block from `at` on whose bit is `bit`; `end` if there is none before that. */
static uint64_t seek(const uint64_t *map, uint64_t at, uint64_t end, bool bit)
{
    while (at < end) {
        uint64_t word = (bit ? map[at / WORD_BITS] : ~map[at / WORD_BITS]) >> (at % WORD_BITS);

        if (word != 0) {
            at += (uint64_t)__builtin_ctzll(word);
            return at < end ? at : end;
        }
        at += WORD_BITS - at % WORD_BITS;
    }
    return end;
}

/* `count` free blocks in a row that lie in [at, end); `end` if there are none. */
static uint64_t find(const uint64_t *map, uint64_t at, uint64_t end, uint64_t count)
{
    while ((at = seek(map, at, end, false)) < end && end - at >= count) {
        uint64_t stop = seek(map, at, at + count, true);

        if (stop == at + count)
            return at;
        at = stop;
    }
    return end;
}

/* All of [block, block + count) to `bit`, as many at a time as a word has. */
static void set(uint64_t *map, uint64_t block, uint64_t count, bool bit)
{
    while (count > 0) {
        uint64_t shift = block % WORD_BITS, most = WORD_BITS - shift;
        uint64_t here = count < most ? count : most;
        uint64_t mask = (UINT64_MAX >> (WORD_BITS - here)) << shift;

        if (bit)
            map[block / WORD_BITS] |= mask;
        else
            map[block / WORD_BITS] &= ~mask;
        block += here;
        count -= here;
    }
}

bool pp_room_take(struct pp_queue *queue, uint64_t size, uint64_t *block)
{
    struct pp_queue_head *head = queue->head;
    uint64_t count = blocks_of(queue, size), cursor = head->cursor, end = queue->blocks;

    if (size > queue->bytes - head->used_bytes || count > queue->blocks - head->used_blocks)
        return false;
    if (count > 0) {
        *block = find(queue->map, cursor, end, count);
        if (*block == end) {
            /* One that begins before the cursor and reaches over it is found in this round. */
            if (end - cursor > count)
                end = cursor + count;
            *block = find(queue->map, 0, end, count);
        }
        if (*block == end)
            return false;
        head->cursor = *block + count;
    }
    pp_room_mark(queue, *block, size);
    return true;
}

void pp_room_free(struct pp_queue *queue, uint64_t block, uint64_t size)
{
    struct pp_queue_head *head = queue->head;
    uint64_t count = blocks_of(queue, size);

    head->used_bytes -= size;
    if (count == 0)
        return;
    set(queue->map, block, count, false);
    head->used_blocks -= count;
    /* From the beginning again, whose bytes the caches still have. */
    if (head->used_blocks == 0)
        head->cursor = 0;
}

void pp_room_clear(struct pp_queue *queue)
{
    memset(queue->map, 0, (size_t)((queue->blocks + WORD_BITS - 1) / WORD_BITS * sizeof(uint64_t)));
    queue->head->used_bytes = 0;
    queue->head->used_blocks = 0;
    queue->head->cursor = 0;
}

void pp_room_mark(struct pp_queue *queue, uint64_t block, uint64_t size)
{
    uint64_t count = blocks_of(queue, size);

    set(queue->map, block, count, true);
    queue->head->used_bytes += size;
    queue->head->used_blocks += count;
}
