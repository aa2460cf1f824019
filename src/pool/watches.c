/* The caller's own descriptors in the pool's loop. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "pool/state.h"

static struct pp_watch *find(const struct pp_pool *pool, int fd)
{
    for (size_t i = 0; i < pool->watch_count; i++)
        if (pool->watches[i].fd == fd)
            return &pool->watches[i];
    return NULL;
}

static enum pp_status unwatch(struct pp_pool *pool, int fd)
{
    struct pp_watch *watch = find(pool, fd);

    if (!watch)
        return PP_OK;
    epoll_ctl(pool->epoll, EPOLL_CTL_DEL, fd, NULL);
    *watch = pool->watches[--pool->watch_count];
    return PP_OK;
}

enum pp_status pp_pool_watch(struct pp_pool *pool, int fd, void (*ready)(void *user, int fd),
                             void *user, struct pp_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct pp_watch *watch = find(pool, fd);

    if (!ready)
        return unwatch(pool, fd);
    if (watch) {
        *watch = (struct pp_watch){fd, ready, user};
        return PP_OK;
    }
    watch = realloc(pool->watches, (pool->watch_count + 1) * sizeof *watch);
    if (!watch)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot watch a descriptor");
    pool->watches = watch;
    event.data.u64 = pp_event_pack(PP_EVENT_WATCH, 0, (uint32_t)fd);
    if (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot watch a descriptor");
    pool->watches[pool->watch_count++] = (struct pp_watch){fd, ready, user};
    return PP_OK;
}

void pp_watch_ready(struct pp_pool *pool, int fd)
{
    const struct pp_watch *watch = find(pool, fd);

    if (watch)
        watch->ready(watch->user, fd);
}
