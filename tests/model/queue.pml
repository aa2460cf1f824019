/*
 * The queue in shared memory, as src/runtime/queue*.c have it, for Spin; how to run it says pool.pml,
 * and check.py does.
 *
 * A step is one access to what others look at. Whoever writes or reads can be killed between any two
 * of his steps; somebody new takes his place. The kernel then lets go of the queue's lock first, and
 * of the slots' locks later. Who sleeps looks again when he is woken, and without being woken after a
 * time, which here is once after each death. The small way is an item copied under the lock; the
 * large one is copied outside of it by the owner of its slot, and its reader takes it and is done.
 * When nothing moves any more the audit must find everything in order.
 *
 * Left out: bytes as a number and room for them, closing, and how the lists are linked.
 */
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef READERS
#define READERS 2
#endif
#ifndef ITEMS
#define ITEMS 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#define USERS   (WRITERS + READERS) /* the writers first */
#define NONE    255
#define GARBAGE 254

/* ---- what is shared ------------------------------------------------------------------------- */

mtype = {FREE, WRITING, FULL, READING, FINISHED}; /* a slot's word */
mtype = {FREE_LIST, FULL_LIST, HELD_LIST};

byte lock;      /* its holder + 1 */
bool lock_died; /* its last holder died with it, and nobody has repaired yet */
mtype word[SLOTS] = FREE;
byte number[SLOTS]; /* of FINISHED: what `finished` is then */
byte ticket[SLOTS];
byte bytes[SLOTS] = GARBAGE;
byte owner[SLOTS]; /* who has the slot's lock, + 1 */
mtype list[SLOTS] = FREE_LIST;
byte next_ticket, finished;

/* ---- who uses it ---------------------------------------------------------------------------- */

mtype = {IDLE, AGAIN, REPAIR, LOOK, RECLAIM, DECIDE, RELIST, OWN, MARK, HOLD, WORK, BYTES, COMMIT,
         COUNT, LEAVE, COPY, FINISH, COUNT_FINISHED, SET_FREE, LIST, UNLOCK, WAKE, RETURN, SLEEP,
         DYING, OVER};
mtype phase[USERS] = IDLE;
byte slot[USERS] = NONE; /* the one in hand */
byte lost_slot[USERS];   /* the one being reclaimed, or repaired */
byte item[USERS] = NONE;
bool large[USERS];
bool second[USERS]; /* the second time under the lock, on the large way */
bool rings[USERS];  /* somebody is to be woken */
bool works[USERS];  /* there is work outside the lock after unlocking */
bool woken[USERS];
bool looked[USERS] = true; /* has looked since the last death */
byte faults_left = FAULTS;
byte next_item;

/* ---- what nobody knows: the truth that is asserted ------------------------------------------ */

byte holder[ITEMS];    /* the reader that has it, + 1 */
byte got[ITEMS];       /* how often a reader had it and lived to say so */
byte died_with[ITEMS]; /* takers */
bool lost[ITEMS];      /* with a getter who died when it was his */
bool put[ITEMS];       /* its put returned */
byte commits, done;

#define WRITES(u) (u < WRITERS)

/* ---- death ---------------------------------------------------------------------------------- */

/* Sooner or later all who sleep look again. */
inline time_passes()
{
    k = 0;
    do
    :: k < USERS -> looked[k] = false; k++
    :: else -> break
    od;
    k = 0
}

inline forget(u)
{
    slot[u] = NONE;
    lost_slot[u] = 0;
    item[u] = NONE;
    large[u] = false;
    second[u] = false;
    rings[u] = false;
    works[u] = false;
    woken[u] = false
}

inline die(u)
{
    d_step {
        faults_left--;
        if
        :: lock == u + 1 -> lock = 0; lock_died = true
        :: else
        fi;
        k = 0;
        do
        :: k < ITEMS ->
            if
            :: holder[k] == u + 1 && large[u] -> holder[k] = 0; died_with[k]++
            :: holder[k] == u + 1 && !large[u] -> holder[k] = 0; lost[k] = true
            :: else
            fi;
            k++
        :: else -> break
        od;
        forget(u);
        phase[u] = DYING;
        time_passes()
    }
}

/* The kernel has come to the slots' locks. */
inline bury(u)
{
    d_step {
        k = 0;
        do
        :: k < SLOTS ->
            if
            :: owner[k] == u + 1 -> owner[k] = 0
            :: else
            fi;
            k++
        :: else -> break
        od;
        phase[u] = IDLE;
        time_passes()
    }
}

/* ---- under the lock ------------------------------------------------------------------------- */

/* queue_repair.c: for one slot; all of it may be begun again at any time. */
inline repair(s)
{
    d_step {
        if
        :: (word[s] == FULL || word[s] == READING) && ticket[s] >= next_ticket ->
            next_ticket = ticket[s] + 1
        :: word[s] == FINISHED -> finished = number[s]; word[s] = FREE
        :: else
        fi;
        list[s] = (word[s] == FREE -> FREE_LIST : (word[s] == FULL -> FULL_LIST : HELD_LIST))
    }
}

#ifdef MUTANT_NO_REPAIR
#define IS_DAMAGED false
#else
#define IS_DAMAGED lock_died
#endif
#define IN_LOCK(u) (IS_DAMAGED -> REPAIR : (!second[u] -> LOOK : (WRITES(u) -> COMMIT : LEAVE)))

#ifdef MUTANT_RETURN_UNCHECKED
#define MAY_RETURN(s) true
#else
#define MAY_RETURN(s) (owner[s] == 0)
#endif
#ifdef MUTANT_FREE_UNCHECKED
#define MAY_FREE(s) true
#else
#define MAY_FREE(s) (owner[s] == 0)
#endif
#define IS_LOST(s)                                                                                 \
    (list[s] == HELD_LIST &&                                                                       \
     ((word[s] == WRITING && MAY_FREE(s)) || (word[s] == READING && MAY_RETURN(s))))

/* Into slot[u] a free one, or the full one with the lowest ticket; into lost_slot[u] one to be
 * reclaimed; or NONE. The lists must be true. */
inline look(u)
{
    d_step {
        slot[u] = NONE;
        lost_slot[u] = NONE;
        k = 0;
        do
        :: k < SLOTS ->
            if
            :: WRITES(u) && list[k] == FREE_LIST -> slot[u] = k
            :: !WRITES(u) && list[k] == FULL_LIST &&
               (slot[u] == NONE || ticket[k] < ticket[slot[u]]) -> slot[u] = k
            :: IS_LOST(k) -> lost_slot[u] = k
            :: else
            fi;
            k++
        :: else -> break
        od;
        assert(slot[u] == NONE || word[slot[u]] == (WRITES(u) -> FREE : FULL));
        k = 0;
        do
        :: k < SLOTS && slot[u] != NONE ->
            assert(WRITES(u) || word[k] != FULL || ticket[k] >= ticket[slot[u]]);
            k++
        :: else -> break
        od;
        k = 0
    }
}

/* Somebody may look now: of the readers one, of the writers all. */
inline wake(u)
{
    k = (WRITES(u) -> WRITERS : 0);
    do
    :: k < (WRITES(u) -> USERS : WRITERS) ->
        if
        :: phase[k] == SLEEP && !woken[k] ->
            woken[k] = true;
            if
            :: WRITES(u) -> break
            :: else
            fi
        :: else
        fi;
        k++
    :: else -> break
    od;
    k = 0
}

inline wake_all()
{
    k = 0;
    do
    :: k < USERS -> woken[k] = phase[k] == SLEEP; k++
    :: else -> break
    od;
    k = 0
}

/* ---- the mutants' other orders -------------------------------------------------------------- */

#ifdef MUTANT_COMMIT_EARLY
#define BEGIN_SMALL_PUT COMMIT
#define AFTER_COUNT     (second[u] -> LEAVE : BYTES)
#define AFTER_BYTES     LIST
#else
#define BEGIN_SMALL_PUT BYTES
#define AFTER_COUNT     (second[u] -> LEAVE : LIST)
#define AFTER_BYTES     COMMIT
#endif
/* ---- a writer or a reader ------------------------------------------------------------------- */

proctype User(byte u)
{
    byte k;

end:
    do
    :: atomic { phase[u] == IDLE && WRITES(u) && next_item == ITEMS -> phase[u] = OVER }
    :: atomic {
        phase[u] == IDLE && lock == 0 && (!WRITES(u) || next_item < ITEMS) ->
        lock = u + 1;
        if
        :: WRITES(u) -> item[u] = next_item; next_item++
        :: else
        fi;
        if
        :: large[u] = true
        :: large[u] = false
        fi;
        lost_slot[u] = 0;
        phase[u] = IN_LOCK(u)
    }
    :: atomic {
        phase[u] == AGAIN && lock == 0 ->
        lock = u + 1;
        lost_slot[u] = 0;
        phase[u] = IN_LOCK(u)
    }
    :: atomic {
        phase[u] == REPAIR && lost_slot[u] < SLOTS ->
        repair(lost_slot[u]);
        lost_slot[u]++
    }
    :: atomic {
        phase[u] == REPAIR && lost_slot[u] == SLOTS ->
        wake_all();
        lock_died = false;
        phase[u] = IN_LOCK(u)
    }

    /* ---- looking, and reclaiming what the dead had */
    :: atomic {
        phase[u] == LOOK ->
        look(u);
        if
        :: slot[u] != NONE && large[u] -> phase[u] = OWN
        :: slot[u] != NONE && !large[u] -> phase[u] = (WRITES(u) -> BEGIN_SMALL_PUT : COPY)
        :: slot[u] == NONE && lost_slot[u] != NONE -> phase[u] = RECLAIM
        :: else -> lock = 0; phase[u] = SLEEP
        fi
    }
    :: atomic { phase[u] == RECLAIM -> owner[lost_slot[u]] = u + 1; phase[u] = DECIDE }
    :: atomic {
        phase[u] == DECIDE ->
        word[lost_slot[u]] = (word[lost_slot[u]] == WRITING -> FREE : FULL);
        phase[u] = RELIST
    }
    :: atomic {
        phase[u] == RELIST ->
        owner[lost_slot[u]] = 0;
        list[lost_slot[u]] = (word[lost_slot[u]] == FREE -> FREE_LIST : FULL_LIST);
        wake_all();
        phase[u] = LOOK
    }

    /* ---- the large way: a slot of one's own, and work outside the lock */
    :: atomic { phase[u] == OWN && owner[slot[u]] == 0 -> owner[slot[u]] = u + 1; phase[u] = MARK }
    :: atomic {
        phase[u] == MARK ->
        if
        :: WRITES(u) -> bytes[slot[u]] = GARBAGE; word[slot[u]] = WRITING
        :: else ->
            word[slot[u]] = READING;
            item[u] = bytes[slot[u]];
            assert(item[u] < ITEMS && holder[item[u]] == 0);
            holder[item[u]] = u + 1
        fi;
        phase[u] = HOLD
    }
    :: atomic {
        phase[u] == HOLD ->
        list[slot[u]] = HELD_LIST;
        works[u] = true;
        phase[u] = UNLOCK
    }
    :: atomic {
        phase[u] == WORK ->
        works[u] = false;
        if
        :: WRITES(u) ->
            /* Nobody else writes here, or reads. */
            assert(owner[slot[u]] == u + 1 && word[slot[u]] == WRITING);
            bytes[slot[u]] = item[u]
        :: else ->
            assert(bytes[slot[u]] == item[u] && word[slot[u]] == READING);
            got[item[u]]++
        fi;
        second[u] = true;
        phase[u] = AGAIN
    }

    /* ---- putting */
    :: atomic { phase[u] == BYTES -> bytes[slot[u]] = item[u]; phase[u] = AFTER_BYTES }
#ifdef MUTANT_COUNT_FIRST
    :: atomic {
        phase[u] == COMMIT ->
        ticket[slot[u]] = next_ticket;
        next_ticket++;
        phase[u] = COUNT
    }
    :: atomic {
        phase[u] == COUNT ->
        word[slot[u]] = FULL;
        commits++;
        phase[u] = AFTER_COUNT
    }
#else
    :: atomic {
        phase[u] == COMMIT ->
        ticket[slot[u]] = next_ticket;
        word[slot[u]] = FULL;
        commits++;
        phase[u] = COUNT
    }
    :: atomic {
        phase[u] == COUNT ->
        next_ticket = ticket[slot[u]] + 1;
        phase[u] = AFTER_COUNT
    }
#endif

    /* ---- getting the small way */
    :: atomic {
        phase[u] == COPY ->
        item[u] = bytes[slot[u]];
        assert(item[u] < ITEMS && holder[item[u]] == 0);
        phase[u] = SET_FREE
    }

    /* ---- leaving the slot; a reader of the large way is done */
    :: atomic {
        phase[u] == LEAVE ->
        owner[slot[u]] = 0;
        phase[u] = (WRITES(u) -> LIST : FINISH)
    }
#ifdef MUTANT_FINISH_IN_TWO
    :: atomic {
        phase[u] == FINISH ->
        word[slot[u]] = FREE;
        holder[item[u]] = 0;
        done++;
        phase[u] = COUNT_FINISHED
    }
    :: atomic { phase[u] == COUNT_FINISHED -> finished++; phase[u] = LIST }
#else
    :: atomic {
        phase[u] == FINISH ->
        number[slot[u]] = finished + 1;
        word[slot[u]] = FINISHED;
        holder[item[u]] = 0;
        done++;
        phase[u] = COUNT_FINISHED
    }
    :: atomic { phase[u] == COUNT_FINISHED -> finished = number[slot[u]]; phase[u] = SET_FREE }
#endif
    :: atomic {
        phase[u] == SET_FREE ->
        word[slot[u]] = FREE;
        number[slot[u]] = 0;
        if
        :: !large[u] -> holder[item[u]] = u + 1
        :: else
        fi;
        phase[u] = LIST
    }
    :: atomic {
        phase[u] == LIST ->
        list[slot[u]] = (WRITES(u) -> FULL_LIST : FREE_LIST);
        rings[u] = true;
        phase[u] = UNLOCK
    }

    /* ---- out of the lock */
    :: atomic {
        phase[u] == UNLOCK ->
        lock = 0;
        phase[u] = (rings[u] -> WAKE : (works[u] -> WORK : RETURN))
    }
    :: atomic {
        phase[u] == WAKE ->
        wake(u);
        rings[u] = false;
        phase[u] = (works[u] -> WORK : RETURN)
    }
    :: atomic {
        phase[u] == RETURN ->
        if
        :: WRITES(u) -> put[item[u]] = true
        :: !WRITES(u) && !large[u] ->
#ifdef MUTANT_COPY_LATE
            assert(bytes[slot[u]] == item[u]);
#endif
            got[item[u]]++;
            holder[item[u]] = 0
        :: else
        fi;
        forget(u);
        phase[u] = IDLE
    }

    /* ---- sleeping */
#ifdef MUTANT_SLEEP_UNTIL_WOKEN
    :: atomic { phase[u] == SLEEP && woken[u] -> woken[u] = false; phase[u] = AGAIN }
#else
    :: atomic {
        phase[u] == SLEEP && (woken[u] || !looked[u]) ->
        looked[u] = true;
        woken[u] = false;
        phase[u] = AGAIN
    }
#endif

    /* ---- dying */
    :: atomic {
        faults_left > 0 && phase[u] != IDLE && phase[u] != OVER && phase[u] != DYING -> die(u)
    }
    :: atomic { phase[u] == DYING -> bury(u) }
    od
}

/* ---- the audit ------------------------------------------------------------------------------ */

#ifdef MUTANT_SLEEP_UNTIL_WOKEN
#define AT_REST(u) (phase[u] == OVER || (phase[u] == SLEEP && !woken[u]))
#else
#define AT_REST(u) (phase[u] == OVER || (phase[u] == SLEEP && !woken[u] && looked[u]))
#endif

init {
    byte i;

    atomic {
        do
        :: i < USERS -> run User(i); i++
        :: else -> break
        od
    }
    /* Three users at the most, so that all can be named. */
    atomic {
        lock == 0 && AT_REST(0) && AT_REST(1) && AT_REST(USERS - 1) ->
        i = 0;
        do
        :: i < USERS -> assert(!WRITES(i) || phase[i] == OVER); i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < SLOTS ->
            assert(word[i] == FREE && list[i] == FREE_LIST && owner[i] == 0);
            i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < ITEMS ->
            assert(holder[i] == 0);
            assert(!put[i] || got[i] > 0 || lost[i]);
            assert(got[i] + lost[i] <= 1 + died_with[i]);
            i++
        :: else -> break
        od;
        assert(next_ticket == commits && finished == done)
    }
}
