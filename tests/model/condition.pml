/*
 * The condition of src/runtime/condition.c, for Spin; how to run it says pool.pml, and check.py does.
 *
 * Some put things under a lock and notify of them, others wait until there is one and take it. A step
 * is one access to shared memory or one call of the kernel; a process can be killed between any two,
 * with the lock or without. The lock is the kernel's and the C library's: who is next after a
 * death is told, and counts the death. When nobody can go on, those who sleep have a look by
 * themselves; as long as nobody was killed they must find nothing then.
 *
 * What must hold: when all is quiet nobody who lives is left asleep beside a thing to take, and
 * nobody while a holder's death is untold. Nothing goes round in circles.
 */
#ifndef PUTTERS
#define PUTTERS 2 /* at least 1; the others take */
#endif
#ifndef EACH
#define EACH 2 /* things that one puts, before it notifies of all of them */
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef WAKINGS
#define WAKINGS 1 /* without reason */
#endif
#define USERS 4

mtype = {LOCK, TOLD, PUT, COUNT_UP, LOOK, WAKE, UNLOCK, OVER,           /* putters */
         CHECK, READ, RELEASE, SPIN, COUNT, SEE, SLEEP, ASLEEP, LEAVE, LOCK_AGAIN}; /* takers */

byte sequence, waiting; /* the condition's members */
byte deaths;            /* the lock's */
byte holder;            /* + 1 */
bool died;              /* the holder did, and nobody has had the lock since */
byte things;

mtype at[USERS] = LOCK;
bool alive[USERS] = true;
byte put[USERS];
byte seen[USERS], seen_deaths[USERS];
bool waker[USERS];
byte kills_left = KILLS, wakings_left = WAKINGS;

#define PUTS(u)        (u < PUTTERS)
#define STEP(u, place) (alive[u] && at[u] == place)
#define SLEEPS(u)      STEP(u, ASLEEP)

#define NOTIFIED(u) (sequence != seen[u])
#ifdef MUTANT_DEAD_UNNOTICED
#define BEREFT(u) false
#else
#ifdef MUTANT_DEATHS_UNCOUNTED
#define BEREFT(u) died
#else
#define BEREFT(u) (died || deaths != seen_deaths[u])
#endif
#endif
#ifdef MUTANT_ONLY_THE_WOKEN
#define SEES(u) BEREFT(u)
#else
#define SEES(u) (NOTIFIED(u) || BEREFT(u))
#endif
#ifdef MUTANT_READ_AFTER_RELEASE
#define FIRST         RELEASE
#define AFTER_RELEASE READ
#define AFTER_READ    SPIN
#else
#define FIRST         READ
#define AFTER_RELEASE SPIN
#define AFTER_READ    RELEASE
#endif
#ifdef MUTANT_SLEEP_WITHOUT_COMPARING
#define MAY_SLEEP(u) true
#else
#define MAY_SLEEP(u) (!NOTIFIED(u))
#endif
#ifdef MUTANT_LOOK_BEFORE_COUNTING_UP
#define AFTER_PUT      LOOK
#define AFTER_LOOK     COUNT_UP
#define AFTER_COUNT_UP WAKE
#else
#define AFTER_PUT      COUNT_UP
#define AFTER_COUNT_UP LOOK
#define AFTER_LOOK     WAKE
#endif

inline acquire(u, next)
{
    holder = u + 1;
    if
    :: died -> died = false; at[u] = TOLD
    :: else -> at[u] = next
    fi
}

/* Those woken by a notification find that the sequence number is another. */
inline wake_one()
{
    if
    :: SLEEPS(USERS - 1) -> at[USERS - 1] = LEAVE
    :: SLEEPS(USERS - 2) -> at[USERS - 2] = LEAVE
#if PUTTERS < 2
    :: SLEEPS(USERS - 3) -> at[USERS - 3] = LEAVE
#endif
    :: else
    fi
}

proctype User(byte u)
{
    byte k;

end:
    do
    :: atomic { STEP(u, LOCK) && holder == 0 -> acquire(u, (PUTS(u) -> PUT : CHECK)) }
    :: atomic {
        STEP(u, TOLD) ->
        deaths++;
        at[u] = (PUTS(u) -> PUT : CHECK)
    }
    :: atomic {
        STEP(u, PUT) ->
        things++;
        put[u]++;
        at[u] = (put[u] < EACH -> PUT : AFTER_PUT)
    }
    :: atomic { STEP(u, COUNT_UP) -> sequence++; at[u] = AFTER_COUNT_UP }
    :: atomic { STEP(u, LOOK) -> waker[u] = waiting > 0; at[u] = AFTER_LOOK }
    :: atomic {
        STEP(u, WAKE) ->
        k = (waker[u] -> EACH : 0);
        do
        :: k > 0 -> wake_one(); k--
        :: else -> break
        od;
        waker[u] = false;
        at[u] = UNLOCK
    }
    :: atomic { STEP(u, UNLOCK) -> holder = 0; at[u] = OVER }

    :: atomic {
        STEP(u, CHECK) ->
        if
        :: things > 0 -> things--; at[u] = UNLOCK
        :: else -> at[u] = FIRST
        fi
    }
    :: atomic {
        STEP(u, READ) ->
        seen[u] = sequence;
        seen_deaths[u] = deaths;
        at[u] = AFTER_READ
    }
    :: atomic { STEP(u, RELEASE) -> holder = 0; at[u] = AFTER_RELEASE }
    /* The last of the looks awake: those before it change nothing. */
    :: atomic { STEP(u, SPIN) -> at[u] = (NOTIFIED(u) -> LOCK_AGAIN : COUNT) }
    :: atomic { STEP(u, COUNT) -> waiting++; at[u] = SEE }
    :: atomic { STEP(u, SEE) -> at[u] = (SEES(u) -> LEAVE : SLEEP) }
    :: atomic { STEP(u, SLEEP) -> at[u] = (MAY_SLEEP(u) -> ASLEEP : LEAVE) }
    :: atomic { STEP(u, LEAVE) -> waiting--; at[u] = LOCK_AGAIN }
    :: atomic { STEP(u, LOCK_AGAIN) && holder == 0 -> acquire(u, CHECK) }
    od
}

proctype World(byte u)
{
end:
    do
    :: atomic {
        alive[u] && at[u] != OVER && kills_left > 0 ->
        kills_left--;
        alive[u] = false;
        if
        :: holder == u + 1 -> holder = 0; died = true
        :: else
        fi
    }
    :: atomic { SLEEPS(u) && wakings_left > 0 -> wakings_left--; at[u] = SEE }
    od
}

#define STILL(u) (!alive[u] || at[u] == OVER || at[u] == ASLEEP)
#define QUIET    (STILL(0) && STILL(1) && STILL(2) && STILL(3))
#define LEFT(u)  (SLEEPS(u) && (things > 0 || died))

/* The moment of the next look, which comes last. */
proctype Looks(byte u)
{
end:
    do
    :: atomic {
        QUIET && LEFT(u) ->
        assert(kills_left < KILLS);
#ifdef MUTANT_NOBODY_LOOKS
        assert(false);
#endif
        assert(SEES(u));
        at[u] = SEE
    }
    od
}

init {
    byte u;

    atomic {
        do
        :: u < USERS -> run User(u); run World(u); run Looks(u); u++
        :: else -> break
        od
    }
}
