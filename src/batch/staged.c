#include "batch/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "batch/hidden.h"
#include "batch/naming.h"

static enum pp_status make_directory(const char *path, struct pp_error *err)
{
    struct stat stat_buffer;

    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return PP_OK;
    int errnum = errno;
    /* A read-only parent of a directory that exists is no obstacle. */
    if (stat(path, &stat_buffer) == 0 && S_ISDIR(stat_buffer.st_mode))
        return PP_OK;
    return pp_error_errno(err, PP_E_WRITE, errnum, "cannot create the directory");
}

enum pp_status pp_make_directories(const char *path, bool whole, struct pp_error *err)
{
    char *copy = strdup(path);
    enum pp_status status = PP_OK;

    if (!copy)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot create the directory: no memory");
    for (char *slash = strchr(copy + 1, '/'); slash && status == PP_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_directory(copy, err);
        *slash = '/';
    }
    if (status == PP_OK && whole)
        status = make_directory(copy, err);
    free(copy);
    return status;
}

/* Cut `directory` down to the deepest part of it that exists; "" becomes ".". */
static void existing_part(char *directory)
{
    struct stat stat_buffer;

    while (directory[0] && stat(directory, &stat_buffer) != 0 && errno == ENOENT) {
        char *slash = strrchr(directory, '/');
        if (slash == directory) {
            directory[1] = '\0';
            return;
        }
        directory[slash ? (size_t)(slash - directory) : 0] = '\0';
    }
}

static enum pp_status open_error(int errnum, struct pp_error *err)
{
    if (errnum == EMFILE || errnum == ENFILE)
        return pp_error_errno(err, PP_E_SYSTEM, errnum, "cannot create the output");
    return pp_error_errno(err, PP_E_WRITE, errnum, "cannot create the output");
}

static enum pp_status open_hidden(struct pp_staged *staged, struct pp_error *err)
{
    enum pp_status status = pp_make_directories(staged->path, false, err);

    if (status != PP_OK)
        return status;
    staged->hidden = pp_hidden_name(staged->path, getpid());
    if (!staged->hidden)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot create the output: no memory");
    staged->fd = open(staged->hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, staged->mode);
    if (staged->fd >= 0)
        return PP_OK;
    int errnum = errno;
    free(staged->hidden);
    staged->hidden = NULL;
    return open_error(errnum, err);
}

enum pp_status pp_staged_open(struct pp_staged *staged, const char *path, mode_t mode,
                              struct pp_error *err)
{
    size_t length = (size_t)(pp_path_last(path) - path);
    char directory[PATH_MAX];

    *staged = (struct pp_staged){.fd = -1, .path = path, .mode = mode};
    if (length >= sizeof directory)
        return open_error(ENAMETOOLONG, err);
    memcpy(directory, path, length);
    directory[length] = '\0';
    const char *last = directory[0] ? directory : ".";
    staged->fd = open(last, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (staged->fd < 0 && errno == ENOENT) {
        existing_part(directory);
        last = directory[0] ? directory : ".";
        staged->fd = open(last, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    }
    int errnum = errno;
    if (staged->fd >= 0)
        return PP_OK;
    /* EISDIR comes from kernels and file systems that take O_TMPFILE for O_DIRECTORY. */
    if (errnum == EOPNOTSUPP || errnum == EISDIR || errnum == EINVAL)
        return open_hidden(staged, err);
    return open_error(errnum, err);
}

static enum pp_status name_error(int errnum, struct pp_error *err)
{
    if (errnum == EEXIST)
        return pp_error_set(err, PP_E_CONFLICT, "cannot name the output: it exists by now");
    return pp_error_errno(err, PP_E_WRITE, errnum, "cannot name the output");
}

/* 0, or -1 with errno. */
static int name_output(struct pp_staged *staged)
{
    if (staged->hidden)
        return pp_name_move(staged->fd, staged->hidden, staged->path);
    return pp_name_link(staged->fd, staged->path);
}

/* Give an unnamed file a hidden name, so that rename() can put it in place of another. */
static enum pp_status name_hidden(struct pp_staged *staged, struct pp_error *err)
{
    if (staged->hidden)
        return PP_OK;
    staged->hidden = pp_hidden_name(staged->path, getpid());
    if (!staged->hidden)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot name the output: no memory");
    if (pp_name_link(staged->fd, staged->hidden) == 0)
        return PP_OK;
    int errnum = errno;
    free(staged->hidden);
    staged->hidden = NULL;
    return pp_error_errno(err, PP_E_WRITE, errnum, "cannot name the output");
}

enum pp_status pp_staged_replace(struct pp_staged *staged, struct pp_error *err)
{
    enum pp_status status = name_hidden(staged, err);

    if (status != PP_OK)
        return status;
    if (pp_name_replace(staged->fd, staged->hidden, staged->path) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot replace the output");
    free(staged->hidden);
    staged->hidden = NULL;
    return PP_OK;
}

enum pp_status pp_staged_publish(struct pp_staged *staged, bool replace, struct pp_error *err)
{
    if (name_output(staged) == 0)
        return PP_OK;
    if (errno == ENOENT) {
        enum pp_status status = pp_make_directories(staged->path, false, err);
        if (status != PP_OK)
            return status;
        if (name_output(staged) == 0)
            return PP_OK;
    }
    if (errno == EEXIST && replace)
        return pp_staged_replace(staged, err);
    return name_error(errno, err);
}

void pp_staged_release(struct pp_staged *staged)
{
    if (staged->fd >= 0 && !staged->lent)
        close(staged->fd);
    if (staged->hidden)
        unlink(staged->hidden);
    free(staged->hidden);
    *staged = (struct pp_staged){.fd = -1};
}
