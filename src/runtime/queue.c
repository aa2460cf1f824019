#include <pixpool/queue.h>

#include <sched.h>
#include <stdlib.h>

#include "runtime/queue_repair.h"
#include "runtime/queue_state.h"

#define MAGIC       UINT64_C(0x31657565755170) /* "pQueue1" */
#define BLOCK_LEAST 4                          /* powers of two: 16 bytes */
#define BLOCK_MOST  12                         /* a page */
#define SPINS       400                        /* some 20 microseconds */

/* ---- the layout ----------------------------------------------------------------------------- */

struct layout {
    uint64_t items, bytes, blocks;
    unsigned block_shift;
    size_t owners, map, data, size; /* offsets; the slots come right behind the head */
};

/* An eighth of an item of middle size, so that rounding up wastes little and the map is short. */
static unsigned block_shift(uint64_t items, uint64_t bytes)
{
    unsigned shift = BLOCK_LEAST;

    while (shift < BLOCK_MOST && bytes / items >> (shift + 4) > 0)
        shift++;
    return shift;
}

static size_t aligned(size_t size)
{
    return (size + PP_CACHE_LINE - 1) / PP_CACHE_LINE * PP_CACHE_LINE;
}

/* False for what no queue can have. A block more for each item: what rounding up takes. */
static bool lay_out(uint64_t items, uint64_t bytes, struct layout *layout)
{
    if (items == 0 || items > PP_ITEMS_MAX || bytes > PTRDIFF_MAX / 4)
        return false;
    *layout = (struct layout){.items = items, .bytes = bytes};
    layout->block_shift = block_shift(items, bytes);
    layout->blocks = (bytes >> layout->block_shift) + items + 1;
    layout->owners = aligned(sizeof(struct pp_queue_head)) + items * sizeof(struct pp_slot);
    layout->map = aligned(layout->owners + items * sizeof(pthread_mutex_t));
    layout->data = aligned(layout->map + (layout->blocks / 64 + 1) * sizeof(uint64_t));
    /* With a page to spare, so that large items begin at one. */
    layout->data = (layout->data + 4095) / 4096 * 4096;
    layout->size = layout->data + (layout->blocks << layout->block_shift);
    return true;
}

/* ---- making one ----------------------------------------------------------------------------- */

static unsigned spins(void)
{
    cpu_set_t cpus;

    /* With more processors than the set has room for there is no question. */
    if (sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) < 2)
        return 0;
    return SPINS;
}

/* The struct over `shared`, which becomes its own in any case. */
static enum pp_status view(struct pp_shared *shared, const struct layout *layout,
                           struct pp_queue **queue, struct pp_error *err)
{
    unsigned char *memory = pp_shared_data(shared);
    struct pp_queue *made = malloc(sizeof *made);

    if (!made) {
        pp_shared_free(shared);
        return pp_error_set(err, PP_E_NO_MEMORY, "a queue: out of memory");
    }
    *made = (struct pp_queue){
        .shared = shared,
        .head = (struct pp_queue_head *)memory,
        .slots = (struct pp_slot *)(memory + aligned(sizeof(struct pp_queue_head))),
        .owners = (pthread_mutex_t *)(memory + layout->owners),
        .map = (uint64_t *)(memory + layout->map),
        .data = memory + layout->data,
        .items = (uint32_t)layout->items,
        .bytes = layout->bytes,
        .blocks = layout->blocks,
        .block_shift = layout->block_shift,
        .spins = spins(),
    };
    *queue = made;
    return PP_OK;
}

static int make_locks(struct pp_queue *queue)
{
    pthread_mutexattr_t kind;
    int error = pthread_mutexattr_init(&kind);

    if (error != 0)
        return error;
    error = pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    if (error == 0)
        error = pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    if (error == 0)
        error = pthread_mutex_init(&queue->head->lock, &kind);
    for (uint32_t i = 0; error == 0 && i < queue->items; i++)
        error = pthread_mutex_init(&queue->owners[i], &kind);
    pthread_mutexattr_destroy(&kind);
    return error;
}

enum pp_status pp_queue_create(size_t items, size_t bytes, struct pp_queue **queue,
                               struct pp_error *err)
{
    struct pp_shared *shared = NULL;
    struct pp_queue *made = NULL;
    struct layout layout;

    if (!lay_out(items, bytes, &layout))
        return pp_error_set(err, PP_E_USAGE, "no queue can have %zu items of %zu bytes", items,
                            bytes);
    enum pp_status status = pp_shared_create(layout.size, &shared, err);
    if (status == PP_OK)
        status = view(shared, &layout, &made, err);
    if (status != PP_OK)
        return status;
    int error = make_locks(made);
    if (error != 0) {
        pp_queue_free(made);
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot make a queue's locks");
    }
    made->head->items = items;
    made->head->bytes = bytes;
    pp_queue_repair(made);
    made->head->magic = MAGIC;
    *queue = made;
    return PP_OK;
}

enum pp_status pp_queue_attach(int fd, struct pp_queue **queue, struct pp_error *err)
{
    struct pp_shared *shared = NULL;
    struct layout layout;
    enum pp_status status = pp_shared_attach(fd, &shared, err);

    if (status != PP_OK)
        return status;
    const struct pp_queue_head *head = pp_shared_data(shared);
    if (pp_shared_size(shared) >= sizeof *head && head->magic == MAGIC &&
        lay_out(head->items, head->bytes, &layout) && layout.size == pp_shared_size(shared))
        return view(shared, &layout, queue, err);
    pp_shared_free(shared);
    return pp_error_set(err, PP_E_USAGE, "cannot attach: descriptor %d is no queue", fd);
}

int pp_queue_fd(const struct pp_queue *queue)
{
    return pp_shared_fd(queue->shared);
}

void pp_queue_free(struct pp_queue *queue)
{
    if (!queue)
        return;
    pp_shared_free(queue->shared);
    free(queue);
}
