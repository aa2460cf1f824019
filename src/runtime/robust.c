#include "runtime/robust.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>

#include "runtime/recheck.h"
#include "runtime/spin.h"

#define WORDS (sizeof((struct pp_lock *)0)->mutex / sizeof(uint64_t))

_Static_assert(sizeof(pthread_mutex_t) <= WORDS * sizeof(uint64_t), "a mutex has room");
_Static_assert(_Alignof(pthread_mutex_t) <= _Alignof(struct pp_lock), "a mutex is aligned");

static pthread_mutex_t *mutex_of(struct pp_lock *lock)
{
    return (pthread_mutex_t *)(void *)lock->mutex;
}

/* What a mutex of that kind looks like when it is new. Returns an errno. */
static int draw(enum pp_nesting nesting, uint64_t words[WORDS])
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;
    int error;

    /* None of these can fail but the last, where the kernel knows no robust mutexes. */
    (void)pthread_mutexattr_init(&attributes);
    (void)pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    (void)pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    (void)pthread_mutexattr_settype(&attributes, nesting == PP_HELD_NESTED
                                                     ? PTHREAD_MUTEX_RECURSIVE
                                                     : PTHREAD_MUTEX_ERRORCHECK);
    error = pthread_mutex_init(&mutex, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    if (error)
        return error;
    memset(words, 0, WORDS * sizeof *words);
    memcpy(words, &mutex, sizeof mutex);
    return 0;
}

/*
 * Make the mutex, unless it is. In a new one nothing differs from zero but its kind, which never
 * changes. So several may do this at once, be killed at it, or be late and do it to a mutex that is
 * held by now: all store the same, and nobody uses the mutex before it is there.
 */
static int make(struct pp_lock *lock, enum pp_nesting nesting)
{
    uint64_t words[WORDS];
    int error;

    if (__atomic_load_n(&lock->made, __ATOMIC_ACQUIRE))
        return 0;
    error = draw(nesting, words);
    if (error)
        return error;
    for (size_t i = 0; i < WORDS; i++)
        if (words[i] != 0)
            __atomic_store_n(&lock->mutex[i], words[i], __ATOMIC_RELAXED);
    __atomic_store_n(&lock->made, 1, __ATOMIC_RELEASE);
    return 0;
}

/* Of the mutex: who holds it, and what the kernel and the C library note there. Its place can be
 * told from the static initialisers of programs compiled long ago, and cannot change. */
static uint32_t owner_word(const struct pp_lock *lock)
{
    const pthread_mutex_t *mutex = (const pthread_mutex_t *)(const void *)lock->mutex;

    return (uint32_t)__atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED);
}

/* Try for a moment to get it from one who has it; where nobody does, the holder may have died.
 * Returns an errno, EBUSY when it was not to be had. */
static int look(struct pp_lock *lock, const struct pp_deadline *deadline)
{
    struct pp_spin spin = pp_spin_begin(&lock->hint, deadline);
    int error = EBUSY;

    while (error == EBUSY && pp_spin_goes_on(&spin))
        if ((owner_word(lock) & FUTEX_TID_MASK) == 0)
            error = pthread_mutex_trylock(mutex_of(lock));
    pp_spin_end(&spin, error != EBUSY);
    return error;
}

/* Wait for a mutex that somebody has. Returns an errno, ETIMEDOUT at the deadline. */
static int wait_for(struct pp_lock *lock, double timeout)
{
    const struct pp_deadline deadline = pp_deadline_after(timeout);
    int error = look(lock, &deadline);

    if (error != EBUSY)
        return error;
    do {
        struct pp_deadline look = pp_recheck_deadline(&deadline);
        error = pthread_mutex_clocklock(mutex_of(lock), CLOCK_MONOTONIC, &look.at);
    } while (error == ETIMEDOUT && !pp_deadline_passed(&deadline));
    return error;
}

/* What an errno of acquiring means; a mutex whose holder died is made whole. */
static enum pp_status settle(struct pp_lock *lock, int error, struct pp_error *err)
{
    switch (error) {
    case EOWNERDEAD:
        /* One who dies here leaves the same death to be told to the next. */
        __atomic_fetch_add(&lock->deaths, 1, __ATOMIC_RELEASE);
        (void)pthread_mutex_consistent(mutex_of(lock));
        return pp_error_set(err, PP_E_OWNER_DIED, "the holder of the lock died");
    case EBUSY:
    case ETIMEDOUT:
        return pp_error_set(err, PP_E_TIMEOUT, "the lock is held by another");
    case EDEADLK:
        return pp_error_set(err, PP_E_USAGE, "cannot acquire the lock: this thread holds it");
    case EAGAIN:
        return pp_error_set(err, PP_E_LIMIT, "cannot acquire the lock: held too many times");
    default:
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot acquire the lock");
    }
}

enum pp_status pp_robust_acquire(struct pp_lock *lock, enum pp_nesting nesting, double timeout,
                                 struct pp_error *err)
{
    int error = make(lock, nesting);

    if (!error)
        error = pthread_mutex_trylock(mutex_of(lock));
    if (error == EBUSY && timeout != 0)
        error = wait_for(lock, timeout);
    return error ? settle(lock, error, err) : PP_OK;
}

enum pp_status pp_robust_release(struct pp_lock *lock, struct pp_error *err)
{
    /* Before it was made it is of a kind that anybody may unlock. */
    if (!__atomic_load_n(&lock->made, __ATOMIC_ACQUIRE) || pthread_mutex_unlock(mutex_of(lock)))
        return pp_error_set(err, PP_E_USAGE,
                            "cannot release the lock: this thread does not hold it");
    return PP_OK;
}

uint32_t pp_robust_release_all(struct pp_lock *lock, enum pp_nesting nesting)
{
    uint32_t levels = 0;

    while (pp_robust_release(lock, NULL) == PP_OK) {
        levels++;
        if (nesting == PP_HELD_ONCE)
            break;
    }
    return levels;
}

enum pp_status pp_robust_acquire_again(struct pp_lock *lock, enum pp_nesting nesting,
                                       uint32_t levels, struct pp_error *err)
{
    enum pp_status first = pp_robust_acquire(lock, nesting, -1, err), next = PP_OK;

    if (first != PP_OK && first != PP_E_OWNER_DIED)
        return first;
    for (uint32_t i = 1; i < levels && next == PP_OK; i++)
        next = pp_robust_acquire(lock, nesting, -1, err);
    return next == PP_OK ? first : next;
}

uint32_t pp_robust_deaths(const struct pp_lock *lock)
{
    return __atomic_load_n(&lock->deaths, __ATOMIC_ACQUIRE);
}

bool pp_robust_holder_died(const struct pp_lock *lock)
{
    return owner_word(lock) & FUTEX_OWNER_DIED;
}
