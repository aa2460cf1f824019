/*
 * Outputs, their names, the journal and the disk, as src/batch/publish.c and journalling.c have them
 * with --sync=batch or each, for Spin; how to run it says pool.pml, and check.py does.
 *
 * A run can be killed between any two steps, which leaves what the kernel has; or the power fails,
 * which leaves of everything not yet brought to the disk any part. A run with --resume follows.
 * Steps of different files come in any order.
 */
#ifndef TASKS
#define TASKS 2 /* files */
#endif
#ifndef FAULTS
#define FAULTS 2 /* runs that do not come to their end */
#endif
#define VERSIONS (TASKS * (FAULTS + 2)) /* made by each run anew, of each file; 0: none */

mtype = {TODO, WRITTEN, SAFE, INTENDED, RECORDED, NAMED, TOLD, SKIPPED};
mtype state[TASKS] = TODO; /* in this run; gone with it */
byte made[TASKS];          /* the version in work */

bool bytes_safe[VERSIONS]; /* on the disk */
bool damaged[VERSIONS];
bool record[VERSIONS];     /* the journal has a record of it */
bool record_safe[VERSIONS];
byte stands[TASKS];        /* the version under the name */
byte stands_safe[TASKS];   /* the same on the disk */
bool told[TASKS];          /* somebody was told that it is done, in any run */
byte faults_left = FAULTS;

/* It is skipped when what stands under its name is what a record speaks of. */
inline resume(f)
{
    /* An output that has its name is whole, and is not made again. */
    assert(stands[f] == 0 || !damaged[stands[f]]);
    assert(stands[f] == 0 || record[stands[f]]);
    assert(!told[f] || stands[f] != 0);
#ifdef MUTANT_RECORD_IS_PROOF
    v = 1;
    do
    :: v < VERSIONS && !(record[v] && v % TASKS == f) -> v++
    :: else -> break
    od;
    state[f] = (v < VERSIONS -> SKIPPED : TODO);
    v = 0;
#else
    state[f] = (stands[f] != 0 && record[stands[f]] -> SKIPPED : TODO);
#endif
    made[f] = 0
}

inline resume_all()
{
    f = 0;
    do
    :: f < TASKS -> resume(f); f++
    :: else -> break
    od;
    f = 0
}

inline lose_power()
{
    f = 0;
    do
    :: f < TASKS ->
        if
        :: stands_safe[f] != stands[f] -> stands[f] = stands_safe[f]
        :: true
        fi;
        stands_safe[f] = stands[f];
        if
        :: stands[f] != 0 && !bytes_safe[stands[f]] -> damaged[stands[f]] = true
        :: true
        fi;
        bytes_safe[stands[f]] = true;
        f++
    :: else -> break
    od;
    v = 0;
    do
    :: v < VERSIONS ->
        if
        :: record[v] && !record_safe[v] -> record[v] = false
        :: true
        fi;
        record_safe[v] = record[v];
        v++
    :: else -> break
    od;
    v = 0
}

/* A file's versions are known by their remainder. */
inline write_output(f)
{
    made[f] = (FAULTS - faults_left + 1) * TASKS + f;
    state[f] = WRITTEN
}

#ifdef MUTANT_NAME_BEFORE_BYTES
#define READY WRITTEN
#else
#define READY SAFE
#endif
#ifdef MUTANT_RECORD_IN_MEMORY
#define DURABLE false
#else
#define DURABLE true
#endif
#ifdef MUTANT_NAME_BEFORE_RECORD
#define MAY_BE_NAMED(f) (state[f] == INTENDED)
#else
#define MAY_BE_NAMED(f) (state[f] == RECORDED)
#endif

inline step(f)
{
    if
    :: state[f] == TODO -> write_output(f)
    :: state[f] == WRITTEN && READY != WRITTEN -> bytes_safe[made[f]] = true; state[f] = SAFE
    :: state[f] == READY -> state[f] = INTENDED /* in the journal's buffer */
    :: state[f] == INTENDED && !MAY_BE_NAMED(f) ->
        record[made[f]] = true;
        record_safe[made[f]] = DURABLE;
        state[f] = RECORDED
    :: MAY_BE_NAMED(f) -> stands[f] = made[f]; state[f] = NAMED
#ifdef MUTANT_TOLD_TOO_SOON
    :: state[f] == NAMED -> told[f] = true; state[f] = TOLD
#else
    :: state[f] == NAMED ->
        record[made[f]] = true;
        stands_safe[f] = stands[f];
        told[f] = true;
        state[f] = TOLD
#endif
    fi
}

#define OVER(f) (state[f] == TOLD || state[f] == SKIPPED)

init {
    byte f, v;

    do
    :: atomic { !OVER(0) -> step(0) }
#if TASKS > 1
    :: atomic { !OVER(1) -> step(1) }
#endif
    :: atomic { faults_left > 0 -> faults_left--; resume_all() }
    :: atomic { faults_left > 0 -> lose_power(); faults_left--; resume_all() }
    :: atomic {
        OVER(0) && OVER(TASKS - 1) ->
        f = 0;
        do
        :: f < TASKS ->
            assert(stands[f] != 0 && !damaged[stands[f]]);
            f++
        :: else -> break
        od;
        break
    }
    od
}
