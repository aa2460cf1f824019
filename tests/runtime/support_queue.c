#include "support_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/queue_bells.h"
#include "runtime/queue_repair.h"

struct pp_queue *new_queue(size_t items, size_t bytes)
{
    struct pp_queue *queue = NULL;
    struct pp_error err = {0};

    if (pp_queue_create(items, bytes, &queue, &err) != PP_OK)
        fail_msg("%s", err.text);
    return queue;
}

pid_t start_child(int (*run)(void *subject), void *subject)
{
    pid_t child = fork();

    if (child == 0) {
        /* A test that has failed leaves nobody behind. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(run(subject));
    }
    assert_true(child > 0);
    return child;
}

int end_of_child(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

/* ---- the audit ------------------------------------------------------------------------------ */

struct sums {
    uint64_t bytes, blocks;
    uint32_t count[PP_SLOT_FINISHED + 1];
};

static uint64_t blocks_of(const struct pp_queue *queue, uint64_t size)
{
    uint64_t block = UINT64_C(1) << queue->block_shift;

    return size <= PP_SLOT_INSIDE ? 0 : (size + block - 1) / block;
}

static bool is_marked(const struct pp_queue *queue, uint64_t block)
{
    return queue->map[block / 64] >> (block % 64) & 1;
}

static const char *audit_slots(const struct pp_queue *queue, struct sums *sums)
{
    for (uint32_t i = 0; i < queue->items; i++) {
        const struct pp_slot *slot = &queue->slots[i];
        enum pp_slot_state state = pp_slot_state(slot);
        uint64_t blocks = blocks_of(queue, slot->size);

        if (state >= PP_SLOT_FINISHED)
            return "a slot in no lasting state";
        sums->count[state]++;
        if (state == PP_SLOT_FREE)
            continue;
        sums->bytes += slot->size;
        sums->blocks += blocks;
        for (uint64_t block = 0; block < blocks; block++) {
            if (!is_marked(queue, slot->block + block))
                return "a block in use is not in the map";
        }
        if (state != PP_SLOT_WRITING && slot->ticket >= queue->head->next_ticket)
            return "a ticket that was never given";
    }
    return NULL;
}

/* Counts the list; UINT32_MAX if it does not end, or has a slot in another state. */
static uint32_t length(const struct pp_queue *queue, uint32_t first, unsigned states)
{
    uint32_t count = 0;

    for (uint32_t i = first; i != PP_SLOT_NONE; i = queue->slots[i].next) {
        if (i >= queue->items || ++count > queue->items ||
            !(states >> pp_slot_state(&queue->slots[i]) & 1))
            return UINT32_MAX;
    }
    return count;
}

static const char *audit_lists(const struct pp_queue *queue, const struct sums *sums)
{
    const struct pp_queue_head *head = queue->head;
    uint32_t held = sums->count[PP_SLOT_WRITING] + sums->count[PP_SLOT_READING];

    if (length(queue, head->free, 1u << PP_SLOT_FREE) != sums->count[PP_SLOT_FREE])
        return "the free list is wrong";
    if (length(queue, head->held, 1u << PP_SLOT_WRITING | 1u << PP_SLOT_READING) != held ||
        held != head->held_count)
        return "the held list is wrong";
    if (length(queue, head->first, 1u << PP_SLOT_FULL) != sums->count[PP_SLOT_FULL] ||
        head->full != sums->count[PP_SLOT_FULL])
        return "the full list is wrong";
    for (uint32_t i = head->first; i != PP_SLOT_NONE; i = queue->slots[i].next) {
        uint32_t next = queue->slots[i].next;

        if (next == PP_SLOT_NONE && i != head->last)
            return "the last full slot is not the last";
        if (next != PP_SLOT_NONE && queue->slots[next].ticket <= queue->slots[i].ticket)
            return "full slots out of order";
    }
    return NULL;
}

static const char *audit_map(const struct pp_queue *queue, const struct sums *sums)
{
    uint64_t marked = 0;

    for (uint64_t block = 0; block < queue->blocks; block++)
        marked += is_marked(queue, block);
    if (marked != sums->blocks || queue->head->used_blocks != sums->blocks)
        return "blocks in use by nobody, or by two";
    if (queue->head->used_bytes != sums->bytes)
        return "a wrong count of bytes";
    return NULL;
}

const char *audit_queue(struct pp_queue *queue)
{
    struct pp_patience patience = {.seconds = 10};
    struct sums sums = {0};
    const char *fault;

    if (pp_queue_lock(queue, &patience) != PP_OK)
        return "the lock cannot be had";
    pp_queue_reclaim(queue);
    fault = audit_slots(queue, &sums);
    if (!fault)
        fault = audit_lists(queue, &sums);
    if (!fault)
        fault = audit_map(queue, &sums);
    if (!fault && queue->head->finished > queue->head->next_ticket)
        fault = "more finished than put";
    pp_queue_unlock(queue);
    return fault;
}

/* ---- items ---------------------------------------------------------------------------------- */

static unsigned char byte_of(uint64_t id, size_t at)
{
    return (unsigned char)(id * 31 + at * 7 + (at >> 8));
}

void fill_item(unsigned char *bytes, size_t size, uint64_t id)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_of(id, i);
    if (size >= sizeof id)
        memcpy(bytes, &id, sizeof id);
}

bool is_item(const unsigned char *bytes, size_t size, uint64_t id)
{
    size_t begin = size >= sizeof id ? sizeof id : 0;

    if (begin > 0 && memcmp(bytes, &id, sizeof id) != 0)
        return false;
    for (size_t i = begin; i < size; i++) {
        if (bytes[i] != byte_of(id, i))
            return false;
    }
    return true;
}
