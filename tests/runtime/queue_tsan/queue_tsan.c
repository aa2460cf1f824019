/*
 * queue_tsan - everything that can be done to a queue, by several threads at once, for
 * ThreadSanitizer to watch. Exits with its status, 66, when there was a race; with 1 when an item
 * was lost or came twice.
 */
#include <errno.h>
#include <pixpool/queue.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PUTTERS 2
#define NUMBERS UINT64_C(20000)
#define LARGE   5000u
#define LONG_S  60.0

/* Linked in the place of pthread_mutex_clocklock(), which gcc 12's sanitizer does not know. */
int __wrap_pthread_mutex_clocklock(pthread_mutex_t *lock, clockid_t clock,
                                   const struct timespec *until);

int __wrap_pthread_mutex_clocklock(pthread_mutex_t *lock, clockid_t clock,
                                   const struct timespec *until)
{
    struct timespec now;
    int error;

    while ((error = pthread_mutex_trylock(lock)) == EBUSY) {
        if (clock_gettime(clock, &now) != 0 || now.tv_sec > until->tv_sec ||
            (now.tv_sec == until->tv_sec && now.tv_nsec > until->tv_nsec))
            return ETIMEDOUT;
        usleep(50);
    }
    return error;
}

struct stage {
    struct pp_queue *queue;
    uint64_t sum, count, failures;
};

static void check(struct stage *stage, bool holds)
{
    if (!holds)
        __atomic_fetch_add(&stage->failures, 1, __ATOMIC_RELAXED);
}

static void *put_numbers(void *subject)
{
    struct stage *stage = subject;
    uint64_t words[LARGE / sizeof(uint64_t)];

    for (uint64_t i = 1; i <= NUMBERS; i++) {
        size_t count = i % 4 == 0 ? sizeof words / sizeof *words : 1 + i % 40;

        for (size_t at = 0; at < count; at++)
            words[at] = i;
        check(stage,
              pp_queue_put(stage->queue, words, count * sizeof *words, LONG_S, NULL) == PP_OK);
    }
    return NULL;
}

static void add(struct stage *stage, const struct pp_queue_item *item)
{
    const uint64_t *words = item->data;
    size_t last = item->size / sizeof *words - 1;

    check(stage, words[0] == words[last] && item->redelivered == 0);
    __atomic_fetch_add(&stage->sum, words[0], __ATOMIC_RELAXED);
    __atomic_fetch_add(&stage->count, 1, __ATOMIC_RELAXED);
}

static void *get_numbers(void *subject)
{
    struct stage *stage = subject;
    struct pp_queue_item item;
    enum pp_status status;

    while ((status = pp_queue_get_alloc(stage->queue, &item, LONG_S, NULL)) == PP_OK) {
        add(stage, &item);
        free(item.data);
        check(stage, pp_queue_task_done(stage->queue, NULL) == PP_OK);
    }
    check(stage, status == PP_E_CLOSED);
    return NULL;
}

static void *take_numbers(void *subject)
{
    struct stage *stage = subject;
    struct pp_queue_item item;
    enum pp_status status;

    while ((status = pp_queue_take(stage->queue, &item, LONG_S, NULL)) == PP_OK) {
        add(stage, &item);
        check(stage, pp_queue_done(stage->queue, &item, NULL) == PP_OK);
    }
    check(stage, status == PP_E_CLOSED);
    return NULL;
}

static void *watch(void *subject)
{
    struct stage *stage = subject;
    struct pp_queue *second = NULL;

    check(stage, pp_queue_attach(pp_queue_fd(stage->queue), &second, NULL) == PP_OK);
    while (pp_queue_join(second, 0, NULL) != PP_OK || pp_queue_size(second) > 0) {
        (void)pp_queue_is_full(second);
        (void)pp_queue_is_empty(second);
        usleep(200);
    }
    pp_queue_free(second);
    return NULL;
}

int main(void)
{
    static void *(*const parts[])(void *) = {put_numbers,  put_numbers,  get_numbers, get_numbers,
                                             take_numbers, take_numbers, watch};
    enum { PARTS = sizeof parts / sizeof *parts };
    struct stage stage = {0};
    pthread_t threads[PARTS];

    if (pp_queue_create(8, 20000, &stage.queue, NULL) != PP_OK)
        return 1;
    for (int i = 0; i < PARTS; i++)
        check(&stage, pthread_create(&threads[i], NULL, parts[i], &stage) == 0);
    for (int i = 0; i < PUTTERS; i++)
        check(&stage, pthread_join(threads[i], NULL) == 0);
    check(&stage, pp_queue_join(stage.queue, LONG_S, NULL) == PP_OK);
    check(&stage, pp_queue_close(stage.queue, NULL) == PP_OK);
    for (int i = PUTTERS; i < PARTS; i++)
        check(&stage, pthread_join(threads[i], NULL) == 0);
    pp_queue_free(stage.queue);
    check(&stage, stage.count == PUTTERS * NUMBERS);
    check(&stage, stage.sum == PUTTERS * (NUMBERS * (NUMBERS + 1) / 2));
    printf("%ju items, %ju failures\n", (uintmax_t)stage.count, (uintmax_t)stage.failures);
    return stage.failures > 0;
}
