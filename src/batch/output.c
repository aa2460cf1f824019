/* Where the outputs go: the directory they all lie below, or the places of their inputs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "batch/in_place.h"
#include "batch/run.h"

static bool is_directory(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* With one file in and a picture's name out, the output is that file. */
static bool output_is_file(const struct pp_batch_settings *settings)
{
    const struct pp_batch_inputs *inputs = &settings->inputs;
    const char *last = pp_path_last(settings->outputs.path);

    if (inputs->path_count != 1 || inputs->files_from || is_directory(inputs->paths[0]))
        return false;
    return pp_format_from_name(last) != PP_FORMAT_KEEP && !is_directory(settings->outputs.path);
}

/* A file named as the output says by its name what format it has. */
static enum pp_status follow_output_name(struct pp_run *run, struct pp_error *err)
{
    enum pp_format named = pp_format_from_name(run->output_name);

    if (run->encode.format != PP_FORMAT_KEEP && run->encode.format != named)
        return pp_error_set(err, PP_E_USAGE, "%s: its name says %s, the format asked for is %s",
                            run->settings->outputs.path, pp_format_name(named),
                            pp_format_name(run->encode.format));
    run->encode.format = named;
    return PP_OK;
}

static enum pp_status set_output_root(struct pp_run *run, struct pp_error *err)
{
    const char *path = run->settings->outputs.path;

    if (output_is_file(run->settings)) {
        run->output_name = pp_path_last(path);
        size_t length = (size_t)(run->output_name - path);
        run->output_root = length ? strndup(path, length) : strdup(".");
        enum pp_status status = follow_output_name(run, err);
        if (status != PP_OK)
            return status;
    } else {
        run->output_root = strdup(path);
    }
    if (!run->output_root)
        return pp_error_set(err, PP_E_NO_MEMORY, "output: no memory");
    return PP_OK;
}

static enum pp_status make_output_root(struct pp_run *run, struct pp_error *err)
{
    run->made_root = access(run->output_root, F_OK) != 0;
    enum pp_status status = pp_make_directories(run->output_root, true, err);

    if (status == PP_OK && !is_directory(run->output_root))
        status = pp_error_set(err, PP_E_WRITE, "cannot write into it: not a directory");
    if (status == PP_OK && faccessat(AT_FDCWD, run->output_root, W_OK | X_OK, AT_EACCESS) != 0)
        status = pp_error_errno(err, PP_E_WRITE, errno, "cannot write into it");
    return status;
}

static enum pp_status check_path(const struct pp_run *run, struct pp_error *err)
{
    const struct pp_convert_settings convert = {.encode = run->encode, .path = run->settings->path};

    return pp_convert_check_path(run->settings->chain, &convert, err);
}

enum pp_status pp_run_open_output(struct pp_run *run, struct stat *found, struct pp_error *err)
{
    struct pp_error problem = {0};

    *found = (struct stat){0};
    if (run->settings->outputs.in_place) {
        enum pp_status fits = pp_in_place_check(run->settings, err);
        return fits == PP_OK ? check_path(run, err) : fits;
    }
    enum pp_status status = set_output_root(run, err);
    if (status == PP_OK)
        status = check_path(run, err);
    if (status != PP_OK)
        return status;
    if (!run->settings->dry_run) {
        status = make_output_root(run, &problem);
        if (status != PP_OK)
            return pp_error_set(err, status, "%s: %s", run->output_root, problem.text);
    }
    run->output_real = realpath(run->output_root, NULL);
    if (stat(run->output_root, found) != 0)
        *found = (struct stat){0};
    return PP_OK;
}
