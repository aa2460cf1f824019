/*
 * The semaphore of src/runtime/semaphore.c, for Spin; how to run it says pool.pml, and check.py does.
 *
 * Every process acquires and releases some times. A step is one access to shared memory or one call
 * of the kernel; a process can be killed between any two, awake or asleep. The time of a wait can be
 * over at any moment, and one can wake for no reason. When nobody can go on, those who sleep have a
 * look by themselves; but as long as nobody was killed they must find nothing then, for wake-ups are
 * to be enough.
 *
 * What must hold: no unit comes or goes but by the killed, and when all is quiet nobody who lives is
 * left asleep beside a unit. Nothing goes round in circles.
 */
#ifndef USERS
#define USERS 4
#endif
#ifndef UNITS
#define UNITS 1
#endif
#ifndef TIMES
#define TIMES 1 /* that each acquires and releases */
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef WAKINGS
#define WAKINGS 1 /* without reason */
#endif
#ifndef EXPIRIES
#define EXPIRIES 1 /* waits whose time is over */
#endif

mtype = {IDLE, TRY, SPIN, COUNT, TAKE, SLEEP, ASLEEP, LEAVE, HELD, ADD, LOOK, WAKE, OVER};

byte units = UNITS; /* the struct's members */
byte waiting;

mtype at[USERS] = IDLE;
bool alive[USERS] = true;
bool expired[USERS];
bool got[USERS];     /* a unit, having waited */
bool waker[USERS];   /* saw that somebody waits */
byte to_wake[USERS];
byte done[USERS];

byte kills_left = KILLS, wakings_left = WAKINGS, expiries_left = EXPIRIES;
byte held; /* the truth: taken and not yet added again */

#ifdef MUTANT_SLEEP_WITHOUT_COMPARING
#define MAY_SLEEP true
#else
#define MAY_SLEEP (units == 0)
#endif
#ifdef MUTANT_LOOK_BEFORE_ADDING
#define FIRST      LOOK
#define AFTER_LOOK ADD
#define AFTER_ADD  WAKE
#else
#define FIRST      ADD
#define AFTER_LOOK WAKE
#define AFTER_ADD  LOOK
#endif
#ifdef MUTANT_GIVE_UP_WITHOUT_TRYING
#define GIVES_UP(u) expired[u]
#else
#define GIVES_UP(u) (expired[u] && units == 0)
#endif

#define STEP(u, place) (alive[u] && at[u] == place)
#define SLEEPS(u)      STEP(u, ASLEEP)

inline wake_one()
{
    if
    :: SLEEPS(0) -> at[0] = TAKE
    :: SLEEPS(1) -> at[1] = TAKE
    :: SLEEPS(2) -> at[2] = TAKE
#if USERS > 3
    :: SLEEPS(3) -> at[3] = TAKE
#endif
    :: else
    fi
}

inline take()
{
    assert(units > 0);
    units--;
    held++
}

proctype User(byte u)
{
end:
    do
    :: atomic { STEP(u, IDLE) -> at[u] = (done[u] < TIMES -> TRY : OVER) }
    :: atomic {
        STEP(u, TRY) ->
        if
        :: units > 0 -> take(); at[u] = HELD
        :: else -> at[u] = SPIN
        fi
    }
    /* The last of the looks awake: those before it change nothing. */
    :: atomic {
        STEP(u, SPIN) ->
        if
        :: units > 0 -> take(); at[u] = HELD
        :: else -> at[u] = COUNT
        fi
    }
    :: atomic { STEP(u, COUNT) -> waiting++; at[u] = TAKE }
    :: atomic {
        STEP(u, TAKE) ->
        if
        :: GIVES_UP(u) -> at[u] = LEAVE
        :: !GIVES_UP(u) && units > 0 -> take(); got[u] = true; at[u] = LEAVE
        :: !GIVES_UP(u) && units == 0 -> at[u] = SLEEP
        fi
    }
    :: atomic {
        STEP(u, SLEEP) ->
        if
        :: expired[u] -> at[u] = LEAVE
        :: !expired[u] && MAY_SLEEP -> at[u] = ASLEEP
        :: !expired[u] && !MAY_SLEEP -> at[u] = TAKE
        fi
    }
    :: atomic { SLEEPS(u) && expired[u] -> at[u] = TAKE }
    :: atomic {
        STEP(u, LEAVE) ->
        waiting--;
        at[u] = (got[u] -> HELD : OVER);
        got[u] = false;
        expired[u] = false
    }
    :: atomic { STEP(u, HELD) -> at[u] = FIRST }
    :: atomic {
        STEP(u, ADD) ->
#ifdef MUTANT_WAKE_FROM_NONE_ALONE
        to_wake[u] = (units == 0 -> 1 : 0);
#else
        to_wake[u] = units + 1;
#endif
        units++;
        held--;
        at[u] = AFTER_ADD
    }
    :: atomic { STEP(u, LOOK) -> waker[u] = waiting > 0; at[u] = AFTER_LOOK }
    :: atomic {
        STEP(u, WAKE) ->
        do
        :: waker[u] && to_wake[u] > 0 -> wake_one(); to_wake[u]--
        :: else -> break
        od;
        waker[u] = false;
        to_wake[u] = 0;
        done[u]++;
        at[u] = IDLE
    }
    od
}

/* The world of one process. */
proctype World(byte u)
{
end:
    do
    :: atomic { alive[u] && at[u] != OVER && kills_left > 0 -> kills_left--; alive[u] = false }
    :: atomic { SLEEPS(u) && wakings_left > 0 -> wakings_left--; at[u] = TAKE }
    :: atomic {
        (STEP(u, TAKE) || STEP(u, SLEEP) || SLEEPS(u)) && !expired[u] && expiries_left > 0 ->
        expiries_left--;
        expired[u] = true
    }
    od
}

#define STILL(u)  (!alive[u] || at[u] == OVER || (at[u] == ASLEEP && !expired[u]))
#if USERS > 3
#define QUIET     (STILL(0) && STILL(1) && STILL(2) && STILL(3))
#define SOMEBODY  (SLEEPS(0) || SLEEPS(1) || SLEEPS(2) || SLEEPS(3))
#else
#define QUIET     (STILL(0) && STILL(1) && STILL(2))
#define SOMEBODY  (SLEEPS(0) || SLEEPS(1) || SLEEPS(2))
#endif

/* The moment of the next look, which comes last. */
proctype Looks()
{
end:
    do
    :: atomic {
        QUIET && SOMEBODY && units > 0 ->
        assert(kills_left < KILLS);
#ifdef MUTANT_NOBODY_LOOKS
        assert(false);
#endif
        wake_one()
    }
    od
}

/* Those whose time was over are OVER with nothing in hand; what is held is held by the dead. */
proctype Truth()
{
end:
    do
    :: atomic { units + held != UNITS -> assert(false) }
    od
}

init {
    byte u;

    atomic {
        do
        :: u < USERS -> run User(u); run World(u); u++
        :: else -> break
        od;
        run Looks();
        run Truth()
    }
}
