#include "batch/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stream.h"
#include "batch/flush.h"
#include "batch/preserve.h"
#include "batch/staged.h"

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;

    return lstat(a, &one) == 0 && lstat(b, &other) == 0 && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

static enum pp_status copy_bytes(int from, int to, struct pp_error *err)
{
    uint8_t *buffer = malloc(PP_STREAM_BUFFER);
    ssize_t got;
    int errnum = 0;

    if (!buffer)
        return pp_error_set(err, PP_E_NO_MEMORY, "copy of the input: no memory");
    while (errnum == 0 && (got = read(from, buffer, PP_STREAM_BUFFER)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        errnum = got < 0 ? errno : pp_write_all(to, buffer, (size_t)got);
    }
    free(buffer);
    return errnum ? pp_error_errno(err, PP_E_WRITE, errnum, "cannot copy the input") : PP_OK;
}

/* The input is about to go, so its copy must be on the disk whatever else is asked for. */
static enum pp_status keep_copy(struct pp_staged *copy, int from, struct pp_error *err)
{
    struct stat stat;

    if (fstat(from, &stat) != 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot look at the input");
    enum pp_status status = copy_bytes(from, copy->fd, err);
    if (status == PP_OK)
        status = pp_preserve(copy->fd, &stat, true, err);
    if (status != PP_OK)
        return status;
    struct pp_flush_entry entry = {.fd = copy->fd};
    (void)pp_flush_now(&entry, 1);
    if (entry.errnum != 0)
        return pp_error_errno(err, PP_E_WRITE, entry.errnum, "cannot write the backup to the disk");
    return pp_staged_publish(copy, false, err);
}

static enum pp_status make_copy(const char *path, const char *backup, struct pp_error *err)
{
    struct pp_staged copy = {.fd = -1};
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (from < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot open the input for its backup");
    enum pp_status status = pp_staged_open(&copy, backup, PP_STAGED_MODE_PRIVATE, err);
    if (status == PP_OK)
        status = keep_copy(&copy, from, err);
    pp_staged_release(&copy);
    close(from);
    return status;
}

enum pp_status pp_backup_make(const char *path, const char *backup, bool *made,
                              struct pp_error *err)
{
    *made = link(path, backup) == 0;
    if (*made || (errno == EEXIST && is_same_file(path, backup)))
        return PP_OK;
    if (errno == EEXIST)
        return pp_error_set(err, PP_E_CONFLICT, "its backup exists already");
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot make the backup");
    enum pp_status status = make_copy(path, backup, err);
    *made = status == PP_OK;
    return status;
}
