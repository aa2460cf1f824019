/*
 * A run's manifest, the one that is written and the one that is compared with: from the settings to
 * what is told at the end.
 */
#include <string.h>
#include <sys/stat.h>

#include "batch/manifest_line.h"
#include "batch/run.h"

bool pp_run_wants_digests(const struct pp_run *run)
{
    return run->settings->manifest_path || run->settings->check_path;
}

/* Both speak of all outputs, so all must be made in this run. */
static enum pp_status check_settings(const struct pp_batch_settings *settings, struct pp_error *err)
{
    const char *other = settings->dry_run                                   ? "a dry run"
                        : settings->outputs.existing != PP_EXISTING_REPLACE ? "outputs left alone"
                        : settings->resume != PP_RESUME_NO                  ? "a run resumed"
                                                                            : NULL;

    if (other)
        return pp_error_set(err, PP_E_USAGE, "a manifest is of outputs just made: not of %s",
                            other);
    return PP_OK;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;

    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* Its name is not free for an output, nor may it be that of the log or of the other manifest. */
static enum pp_status claim(struct pp_run *run, const char *path, struct pp_error *err)
{
    const char *first = NULL;

    enum pp_status status = pp_location_find(&run->location, path, err);
    if (status == PP_OK)
        status = pp_claims_add(&run->claims, run->location.path.bytes, "the manifest", &first, err);
    if (status == PP_OK && first)
        return pp_error_set(err, PP_E_USAGE, "%s: cannot be the manifest and %s at once", path,
                            strcmp(first, "the manifest") == 0 ? "the one compared with" : first);
    return status;
}

static enum pp_status open_written(struct pp_run *run, struct pp_error *err)
{
    const char *path = run->settings->manifest_path;
    struct pp_error problem = {0};

    enum pp_status status = claim(run, path, err);
    if (status != PP_OK)
        return status;
    status = pp_manifest_open(&run->manifest, path, &problem);
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s: %s", path, problem.text);
}

static enum pp_status open_compared(struct pp_run *run, struct pp_error *err)
{
    const char *path = run->settings->check_path, *written = run->settings->manifest_path;
    struct pp_error problem = {0};

    if (written && is_same_file(written, path))
        return pp_error_set(err, PP_E_USAGE, "%s: cannot be compared with and written at once",
                            path);
    enum pp_status status = claim(run, path, err);
    if (status != PP_OK)
        return status;
    status = pp_drift_open(&run->drift, path, run->manifest_title.bytes, &problem);
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s: %s", path, problem.text);
}

enum pp_status pp_run_manifest_begin(struct pp_run *run, struct pp_error *err)
{
    const struct pp_batch_settings *settings = run->settings;

    if (!pp_run_wants_digests(run))
        return PP_OK;
    enum pp_status status = check_settings(settings, err);
    if (status == PP_OK)
        status = pp_manifest_title(&run->manifest_title, settings->filters, &run->encode,
                                   settings->path, err);
    if (status == PP_OK && settings->check_path)
        status = open_compared(run, err);
    if (status == PP_OK && settings->manifest_path)
        status = open_written(run, err);
    return status;
}

/* An output's path below the output directory; whole where it takes its input's place. */
static const char *below_root(const struct pp_run *run, const char *output)
{
    if (run->settings->outputs.in_place)
        return output;
    output += strlen(run->output_root);
    while (*output == '/')
        output++;
    return output;
}

static void tell(struct pp_run *run, const char *output, const char *how)
{
    run->result->drifted++;
    if (run->settings->drift)
        run->settings->drift(run->settings->user, output, how);
}

void pp_run_manifest_file(struct pp_run *run, const struct pp_file_job *job)
{
    const char *path = below_root(run, job->output), *how = NULL;
    struct pp_error problem = {0};

    if (run->drift.lines)
        how = pp_drift_of(&run->drift, path, &job->digest);
    if (how)
        tell(run, job->output, how);
    if (run->manifest.staged.fd < 0 ||
        pp_manifest_add(&run->manifest, job->order, path, &job->digest, &problem) == PP_OK)
        return;
    pp_error_set(&run->fatal, problem.status, "%s: %s", run->settings->manifest_path, problem.text);
    pp_run_stop(run);
}

static void tell_missing(void *user, const char *path)
{
    struct pp_run *run = user;
    struct pp_error unheard = {0};
    bool joined = !run->settings->outputs.in_place &&
                  pp_text_join(&run->path, run->output_root, path, &unheard) == PP_OK;

    tell(run, joined ? run->path.bytes : path, "missing: the manifest has it");
}

enum pp_status pp_run_manifest_end(struct pp_run *run, struct pp_error *err)
{
    const struct pp_batch_settings *settings = run->settings;
    struct pp_error problem = {0};
    enum pp_status status = PP_OK;

    if (run->phase != PP_RUN_GOING) /* nothing can be said of a part */
        return PP_OK;
    if (run->drift.lines)
        status = pp_drift_missing(&run->drift, tell_missing, run, &problem);
    if (status != PP_OK)
        return pp_error_set(err, status, "%s: %s", settings->check_path, problem.text);
    if (run->manifest.staged.fd >= 0)
        status = pp_manifest_publish(&run->manifest, run->manifest_title.bytes,
                                     settings->sync != PP_SYNC_NONE, &problem);
    if (status != PP_OK)
        return pp_error_set(err, status, "%s: %s", settings->manifest_path, problem.text);
    return PP_OK;
}

void pp_run_manifest_release(struct pp_run *run)
{
    pp_manifest_release(&run->manifest);
    pp_drift_release(&run->drift);
    pp_text_release(&run->manifest_title);
}
