#include "batch/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "batch/match.h"

void pp_walk_init(struct pp_walk *walk, const struct pp_batch_inputs *inputs,
                  struct pp_roots *roots, const struct stat *output)
{
    *walk = (struct pp_walk){.inputs = inputs, .roots = roots};
    if (output)
        walk->skipped = *output;
}

static void leave_directory(struct pp_walk *walk)
{
    if (walk->stream)
        closedir(walk->stream);
    free(walk->directory);
    walk->stream = NULL;
    walk->directory = NULL;
}

static void leave_root(struct pp_walk *walk)
{
    leave_directory(walk);
    while (walk->pending_count > 0)
        free(walk->pending[--walk->pending_count]);
    free(walk->root);
    free(walk->root_real);
    walk->root = NULL;
    walk->root_real = NULL;
}

void pp_walk_release(struct pp_walk *walk)
{
    leave_root(walk);
    free(walk->pending);
    pp_text_release(&walk->path);
    pp_text_release(&walk->relative);
    pp_roots_at_release(&walk->at);
    *walk = (struct pp_walk){0};
}

static enum pp_status no_memory(struct pp_error *err)
{
    return pp_error_set(err, PP_E_NO_MEMORY, "search for inputs: no memory");
}

static enum pp_status push_pending(struct pp_walk *walk, const char *relative, struct pp_error *err)
{
    if (walk->pending_count == walk->pending_room) {
        size_t room = walk->pending_room ? 2 * walk->pending_room : 16;
        char **grown = realloc(walk->pending, room * sizeof *grown);
        if (!grown)
            return no_memory(err);
        walk->pending = grown;
        walk->pending_room = room;
    }
    char *copy = strdup(relative);
    if (!copy)
        return no_memory(err);
    walk->pending[walk->pending_count++] = copy;
    return PP_OK;
}

/* What stat(2) says of an input, `name` in the directory, as its error when it can be none. */
static void look_at(struct pp_found *found, int directory, const char *name)
{
    found->error = (struct pp_error){0};
    if (fstatat(directory, name, &found->stat, 0) != 0)
        pp_error_errno(&found->error, PP_E_READ, errno, "cannot open");
    else if (!S_ISREG(found->stat.st_mode))
        pp_error_set(&found->error, PP_E_READ, "cannot read: not a regular file");
}

static enum pp_status enter_root(struct pp_walk *walk, const char *path, struct pp_error *err)
{
    walk->root = strdup(path);
    if (!walk->root)
        return no_memory(err);
    /* Without its real path a directory is only not recognised as the output's; opening it tells
     * what is wrong with it. */
    walk->root_real = realpath(path, NULL);
    return push_pending(walk, "", err);
}

/* A directory that cannot be read is an input that failed; it is left. */
static enum pp_status unreadable(struct pp_walk *walk, int errnum, struct pp_found *found,
                                 bool *any, struct pp_error *err)
{
    enum pp_status status = pp_text_join(&walk->path, walk->root, walk->directory, err);

    pp_text_clear(&walk->relative);
    if (status == PP_OK)
        status = pp_text_add_string(&walk->relative, walk->directory, err);
    leave_directory(walk);
    if (status != PP_OK)
        return status;
    *found = (struct pp_found){.path = walk->path.bytes, .relative = walk->relative.bytes};
    pp_error_errno(&found->error, PP_E_READ, errnum, "cannot read the directory");
    *any = true;
    return PP_OK;
}

/* Enter the directory put off last. It may have become unreadable: then it is the input found. */
static enum pp_status enter_directory(struct pp_walk *walk, struct pp_found *found, bool *any,
                                      struct pp_error *err)
{
    walk->directory = walk->pending[--walk->pending_count];
    enum pp_status status = pp_text_join(&walk->path, walk->root, walk->directory, err);
    if (status != PP_OK)
        return status;
    walk->stream = opendir(walk->path.bytes);
    if (walk->stream)
        return PP_OK;
    return unreadable(walk, errno, found, any, err);
}

static bool is_skipped(const struct pp_walk *walk, const char *path)
{
    struct stat stat;

    return walk->skipped.st_ino != 0 && lstat(path, &stat) == 0 &&
           stat.st_ino == walk->skipped.st_ino && stat.st_dev == walk->skipped.st_dev;
}

static enum pp_status set_names(struct pp_walk *walk, const char *name, struct pp_error *err)
{
    enum pp_status status = pp_text_join(&walk->relative, walk->directory, name, err);

    if (status == PP_OK)
        status = pp_text_join(&walk->path, walk->root, walk->relative.bytes, err);
    return status;
}

/* The kind of an entry; a link is what it points to. File systems may leave it to stat(2). */
static unsigned char entry_kind(const struct pp_walk *walk, const struct dirent *entry)
{
    struct stat stat;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(dirfd(walk->stream), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_REG; /* whatever is wrong with it is told of the file */
    return (unsigned char)IFTODT(stat.st_mode);
}

static enum pp_status take_entry(struct pp_walk *walk, const struct dirent *entry,
                                 struct pp_found *found, bool *any, struct pp_error *err)
{
    unsigned char kind = entry_kind(walk, entry);

    enum pp_status status = set_names(walk, entry->d_name, err);
    if (status != PP_OK)
        return status;
    if (kind == DT_DIR) {
        if (!walk->inputs->recursive || strcmp(entry->d_name, PP_WALK_HIDDEN) == 0 ||
            is_skipped(walk, walk->path.bytes) ||
            !pp_match_directory(walk->inputs, walk->relative.bytes))
            return PP_OK;
        return push_pending(walk, walk->relative.bytes, err);
    }
    if (!pp_match_file(walk->inputs, walk->relative.bytes) || (walk->links_only && kind != DT_LNK))
        return PP_OK;
    *found = (struct pp_found){
        .path = walk->path.bytes, .relative = walk->relative.bytes, .is_link = kind == DT_LNK};
    look_at(found, dirfd(walk->stream), entry->d_name);
    /* A link to a directory is not an input that failed, it is no input. */
    *any = !(kind == DT_LNK && found->error.status && S_ISDIR(found->stat.st_mode));
    return PP_OK;
}

static enum pp_status read_directory(struct pp_walk *walk, struct pp_found *found, bool *any,
                                     struct pp_error *err)
{
    enum pp_status status = PP_OK;

    while (status == PP_OK && !*any) {
        errno = 0;
        const struct dirent *entry = readdir(walk->stream);
        int errnum = errno;
        if (!entry && errnum != 0)
            return unreadable(walk, errnum, found, any, err);
        if (!entry) {
            leave_directory(walk);
            return status;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = take_entry(walk, entry, found, any, err);
    }
    return status;
}

/* The next input named: a file is found itself, a directory is entered by the next round. */
static enum pp_status next_root(struct pp_walk *walk, const char *path, struct pp_found *found,
                                bool *any, struct pp_error *err)
{
    struct stat stat_buffer;

    if (stat(path, &stat_buffer) == 0 && S_ISDIR(stat_buffer.st_mode))
        return enter_root(walk, path, err);
    pp_text_clear(&walk->path);
    pp_text_clear(&walk->relative);
    enum pp_status status = pp_text_add_string(&walk->path, path, err);
    if (status == PP_OK)
        status = pp_text_add_string(&walk->relative, pp_path_last(path), err);
    if (status != PP_OK)
        return status;
    *found = (struct pp_found){.path = walk->path.bytes, .relative = walk->relative.bytes};
    look_at(found, AT_FDCWD, path);
    *any = true;
    return PP_OK;
}

enum pp_status pp_walk_next(struct pp_walk *walk, struct pp_found *found, bool *any,
                            struct pp_error *err)
{
    enum pp_status status = PP_OK;

    *any = false;
    while (status == PP_OK && !*any) {
        if (walk->stream) {
            status = read_directory(walk, found, any, err);
        } else if (walk->pending_count > 0) {
            status = enter_directory(walk, found, any, err);
        } else {
            leave_root(walk);
            const char *path = pp_roots_next(walk->roots, &walk->at);
            if (!path)
                return PP_OK;
            status = next_root(walk, path, found, any, err);
        }
    }
    return status;
}

enum pp_status pp_walk_real_path(const struct pp_walk *walk, const struct pp_found *found,
                                 struct pp_text *real, struct pp_error *err)
{
    pp_text_clear(real);
    if (!walk->root_real)
        return PP_OK;
    return pp_text_join(real, walk->root_real, found->relative, err);
}
