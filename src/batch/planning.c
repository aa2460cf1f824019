/*
 * From an input found to a job planned: its output's name, whether another input has that name,
 * whether what stands there already may be replaced.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "batch/names.h"
#include "batch/run.h"

static void report_found(struct pp_run *run, const struct pp_found *found, enum pp_file_state state,
                         const struct pp_error *error)
{
    struct pp_file_report report = {
        .state = state,
        .input = found->path,
        .output = run->path.length > 0 ? run->path.bytes : NULL,
        .error = *error,
    };

    run->result->progress.total++;
    pp_run_report(run, &report);
}

static bool is_older(const struct stat *output, const struct stat *input)
{
    if (output->st_mtim.tv_sec != input->st_mtim.tv_sec)
        return output->st_mtim.tv_sec < input->st_mtim.tv_sec;
    return output->st_mtim.tv_nsec < input->st_mtim.tv_nsec;
}

/* What the user wants done with an output that is there already. */
static bool is_to_skip(const struct pp_run *run, const struct stat *output,
                       const struct stat *input, struct pp_error *err)
{
    enum pp_existing existing = run->settings->outputs.existing;

    if (existing == PP_EXISTING_SKIP) {
        snprintf(err->text, sizeof err->text, "the output exists");
        return true;
    }
    if (existing == PP_EXISTING_UPDATE && !is_older(output, input)) {
        snprintf(err->text, sizeof err->text, "the output is up to date");
        return true;
    }
    return false;
}

enum pp_status pp_run_check_output(struct pp_run *run, const char *path, const struct stat *input,
                                   bool *exists, bool *skip, struct pp_error *err)
{
    struct stat found;
    bool is_input = false;

    *exists = false;
    *skip = false;
    if (lstat(path, &found) != 0)
        return PP_OK;
    *exists = true;
    /* A link that points nowhere is in the way, and replaced like any other output. */
    if (S_ISLNK(found.st_mode) && stat(path, &found) != 0)
        return PP_OK;
    if (found.st_dev == input->st_dev && found.st_ino == input->st_ino)
        return pp_error_set(err, PP_E_CONFLICT, "the output would overwrite the input itself");
    if (!S_ISREG(found.st_mode))
        return pp_error_set(err, PP_E_WRITE, "cannot replace the output: not a regular file");
    enum pp_status status =
        pp_known_is_input(&run->known, &run->roots, path, &found,
                          run->output_real ? run->output_real : run->output_root, &is_input, err);
    if (status != PP_OK)
        return status;
    if (is_input)
        return pp_error_set(err, PP_E_CONFLICT, "the output would overwrite another input");
    *skip = is_to_skip(run, &found, input, err);
    return PP_OK;
}

/* A file found beside the inputs that this run has put there. */
static enum pp_status is_own_output(struct pp_run *run, const struct pp_found *found, bool *own,
                                    struct pp_error *err)
{
    *own = false;
    if (!run->output_real)
        return PP_OK;
    enum pp_status status = pp_walk_real_path(&run->walk, found, &run->real, err);
    if (status != PP_OK || run->real.length == 0)
        return status;
    size_t length = strlen(run->output_real);
    const char *rest = run->real.bytes + length;
    if (strncmp(run->real.bytes, run->output_real, length) != 0)
        return PP_OK;
    if (length > 0 && run->output_real[length - 1] != '/' && *rest++ != '/')
        return PP_OK;
    *own = pp_claims_has(&run->claims, rest);
    return PP_OK;
}

static enum pp_status set_output_path(struct pp_run *run, const struct pp_found *found,
                                      struct pp_error *err)
{
    enum pp_status status;

    if (run->output_name) {
        pp_text_clear(&run->name);
        status = pp_text_add_string(&run->name, run->output_name, err);
    } else {
        status = pp_output_name(found->relative, &run->settings->outputs, run->encode.format,
                                &run->name, err);
    }
    if (status != PP_OK)
        return status;
    return pp_text_join(&run->path, run->output_root, run->name.bytes, err);
}

static enum pp_status claim_output(struct pp_run *run, const struct pp_found *found,
                                   struct pp_error *problem, struct pp_error *err)
{
    const char *first = NULL;

    if (strlen(pp_path_last(run->name.bytes)) > NAME_MAX)
        pp_error_set(problem, PP_E_WRITE, "cannot create the output: its name is too long");
    enum pp_status status = pp_claims_add(&run->claims, run->name.bytes, found->path, &first, err);
    if (status == PP_OK && first)
        pp_error_set(problem, PP_E_CONFLICT, "its output is already that of %s", first);
    return status;
}

static enum pp_status push_job(struct pp_run *run, const struct pp_found *found, bool replace,
                               struct pp_error *err)
{
    struct pp_file_job *job = calloc(1, sizeof *job);

    if (!job)
        return pp_error_set(err, PP_E_NO_MEMORY, "jobs: no memory");
    job->staged.fd = -1;
    job->input = strdup(found->path);
    job->output = strdup(run->path.bytes);
    if (!job->input || !job->output) {
        pp_file_job_free(job);
        return pp_error_set(err, PP_E_NO_MEMORY, "jobs: no memory");
    }
    job->format = pp_format_from_name(pp_path_last(found->path));
    job->bytes = (uint64_t)found->stat.st_size;
    job->cost = pp_cost_predict(&run->cost, job->format, job->bytes);
    job->replace = replace;
    pp_cost_found(&run->cost, job->format, job->bytes);
    run->result->progress.total++;
    pp_window_push(&run->window, job);
    return PP_OK;
}

static enum pp_status plan_found(struct pp_run *run, const struct pp_found *found,
                                 struct pp_error *err)
{
    struct pp_error problem = found->error;
    bool own = false, exists = false, skip = false;

    pp_text_clear(&run->path);
    enum pp_status status = is_own_output(run, found, &own, err);
    if (status != PP_OK || own)
        return status;
    if (problem.status == PP_OK)
        status = set_output_path(run, found, err);
    if (status == PP_OK && problem.status == PP_OK)
        status = claim_output(run, found, &problem, err);
    if (status == PP_OK && problem.status == PP_OK)
        (void)!pp_run_check_output(run, run->path.bytes, &found->stat, &exists, &skip, &problem);
    if (status != PP_OK)
        return status;
    if (problem.status != PP_OK)
        report_found(run, found, PP_FILE_FAILED, &problem);
    else if (skip)
        report_found(run, found, PP_FILE_SKIPPED, &problem);
    else
        status = push_job(run, found, exists, err);
    return status;
}

enum pp_status pp_run_plan_next(struct pp_run *run, struct pp_error *err)
{
    struct pp_found found;
    bool any = false;

    enum pp_status status = pp_walk_next(&run->walk, &found, &any, err);
    if (status != PP_OK)
        return status;
    if (!any) {
        run->walked = true;
        run->result->progress.total_known = true;
        return PP_OK;
    }
    return plan_found(run, &found, err);
}
