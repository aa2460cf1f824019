/*
 * From a task's outcome to a file's report: the record is checked, the output is published
 * (publish.c), the file is counted, told of and logged. Nothing a worker says is believed unseen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "batch/job.h"
#include "batch/run.h"

/* So many outputs in a row without room on the disk, and the rest would fare no better. */
#define FULL_IN_ROW_MAX 8

static void count(struct pp_run *run, const struct pp_file_report *report)
{
    struct pp_batch_progress *progress = &run->result->progress;

    progress->done += report->state == PP_FILE_DONE;
    progress->failed += report->state == PP_FILE_FAILED;
    progress->skipped += report->state == PP_FILE_SKIPPED;
    if (report->state != PP_FILE_DONE)
        return;
    progress->bytes_in += report->convert.bytes_in;
    progress->bytes_out += report->convert.bytes_out;
    progress->pixels += (uint64_t)report->convert.in.width * report->convert.in.height;
    progress->warnings += report->convert.warnings;
}

static void check_disk_full(struct pp_run *run, const struct pp_file_report *report)
{
    if (report->error.status == PP_E_NO_SPACE)
        run->full_in_row++;
    else if (report->state == PP_FILE_DONE)
        run->full_in_row = 0;
    if (run->full_in_row < FULL_IN_ROW_MAX || run->result->output_full)
        return;
    run->result->output_full = true;
    pp_run_stop(run);
}

static void fail_log(struct pp_run *run, const struct pp_error *problem)
{
    pp_error_set(&run->fatal, problem->status, "%s: %s", run->settings->log_path, problem->text);
    pp_log_close(&run->log);
    pp_run_stop(run);
}

static void fail_joblog(struct pp_run *run, const struct pp_error *problem)
{
    pp_error_set(&run->fatal, problem->status, "%s: %s", run->settings->joblog_path, problem->text);
    pp_joblog_close(&run->joblog);
    pp_run_stop(run);
}

void pp_run_flush_log(struct pp_run *run, int wait_ms)
{
    struct pp_error problem = {0};

    if (pp_log_flush(&run->log, wait_ms, &problem) != PP_OK)
        fail_log(run, &problem);
    problem = (struct pp_error){0};
    if (pp_lines_flush(&run->joblog.lines, wait_ms, &problem) != PP_OK)
        fail_joblog(run, &problem);
}

/* The log has it once, with the first file that a worker had. */
static void log_sandbox(struct pp_run *run)
{
    struct pp_sandbox_level level;
    char text[PP_SANDBOX_TEXT] = "off";

    if (pp_pool_sandbox(run->pool, &level))
        pp_sandbox_describe(&level, text);
    pp_log_sandbox(&run->log, text);
}

void pp_run_report(struct pp_run *run, const struct pp_file_report *report)
{
    struct pp_error problem = {0};

    count(run, report);
    if (run->settings->file)
        run->settings->file(run->settings->user, report);
    if (report->attempt > 0 && !*run->log.sandbox)
        log_sandbox(run);
    pp_run_journal_report(run, report);
    if (pp_log_file(&run->log, report, &problem) != PP_OK)
        fail_log(run, &problem);
    problem = (struct pp_error){0};
    if (pp_joblog_file(&run->joblog, report, &problem) != PP_OK)
        fail_joblog(run, &problem);
    check_disk_full(run, report);
    if (report->state == PP_FILE_FAILED && run->settings->fail_fast)
        pp_run_stop(run);
}

void pp_run_settle(struct pp_run *run, struct pp_file_job *job, struct pp_file_report *report)
{
    report->seconds = (double)(pp_clock_ns() - job->handed_out) / (double)PP_NS_PER_S;
    report->state = report->error.status == PP_OK            ? PP_FILE_DONE
                    : report->error.status == PP_E_CANCELLED ? PP_FILE_SKIPPED
                                                             : PP_FILE_FAILED;
    pp_cost_done(&run->cost, &job->file);
    pp_run_report(run, report);
    if (report->state == PP_FILE_DONE && job->digest.taken)
        pp_run_manifest_file(run, job);
    pp_file_job_free(job);
}

void pp_run_refuse(struct pp_run *run, struct pp_file_job *job, enum pp_file_state state,
                   const struct pp_error *error)
{
    struct pp_file_report report = {
        .state = state,
        .input = job->input,
        .output = job->output,
        .error = *error,
    };

    pp_cost_done(&run->cost, &job->file);
    pp_run_report(run, &report);
    pp_file_job_free(job);
}

/* The run is over for the jobs that nobody has begun. */
static void give_up_window(struct pp_run *run)
{
    struct pp_error stopped = {0};
    struct pp_file_job *job;

    pp_error_set(&stopped, PP_E_CANCELLED, PP_RUN_STOPPED);
    while ((job = pp_window_pop(&run->window)) != NULL)
        pp_run_refuse(run, job, PP_FILE_SKIPPED, &stopped);
}

void pp_run_stop(struct pp_run *run)
{
    if (run->phase != PP_RUN_GOING)
        return;
    run->phase = PP_RUN_STOPPING;
    run->walked = true;
    if (run->pool)
        pp_pool_cancel_queued(run->pool);
    give_up_window(run);
}

/* The file must be what the worker says it wrote. */
static enum pp_status check_written(const struct pp_job_result *result, int fd,
                                    struct pp_error *err)
{
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot look at the output");
    if ((uint64_t)stat.st_size != result->report.bytes_out || stat.st_size == 0)
        return pp_error_set(err, PP_E_INTERNAL, "output has %lld bytes where %llu were written",
                            (long long)stat.st_size, (unsigned long long)result->report.bytes_out);
    return PP_OK;
}

/* A file is what its bytes say, and keeps its name; that the two disagree is worth a word. */
static void check_name(const struct pp_file_job *job, struct pp_convert_report *report)
{
    enum pp_format named = pp_format_from_name(pp_path_last(job->output));

    if (named == PP_FORMAT_KEEP || named == report->out_format)
        return;
    if (report->warnings++ == 0)
        snprintf(report->warning, sizeof report->warning, "its name says %s, its contents are %s",
                 pp_format_name(named), pp_format_name(report->out_format));
}

static void check_result(const struct pp_run *run, struct pp_file_job *job,
                         const struct pp_outcome *outcome, struct pp_file_report *report)
{
    struct pp_job_result result;

    if (!pp_job_result_read(&result, outcome->payload, outcome->payload_size)) {
        pp_error_set(&report->error, PP_E_INTERNAL, "worker published a damaged result");
        return;
    }
    report->convert = result.report;
    report->error = result.error;
    if (result.error.status != PP_OK)
        return;
    if (pp_run_wants_digests(run) && !result.digest.taken) {
        pp_error_set(&report->error, PP_E_INTERNAL, "worker published no hashes");
        return;
    }
    job->digest = result.digest;
    check_name(job, &report->convert);
    (void)!check_written(&result, outcome->fds[PP_JOB_OUTPUT], &report->error);
}

/* What the worker says it took, for it may have had others to do first; yet no more than passed. */
static void learn(struct pp_run *run, const struct pp_file_job *job,
                  const struct pp_file_report *report, double passed_ns)
{
    double ns = 0;

    for (unsigned i = 0; i < PP_STAGE_COUNT; i++)
        ns += (double)report->convert.stage_ns[i];
    pp_cost_learn(&run->cost, &job->file, ns < passed_ns ? ns : passed_ns);
}

void pp_run_outcome(void *user, const struct pp_outcome *outcome)
{
    struct pp_run *run = user;
    struct pp_file_job *job = (struct pp_file_job *)(uintptr_t)outcome->tag;
    struct pp_file_report report = {
        .input = job->input,
        .output = job->output,
        .worker = outcome->worker,
        .attempt = outcome->attempt,
        .signal = outcome->signal,
    };

    run->starved = false;
    if (outcome->status == PP_OK)
        check_result(run, job, outcome, &report);
    else if (outcome->status == PP_E_CANCELLED)
        pp_error_set(&report.error, PP_E_CANCELLED, PP_RUN_STOPPED);
    else if (outcome->status == PP_E_TIMEOUT)
        pp_error_set(&report.error, PP_E_TIMEOUT, "%s (--timeout)", outcome->text);
    else
        pp_error_set(&report.error, outcome->status, "%s", outcome->text);
    if (report.error.status == PP_OK) {
        learn(run, job, &report, outcome->seconds * 1e9);
        pp_run_publish(run, job, &report, outcome->fds[PP_JOB_OUTPUT]);
    } else {
        pp_run_settle(run, job, &report);
    }
}

void pp_run_rewind(void *user, uint64_t tag, const int *fds)
{
    (void)user;
    (void)tag;
    /* A failure here shows when the worker reads or the supervisor compares sizes. */
    (void)!lseek(fds[PP_JOB_INPUT], 0, SEEK_SET);
    (void)!lseek(fds[PP_JOB_OUTPUT], 0, SEEK_SET);
    (void)!ftruncate(fds[PP_JOB_OUTPUT], 0);
}
