#include "batch/staged.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"

#define DESCRIPTOR_PATH_SIZE 32

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

#define HIDDEN_PREFIX ".pixpool-"

/* What tells machines apart that share a file system. */
static uint32_t machine_mark(void)
{
    char name[256] = "";

    (void)!gethostname(name, sizeof name - 1);
    return (uint32_t)pp_hash_name(name);
}

char *pp_staged_hidden_name(const char *path, pid_t process)
{
    const char *last = pp_path_last(path);
    struct timespec now;
    char *name = NULL;

    clock_gettime(CLOCK_REALTIME, &now);
    if (asprintf(&name, "%.*s" HIDDEN_PREFIX "%" PRIx32 "-%ld-%llx.tmp", (int)(last - path), path,
                 machine_mark(), (long)process,
                 (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec) <
        0)
        return NULL;
    return name;
}

/* Whether the name is one that a process of this machine gave which is no more. */
static bool is_orphan(const char *name)
{
    uint32_t machine = 0;
    long process = 0;

    if (sscanf(name, HIDDEN_PREFIX "%" SCNx32 "-%ld-", &machine, &process) != 2)
        return false;
    return machine == machine_mark() && process > 0 && kill((pid_t)process, 0) != 0 &&
           errno == ESRCH;
}

static bool is_directory_itself(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool pp_staged_sweep(const char *directory)
{
    DIR *stream = opendir(directory);
    bool empty = true;

    if (!stream)
        return false;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (is_orphan(entry->d_name))
            unlinkat(dirfd(stream), entry->d_name, 0);
        else if (!is_directory_itself(entry->d_name))
            empty = false;
        errno = 0;
    }
    empty = empty && errno == 0;
    closedir(stream);
    return empty;
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
    staged->hidden = pp_staged_hidden_name(staged->path, getpid());
    if (!staged->hidden)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot create the output: no memory");
    staged->fd = open(staged->hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (staged->fd >= 0)
        return PP_OK;
    int errnum = errno;
    free(staged->hidden);
    staged->hidden = NULL;
    return open_error(errnum, err);
}

enum pp_status pp_staged_open(struct pp_staged *staged, const char *path, struct pp_error *err)
{
    size_t length = (size_t)(pp_path_last(path) - path);
    char directory[PATH_MAX];

    *staged = (struct pp_staged){.fd = -1, .path = path};
    if (length >= sizeof directory)
        return open_error(ENAMETOOLONG, err);
    memcpy(directory, path, length);
    directory[length] = '\0';
    const char *last = directory[0] ? directory : ".";
    staged->fd = open(last, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (staged->fd < 0 && errno == ENOENT) {
        existing_part(directory);
        last = directory[0] ? directory : ".";
        staged->fd = open(last, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    }
    int errnum = errno;
    if (staged->fd >= 0)
        return PP_OK;
    /* EISDIR comes from kernels and file systems that take O_TMPFILE for O_DIRECTORY. */
    if (errnum == EOPNOTSUPP || errnum == EISDIR || errnum == EINVAL)
        return open_hidden(staged, err);
    return open_error(errnum, err);
}

/* By the descriptor itself a file can be linked by who has a capability, and since Linux 6.10 by
 * who opened it; else, with the same ENOENT as for a missing directory, by its entry below /proc,
 * which costs twice the time. */
static int link_descriptor(int fd, const char *path)
{
    char entry[DESCRIPTOR_PATH_SIZE];

    if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != ENOENT)
        return -1;
    snprintf(entry, sizeof entry, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, entry, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

static int link_output(struct pp_staged *staged)
{
    if (staged->hidden)
        return linkat(AT_FDCWD, staged->hidden, AT_FDCWD, staged->path, 0);
    return link_descriptor(staged->fd, staged->path);
}

/* Give an unnamed file a hidden name, so that rename() can put it in place of another. */
static enum pp_status name_hidden(struct pp_staged *staged, struct pp_error *err)
{
    if (staged->hidden)
        return PP_OK;
    staged->hidden = pp_staged_hidden_name(staged->path, getpid());
    if (!staged->hidden)
        return pp_error_set(err, PP_E_NO_MEMORY, "cannot name the output: no memory");
    if (link_descriptor(staged->fd, staged->hidden) == 0)
        return PP_OK;
    int errnum = errno;
    free(staged->hidden);
    staged->hidden = NULL;
    return pp_error_errno(err, PP_E_WRITE, errnum, "cannot name the output");
}

static enum pp_status replace_output(struct pp_staged *staged, struct pp_error *err)
{
    enum pp_status status = name_hidden(staged, err);

    if (status != PP_OK)
        return status;
    if (rename(staged->hidden, staged->path) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot replace the output");
    free(staged->hidden);
    staged->hidden = NULL;
    return PP_OK;
}

enum pp_status pp_staged_publish(struct pp_staged *staged, bool replace, struct pp_error *err)
{
    if (link_output(staged) == 0)
        return PP_OK;
    if (errno == ENOENT) {
        enum pp_status status = pp_make_directories(staged->path, false, err);
        if (status != PP_OK)
            return status;
        if (link_output(staged) == 0)
            return PP_OK;
    }
    if (errno == EEXIST && replace)
        return replace_output(staged, err);
    if (errno == EEXIST)
        return pp_error_set(err, PP_E_CONFLICT, "cannot name the output: it exists by now");
    return pp_error_errno(err, PP_E_WRITE, errno, "cannot name the output");
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
