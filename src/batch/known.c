#include "batch/known.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "batch/match.h"
#include "batch/walk.h"

static enum pp_status no_memory(struct pp_error *err)
{
    return pp_error_set(err, PP_E_NO_MEMORY, "known inputs: no memory");
}

static enum pp_status add_file(struct pp_known *known, const struct stat *stat,
                               struct pp_error *err)
{
    if (known->file_count == known->file_room) {
        size_t room = known->file_room ? 2 * known->file_room : 64;
        struct pp_file_id *grown = realloc(known->files, room * sizeof *grown);
        if (!grown)
            return no_memory(err);
        known->files = grown;
        known->file_room = room;
    }
    known->files[known->file_count++] = (struct pp_file_id){stat->st_dev, stat->st_ino};
    return PP_OK;
}

static enum pp_status add_directory(struct pp_known *known, const char *path, struct pp_error *err)
{
    if (known->directory_count == known->directory_room) {
        size_t room = known->directory_room ? 2 * known->directory_room : 8;
        char **grown = realloc(known->directories, room * sizeof *grown);
        if (!grown)
            return no_memory(err);
        known->directories = grown;
        known->directory_room = room;
    }
    char *real = realpath(path, NULL);
    if (real)
        known->directories[known->directory_count++] = real;
    return PP_OK;
}

static int compare_ids(const void *left, const void *right)
{
    const struct pp_file_id *a = left, *b = right;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return 0;
}

static enum pp_status fill_directories(struct pp_known *known, struct pp_roots *roots,
                                       struct pp_error *err)
{
    struct pp_roots_at at = {0};
    enum pp_status status = PP_OK;
    const char *path;
    struct stat found;

    while (status == PP_OK && (path = pp_roots_next(roots, &at)) != NULL) {
        if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
            status = add_directory(known, path, err);
    }
    pp_roots_at_release(&at);
    return status;
}

/* The files named, and those behind links below the directories named. */
static enum pp_status fill_files(struct pp_known *known, struct pp_roots *roots,
                                 struct pp_error *err)
{
    enum pp_status status = PP_OK;
    struct pp_walk walk;
    bool any = true;

    pp_walk_init(&walk, roots->inputs, roots, NULL);
    walk.links_only = true;
    while (status == PP_OK && any) {
        struct pp_found found;
        status = pp_walk_next(&walk, &found, &any, err);
        if (status == PP_OK && any && found.error.status == PP_OK)
            status = add_file(known, &found.stat, err);
    }
    pp_walk_release(&walk);
    if (known->file_count > 0)
        qsort(known->files, known->file_count, sizeof *known->files, compare_ids);
    return status;
}

/* What of `path` lies below `directory`, NULL when it lies elsewhere. */
static const char *below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    if (strncmp(path, directory, length) != 0)
        return NULL;
    if (length > 0 && directory[length - 1] == '/')
        return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

/* Whether a walk through `directory` comes by the file at that location. */
static bool walk_finds(const struct pp_batch_inputs *inputs, const char *directory,
                       const char *location, const char *output)
{
    const char *relative = below(location, directory);

    if (!relative || (strchr(relative, '/') && !inputs->recursive))
        return false;
    if (output && below(output, directory) && below(location, output))
        return false; /* the walk leaves the output directory out */
    return pp_match_file(inputs, relative);
}

enum pp_status pp_known_is_input(struct pp_known *known, struct pp_roots *roots,
                                 const struct pp_suspect *suspect, bool *is_input,
                                 struct pp_error *err)
{
    struct pp_file_id id = {suspect->stat->st_dev, suspect->stat->st_ino};
    enum pp_status status = PP_OK;

    if (!known->filled) {
        status = fill_directories(known, roots, err);
        if (status == PP_OK)
            status = fill_files(known, roots, err);
        known->filled = status == PP_OK;
    }
    *is_input = known->file_count > 0 && bsearch(&id, known->files, known->file_count,
                                                 sizeof *known->files, compare_ids) != NULL;
    for (size_t i = 0; i < known->directory_count && !*is_input; i++)
        *is_input = walk_finds(roots->inputs, known->directories[i], suspect->location,
                               suspect->output_root) ||
                    (suspect->target && walk_finds(roots->inputs, known->directories[i],
                                                   suspect->target, suspect->output_root));
    return status;
}

void pp_known_release(struct pp_known *known)
{
    for (size_t i = 0; i < known->directory_count; i++)
        free(known->directories[i]);
    free(known->directories);
    free(known->files);
    *known = (struct pp_known){0};
}
