/*
 * More workers or fewer while tasks are in work, and a look at what each is at.
 *
 * Who is one too many is marked, which keeps tasks from it, and goes when it has none. Places stay
 * where they are; those never wanted again are just empty.
 */
#include "base/clock.h"
#include "pool/state.h"

void pp_places_init(struct pp_pool *pool, unsigned count)
{
    for (; pool->seats < count; pool->seats++) {
        struct pp_place *place = &pool->places[pool->seats];

        place->number = pool->seats;
        pp_child_init(&place->child);
        pp_link_init(&place->room, place);
        pp_link_init(&place->clock, place);
        pp_link_init(&place->wishing, place);
        pp_link_init(&place->hush, place);
    }
}

/* Whether it is here to stay. */
static bool stays(const struct pp_place *place)
{
    return (place->state == PP_PLACE_READY || place->state == PP_PLACE_STARTING) && !place->surplus;
}

static unsigned count_staying(const struct pp_pool *pool)
{
    unsigned count = 0;

    for (unsigned i = 0; i < pool->seats; i++)
        count += stays(&pool->places[i]);
    return count;
}

/* Who is missed least: the one with the least to do, and of those the last. */
static struct pp_place *least_busy(struct pp_pool *pool)
{
    struct pp_place *least = NULL;

    for (unsigned i = 0; i < pool->seats; i++)
        if (stays(&pool->places[i]) && (!least || pool->places[i].weight <= least->weight))
            least = &pool->places[i];
    return least;
}

static void mark(struct pp_pool *pool, struct pp_place *place, bool surplus)
{
    place->surplus = surplus;
    pp_schedule_rank(pool, place);
}

/* All may stay that there are. */
static void keep_all(struct pp_pool *pool)
{
    pool->shrinking = false;
    for (unsigned i = 0; i < pool->seats; i++)
        if (pool->places[i].surplus)
            mark(pool, &pool->places[i], false);
}

void pp_retire_surplus(struct pp_pool *pool)
{
    if (!pool->shrinking)
        return;
    if (pool->occupied <= pool->limit) {
        keep_all(pool); /* some may have died meanwhile that were to stay */
        return;
    }
    for (unsigned count = count_staying(pool); count > pool->limit; count--)
        mark(pool, least_busy(pool), true);
    for (unsigned i = 0; i < pool->seats; i++) {
        struct pp_place *place = &pool->places[i];

        if (place->surplus && place->state == PP_PLACE_READY && place->load == 0)
            pp_place_retire(pool, place);
    }
}

enum pp_status pp_pool_set_workers(struct pp_pool *pool, unsigned workers, struct pp_error *err)
{
    if (workers == 0 || workers > PP_POOL_WORKERS_MAX)
        return pp_error_set(err, PP_E_USAGE, "a pool has 1 to %d workers, not %u",
                            PP_POOL_WORKERS_MAX, workers);
    pp_places_init(pool, workers);
    pool->limit = workers;
    keep_all(pool);
    pool->shrinking = pool->occupied > workers;
    if (pool->depth == 0) {
        const uint64_t now = pp_clock_ns();

        pool->depth++;
        pp_hire(pool, now);
        pp_schedule(pool, now);
        pool->depth--;
    }
    return PP_OK;
}

unsigned pp_pool_workers(const struct pp_pool *pool)
{
    return pool->limit;
}

bool pp_pool_look(const struct pp_pool *pool, unsigned from, struct pp_pool_glance *glance)
{
    const struct pp_place *place;

    while (from < pool->seats && pool->places[from].state == PP_PLACE_EMPTY)
        from++;
    if (from >= pool->seats)
        return false;
    place = &pool->places[from];
    *glance = (struct pp_pool_glance){.worker = from, .process = place->child.pid};
    glance->busy = place->load > 0 && place->slots[0].job;
    if (!glance->busy)
        return true;
    glance->tag = place->slots[0].job->tag;
    glance->seconds = (double)(pp_clock_ns() - place->since_ns) / (double)PP_NS_PER_S;
    /* What it says of another task is no news of this one. */
    if (atomic_load(&place->child.cell.results->current) == place->slots[0].id + 1)
        glance->progress = atomic_load(&place->child.cell.results->progress);
    return true;
}
