/*
 * From an output that is whole to one that has its name: at once, or when its bytes are on the
 * disk. Then its report is final.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/in_place.h"
#include "batch/preserve.h"
#include "batch/run.h"

/* So many are named before the workers are looked after again: about a millisecond. */
#define STEP_NAMES 32

/* What the disk has may be named once the journal's word for it is there too, of all at once. */
static void end_flush(struct pp_run *run)
{
    pp_group_end(&run->group);
    if (run->group.safe.count == 0)
        return;
    for (struct pp_finished *each = run->group.safe.first; each; each = each->next)
        (void)!pp_run_journal_intend(run, each->job, each->job->staged.fd, &each->report.error);
    (void)!pp_run_journal_flush(run, true, NULL); /* asked again before each is named */
}

static void flush_ready(void *user, int fd)
{
    (void)fd;
    end_flush(user);
}

enum pp_status pp_run_publish_begin(struct pp_run *run, struct pp_error *err)
{
    struct rlimit limit;

    if (!run->pool || run->settings->sync != PP_SYNC_BATCH)
        return PP_OK;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = 0;
    enum pp_status status = pp_group_init(&run->group, limit.rlim_cur, err);
    if (status != PP_OK)
        return status;
    return pp_pool_watch(run->pool, run->group.flush.event, flush_ready, run, err);
}

/* What stands under the name is looked at once more: time has passed since the plan. */
static enum pp_status name_output(struct pp_run *run, struct pp_file_job *job, struct pp_error *err)
{
    const char *suffix = run->settings->outputs.in_place;

    if (suffix)
        return pp_in_place_publish(&job->staged, &job->opened, suffix, err);
    if (job->replace) {
        enum pp_status status = pp_run_check_output(run, job->output, &job->opened, err);
        if (status != PP_OK)
            return status;
    }
    return pp_staged_publish(&job->staged, job->replace, err);
}

/* In the place of its input a file is used by the same people as before. */
bool pp_run_preserves(const struct pp_run *run)
{
    return run->settings->outputs.in_place || run->settings->outputs.preserve;
}

static enum pp_status preserve(const struct pp_run *run, const struct pp_file_job *job, int fd,
                               struct pp_error *err)
{
    if (!pp_run_preserves(run))
        return PP_OK;
    return pp_preserve(fd, &job->opened, run->settings->outputs.preserve, err);
}

/* Outputs rarely lie on more than one file system, and never change it. */
static enum pp_volume volume_of(struct pp_run *run, int fd, dev_t *device)
{
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return PP_VOLUME_SINGLE;
    *device = stat.st_dev;
    if (!run->volume_known || run->volume_device != stat.st_dev)
        run->volume = pp_volume_of(fd);
    run->volume_known = true;
    run->volume_device = stat.st_dev;
    return run->volume;
}

/* Bring one output to the disk here and now: its bytes, or with fd -1 its name. */
static int flush_one(const struct pp_file_job *job, int fd)
{
    struct pp_flush_entry entry = {.fd = fd, .path = job->output, .volume = PP_VOLUME_SINGLE};

    (void)pp_flush_now(&entry, 1);
    return entry.errnum;
}

/* The journal's word goes before, to the disk if that is where the output is. */
static enum pp_status journal_and_name(struct pp_run *run, struct pp_file_job *job, bool durable,
                                       struct pp_error *err)
{
    enum pp_status status = pp_run_journal_intend(run, job, job->staged.fd, err);

    if (status == PP_OK)
        status = pp_run_journal_flush(run, durable, err);
    return status == PP_OK ? name_output(run, job, err) : status;
}

static void name_now(struct pp_run *run, struct pp_file_job *job, struct pp_file_report *report)
{
    (void)!journal_and_name(run, job, false, &report->error);
    pp_run_settle(run, job, report);
}

/* With PP_SYNC_EACH the worker has seen to the bytes already; what was told to the file since is
 * soon written. */
static void flush_and_name(struct pp_run *run, struct pp_file_job *job,
                           struct pp_file_report *report)
{
    bool is_there = run->settings->sync == PP_SYNC_EACH && !pp_run_preserves(run);

    pp_report_unwritten(report, is_there ? 0 : flush_one(job, job->staged.fd));
    if (report->error.status == PP_OK && journal_and_name(run, job, true, &report->error) == PP_OK)
        pp_report_unnamed(report, flush_one(job, -1));
    pp_run_settle(run, job, report);
}

/* Keep the output open until its group has been flushed: the pool closes its own descriptor. */
static bool hold(struct pp_run *run, struct pp_file_job *job, const struct pp_file_report *report,
                 int fd)
{
    struct pp_finished *finished = malloc(sizeof *finished);
    int copy = finished ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

    if (copy < 0) {
        free(finished);
        return false;
    }
    *finished = (struct pp_finished){.job = job, .report = *report, .since_ns = pp_clock_ns()};
    finished->volume = volume_of(run, fd, &finished->device);
    job->staged.fd = copy;
    job->staged.lent = false;
    pp_finished_push(&run->group.written, finished);
    return true;
}

void pp_run_publish(struct pp_run *run, struct pp_file_job *job,
                    const struct pp_file_report *report, int fd)
{
    struct pp_file_report last = *report;
    dev_t device;

    run->full_in_row = 0; /* the disk had room for this one */
    if (preserve(run, job, fd, &last.error) != PP_OK)
        pp_run_settle(run, job, &last);
    else if (run->settings->sync == PP_SYNC_NONE || volume_of(run, fd, &device) == PP_VOLUME_MEMORY)
        name_now(run, job, &last);
    else if (run->settings->sync == PP_SYNC_EACH || !hold(run, job, &last, fd))
        flush_and_name(run, job, &last);
}

static void settle(struct pp_run *run, struct pp_finished *finished)
{
    pp_run_settle(run, finished->job, &finished->report);
    free(finished);
}

/* A name given frees a descriptor. */
static void name_next(struct pp_run *run)
{
    struct pp_finished *finished = pp_finished_pop(&run->group.safe);
    struct pp_error *error = &finished->report.error;

    if (error->status == PP_OK && pp_run_journal_flush(run, false, error) == PP_OK)
        (void)!name_output(run, finished->job, error);
    if (error->status != PP_OK) {
        settle(run, finished);
    } else {
        pp_staged_release(&finished->job->staged);
        pp_finished_push(&run->group.named, finished);
    }
    run->starved = false;
}

/* Waiting for company makes sense only while there is some to come. */
static bool is_urgent(const struct pp_run *run)
{
    return run->phase != PP_RUN_GOING || run->starved || pp_pool_pending(run->pool) == 0;
}

static void begin_flush(struct pp_run *run)
{
    pp_group_begin(&run->group);
    if (!run->group.flush.under_way)
        end_flush(run);
}

void pp_run_publish_step(struct pp_run *run)
{
    struct pp_group *group = &run->group;

    for (unsigned i = 0; i < STEP_NAMES && group->settled.count > 0; i++)
        settle(run, pp_finished_pop(&group->settled));
    for (unsigned i = 0; i < STEP_NAMES && group->safe.count > 0; i++)
        name_next(run);
    if (group->flush.under_way || group->written.count + group->named.count == 0)
        return;
    if (group->safe.count == 0 && (is_urgent(run) || pp_group_is_due(group, pp_clock_ns())))
        begin_flush(run);
}

bool pp_run_publish_is_ready(const struct pp_run *run)
{
    return run->group.safe.count + run->group.settled.count > 0;
}

/* A second signal means now: who waits for a disk has not understood it. */
static void give_up(struct pp_run *run)
{
    struct pp_finished *finished;

    while ((finished = pp_finished_pop(&run->group.written)) != NULL) {
        pp_error_set(&finished->report.error, PP_E_CANCELLED, PP_RUN_STOPPED);
        settle(run, finished);
    }
    while ((finished = pp_finished_pop(&run->group.named)) != NULL)
        settle(run, finished);
}

void pp_run_publish_end(struct pp_run *run)
{
    struct pp_group *group = &run->group;

    if (group->flush.under_way)
        end_flush(run);
    while (!pp_group_is_empty(group)) {
        while (group->settled.count > 0)
            settle(run, pp_finished_pop(&group->settled));
        while (group->safe.count > 0)
            name_next(run);
        if (run->phase == PP_RUN_KILLED) {
            give_up(run);
        } else if (group->written.count + group->named.count > 0) {
            pp_group_begin(group);
            end_flush(run);
        }
    }
}
