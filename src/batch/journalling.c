/*
 * A run's journal: opened before anything is planned, asked for each input, written before any
 * output is named. So an output under its name is always in the journal, and whatever the journal
 * says of an output is looked up under its name: it does not matter at which instruction a run was
 * killed.
 */
#include "batch/journalling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "batch/resume_settings.h"
#include "batch/run.h"

#define SKIPPED_DONE "done in an earlier run"
#define SKIPPED_GOOD "not among those that failed"

/* ---- opening ---- */

static bool is_wanted(const struct pp_batch_settings *settings)
{
    if (settings->resume != PP_RESUME_NO)
        return true;
    return settings->journal_path && !settings->dry_run;
}

/* Below the output, in a directory that the walk does not enter. */
static enum pp_status choose_default(struct pp_run *run, struct pp_error *err)
{
    struct pp_journalling *journalling = &run->journalling;
    struct pp_text path = {0};

    if (!run->output_root)
        return pp_error_set(err, PP_E_USAGE, "to resume in place, a journal must be named");
    enum pp_status status = pp_text_join(&path, run->output_root, PP_WALK_HIDDEN, err);
    if (status != PP_OK)
        return status;
    if (!run->settings->dry_run && mkdir(path.bytes, 0777) == 0)
        journalling->directory = strdup(path.bytes);
    else if (!run->settings->dry_run && errno != EEXIST)
        status = pp_error_set(err, PP_E_WRITE, "%s: cannot create the directory: %s", path.bytes,
                              strerror(errno));
    if (status == PP_OK)
        status = pp_text_add_string(&path, "/journal", err);
    if (status == PP_OK)
        journalling->path = path.bytes;
    else
        pp_text_release(&path);
    return status;
}

static enum pp_status choose_path(struct pp_run *run, struct pp_error *err)
{
    if (!run->settings->journal_path)
        return choose_default(run, err);
    run->journalling.path = strdup(run->settings->journal_path);
    if (!run->journalling.path)
        return pp_error_set(err, PP_E_NO_MEMORY, "journal: no memory");
    return PP_OK;
}

/* What the earlier runs say, and that another one begins. */
static enum pp_status read_journal(struct pp_run *run, struct pp_error *err)
{
    struct pp_journalling *journalling = &run->journalling;
    struct pp_journal_record record;
    const struct pp_journal_record begin = {.kind = PP_JOURNAL_RUN,
                                            .settings = journalling->settings.bytes};
    bool any = true;

    journalling->proven.in_place = run->settings->outputs.in_place != NULL;
    journalling->proven.by_inode = run->settings->outputs.preserve;
    enum pp_status status = pp_journal_next(&journalling->file, &record, &any, err);
    while (status == PP_OK && any) {
        status = pp_proofs_add(&journalling->proven, &record, err);
        if (status == PP_OK)
            status = pp_journal_next(&journalling->file, &record, &any, err);
    }
    return status == PP_OK ? pp_journal_add(&journalling->file, &begin, err) : status;
}

/* A journal whose name is lost with the power proves nothing. Where directories cannot be brought
 * to the disk, that is how it is. */
static void flush_names(const struct pp_journalling *journalling)
{
    struct pp_flush_entry names[] = {
        {.fd = -1, .path = journalling->path, .volume = PP_VOLUME_SINGLE},
        {.fd = -1, .path = journalling->directory, .volume = PP_VOLUME_SINGLE},
    };

    (void)pp_flush_now(names, journalling->directory ? 2 : 1);
}

static enum pp_status begin_journal(struct pp_run *run, struct pp_error *err)
{
    const bool durable = run->settings->sync != PP_SYNC_NONE;
    enum pp_status status = read_journal(run, err);

    if (status == PP_OK)
        status = pp_journal_flush(&run->journalling.file, durable, err);
    if (status == PP_OK && durable && run->journalling.file.made)
        flush_names(&run->journalling);
    return status;
}

static enum pp_journal_mode mode_of(const struct pp_batch_settings *settings)
{
    if (settings->dry_run)
        return PP_JOURNAL_LOOK;
    return settings->resume == PP_RESUME_NO ? PP_JOURNAL_ANEW : PP_JOURNAL_GO_ON;
}

static enum pp_status open_journal(struct pp_run *run, struct pp_error *err)
{
    struct pp_journalling *journalling = &run->journalling;
    struct pp_error problem = {0};

    enum pp_status status = pp_proofs_init(&journalling->proven, journalling->settings.bytes, err);
    if (status != PP_OK)
        return status;
    status =
        pp_journal_open(&journalling->file, journalling->path, mode_of(run->settings), &problem);
    if (status == PP_OK)
        status = begin_journal(run, &problem);
    return status == PP_OK ? PP_OK
                           : pp_error_set(err, status, "%s: %s", journalling->path, problem.text);
}

enum pp_status pp_run_claim_file(struct pp_run *run, const char *path, const char *what,
                                 struct pp_error *err)
{
    const char *first = NULL;
    struct stat found;

    if (stat(path, &found) == 0 && pp_run_is_picture(run, &found))
        return pp_error_set(err, PP_E_USAGE, "%s: cannot be %s: it is a filter's picture", path,
                            what);
    enum pp_status status = pp_location_find(&run->location, path, err);
    if (status == PP_OK)
        status = pp_claims_add(&run->claims, run->location.path.bytes, what, &first, err);
    if (status == PP_OK && first)
        return pp_error_set(err, PP_E_USAGE, "%s: cannot be %s: it is %s", path, what, first);
    return status;
}

enum pp_status pp_run_journal_open(struct pp_run *run, struct pp_error *err)
{
    struct pp_journalling *journalling = &run->journalling;

    journalling->file.fd = -1;
    if (!is_wanted(run->settings))
        return PP_OK;
    enum pp_status status = choose_path(run, err);
    if (status == PP_OK)
        status = pp_run_claim_file(run, journalling->path, "the journal", err);
    if (status == PP_OK)
        status = pp_resume_settings(run->settings, &run->encode, &journalling->settings, err);
    return status == PP_OK ? open_journal(run, err) : status;
}

/* ---- asking ---- */

static enum pp_status find_both(struct pp_run *run, const char *input, const char *output,
                                struct pp_error *err)
{
    enum pp_status status = pp_location_find(&run->journalling.input, input, err);

    return status == PP_OK ? pp_location_find(&run->journalling.output, output, err) : status;
}

static bool skip(struct pp_error *problem, const char *why)
{
    snprintf(problem->text, sizeof problem->text, "%s", why);
    return true;
}

enum pp_status pp_run_journal_ask(struct pp_run *run, const struct pp_found *found, bool *skipped,
                                  struct pp_error *problem, struct pp_error *err)
{
    const bool retry = run->settings->resume == PP_RESUME_FAILED;
    struct pp_journalling *journalling = &run->journalling;
    struct stat output;

    if (run->settings->resume == PP_RESUME_NO)
        return PP_OK;
    enum pp_status status = find_both(run, found->path, run->path.bytes, err);
    if (status != PP_OK)
        return status;
    struct pp_proof_question question = {.input = journalling->input.path.bytes,
                                         .output = journalling->output.path.bytes,
                                         .in = pp_journal_file_of(&found->stat)};
    if (lstat(run->path.bytes, &output) == 0 && S_ISREG(output.st_mode))
        question.out = pp_journal_file_of(&output);
    enum pp_proof state = pp_proofs_ask(&journalling->proven, &question);
    if (state == PP_PROOF_DONE)
        *skipped = skip(problem, SKIPPED_DONE);
    else if (retry && state != PP_PROOF_FAILED)
        *skipped = skip(problem, SKIPPED_GOOD);
    return PP_OK;
}

/* ---- recording ---- */

static enum pp_status fail(struct pp_run *run, const struct pp_error *problem, struct pp_error *err)
{
    run->journalling.failed = true;
    pp_error_set(&run->fatal, problem->status, "%s: %s", run->journalling.path, problem->text);
    pp_run_stop(run);
    return pp_error_set(err, PP_E_CANCELLED, "not named: the journal cannot be written");
}

enum pp_status pp_run_journal_intend(struct pp_run *run, const struct pp_file_job *job, int fd,
                                     struct pp_error *err)
{
    struct pp_journalling *journalling = &run->journalling;
    struct pp_error problem = {0};
    struct stat output;

    if (journalling->file.fd < 0)
        return PP_OK;
    if (fstat(fd, &output) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot look at the output");
    enum pp_status status = find_both(run, job->input, job->output, &problem);
    const struct pp_journal_record record = {
        .kind = PP_JOURNAL_OUTPUT,
        .input = journalling->input.path.bytes,
        .output = journalling->output.path.bytes,
        .in = pp_journal_file_of(&job->opened),
        .out = pp_journal_file_of(&output),
    };
    if (status == PP_OK)
        status = pp_journal_add(&journalling->file, &record, &problem);
    return status == PP_OK ? PP_OK : fail(run, &problem, err);
}

enum pp_status pp_run_journal_flush(struct pp_run *run, bool durable, struct pp_error *err)
{
    struct pp_error problem = {0};

    if (run->journalling.failed)
        return pp_error_set(err, PP_E_CANCELLED, "not named: the journal cannot be written");
    if (pp_journal_flush(&run->journalling.file, durable, &problem) == PP_OK)
        return PP_OK;
    return fail(run, &problem, err);
}

void pp_run_journal_report(struct pp_run *run, const struct pp_file_report *report)
{
    struct pp_journalling *journalling = &run->journalling;
    struct pp_error problem = {0};

    if (journalling->file.fd < 0 || journalling->failed || report->state != PP_FILE_FAILED)
        return;
    enum pp_status status = pp_location_find(&journalling->input, report->input, &problem);
    const struct pp_journal_record record = {
        .kind = PP_JOURNAL_FAILED,
        .input = journalling->input.path.bytes,
        .status = report->error.status,
    };
    if (status == PP_OK)
        status = pp_journal_add(&journalling->file, &record, &problem);
    if (status != PP_OK)
        (void)!fail(run, &problem, NULL);
}

/* ---- closing ---- */

/* A journal that nothing was recorded in leaves no trace where there was none before. */
static void remove_unused(const struct pp_journalling *journalling)
{
    if (!journalling->file.made || journalling->file.used)
        return;
    unlink(journalling->path);
    if (journalling->directory)
        (void)!rmdir(journalling->directory);
}

void pp_run_journal_close(struct pp_run *run)
{
    struct pp_journalling *journalling = &run->journalling;

    if (journalling->file.fd >= 0 && !journalling->failed)
        (void)!pp_run_journal_flush(run, run->settings->sync != PP_SYNC_NONE, NULL);
    if (journalling->file.fd >= 0)
        remove_unused(journalling);
    pp_journal_close(&journalling->file);
    pp_proofs_release(&journalling->proven);
    pp_location_release(&journalling->input);
    pp_location_release(&journalling->output);
    pp_text_release(&journalling->settings);
    free(journalling->directory);
    free(journalling->path);
}
