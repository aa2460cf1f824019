#include "batch/flush.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"

#define STACK_BYTES ((size_t)256 * 1024)
#define XFS_MAGIC   0x58465342 /* not in linux/magic.h */

enum pp_volume pp_volume_of(int fd)
{
    struct statfs found;

    if (fstatfs(fd, &found) != 0)
        return PP_VOLUME_SINGLE;
    switch ((uint32_t)found.f_type) {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
        return PP_VOLUME_MEMORY;
    case EXT4_SUPER_MAGIC: /* ext2's and ext3's too */
    case XFS_MAGIC:
    case (uint32_t)BTRFS_SUPER_MAGIC:
    case (uint32_t)F2FS_SUPER_MAGIC:
        return PP_VOLUME_WHOLE;
    default:
        return PP_VOLUME_SINGLE;
    }
}

/* Some file systems have nothing to synchronise, and say so by EINVAL. */
static int result_of(int result)
{
    return result == 0 || errno == EINVAL || errno == EOPNOTSUPP ? 0 : errno;
}

static int sync_file(int fd)
{
    int result;

    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result_of(result);
}

static size_t directory_length(const char *path)
{
    return (size_t)(pp_path_last(path) - path);
}

static int open_directory(const char *path)
{
    char directory[PATH_MAX] = ".";
    size_t length = directory_length(path);

    if (length >= sizeof directory)
        return -1;
    if (length > 0) {
        memcpy(directory, path, length);
        directory[length] = '\0';
    }
    return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A directory that is no more takes its names with it, and that is nobody's fault here. */
static int sync_directory(const char *path)
{
    int fd = open_directory(path);

    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    int errnum = sync_file(fd);
    close(fd);
    return errnum;
}

static bool is_same_directory(const char *a, const char *b)
{
    size_t length = directory_length(a);

    return length == directory_length(b) && memcmp(a, b, length) == 0;
}

/* Outputs come directory by directory, more or less: none is asked twice in a row. */
static void sync_singly(struct pp_flush_entry *entries, size_t count)
{
    const struct pp_flush_entry *last = NULL;

    for (size_t i = 0; i < count; i++)
        if (!entries[i].covered && entries[i].fd >= 0)
            (void)!sync_file_range(entries[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    for (size_t i = 0; i < count; i++) {
        struct pp_flush_entry *entry = &entries[i];
        if (entry->covered)
            continue;
        if (entry->fd >= 0) {
            entry->errnum = sync_file(entry->fd);
            continue;
        }
        entry->errnum = last && is_same_directory(last->path, entry->path)
                            ? last->errnum
                            : sync_directory(entry->path);
        last = entry;
    }
}

/* Everything the entry's file system holds. Before Linux 5.17 syncfs() hides that the journal was
 * given up; fsync() of a file never did. Only 0 says that all went well. */
static int sync_whole(const struct pp_flush_entry *entry)
{
    int fd = entry->fd >= 0 ? entry->fd : open_directory(entry->path);

    if (fd < 0)
        return errno;
    int errnum = syncfs(fd) != 0 || fsync(fd) != 0 ? errno : 0;
    if (fd != entry->fd)
        close(fd);
    return errnum;
}

/* Whether write-back of the file itself met an error: asked only after all of it was written, so
 * there is nothing to wait for. */
static int written_back(int fd)
{
    return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) == 0 || errno == ENOSYS ||
                   errno == ESPIPE
               ? 0
               : errno;
}

/* From the first entry of a file system on: all that are there too have been written with it. */
static void cover(struct pp_flush_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].volume != PP_VOLUME_WHOLE || entries[i].device != entries[0].device)
            continue;
        entries[i].covered = true;
        entries[i].errnum = entries[i].fd >= 0 ? written_back(entries[i].fd) : 0;
    }
}

uint64_t pp_flush_now(struct pp_flush_entry *entries, size_t count)
{
    uint64_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        entries[i].covered = entries[i].volume == PP_VOLUME_MEMORY;
        entries[i].errnum = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].covered || entries[i].volume != PP_VOLUME_WHOLE)
            continue;
        uint64_t begin = pp_clock_ns();
        if (sync_whole(&entries[i]) == 0)
            cover(entries + i, count - i);
        else /* whose fault it was is found file by file */
            entries[i].volume = PP_VOLUME_SINGLE;
        uint64_t took = pp_clock_ns() - begin;
        longest = took > longest ? took : longest;
    }
    sync_singly(entries, count);
    return longest;
}

enum pp_status pp_flush_init(struct pp_flush *flush, struct pp_error *err)
{
    *flush = (struct pp_flush){.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (flush->event < 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot wait for the disk");
    return PP_OK;
}

void pp_flush_release(struct pp_flush *flush)
{
    if (flush->under_way)
        pp_flush_end(flush);
    if (flush->event >= 0)
        close(flush->event);
    free(flush->entries);
    *flush = (struct pp_flush){.event = -1};
}

static void wake(struct pp_flush *flush)
{
    const uint64_t one = 1;
    ssize_t written;

    do
        written = write(flush->event, &one, sizeof one);
    while (written < 0 && errno == EINTR);
}

static void *thread_main(void *argument)
{
    struct pp_flush *flush = argument;

    flush->whole_ns = pp_flush_now(flush->entries, flush->count);
    wake(flush);
    return NULL;
}

/* Signals are the supervisor's: none may be delivered to a thread that knows nothing of them. */
static bool start_thread(struct pp_flush *flush)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&flush->thread, &attributes, thread_main, flush);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error == 0;
}

void pp_flush_begin(struct pp_flush *flush, struct pp_flush_entry *entries, size_t count)
{
    free(flush->entries);
    flush->entries = entries;
    flush->count = count;
    flush->under_way = start_thread(flush);
    if (!flush->under_way)
        thread_main(flush);
}

void pp_flush_end(struct pp_flush *flush)
{
    uint64_t count;

    if (flush->under_way)
        pthread_join(flush->thread, NULL);
    flush->under_way = false;
    (void)!read(flush->event, &count, sizeof count);
}
