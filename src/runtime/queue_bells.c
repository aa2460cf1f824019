#include "runtime/queue_bells.h"

#include <errno.h>
#include <limits.h>

#include "runtime/queue_repair.h"

#define LOCK_TURNS    64   /* tries before the kernel is asked to wait */
#define TRY_S         0.05 /* seconds that everybody has for the lock */
#define LOOK_EVERY    64   /* locks taken, while somebody holds a slot */
#define SLEEPERS_MOST (UINT32_C(1) << 30)

#if defined(__x86_64__) || defined(__i386__)
static void relax(void)
{
    __builtin_ia32_pause();
}
#elif defined(__aarch64__)
static void relax(void)
{
    __asm__ volatile("yield");
}
#else
static void relax(void)
{
}
#endif

static const struct pp_deadline *deadline_of(struct pp_patience *patience)
{
    if (!patience->begun) {
        patience->deadline = pp_deadline_after(patience->seconds);
        patience->begun = true;
    }
    return &patience->deadline;
}

/* The earlier of the deadline and `seconds` from now. */
static struct pp_deadline sooner(const struct pp_deadline *deadline, double seconds)
{
    struct pp_deadline soon = pp_deadline_after(seconds);
    bool earlier =
        !deadline->never &&
        (deadline->at.tv_sec < soon.at.tv_sec ||
         (deadline->at.tv_sec == soon.at.tv_sec && deadline->at.tv_nsec < soon.at.tv_nsec));

    return earlier ? *deadline : soon;
}

/* ---- the lock ------------------------------------------------------------------------------- */

/* Slices, because a waiter who is killed while he is woken takes others' waking with him. */
static int lock_slowly(pthread_mutex_t *lock, const struct pp_deadline *deadline)
{
    struct pp_deadline slice;
    int error;

    do {
        slice = pp_deadline_after(TRY_S);
        error = pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &slice.at);
    } while (error == ETIMEDOUT && !pp_deadline_passed(deadline));
    return error;
}

enum pp_status pp_queue_lock(struct pp_queue *queue, struct pp_patience *patience)
{
    pthread_mutex_t *lock = &queue->head->lock;
    int error = pthread_mutex_trylock(lock);

    for (unsigned i = 0; error == EBUSY && i < LOCK_TURNS && queue->spins > 0; i++) {
        for (unsigned turn = 0; turn <= i; turn++)
            relax();
        error = pthread_mutex_trylock(lock);
    }
    if (error == EBUSY)
        error = lock_slowly(lock, deadline_of(patience));
    if (error == EOWNERDEAD) {
        pp_queue_repair(queue);
        error = pthread_mutex_consistent(lock);
    }
    if (error == ETIMEDOUT)
        return PP_E_TIMEOUT;
    return error == 0 ? PP_OK : PP_E_INTERNAL;
}

/* ---- bells ---------------------------------------------------------------------------------- */

void pp_bell_ring(struct pp_queue *queue, enum pp_bell_name name, enum pp_due due)
{
    struct pp_bell *bell = &queue->head->bells[name];

    __atomic_store_n(&bell->events, bell->events + 1, __ATOMIC_RELEASE);
    if (bell->sleepers == 0)
        return;
    if (queue->head->due[name] != PP_DUE_NOBODY)
        due = PP_DUE_ALL;
    bell->sleepers = due == PP_DUE_ALL ? 0 : bell->sleepers - 1;
    queue->head->due[name] = (uint8_t)due;
}

void pp_queue_unlock(struct pp_queue *queue)
{
    struct pp_queue_head *head = queue->head;
    uint8_t due[PP_BELLS];

    for (int i = 0; i < PP_BELLS; i++) {
        due[i] = head->due[i];
        head->due[i] = PP_DUE_NOBODY;
    }
    pthread_mutex_unlock(&head->lock);
    for (int i = 0; i < PP_BELLS; i++) {
        if (due[i] != PP_DUE_NOBODY)
            pp_futex_wake(&head->bells[i].events, due[i] == PP_DUE_ALL ? UINT_MAX : 1);
    }
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* With the dead looked for when it is time, and before anybody is sent to wait. */
static enum pp_status look(struct pp_queue *queue, const struct pp_wish *wish)
{
    struct pp_queue_head *head = queue->head;
    enum pp_status status;

    if (head->held_count > 0 && ++head->unlooked >= LOOK_EVERY)
        pp_queue_reclaim(queue);
    status = wish->look(queue, wish->subject);
    if (status == PP_E_TIMEOUT && head->held_count > 0 && pp_queue_reclaim(queue) > 0)
        status = wish->look(queue, wish->subject);
    return status;
}

static void spin(const struct pp_queue *queue, const struct pp_bell *bell, uint32_t seen)
{
    for (unsigned i = 0; i < queue->spins; i++) {
        if (__atomic_load_n(&bell->events, __ATOMIC_RELAXED) != seen)
            return;
        relax();
    }
}

/* One turn of waiting, begun under the lock, which is left. */
static void wait_turn(struct pp_queue *queue, struct pp_bell *bell, bool sleeps,
                      const struct pp_deadline *deadline)
{
    struct pp_deadline until;
    uint32_t seen = bell->events;

    if (sleeps && bell->sleepers < SLEEPERS_MOST)
        bell->sleepers++;
    pp_queue_unlock(queue);
    if (!sleeps) {
        spin(queue, bell, seen);
        return;
    }
    until = sooner(deadline, PP_QUEUE_LOOK_S);
    pp_futex_wait(&bell->events, seen, &until);
}

enum pp_status pp_queue_wait(struct pp_queue *queue, const struct pp_wish *wish,
                             struct pp_patience *patience)
{
    struct pp_bell *bell = &queue->head->bells[wish->bell];
    uint32_t slept_at = 0;

    for (unsigned turn = 0;; turn++) {
        enum pp_status status = pp_queue_lock(queue, patience);

        if (status != PP_OK)
            return status;
        /* Nothing has rung: nobody has counted this sleeper off. */
        if (turn > 1 && bell->events == slept_at && bell->sleepers > 0)
            bell->sleepers--;
        status = look(queue, wish);
        if (status != PP_E_TIMEOUT || pp_deadline_passed(deadline_of(patience))) {
            pp_queue_unlock(queue);
            return status;
        }
        slept_at = bell->events;
        wait_turn(queue, bell, turn > 0, deadline_of(patience));
    }
}
