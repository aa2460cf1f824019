#include "base/team.h"

#include <stddef.h>

void pp_team_init(struct pp_team *team)
{
    *team = (struct pp_team){.size = 1};
    (void)pthread_mutex_init(&team->lock, NULL); /* neither can fail where futexes are used */
    (void)pthread_cond_init(&team->news, NULL);
}

void pp_team_release(struct pp_team *team)
{
    (void)pthread_cond_destroy(&team->news);
    (void)pthread_mutex_destroy(&team->lock);
}

unsigned pp_team_size(const struct pp_team *team)
{
    return team ? team->size : 1;
}

/* Take it out of the list, in which it is. The lock is held. */
static void unlink_job(struct pp_team *team, const struct pp_job *job)
{
    struct pp_job **place = &team->first;

    while (*place != job)
        place = &(*place)->next;
    *place = job->next;
}

static bool may_begin(const struct pp_job *job)
{
    return !job->after || job->after->state == PP_JOB_DONE;
}

/* The first that may; NULL: none. The lock is held. */
static struct pp_job *next_job(const struct pp_team *team)
{
    struct pp_job *job = team->first;

    while (job && !may_begin(job))
        job = job->next;
    return job;
}

/* The lock is held, and released while the job runs. */
static void run_job(struct pp_team *team, struct pp_job *job)
{
    unlink_job(team, job);
    job->state = PP_JOB_RUNNING;
    (void)pthread_mutex_unlock(&team->lock);
    job->run(job->user);
    (void)pthread_mutex_lock(&team->lock);
    job->state = PP_JOB_DONE;
    (void)pthread_cond_broadcast(&team->news);
}

void pp_team_post(struct pp_team *team, struct pp_job *job, enum pp_job_turn turn)
{
    (void)pthread_mutex_lock(&team->lock);
    struct pp_job **place = &team->first;
    while (turn == PP_JOB_LAST && *place)
        place = &(*place)->next;
    job->state = PP_JOB_POSTED;
    job->next = *place;
    *place = job;
    (void)pthread_cond_broadcast(&team->news);
    (void)pthread_mutex_unlock(&team->lock);
}

void pp_team_wait(struct pp_team *team, struct pp_job *job)
{
    if (!team)
        return;
    (void)pthread_mutex_lock(&team->lock);
    while (job->state != PP_JOB_DONE) {
        struct pp_job *next = job->state == PP_JOB_POSTED && may_begin(job) ? job : next_job(team);
        if (next)
            run_job(team, next);
        else
            (void)pthread_cond_wait(&team->news, &team->lock);
    }
    (void)pthread_mutex_unlock(&team->lock);
}

/* Do what is posted until the leader is through and nothing is left. */
static void serve(struct pp_team *team)
{
    (void)pthread_mutex_lock(&team->lock);
    while (team->first || !team->ended) {
        struct pp_job *next = next_job(team);
        if (next)
            run_job(team, next);
        else
            (void)pthread_cond_wait(&team->news, &team->lock);
    }
    (void)pthread_mutex_unlock(&team->lock);
}

static void end(struct pp_team *team)
{
    (void)pthread_mutex_lock(&team->lock);
    team->ended = true;
    (void)pthread_cond_broadcast(&team->news);
    (void)pthread_mutex_unlock(&team->lock);
}

#if defined(_OPENMP)

#include <omp.h>

static void lead(struct pp_team *team, unsigned threads, void (*work)(void *), void *user)
{
#pragma omp parallel num_threads((int)threads) if (threads > 1)
    {
        if (omp_get_thread_num() == 0) {
            team->size = (unsigned)omp_get_num_threads();
            work(user);
            end(team);
        }
        serve(team);
    }
    team->size = 1;
}

#else

static void lead(struct pp_team *team, unsigned threads, void (*work)(void *), void *user)
{
    (void)threads;
    work(user);
    end(team);
    serve(team);
}

#endif

void pp_team_lead(struct pp_team *team, unsigned threads, void (*work)(void *), void *user)
{
    team->ended = false;
    lead(team, threads > 1 ? threads : 1, work, user);
}
