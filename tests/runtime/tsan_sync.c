/*
 * tsan_sync - four threads use everything of <pixpool/sync.h> and <pixpool/value.h> at once, for
 * ThreadSanitizer to watch. What the primitives guard is written and read plainly: were they to let
 * two in, or to order too little, it would say so and exit. The sums are checked besides.
 */
#include <pixpool/sync.h>
#include <pixpool/value.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define THREADS 4
#define TIMES   10000
#define MOST    10

/* pthread_mutex_timedlock() is watched, and does the same by another clock. */
int __wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                                   const struct timespec *deadline);

int __wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                                   const struct timespec *deadline)
{
    struct timespec now, real;

    clock_gettime(clock, &now);
    clock_gettime(CLOCK_REALTIME, &real);
    real.tv_sec += deadline->tv_sec - now.tv_sec;
    real.tv_nsec += deadline->tv_nsec - now.tv_nsec;
    if (real.tv_nsec < 0) {
        real.tv_sec--;
        real.tv_nsec += 1000000000;
    } else if (real.tv_nsec >= 1000000000) {
        real.tv_sec++;
        real.tv_nsec -= 1000000000;
    }
    return pthread_mutex_timedlock(mutex, &real);
}

/* What all threads share. The plain numbers are guarded by what stands above them. */
struct table {
    struct pp_lock lock;
    uint64_t locked;
    struct pp_rlock rlock;
    uint64_t nested;
    struct pp_semaphore semaphore;
    uint64_t alone;
    struct pp_event event, answer;
    uint64_t announced;
    struct pp_lock buffer_lock;
    struct pp_condition room, items;
    uint64_t put, taken;
    struct pp_barrier barrier;
    uint64_t round[THREADS];
    struct pp_value_i64 value;
    struct pp_value_f64 sum;
    struct pp_array *array;
    bool failed;
};

struct seat {
    struct table *table;
    unsigned number;
};

static void expect(struct table *table, bool holds)
{
    if (!holds)
        __atomic_store_n(&table->failed, true, __ATOMIC_RELAXED);
}

static void use_locks(struct table *table)
{
    for (unsigned i = 0; i < TIMES; i++) {
        expect(table, pp_lock_acquire(&table->lock, -1, NULL) == PP_OK);
        table->locked++;
        expect(table, pp_lock_release(&table->lock, NULL) == PP_OK);
        expect(table, pp_rlock_acquire(&table->rlock, -1, NULL) == PP_OK);
        expect(table, pp_rlock_acquire(&table->rlock, 0, NULL) == PP_OK);
        table->nested++;
        expect(table, pp_rlock_release(&table->rlock, NULL) == PP_OK);
        expect(table, pp_rlock_release(&table->rlock, NULL) == PP_OK);
        expect(table, pp_semaphore_acquire(&table->semaphore, -1, NULL) == PP_OK);
        table->alone++;
        expect(table, pp_semaphore_release(&table->semaphore, NULL) == PP_OK);
    }
}

static void use_values(struct table *table)
{
    int32_t part[2];

    for (unsigned i = 0; i < TIMES; i++) {
        pp_value_i64_add(&table->value, 1);
        pp_value_f64_add(&table->sum, 0.5);
        pp_value_i32_add(pp_array_i32(table->array, i % 2), 1);
        expect(table, pp_array_read(table->array, 0, 2, part, NULL) == PP_OK);
        expect(table, pp_array_fill(table->array, 2, 2, part, NULL) == PP_OK);
    }
}

/* The first two put, the others take, with ten in between at the most. */
static void use_condition(struct table *table, unsigned number)
{
    const bool puts = number < THREADS / 2;

    for (unsigned i = 0; i < TIMES; i++) {
        expect(table, pp_lock_acquire(&table->buffer_lock, -1, NULL) == PP_OK);
        while (puts ? table->put - table->taken == MOST : table->put == table->taken)
            expect(table, pp_condition_wait(puts ? &table->room : &table->items,
                                            &table->buffer_lock, -1, NULL) == PP_OK);
        ++*(puts ? &table->put : &table->taken);
        pp_condition_notify(puts ? &table->items : &table->room, 1);
        expect(table, pp_lock_release(&table->buffer_lock, NULL) == PP_OK);
    }
}

static void use_barrier(struct table *table, unsigned number)
{
    for (uint64_t i = 1; i <= TIMES / 10; i++) {
        table->round[number] = i;
        expect(table, pp_barrier_wait(&table->barrier, -1, NULL, NULL, NULL) == PP_OK);
        for (unsigned other = 0; other < THREADS; other++)
            expect(table, table->round[other] == i);
        expect(table, pp_barrier_wait(&table->barrier, -1, NULL, NULL, NULL) == PP_OK);
    }
}

/* The first two by turns: what one announces is the other's to read until it answers. */
static void use_events(struct table *table, unsigned number)
{
    for (uint64_t i = 1; number < 2 && i <= TIMES / 10; i++) {
        if (number == 0) {
            table->announced = i;
            pp_event_set(&table->event);
            expect(table, pp_event_wait(&table->answer, -1, NULL) == PP_OK);
            pp_event_clear(&table->answer);
        } else {
            expect(table, pp_event_wait(&table->event, -1, NULL) == PP_OK);
            expect(table, table->announced == i);
            pp_event_clear(&table->event);
            pp_event_set(&table->answer);
        }
    }
}

static void *sit(void *user)
{
    const struct seat *seat = user;

    use_locks(seat->table);
    use_values(seat->table);
    use_condition(seat->table, seat->number);
    use_barrier(seat->table, seat->number);
    use_events(seat->table, seat->number);
    return NULL;
}

static bool sums_are_right(const struct table *table)
{
    const uint64_t all = THREADS * TIMES;

    return !table->failed && table->locked == all && table->nested == all && table->alone == all &&
           table->put == all / 2 && table->taken == all / 2 &&
           pp_value_i64_get(&table->value) == (int64_t)all &&
           pp_value_f64_get(&table->sum) == (double)all / 2 &&
           pp_value_i32_get(pp_array_i32(table->array, 1)) == (int32_t)all / 2;
}

int main(void)
{
    struct table table = {.failed = false};
    struct pp_shared *shared = NULL;
    struct seat seats[THREADS];
    pthread_t threads[THREADS];

    if (pp_semaphore_init(&table.semaphore, 1, 1, NULL) != PP_OK ||
        pp_barrier_init(&table.barrier, THREADS, -1, NULL) != PP_OK ||
        pp_array_create(PP_ELEMENT_I32, 4, &shared, &table.array, NULL) != PP_OK)
        return 1;
    for (unsigned i = 0; i < THREADS; i++) {
        seats[i] = (struct seat){.table = &table, .number = i};
        if (pthread_create(&threads[i], NULL, sit, &seats[i]) != 0)
            return 1;
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (!sums_are_right(&table)) {
        fprintf(stderr, "tsan_sync: a sum is wrong\n");
        return 1;
    }
    pp_shared_free(shared);
    printf("tsan_sync: nothing to report\n");
    return 0;
}
