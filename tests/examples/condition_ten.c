/* A producer and a consumer, with ten items at most between them. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixpool/shared.h>
#include <pixpool/sync.h>

#define MOST  10
#define ITEMS 1000

struct buffer {
    struct pp_lock lock;
    struct pp_condition changed;
    int items[MOST];
    int put, taken;
};

static bool has_room(void *user)
{
    const struct buffer *buffer = user;

    return buffer->put - buffer->taken < MOST;
}

static bool has_items(void *user)
{
    const struct buffer *buffer = user;

    return buffer->put > buffer->taken;
}

/* Acquire the lock and wait; whoever gets PP_OK releases it. */
static enum pp_status enter(struct buffer *buffer, bool (*holds)(void *user), struct pp_error *err)
{
    const struct pp_predicate predicate = {.holds = holds, .user = buffer};
    enum pp_status status = pp_lock_acquire(&buffer->lock, -1, err);

    if (status != PP_OK)
        return status;
    return pp_condition_wait_for(&buffer->changed, &buffer->lock, &predicate, 60, err);
}

static void leave(struct buffer *buffer)
{
    pp_condition_notify(&buffer->changed, 1);
    pp_lock_release(&buffer->lock, NULL);
}

static int produce(struct buffer *buffer)
{
    for (int i = 1; i <= ITEMS; i++) {
        if (enter(buffer, has_room, NULL) != PP_OK)
            return 1;
        buffer->items[buffer->put++ % MOST] = i;
        leave(buffer);
    }
    return 0;
}

static int consume(struct buffer *buffer, long *sum, int *most, struct pp_error *err)
{
    for (int i = 0; i < ITEMS; i++) {
        if (enter(buffer, has_items, err) != PP_OK)
            return 1;
        *most = buffer->put - buffer->taken > *most ? buffer->put - buffer->taken : *most;
        *sum += buffer->items[buffer->taken++ % MOST];
        leave(buffer);
    }
    return 0;
}

int main(void)
{
    struct pp_error err = {0};
    struct pp_shared *shared;
    struct buffer *buffer;
    int status = 1, most = 0;
    long sum = 0;
    pid_t child;

    if (pp_shared_create(sizeof *buffer, &shared, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    buffer = pp_shared_data(shared);
    child = fork();
    if (child == 0)
        _exit(produce(buffer));
    if (child < 0 || consume(buffer, &sum, &most, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        return 1;
    printf("%d items taken, their sum is %ld\n", buffer->taken, sum);
    printf("%s than ten at a time\n", most <= MOST ? "never more" : "more");
    pp_shared_free(shared);
    return 0;
}
