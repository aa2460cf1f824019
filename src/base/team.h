/*
 * base/team.h - threads that help one another with the work of one picture.
 *
 * One thread leads: it goes through the picture and posts jobs on its way. The others take them in
 * turn. Who waits for a job does it himself if nobody has begun it, and otherwise does what else is
 * there meanwhile, so that no thread idles while there is work. The threads are OpenMP's, and are
 * there while a region lasts; jobs may be posted and waited for outside of it too, by the one
 * thread there is then. One thread at a time leads, posts and waits; jobs neither post nor wait.
 */
#ifndef PP_BASE_TEAM_H
#define PP_BASE_TEAM_H

#include <pthread.h>
#include <stdbool.h>

enum pp_job_state {
    PP_JOB_DONE, /* or never posted */
    PP_JOB_POSTED,
    PP_JOB_RUNNING
};

/* Something to be done once, by any thread. It is its owner's, and must stay until it is done. */
struct pp_job {
    void (*run)(void *user);
    void *user;
    const struct pp_job *after; /* not to be begun before that one is done; NULL: at once */
    enum pp_job_state state;    /* the rest is the team's */
    struct pp_job *next;
};

struct pp_team {
    pthread_mutex_t lock; /* guards all below, and the jobs' last two members */
    pthread_cond_t news;
    struct pp_job *first; /* posted and not begun */
    unsigned size;        /* threads of the region; 1 outside */
    bool ended;           /* the leader is through */
};

void pp_team_init(struct pp_team *team);
/* No job may be left. */
void pp_team_release(struct pp_team *team);

/*
 * Run work(user) on the calling thread, with so many threads in all; fewer where OpenMP says so.
 * Returns when it and all the jobs it posted are done. With one thread nothing is started. Regions
 * follow one another; none begins within another.
 */
void pp_team_lead(struct pp_team *team, unsigned threads, void (*work)(void *user), void *user);

/* Threads there are now. NULL is a team of one. */
unsigned pp_team_size(const struct pp_team *team);

/* Which of the jobs that nobody has begun is taken first. */
enum pp_job_turn { PP_JOB_LAST, PP_JOB_NEXT };

/* Have it done at any time until pp_team_wait() returns, or the region ends. What it is to come
 * after must be posted before, and not again before it is done itself. */
void pp_team_post(struct pp_team *team, struct pp_job *job, enum pp_job_turn turn);
/* Returns when it is done, at once when it was never posted, or the team is NULL. */
void pp_team_wait(struct pp_team *team, struct pp_job *job);

#endif
