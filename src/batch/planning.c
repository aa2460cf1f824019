/*
 * From an input found to a job planned: its output's name, whether another input has that name,
 * whether what stands there already may be replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "batch/hidden.h"
#include "batch/in_place.h"
#include "batch/names.h"
#include "batch/peek.h"
#include "batch/run.h"

/* Below this many bytes a file is soon done whatever it holds. A PNG may be a plain area. */
static const uint64_t peek_bytes[PP_COST_FORMATS] = {
    [PP_FORMAT_KEEP] = 1 << 16, [PP_FORMAT_JPEG] = 1 << 18, [PP_FORMAT_PNG] = 1 << 14};
/* Looking into files may take this, and then this part of the time the run lasts. */
#define PEEK_FREE_NS (2 * PP_NS_PER_MS)
#define PEEK_SHARE   50

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

/* Whether the file that is there may not be replaced, being an input. */
static enum pp_status check_no_input(struct pp_run *run, const char *path, const struct stat *found,
                                     struct pp_error *err)
{
    struct pp_suspect suspect = {.output_root = run->output_real, .stat = found};
    bool is_input = false;

    enum pp_status status = pp_location_find(&run->location, path, err);
    if (status != PP_OK)
        return status;
    char *target = realpath(path, NULL);
    suspect.location = run->location.path.bytes;
    suspect.target = target;
    status = pp_known_is_input(&run->known, &run->roots, &suspect, &is_input, err);
    free(target);
    if (status == PP_OK && is_input)
        return pp_error_set(err, PP_E_CONFLICT, "the output would overwrite another input");
    return status;
}

static bool skip(struct pp_error *err, const char *why)
{
    snprintf(err->text, sizeof err->text, "%s", why);
    return true;
}

enum pp_status pp_run_check_output(struct pp_run *run, const char *path, const struct stat *input,
                                   struct pp_error *err)
{
    struct stat found;

    if (lstat(path, &found) != 0)
        return PP_OK;
    /* A link that points nowhere is replaced like any other output. */
    bool dangling = S_ISLNK(found.st_mode) && stat(path, &found) != 0;
    if (!dangling && found.st_dev == input->st_dev && found.st_ino == input->st_ino)
        return pp_error_set(err, PP_E_CONFLICT, "the output would overwrite the input itself");
    if (!dangling && pp_run_is_picture(run, &found))
        return pp_error_set(err, PP_E_CONFLICT, "the output would overwrite a filter's picture");
    if (!dangling && !S_ISREG(found.st_mode))
        return pp_error_set(err, PP_E_WRITE, "cannot replace the output: not a regular file");
    return check_no_input(run, path, &found, err);
}

/* The input itself stands there, and nothing else is asked but room for its backup. */
static enum pp_status look_at_backup(struct pp_run *run, const struct pp_found *found,
                                     struct pp_error *err)
{
    const char *suffix = run->settings->outputs.in_place, *first = NULL;

    if (pp_run_is_picture(run, &found->stat))
        return pp_error_set(err, PP_E_CONFLICT, "the output would overwrite a filter's picture");
    if (!*suffix)
        return PP_OK;
    enum pp_status status = pp_text_join(&run->name, "", run->location.path.bytes, err);
    if (status == PP_OK)
        status = pp_text_add_string(&run->name, suffix, err);
    if (status == PP_OK)
        status = pp_claims_add(&run->claims, run->name.bytes, found->path, &first, err);
    if (status == PP_OK && first)
        return pp_error_set(err, PP_E_CONFLICT, "its backup would have another input's name");
    return status == PP_OK ? pp_in_place_check_backup(run->path.bytes, suffix, err) : status;
}

/* What stands under the output's name already, and what the user wants done with it. */
static enum pp_status look_at_output(struct pp_run *run, const struct pp_found *found, bool *exists,
                                     bool *skipped, struct pp_error *err)
{
    enum pp_existing existing = run->settings->outputs.existing;
    const char *path = run->path.bytes;
    struct stat output;

    *exists = run->settings->outputs.in_place != NULL;
    if (*exists)
        return look_at_backup(run, found, err);
    /* In a directory that held nothing there are only outputs of this run, each with a name of its
     * own. Whoever wants others' outputs skipped may want those skipped that come meanwhile. */
    if (run->vacant && existing == PP_EXISTING_REPLACE)
        return PP_OK;
    *exists = lstat(path, &output) == 0;
    if (!*exists)
        return PP_OK;
    if (existing == PP_EXISTING_SKIP) {
        *skipped = skip(err, "the output exists");
        return PP_OK;
    }
    enum pp_status status = pp_run_check_output(run, path, &found->stat, err);
    if (status == PP_OK && existing == PP_EXISTING_UPDATE && stat(path, &output) == 0 &&
        !is_older(&output, &found->stat))
        *skipped = skip(err, "the output is up to date");
    return status;
}

/* A file found beside the inputs that this run has put there, or one before it to keep an input's
 * contents. */
static enum pp_status is_own_output(struct pp_run *run, const struct pp_found *found, bool *own,
                                    struct pp_error *err)
{
    const char *suffix = run->settings->outputs.in_place;
    enum pp_status status = pp_walk_real_path(&run->walk, found, &run->real, err);

    *own =
        status == PP_OK && run->real.length > 0 &&
        (pp_claims_has(&run->claims, run->real.bytes) || pp_hidden_is(pp_path_last(found->path)) ||
         (suffix && pp_in_place_is_backup(&run->settings->inputs, suffix, found)));
    return status;
}

/* The name's last part is the backup's: the longest there will be. */
static enum pp_status set_path_in_place(struct pp_run *run, const struct pp_found *found,
                                        struct pp_error *err)
{
    enum pp_status status = pp_in_place_path(found->path, &run->path, err);

    if (status == PP_OK)
        status = pp_text_join(&run->name, "", pp_path_last(run->path.bytes), err);
    if (status == PP_OK)
        status = pp_text_add_string(&run->name, run->settings->outputs.in_place, err);
    return status;
}

static enum pp_status set_output_path(struct pp_run *run, const struct pp_found *found,
                                      struct pp_error *err)
{
    enum pp_status status;

    if (run->settings->outputs.in_place)
        return set_path_in_place(run, found, err);
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

static enum pp_status claim_output(struct pp_run *run, const struct pp_found *found, bool *skipped,
                                   struct pp_error *problem, struct pp_error *err)
{
    const char *first = NULL;

    if (strlen(pp_path_last(run->name.bytes)) > NAME_MAX)
        pp_error_set(problem, PP_E_WRITE, "cannot create the output: its name is too long");
    enum pp_status status = pp_location_find(&run->location, run->path.bytes, err);
    if (status != PP_OK)
        return status;
    /* What a run that was killed left while it replaced outputs goes when the next one comes by. */
    if (run->location.fresh)
        run->vacant = !run->location.exists ||
                      (!run->settings->dry_run && pp_hidden_sweep(run->location.real.bytes));
    status = pp_claims_add(&run->claims, run->location.path.bytes, found->path, &first, err);
    if (status != PP_OK || !first)
        return status;
    /* In place, an output has another's name when they are one file. */
    if (run->settings->outputs.in_place || strcmp(first, found->path) == 0)
        *skipped = skip(problem, "it was named before");
    else
        pp_error_set(problem, PP_E_CONFLICT, "its output is already that of %s", first);
    return PP_OK;
}

/* The pixels of a file large enough for its bytes alone to mislead much, 0 where that is not worth
 * it: on a slow disk the next file's header is a worse use of time than the file in work. */
static uint64_t look_inside(struct pp_run *run, const char *path, const struct pp_cost_file *file)
{
    uint64_t begin_ns = pp_clock_ns(), pixels = 0;

    if (file->bytes < peek_bytes[file->format] || run->settings->dry_run ||
        run->peek_ns > PEEK_FREE_NS + (begin_ns - run->begin_ns) / PEEK_SHARE)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0) {
        pixels = pp_peek_pixels(fd);
        close(fd);
    }
    run->peek_ns += pp_clock_ns() - begin_ns;
    return pixels;
}

static enum pp_status push_job(struct pp_run *run, const struct pp_found *found, bool replace,
                               struct pp_error *err)
{
    struct pp_file_job *job = pp_file_job_new(found->path, run->path.bytes);

    if (!job)
        return pp_error_set(err, PP_E_NO_MEMORY, "jobs: no memory");
    job->file.format = pp_format_from_name(pp_path_last(found->path));
    job->file.bytes = (uint64_t)found->stat.st_size;
    job->file.pixels = look_inside(run, found->path, &job->file);
    job->cost = pp_cost_predict(&run->cost, &job->file);
    job->replace = replace;
    pp_cost_found(&run->cost, &job->file);
    job->order = run->result->progress.total++;
    pp_window_push(&run->window, job);
    return PP_OK;
}

static enum pp_status plan_found(struct pp_run *run, const struct pp_found *found,
                                 struct pp_error *err)
{
    struct pp_error problem = found->error;
    bool own = false, exists = false, skipped = false;

    pp_text_clear(&run->path);
    enum pp_status status = is_own_output(run, found, &own, err);
    if (status != PP_OK || own)
        return status;
    if (problem.status == PP_OK)
        status = set_output_path(run, found, err);
    if (status == PP_OK && problem.status == PP_OK)
        status = claim_output(run, found, &skipped, &problem, err);
    if (status == PP_OK && problem.status == PP_OK && !skipped)
        status = pp_run_journal_ask(run, found, &skipped, &problem, err);
    if (status == PP_OK && problem.status == PP_OK && !skipped)
        (void)!look_at_output(run, found, &exists, &skipped, &problem);
    if (status != PP_OK)
        return status;
    if (problem.status != PP_OK)
        report_found(run, found, PP_FILE_FAILED, &problem);
    else if (skipped)
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
