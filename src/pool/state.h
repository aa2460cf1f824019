/*
 * pool/state.h - what the supervisor knows, and the verbs its files offer each other.
 *
 * The story, file by file:
 *   pool.c       start, submit, room, one step of the loop
 *   hiring.c     workers come: lazily, with back-off, and a limit to how often one may fail
 *   schedule.c   tasks are handed out; cores without a task become threads
 *   results.c    records come out of the rings and become outcomes
 *   grants.c     memory is asked for and granted
 *   deadlines.c  workers that take too long are killed
 *   recall.c     tasks behind one that takes long go to somebody idle
 *   deaths.c     a worker is gone: whose fault was it, and what becomes of its tasks
 *   watches.c    the caller's own descriptors
 *   ending.c     calling off, killing, freeing
 *   resizing.c   more workers or fewer while tasks are in work; who is at what
 *
 * All of it is private memory of one thread. Callbacks to the caller happen in pp_job_finish() (an
 * outcome), in the hand-out (rewind) and for watched descriptors. They may submit, which only
 * queues, so that no file has to expect hand-outs or hirings in the middle of its work; and they
 * may call off or kill, so that after an outcome a place may be empty.
 */
#ifndef PP_POOL_STATE_H
#define PP_POOL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/pool.h>

#include "pool/cell.h"
#include "pool/list.h"
#include "pool/reserve.h"
#include "pool/ring.h"
#include "pool/spawn.h"

/*
 * A worker has one task in work and others at hand, so that it need not wait for the supervisor.
 * Tasks weigh according to how long those behind them may have to wait: a worker is given more
 * while its tasks weigh less than PP_WEIGHT_FULL together.
 */
enum pp_weight {
    PP_WEIGHT_TINY = 1,
    PP_WEIGHT_SMALL = 8,
    PP_WEIGHT_USUAL = 32,
    PP_WEIGHT_FULL = 64
};

#define PP_SLOTS PP_WEIGHT_FULL /* the tasks a worker can have: all tiny */
_Static_assert((int)PP_SLOTS <= (int)PP_RING_MANY &&
                   PP_WEIGHT_FULL / PP_WEIGHT_SMALL <= (int)PP_RING_FEW,
               "publishing must never have to wait");

/* How much company a task may have when it is handed out. */
enum pp_company {
    PP_COMPANY_ANY,
    PP_COMPANY_OWN_WORKER, /* a fresh worker, nothing queued behind: after a crash */
    PP_COMPANY_OWN_POOL    /* no other task anywhere: after running out of memory */
};

/* A task from submit to outcome. */
struct pp_job {
    struct pp_link link; /* in pool->queue or pool->retries while not handed out */
    uint64_t tag;
    int fds[PP_TASK_FDS];
    unsigned weight;
    enum pp_company company;
    unsigned charged;   /* attempts that were its own fault */
    unsigned handed;    /* times it was handed out */
    unsigned killed;    /* times somebody else killed the worker at it */
    uint64_t lost_ns;   /* the time those took */
    uint64_t more_ns;   /* of time it may take beyond the pool's */
    unsigned parts;     /* that have this time each */
    bool once;          /* no retries */
    uint64_t handed_ns; /* when, the last time; 0: never */
    size_t payload_size;
    uint8_t payload[];
};

/* One hand-out a worker has not yet published a record for. */
struct pp_slot {
    uint64_t id;
    uint32_t attempt;
    unsigned weight;
    struct pp_job *job; /* NULL: called off, its outcome was delivered; a record still follows */
};

enum pp_place_state {
    PP_PLACE_EMPTY,
    PP_PLACE_STARTING, /* forked, not yet ready; has no tasks */
    PP_PLACE_READY,
    PP_PLACE_LEAVING /* killed or about to die: takes no tasks, its death is awaited */
};

/* Why we made it leave. */
enum pp_leaving {
    PP_LEAVING_BY_ITSELF,
    PP_LEAVING_TIMEOUT,   /* too long at a task */
    PP_LEAVING_SLOW,      /* too long at its start */
    PP_LEAVING_SCRIBBLED, /* its results cannot be believed */
    PP_LEAVING_RETIRED    /* idle, and a fresh one was wanted; or it did its share */
};

/* A seat for a worker; a new incarnation takes it after each death. */
struct pp_place {
    unsigned number;
    enum pp_place_state state;
    enum pp_leaving leaving;
    struct pp_child child;
    struct pp_ring_reader ring;
    struct pp_slot slots[PP_SLOTS]; /* oldest first */
    unsigned load;                  /* slots in use */
    unsigned weight;                /* of the tasks in them */
    bool ready;                     /* has said so; stays true until the place is empty */
    bool fresh;                     /* never given a task */
    bool surplus;                   /* one too many: given no more tasks */
    bool asked;                     /* to end in order, and not killed */
    bool recalled;                  /* tasks were taken back; nothing goes behind the one in work */
    uint64_t recall_below;          /* hand-outs skipped below are to be handed out again */
    unsigned given;                 /* tasks in all */
    uint64_t taken_id;              /* the last hand-out a record was taken for */
    uint64_t slow_id, slow_ns;      /* the oldest hand-out, and when it was first seen as such */
    uint64_t hired_ns;
    uint64_t since_ns;    /* when its oldest task became that */
    uint64_t due_ns;      /* start-up's or the oldest task's deadline, or that of its end */
    uint64_t latest_ns;   /* what due_ns can be put off to */
    uint64_t parts_seen;  /* its progress when due_ns was set */
    uint64_t grant;       /* memory above the allowance for the oldest task */
    uint64_t wish;        /* what it waits for */
    uint64_t wished;      /* the number of the last wish taken note of */
    struct pp_link room;  /* in pool->idle or pool->partial */
    struct pp_link hush;  /* in pool->hushed */
    struct pp_link clock; /* in pool->starting or pool->running, by due_ns */
    struct pp_link wishing;
};

/* A descriptor of the caller's. */
struct pp_watch {
    int fd;
    void (*ready)(void *user, int fd);
    void *user;
};

/* The state of hiring: see hiring.c. */
struct pp_hiring {
    uint64_t not_before_ns;
    uint64_t failing_since_ns; /* the system has no means; 0: a worker has got ready since */
    unsigned failures;         /* attempts failed so in a row */
    bool ever_started;
    unsigned strikes; /* start-up deaths in a row, counted one a round */
    unsigned foreign; /* the same by kills from outside */
    uint64_t strike_ns;
    unsigned barren; /* deaths in a row of workers that were ready and began nothing */
};

struct pp_pool {
    struct pp_pool_settings settings;
    struct pp_spawner spawner;
    struct pp_hiring hiring;
    struct pp_reserve reserve; /* for the next worker */
    int epoll;
    struct pp_place *places;
    unsigned limit, cores; /* workers wanted; cores to share */
    bool shrinking;        /* there may be workers too many, or marked so */
    unsigned seats;        /* places in use, at least so many as ever wanted */
    unsigned shares;       /* places that have the allowance: those of the start */
    unsigned occupied, starting_count, busy; /* places not empty; starting; with a task */
    struct pp_link idle;                     /* ready, no task */
    struct pp_link partial;                  /* ready, has tasks, others may be queued behind */
    struct pp_link starting;                 /* by deadline */
    struct pp_link running; /* with a deadline for the oldest task or its end, by deadline */
    struct pp_link hushed;  /* asked not to ring for each record: see results.c */
    uint64_t listen_ns;     /* when they are looked at unasked */
    struct pp_link wishes;  /* waiting for memory, in order */
    struct pp_link queue;   /* jobs to hand out, in order */
    struct pp_link retries; /* jobs that may not have any company */
    size_t queued;          /* in `queue` */
    size_t pending, weight; /* jobs without outcome; what they weigh */
    uint64_t finished;      /* jobs with an outcome, ever */
    size_t excess;          /* what places hold above PP_WEIGHT_FULL each */
    unsigned share;         /* threads a worker now has */
    bool tail;
    struct pp_job *exclusive; /* handed out with the pool to itself */
    bool stopping;            /* takes no tasks for the moment */
    struct pp_error fatal;    /* takes none any more */
    unsigned depth;           /* public calls now on the stack */
    uint64_t last_id;
    uint32_t incarnations;
    uint64_t hold_until_ns; /* no hand-outs before: the system ran out of something */
    uint64_t awake_ns;  /* a wait ended undisturbed: what stop is not accounted for came later */
    bool sandbox_known; /* a worker has been in it */
    struct pp_sandbox_level sandbox; /* what all workers so far had of it */
    uint64_t oom_kills;              /* the kernel's counter when last seen */
    uint64_t allowance, granted;     /* bytes: each task's without asking; beyond it, together */
    struct pp_watch *watches;
    size_t watch_count;
};

/* What epoll gives back: two bits of kind, the place's number, the incarnation; or a descriptor. */
enum pp_event { PP_EVENT_DOORBELL, PP_EVENT_DEATH, PP_EVENT_WATCH };

static inline uint64_t pp_event_pack(enum pp_event event, unsigned number, uint32_t rest)
{
    return (uint64_t)event << 62 | (uint64_t)number << 32 | rest;
}

/* ---- pool.c ---- */

/* Deliver a job's outcome and free it. The job is in no list and no slot. `outcome` lacks tag, fds
 * and seconds only. */
void pp_job_finish(struct pp_pool *pool, struct pp_job *job, struct pp_outcome *outcome);
/* The same for a task that ended without a result from anybody. */
void pp_job_cancel(struct pp_pool *pool, struct pp_job *job);
/* Queue it again, before all others, without charging it. */
void pp_job_requeue(struct pp_pool *pool, struct pp_job *job);

/* ---- hiring.c ---- */

/* Start as many workers as the tasks ask for and back-off allows. Sets pool->fatal when there is no
 * hope. */
void pp_hire(struct pp_pool *pool, uint64_t now);
/* Hold what descriptors the next worker takes. False when there are not enough. */
bool pp_hire_reserve(struct pp_pool *pool);
/* It said that it is ready. */
void pp_hire_started(struct pp_pool *pool, struct pp_place *place);
/* It died before; `how` says how in words ("killed by SIGSEGV"), `foreign` whether somebody else
 * killed it. The place is still mapped. */
void pp_hire_start_failed(struct pp_pool *pool, const struct pp_place *place, const char *how,
                          bool foreign);
/* It died by its own doing, ready, yet before it began a task. */
void pp_hire_died_barren(struct pp_pool *pool, const char *how);
/* Make an empty place of one whose process is gone; its slots are empty. */
void pp_place_vacate(struct pp_pool *pool, struct pp_place *place);
/* It has no task and is to get none: let it end in order. */
void pp_place_retire(struct pp_pool *pool, struct pp_place *place);
/* Kill its process; the death is dealt with when the kernel reports it. */
void pp_place_kill(struct pp_pool *pool, struct pp_place *place, enum pp_leaving why);

/* ---- schedule.c ---- */

/* Hand out what can be handed out and share the cores. */
void pp_schedule(struct pp_pool *pool, uint64_t now);
/* The place's load or state changed: list it by the room it has. */
void pp_schedule_rank(struct pp_pool *pool, struct pp_place *place);
/* Take the oldest slot out. */
struct pp_slot pp_place_shift(struct pp_pool *pool, struct pp_place *place);

/* ---- results.c ---- */

/* Deal with all the worker has published by now. */
void pp_results_drain(struct pp_pool *pool, struct pp_place *place);
/* Tasks were given to it: let it ring when half of what it has is done. */
void pp_results_hush(struct pp_pool *pool, struct pp_place *place);
/* Look at those that were asked to be quiet, if it is time. */
void pp_results_listen(struct pp_pool *pool, uint64_t now);

/* ---- grants.c ---- */

void pp_grants_note(struct pp_pool *pool, struct pp_place *place);
void pp_grants_release(struct pp_pool *pool, struct pp_place *place);
/* Bytes that a task in this place may take without asking. */
uint64_t pp_grants_allowance(const struct pp_pool *pool, const struct pp_place *place);
/* Let a waiting worker look at its orders again. */
void pp_grants_wake(struct pp_place *place);

/* ---- deadlines.c ---- */

/* Nanoseconds; 0 for what is not more, and capped so that two of them can be added to a time. */
uint64_t pp_deadline_span(double seconds);
/* The oldest task's clock starts now (or the place has none: it stops). */
void pp_deadline_restart(struct pp_pool *pool, struct pp_place *place);
/* It was asked to end: kill it should it not. */
void pp_deadline_of_end(struct pp_pool *pool, struct pp_place *place);
/* Kill what is overdue. */
void pp_deadlines_enforce(struct pp_pool *pool, uint64_t now);
/* A wait for events that was to take at most `asked_ms` (-1: any time) lasted from `begin` to
 * `end`: move the deadlines if nobody could work meanwhile. */
void pp_deadlines_waited(struct pp_pool *pool, int asked_ms, uint64_t begin, uint64_t end);
/* The next moment something has to be done without an event; UINT64_MAX for none. */
uint64_t pp_deadline_next(const struct pp_pool *pool);

/* ---- deaths.c ---- */

/* The process has ended, or not: then nothing happens. `wait`: until it has. */
void pp_death(struct pp_pool *pool, struct pp_place *place, bool wait);
/* The kernel's count of out-of-memory kills since the machine's start; 0 when unknown. */
uint64_t pp_oom_kills(void);

/* ---- watches.c ---- */

void pp_watch_ready(struct pp_pool *pool, int fd);

/* ---- resizing.c ---- */

/* Let those go that are too many, as far as they have no task. */
void pp_retire_surplus(struct pp_pool *pool);
/* Make places up to that number. */
void pp_places_init(struct pp_pool *pool, unsigned count);
/* ---- recall.c ---- */

/* Take back what waits behind a task that takes long while somebody is idle. True: there is
 * something to hand out again. */
bool pp_recall(struct pp_pool *pool, uint64_t now);
/* When that has to be looked at again; UINT64_MAX for never. */
uint64_t pp_recall_next(const struct pp_pool *pool);

/* ---- ending.c ---- */

/* Ask a worker to end in order; its death is awaited. */
void pp_place_ask_to_end(struct pp_place *place);
/* Have it not begin those of its hand-outs below `below` that it has not begun by now, for which
 * records still follow. Their jobs, oldest first, are then nowhere; returns how many. */
unsigned pp_place_take_back(struct pp_pool *pool, struct pp_place *place, uint64_t below,
                            struct pp_job *jobs[PP_SLOTS]);

/* Kill and wait for everybody, cancel all tasks. */
void pp_end_all(struct pp_pool *pool);

#endif
