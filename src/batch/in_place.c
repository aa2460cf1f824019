#include "batch/in_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "batch/backup.h"
#include "batch/match.h"

enum pp_status pp_in_place_check(const struct pp_batch_settings *settings, struct pp_error *err)
{
    const struct pp_batch_outputs *outputs = &settings->outputs;

    if (strchr(outputs->in_place, '/'))
        return pp_error_set(err, PP_E_USAGE, "in place: a slash cannot be part of a backup's name");
    if (outputs->path || outputs->prefix || outputs->suffix)
        return pp_error_set(err, PP_E_USAGE, "in place: the outputs have their inputs' names");
    if (outputs->existing != PP_EXISTING_REPLACE)
        return pp_error_set(err, PP_E_USAGE, "in place: every output exists already");
    if (settings->encode.format != PP_FORMAT_KEEP)
        return pp_error_set(err, PP_E_USAGE, "in place: files keep their format");
    return PP_OK;
}

enum pp_status pp_in_place_path(const char *input, struct pp_text *path, struct pp_error *err)
{
    struct stat found;
    char *real = NULL;

    if (lstat(input, &found) == 0 && S_ISLNK(found.st_mode))
        real = realpath(input, NULL); /* one that leads nowhere cannot be opened either */
    pp_text_clear(path);
    enum pp_status status = pp_text_add_string(path, real ? real : input, err);
    free(real);
    return status;
}

/* `path` without `suffix` at its end; NULL where nothing of the last name would be left, or memory
 * is out. */
static char *without_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), end = strlen(suffix);

    if (end == 0 || strlen(pp_path_last(path)) <= end || strcmp(path + length - end, suffix) != 0)
        return NULL;
    return strndup(path, length - end);
}

bool pp_in_place_is_backup(const struct pp_batch_inputs *inputs, const char *suffix,
                           const struct pp_found *found)
{
    char *relative = without_suffix(found->relative, suffix);
    char *path = without_suffix(found->path, suffix);
    struct stat original;
    bool is_backup = relative && path && pp_match_file(inputs, relative) &&
                     stat(path, &original) == 0 && S_ISREG(original.st_mode);

    free(relative);
    free(path);
    return is_backup;
}

static char *backup_of(const char *path, const char *suffix, struct pp_error *err)
{
    char *backup = NULL;

    if (asprintf(&backup, "%s%s", path, suffix) >= 0)
        return backup;
    pp_error_set(err, PP_E_NO_MEMORY, "backup: no memory");
    return NULL;
}

enum pp_status pp_in_place_check_backup(const char *path, const char *suffix, struct pp_error *err)
{
    char *backup = backup_of(path, suffix, err);
    enum pp_status status = PP_OK;
    struct stat found, input;

    if (!backup)
        return PP_E_NO_MEMORY;
    if (lstat(backup, &found) == 0 &&
        (lstat(path, &input) != 0 || found.st_ino != input.st_ino || found.st_dev != input.st_dev))
        status = pp_error_set(err, PP_E_CONFLICT, "its backup exists already");
    free(backup);
    return status;
}

static enum pp_status check_unchanged(const char *path, const struct stat *opened,
                                      struct pp_error *err)
{
    struct stat found;

    if (lstat(path, &found) != 0)
        return pp_error_errno(err, PP_E_CONFLICT, errno, "not replaced, it changed meanwhile");
    if (found.st_dev != opened->st_dev || found.st_ino != opened->st_ino ||
        found.st_size != opened->st_size || found.st_mtim.tv_sec != opened->st_mtim.tv_sec ||
        found.st_mtim.tv_nsec != opened->st_mtim.tv_nsec)
        return pp_error_set(err, PP_E_CONFLICT, "not replaced: it changed meanwhile");
    return PP_OK;
}

enum pp_status pp_in_place_publish(struct pp_staged *staged, const struct stat *opened,
                                   const char *suffix, struct pp_error *err)
{
    char *backup = NULL;
    bool made = false;

    enum pp_status status = check_unchanged(staged->path, opened, err);
    if (status == PP_OK && *suffix) {
        backup = backup_of(staged->path, suffix, err);
        status = backup ? pp_backup_make(staged->path, backup, &made, err) : PP_E_NO_MEMORY;
        /* The copy, or what was linked, may be another file by now. */
        if (status == PP_OK)
            status = check_unchanged(staged->path, opened, err);
    }
    if (status == PP_OK)
        status = pp_staged_replace(staged, err);
    if (status != PP_OK && made)
        unlink(backup);
    free(backup);
    return status;
}
