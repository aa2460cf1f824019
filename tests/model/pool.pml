/*
 * The protocol between the supervisor and its workers, as src/pool has it, for Spin.
 *
 *   spin -a [-DNAME=VALUE...] pool.pml && cc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -m1000000
 *
 * A step here is one access to memory that another process looks at; what only its own process sees
 * is part of the step before or after. A worker can die between any two of its steps. Time does not
 * exist: a deadline may pass at any moment. What must hold stands in the assertions; beside them no
 * state may be a dead end while a task lacks its outcome, and nothing may go round in circles, so
 * that every task ends. check.py runs this as it is, which must find nothing wrong, and with each of
 * the MUTANT_ switches, which must find something.
 *
 * Memory is sequentially consistent, as the atomics of src/pool are. Left out: descriptors and
 * payloads, memory grants, threads, the breakers for workers that cannot start, and the limit to how
 * often a task may be killed by others, for deaths are limited here.
 */
#ifndef TASKS
#define TASKS 3
#endif
#ifndef FAULTS
#define FAULTS 2 /* deaths and scribbling that nobody ordered */
#endif
#ifndef OVERDUE
#define OVERDUE 1 /* deadlines that pass */
#endif
#ifndef CANCELS
#define CANCELS 0 /* times that all unbegun tasks are called off */
#endif
#ifndef RECALLS
#define RECALLS 0 /* times that a task at hand is taken back for an idle worker */
#endif
#ifndef HUSH
#define HUSH 0 /* 1: workers may be asked not to ring for the next record */
#endif
#ifndef WORKERS
#define WORKERS 2 /* or 1 */
#endif
#define CREDITS 2 /* one task in work, one at hand; also the ring's records */
#define RETRIES 1
#define NONE    255

/* ---- what the supervisor knows (src/pool/state.h) ------------------------------------------- */

mtype = {QUEUED, RETRY, OUT, DONE, CRASHED, TIMED_OUT, CANCELLED}; /* a task */
mtype = {EMPTY, STARTING, READY, LEAVING};                        /* a place */
mtype = {BY_ITSELF, TIMEOUT, SCRIBBLED, RETIRED};                 /* why it leaves */
mtype = {FAULT, KILL, OOM};                                       /* how a worker died */

mtype task[TASKS] = QUEUED;
byte charged[TASKS];
bool own_pool[TASKS]; /* after running out of memory: no other task anywhere */
byte exclusive = NONE;

mtype place[WORKERS] = EMPTY;
mtype leaving[WORKERS] = BY_ITSELF;
bool fresh[WORKERS];
byte load[WORKERS];
byte slot_id[WORKERS * CREDITS];   /* oldest first */
byte slot_task[WORKERS * CREDITS]; /* NONE: called off, a record still follows */
byte taken_id[WORKERS];            /* of the last record taken, + 1 as in `current` */
byte last_id;
byte overdue_left = OVERDUE;
byte cancels_left = CANCELS;
byte recalls_left = RECALLS;
byte recall_below[WORKERS]; /* hand-outs skipped below are to be handed out again */
bool recalled[WORKERS];     /* it is given nothing until all it has has come back */

/* ---- what is shared (src/pool/cell.h), and the kernel's part -------------------------------- */

byte tail[WORKERS], head[WORKERS];
byte quiet[WORKERS];   /* the record behind so many is rung for */
byte current[WORKERS]; /* a hand-out's id + 1 */
byte record[WORKERS * CREDITS];
bool skipped[WORKERS * CREDITS];
bool guard[WORKERS];
bool ready[WORKERS];
byte cancel_below[WORKERS];
bool bell[WORKERS]; /* the doorbell's event */
chan inbox[WORKERS] = [CREDITS] of {byte, byte};

bool up[WORKERS];
bool kill_sent[WORKERS];
mtype how[WORKERS] = KILL;
byte faults_left = FAULTS;

/* ---- what nobody knows: the truth that is asserted ------------------------------------------ */

mtype = {OFF, BEGIN, BEGIN_BELL, IDLE, NAMED, WORK, EARLY, COMMITTED, CLEAR, BELL};
mtype phase[WORKERS] = OFF;
byte work_id[WORKERS], work_task[WORKERS];
bool wake[WORKERS];
bool skip_it[WORKERS];
byte owner[TASKS];     /* the living worker that has it, + 1 */
byte victim[WORKERS];  /* the task in work at the death; NONE */
bool committed[TASKS]; /* a record of it was published */
byte guilty[TASKS];    /* faults while it was in work */

#define IN_WORK(w)                                                                                 \
    (phase[w] == NAMED || phase[w] == WORK || phase[w] == EARLY)
#define FINISHED(t) (task[t] != QUEUED && task[t] != RETRY && task[t] != OUT)
#define PENDING(t)  (!FINISHED(t))

/* ---- the kernel, and the world -------------------------------------------------------------- */

inline die(w, why)
{
    d_step {
        victim[w] = (IN_WORK(w) -> work_task[w] : NONE);
        if
        :: victim[w] != NONE && (why == FAULT || why == OOM) -> guilty[victim[w]]++
        :: else
        fi;
        up[w] = false;
        how[w] = why;
        phase[w] = OFF;
        work_id[w] = 0;
        work_task[w] = 0;
        wake[w] = false;
        skip_it[w] = false;
        kill_sent[w] = false;
        do
        ::  len(inbox[w]) > 0 -> inbox[w]?_, _
        :: else -> break
        od;
        k = 0;
        do
        :: k < TASKS ->
            if
            :: owner[k] == w + 1 -> owner[k] = 0
            :: else
            fi;
            k++
        :: else -> break
        od;
        k = 0
    }
}

proctype World(byte w)
{
    byte k;

end:
    do
    :: atomic { up[w] && kill_sent[w] -> die(w, KILL) }
    :: atomic { up[w] && faults_left > 0 -> faults_left--; die(w, FAULT) }
    :: atomic { up[w] && faults_left > 0 -> faults_left--; die(w, KILL) }
    :: atomic { up[w] && faults_left > 0 && phase[w] == WORK -> faults_left--; die(w, OOM) }
    :: atomic {
        up[w] && faults_left > 0 && phase[w] == WORK && guard[w] ->
        faults_left--;
        guard[w] = false;
        guilty[work_task[w]]++
    }
    od
}

/* ---- a worker (src/pool/worker.c, ring.c) --------------------------------------------------- */

#define AT(w) (w * CREDITS + tail[w] % CREDITS)
#if defined(MUTANT_CLEAR_BEFORE_TAIL) || defined(MUTANT_LOOK_BEFORE_TAIL)
#define BEFORE_TAIL EARLY
#else
#define BEFORE_TAIL WORK
#endif

proctype Worker(byte w)
{
end:
    do
    :: atomic { phase[w] == BEGIN -> ready[w] = true; phase[w] = BEGIN_BELL }
    :: atomic { phase[w] == BEGIN_BELL -> bell[w] = true; phase[w] = IDLE }
    :: atomic {
        phase[w] == IDLE && len(inbox[w]) > 0 ->
        inbox[w]?work_id[w], work_task[w];
        current[w] = work_id[w] + 1;
        phase[w] = NAMED
    }
    :: atomic {
        phase[w] == NAMED ->
        skip_it[w] = work_id[w] < cancel_below[w];
        /* From here on it touches the task's descriptors. */
        assert(skip_it[w] || (task[work_task[w]] == OUT && owner[work_task[w]] == w + 1));
        phase[w] = WORK
    }
#ifdef MUTANT_CLEAR_BEFORE_TAIL
    :: atomic { phase[w] == WORK -> current[w] = 0; phase[w] = EARLY }
#endif
#ifdef MUTANT_LOOK_BEFORE_TAIL
    :: atomic { phase[w] == WORK -> wake[w] = quiet[w] == tail[w]; phase[w] = EARLY }
#endif
    :: atomic {
        phase[w] == BEFORE_TAIL ->
        record[AT(w)] = work_id[w];
        skipped[AT(w)] = skip_it[w];
        tail[w]++;
        committed[work_task[w]] = committed[work_task[w]] || !skip_it[w];
        owner[work_task[w]] = (owner[work_task[w]] == w + 1 -> 0 : owner[work_task[w]]);
        phase[w] = COMMITTED
    }
    :: atomic {
        phase[w] == COMMITTED ->
#ifndef MUTANT_LOOK_BEFORE_TAIL
        wake[w] = quiet[w] == tail[w] - 1;
#endif
        phase[w] = CLEAR
    }
    :: atomic {
        phase[w] == CLEAR ->
        current[w] = 0;
        work_id[w] = 0;
        work_task[w] = 0;
        skip_it[w] = false;
        phase[w] = (wake[w] -> BELL : IDLE);
        wake[w] = false
    }
    :: atomic { phase[w] == BELL -> bell[w] = true; phase[w] = IDLE }
    od
}

/* ---- the supervisor ------------------------------------------------------------------------- */

#define S(w)       (w * CREDITS) /* its oldest slot */
#define LAST       (WORKERS - 1)
#define OCCUPIED   ((place[0] != EMPTY) + (LAST > 0 && place[LAST] != EMPTY))
#define ONE_STARTS (place[0] == STARTING || place[LAST] == STARTING)
#define BUSY       (load[0] > 0 || load[LAST] > 0)

inline finish(t, outcome)
{
    assert(PENDING(t));
#ifdef REACH
    assert(outcome != REACH);
#endif
    task[t] = outcome
}

inline requeue(t)
{
    task[t] = (charged[t] > 0 -> RETRY : QUEUED)
}

inline kill_place(w, why)
{
    if
    :: why == SCRIBBLED || leaving[w] == BY_ITSELF -> leaving[w] = why
    :: else
    fi;
    if
    :: place[w] == STARTING || place[w] == READY ->
        place[w] = LEAVING;
        kill_sent[w] = up[w]
    :: else
    fi
}

inline shift(w)
{
    if
    :: slot_task[S(w)] != NONE && slot_task[S(w)] == exclusive -> exclusive = NONE
    :: else
    fi;
    slot_id[S(w)] = slot_id[S(w) + 1];
    slot_task[S(w)] = slot_task[S(w) + 1];
    slot_id[S(w) + 1] = 0;
    slot_task[S(w) + 1] = 0;
    load[w]--;
    recalled[w] = recalled[w] && load[w] > 0
}

/* results.c, ring.c: one turn of the loop that takes records; `more` says whether to go on. */
inline take(w)
{
    d_step {
        more = false;
        if
        :: leaving[w] == SCRIBBLED || place[w] == EMPTY
        :: else ->
            if
            :: place[w] == STARTING && ready[w] -> place[w] = READY
            :: else
            fi;
            if
            :: !guard[w] -> kill_place(w, SCRIBBLED)
#ifdef MUTANT_COMMIT_BY_CURRENT
            :: guard[w] && load[w] > 0 && current[w] == slot_id[S(w)] + 1
            :: guard[w] && tail[w] != head[w] &&
               !(load[w] > 0 && current[w] == slot_id[S(w)] + 1) ->
#else
            :: guard[w] && tail[w] != head[w] ->
#endif
#ifndef MUTANT_TAKE_TWICE
                /* An honest worker's record is always right. */
                assert(load[w] > 0 && tail[w] - head[w] <= load[w]);
                assert(record[S(w) + head[w] % CREDITS] == slot_id[S(w)]);
#endif
                t = slot_task[S(w)];
                taken_id[w] = slot_id[S(w)] + 1;
                k = skipped[S(w) + head[w] % CREDITS];
#ifdef MUTANT_TAKE_TWICE
                head[w] = (up[w] -> head[w] + 1 : head[w]);
#else
                head[w]++;
#endif
                quiet[w] = head[w];
                shift(w);
                if
                :: t == NONE
#ifndef MUTANT_RECALL_CANCELS
                :: t != NONE && k && taken_id[w] <= recall_below[w] -> requeue(t)
                :: t != NONE && k && taken_id[w] > recall_below[w] ->
#else
                :: t != NONE && k ->
#endif
                    assert(cancels_left < CANCELS);
                    finish(t, CANCELLED)
                :: t != NONE && !k ->
                    assert(committed[t]);
                    finish(t, DONE)
                fi;
                more = load[w] > 0 || tail[w] != head[w]
            :: else
            fi
        fi;
        t = 0;
        k = 0
    }
}

inline drain(w)
{
    do
    :: take(w);
        if
        :: more
        :: else -> break
        fi
    od;
    /* It may be asked to keep quiet, when it has more than one: but never sooner than it was. */
    if
    :: HUSH && place[w] == READY && load[w] > 1 && quiet[w] == head[w] -> quiet[w] = head[w] + 1
    :: true
    fi
}

/* It was quiet for so long that it is looked at unasked; and it is to ring again. */
inline listen(w)
{
    quiet[w] = head[w];
#ifndef MUTANT_LISTEN_WITHOUT_A_LOOK
    drain(w)
#endif
}

/* deaths.c */
inline charge(w, t)
{
    assert(leaving[w] == SCRIBBLED || victim[w] == t);
    charged[t]++;
    if
    :: charged[t] > RETRIES ->
        assert(guilty[t] > 0);
        finish(t, CRASHED)
    :: else ->
        task[t] = RETRY;
        own_pool[t] = own_pool[t] || (how[w] == OOM && leaving[w] == BY_ITSELF)
    fi
}

inline judge(w, t)
{
    if
    :: leaving[w] != SCRIBBLED && leaving[w] == TIMEOUT && how[w] != FAULT ->
        assert(victim[w] == t);
        finish(t, TIMED_OUT)
    :: leaving[w] == SCRIBBLED || how[w] == FAULT ||
       (how[w] == OOM && leaving[w] == BY_ITSELF) ->
        charge(w, t)
    :: else -> requeue(t)
    fi
}

inline settle(w)
{
    d_step {
#ifdef MUTANT_CHARGE_AT_HAND
        in_work = load[w] > 0;
#else
        in_work = load[w] > 0 && (leaving[w] == SCRIBBLED || current[w] == slot_id[S(w)] + 1 ||
                                  (current[w] != 0 && current[w] != taken_id[w]));
#endif
        /* Who was at it is found out, in every case. */
        assert(leaving[w] == SCRIBBLED || up[w] || victim[w] == NONE ||
               (load[w] > 0 && (slot_task[S(w)] == NONE ||
                                (in_work && slot_task[S(w)] == victim[w]))));
        do
        :: load[w] > 0 ->
            t = slot_task[S(w)];
            shift(w);
            if
            :: t == NONE
            :: t != NONE ->
                /* What was published before the death is not lost. */
                assert(leaving[w] == SCRIBBLED || !committed[t]);
                committed[t] = false;
                if
                :: in_work -> judge(w, t)
                :: else -> requeue(t)
                fi
            fi;
            in_work = false
        :: else -> break
        od;
        t = 0
    }
}

inline vacate(w)
{
    d_step {
        place[w] = EMPTY;
        leaving[w] = BY_ITSELF;
        how[w] = KILL;
        fresh[w] = false;
        taken_id[w] = 0;
        victim[w] = 0;
        current[w] = 0;
        guard[w] = false;
        ready[w] = false;
        cancel_below[w] = 0;
        recall_below[w] = 0;
        recalled[w] = false;
        bell[w] = false;
        head[w] = 0;
        quiet[w] = 0;
        tail[w] = 0;
        record[S(w)] = 0;
        record[S(w) + 1] = 0;
        skipped[S(w)] = false;
        skipped[S(w) + 1] = false;
        in_work = false;
        more = false
    }
}

inline death(w)
{
#ifndef MUTANT_REQUEUE_BEFORE_DRAIN
    drain(w);
#endif
    settle(w);
    vacate(w)
}

/* deadlines.c: what was published in time counts. */
inline enforce(w)
{
    seen = slot_id[S(w)];
    drain(w);
    d_step {
        if
        :: place[w] == READY && load[w] > 0 && slot_id[S(w)] == seen -> kill_place(w, TIMEOUT)
        :: else
        fi;
        seen = 0
    }
#ifdef MUTANT_REASSIGN_BEFORE_DEATH
    if
    :: place[w] == LEAVING -> settle(w)
    :: else
    fi
#endif
}

/* ending.c */
inline call_off(w)
{
#ifdef MUTANT_LOOK_BEFORE_CALLING_OFF
    seen = current[w];
    cancel_below[w] = last_id + 1;
#else
    cancel_below[w] = last_id + 1;
    seen = current[w];
#endif
    drain(w);
    d_step {
        k = 0;
        do
        :: k < load[w] ->
            t = slot_task[S(w) + k];
            if
            :: t != NONE && slot_id[S(w) + k] + 1 != seen ->
                /* It is not begun, nor will it be. */
                assert(work_id[w] != slot_id[S(w) + k] || skip_it[w] || phase[w] == NAMED);
                slot_task[S(w) + k] = NONE;
                exclusive = (t == exclusive -> NONE : exclusive);
                finish(t, CANCELLED)
            :: else
            fi;
            k++
        :: else -> break
        od;
        k = 0;
        t = 0;
        seen = 0
    }
}

/* recall.c: as calling off, but to be handed out again. */
inline recall(w)
{
#ifdef MUTANT_LOOK_BEFORE_RECALLING
    seen = current[w];
    recall_below[w] = last_id + 1;
    cancel_below[w] = last_id + 1;
#else
    recall_below[w] = last_id + 1;
    cancel_below[w] = last_id + 1;
    seen = current[w];
#endif
    drain(w);
    d_step {
        k = load[w];
        do
        :: k > 0 ->
            k--;
            t = slot_task[S(w) + k];
            if
            :: t != NONE && slot_id[S(w) + k] + 1 != seen ->
                slot_task[S(w) + k] = NONE;
                exclusive = (t == exclusive -> NONE : exclusive);
                owner[t] = 0;
                requeue(t)
            :: else
            fi
        :: else -> break
        od;
        recalled[w] = load[w] > 0;
        t = 0;
        seen = 0
    }
}

inline call_all_off()
{
    d_step {
        k = 0;
        do
        :: k < TASKS ->
            if
            :: task[k] == QUEUED || task[k] == RETRY -> finish(k, CANCELLED)
            :: else
            fi;
            k++
        :: else -> break
        od;
        k = 0
    }
    if
    :: load[0] > 0 -> call_off(0)
    :: else
    fi;
#if WORKERS > 1
    if
    :: load[1] > 0 -> call_off(1)
    :: else
    fi
#else
    skip
#endif
}

/* hiring.c */
inline hire(w)
{
    place[w] = STARTING;
    fresh[w] = true;
    guard[w] = true;
    up[w] = true;
    phase[w] = BEGIN
}

/* schedule.c; the worker may have died meanwhile, and its socket says so. */
inline hand_out(w, t)
{
    if
    :: !up[w] -> kill_place(w, RETIRED)
    :: else ->
        /* Nobody who may still be at it lives; and after a crash it is alone. */
        assert(owner[t] == 0);
        assert(charged[t] == 0 || own_pool[t] || fresh[w]);
        assert(load[w] == 0 || slot_task[S(w)] == NONE || charged[slot_task[S(w)]] == 0);
        assert(exclusive == NONE && (!own_pool[t] || !BUSY));
        last_id++;
        assert(len(inbox[w]) < CREDITS);
        inbox[w]!last_id, t;
        owner[t] = w + 1;
        slot_id[S(w) + load[w]] = last_id;
        slot_task[S(w) + load[w]] = t;
        load[w]++;
        fresh[w] = false;
        exclusive = (own_pool[t] -> t : exclusive);
        task[t] = OUT
    fi
}

/* The first of the retries and of the queue, an idle place, a fresh one if there is one, and one
 * that may be given another task. */
inline look()
{
    retry = NONE;
    next = NONE;
    idle = NONE;
    partial = NONE;
    pending = 0;
    k = TASKS;
    do
    :: k > 0 ->
        k--;
        pending = pending + (PENDING(k) -> 1 : 0);
        retry = (task[k] == RETRY -> k : retry);
        next = (task[k] == QUEUED -> k : next)
    :: else -> break
    od;
    k = WORKERS;
    do
    :: k > 0 ->
        k--;
        if
        :: place[k] == READY && load[k] == 0 && (idle == NONE || fresh[k] || !fresh[idle]) ->
            idle = k
        /* A task after a crash leaves no room. */
        :: place[k] == READY && load[k] == 1 && !recalled[k] &&
           !(slot_task[S(k)] != NONE && charged[slot_task[S(k)]] > 0) ->
            partial = k
        :: else
        fi
    :: else -> break
    od;
    k = 0
}

#define WANTS_FRESH                                                                                \
    (retry != NONE && !own_pool[retry] && !ONE_STARTS && !(idle != NONE && fresh[idle]))
#define WANTS_MORE  (OCCUPIED < WORKERS && (OCCUPIED < pending || WANTS_FRESH))
#ifdef MUTANT_RETRY_IN_COMPANY
#define RETRY_GOES (retry != NONE && exclusive == NONE && idle != NONE)
#else
#define RETRY_GOES                                                                                 \
    (retry != NONE && exclusive == NONE && idle != NONE &&                                         \
     (own_pool[retry] -> !BUSY : fresh[idle]))
#endif
#define QUEUE_STOPS (exclusive != NONE || (retry != NONE && own_pool[retry]))
#define BEHIND      (partial != NONE && !ONE_STARTS && retry == NONE)

/* Everything that can be done without waiting for anything, one thing a turn. */
inline act()
{
    d_step {
        look();
        more = true;
        if
        :: WANTS_MORE && place[0] == EMPTY -> hire(0)
        :: WANTS_MORE && place[0] != EMPTY -> hire(LAST)
        :: !WANTS_MORE && idle != NONE && OCCUPIED == WORKERS && WANTS_FRESH ->
            kill_place(idle, RETIRED)
        :: else ->
            if
            :: RETRY_GOES -> hand_out(idle, retry)
            :: !RETRY_GOES && next != NONE && !QUEUE_STOPS && idle != NONE -> hand_out(idle, next)
            :: !RETRY_GOES && next != NONE && !QUEUE_STOPS && idle == NONE && BEHIND ->
                hand_out(partial, next)
            :: else -> more = false
            fi
        fi;
        finished = pending == 0;
        retry = 0;
        next = 0;
        idle = 0;
        partial = 0;
        pending = 0
    }
}

#define DEAD(w)    (place[w] != EMPTY && !up[w])
#define IDLE_ONE(w) (place[w] == READY && load[w] == 0)
#define CAN_RECALL(w, other)                                                                       \
    (recalls_left > 0 && place[w] == READY && load[w] > 1 && !recalled[w] && IDLE_ONE(other) &&    \
     exclusive == NONE)
#define CAN_BE_LATE(w) (overdue_left > 0 && place[w] == READY && load[w] > 0)

proctype Supervisor()
{
    byte k, t, seen, retry, next, idle, partial, pending;
    bool more, in_work, finished;

    do
    :: act();
        if
        :: more
        :: !more && finished -> break
        :: !more && !finished ->
            /* It sleeps until something happens. */
            if
            :: atomic { bell[0] -> bell[0] = false }; drain(0)
            :: DEAD(0) -> death(0)
            :: atomic { CAN_BE_LATE(0) -> overdue_left-- }; enforce(0)
#if HUSH
            :: quiet[0] > head[0] -> listen(0)
#endif
#if WORKERS > 1
            :: atomic { bell[1] -> bell[1] = false }; drain(1)
            :: DEAD(1) -> death(1)
            :: atomic { CAN_BE_LATE(1) -> overdue_left-- }; enforce(1)
            :: atomic { CAN_RECALL(0, 1) -> recalls_left-- }; recall(0)
            :: atomic { CAN_RECALL(1, 0) -> recalls_left-- }; recall(1)
#endif
            :: atomic { cancels_left > 0 -> cancels_left-- }; call_all_off()
            fi
        fi
    od
}

init {
    atomic {
        run Supervisor();
        run Worker(0);
        run World(0);
#if WORKERS > 1
        run Worker(1);
        run World(1)
#endif
    }
}
