#include "batch/naming.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTOR_PATH_SIZE 32

bool pp_name_is(const char *path, int fd)
{
    struct stat named, open;

    return lstat(path, &named) == 0 && fstat(fd, &open) == 0 && named.st_ino == open.st_ino &&
           named.st_dev == open.st_dev;
}

/* `result`, unless the failure was none. */
static int unless_done(int result, int fd, const char *path)
{
    int errnum = errno;

    if (result == 0 || pp_name_is(path, fd))
        return 0;
    errno = errnum;
    return -1;
}

/* By the descriptor itself a file can be linked by who has a capability, and since Linux 6.10 by
 * who opened it; else, with the same ENOENT as for a missing directory, by its entry below /proc,
 * which costs twice the time. */
int pp_name_link(int fd, const char *path)
{
    char entry[DESCRIPTOR_PATH_SIZE];

    if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != ENOENT)
        return unless_done(-1, fd, path);
    snprintf(entry, sizeof entry, "/proc/self/fd/%d", fd);
    return unless_done(linkat(AT_FDCWD, entry, AT_FDCWD, path, AT_SYMLINK_FOLLOW), fd, path);
}

/* Nothing better is to be had: between the look and the rename another may take the name. */
static int look_and_rename(const char *hidden, const char *path)
{
    struct stat found;

    if (lstat(path, &found) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(hidden, path);
}

static bool has_no_links(int errnum)
{
    return errnum == EPERM || errnum == EOPNOTSUPP || errnum == ENOSYS || errnum == EMLINK;
}

/* EINVAL comes from file systems that do not know the flag, ENOSYS from kernels before 3.15. */
int pp_name_move(int fd, const char *hidden, const char *path)
{
    int result = renameat2(AT_FDCWD, hidden, AT_FDCWD, path, RENAME_NOREPLACE);

    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        result = link(hidden, path);
        if (result != 0 && has_no_links(errno))
            result = look_and_rename(hidden, path);
    }
    return unless_done(result, fd, path);
}

int pp_name_replace(int fd, const char *hidden, const char *path)
{
    return unless_done(rename(hidden, path), fd, path);
}
