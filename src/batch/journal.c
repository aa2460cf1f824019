#include "batch/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* A frame of the largest size always fits beside what is read next. */
#define WINDOW_SIZE (2 * PP_JOURNAL_FRAME_MAX)
/* A worker just forked by a supervisor that was killed has the lock until it notices. */
#define LOCK_WAIT_NS (500 * PP_NS_PER_MS)
#define LOCK_STEP_NS (10 * PP_NS_PER_MS)

static enum pp_status open_file(struct pp_journal *journal, const char *path, struct pp_error *err)
{
    const int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    if (journal->mode == PP_JOURNAL_LOOK) {
        journal->fd = open(path, O_RDONLY | flags);
        return journal->fd >= 0 || errno == ENOENT
                   ? PP_OK
                   : pp_error_errno(err, PP_E_READ, errno, "cannot open the journal");
    }
    journal->fd = open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0666);
    journal->made = journal->fd >= 0;
    if (journal->fd < 0 && errno == EEXIST)
        journal->fd = open(path, O_RDWR | O_CREAT | flags, 0666);
    if (journal->fd < 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot open the journal");
    return PP_OK;
}

/* Where the file system has no locks, none is taken. */
static enum pp_status lock_file(const struct pp_journal *journal, struct pp_error *err)
{
    const struct timespec step = {.tv_nsec = LOCK_STEP_NS};
    const uint64_t begin_ns = pp_clock_ns();

    if (journal->mode == PP_JOURNAL_LOOK)
        return PP_OK;
    while (flock(journal->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        if (pp_clock_ns() - begin_ns > LOCK_WAIT_NS)
            return pp_error_set(err, PP_E_USAGE, "cannot use the journal: another run has it");
        nanosleep(&step, NULL);
    }
    return PP_OK;
}

static enum pp_status no_journal(struct pp_error *err)
{
    return pp_error_set(err, PP_E_USAGE,
                        "cannot use the journal: the file exists and is no journal");
}

/* Whether the file is one of ours, of this version. A beginning cut short is an empty one. */
static enum pp_status check_magic(struct pp_journal *journal, struct pp_error *err)
{
    char magic[PP_JOURNAL_MAGIC_SIZE];
    ssize_t got = pread(journal->fd, magic, sizeof magic, 0);

    if (got < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot read the journal");
    size_t size = (size_t)got;
    if (memcmp(magic, PP_JOURNAL_MAGIC, size) == 0) {
        journal->size = size == sizeof magic ? size : 0;
        return PP_OK;
    }
    if (size == sizeof magic && memcmp(magic, PP_JOURNAL_MAGIC, PP_JOURNAL_NAME_SIZE) == 0)
        return pp_error_set(err, PP_E_USAGE,
                            "cannot use the journal: another version of pixpool wrote it");
    return no_journal(err);
}

static enum pp_status check_file(struct pp_journal *journal, struct pp_error *err)
{
    struct stat stat;

    if (fstat(journal->fd, &stat) != 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot look at the journal");
    return S_ISREG(stat.st_mode) ? check_magic(journal, err) : no_journal(err);
}

static enum pp_status cut(struct pp_journal *journal, struct pp_error *err)
{
    if (ftruncate(journal->fd, (off_t)journal->size) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot cut the journal");
    return PP_OK;
}

enum pp_status pp_journal_open(struct pp_journal *journal, const char *path,
                               enum pp_journal_mode mode, struct pp_error *err)
{
    *journal = (struct pp_journal){.fd = -1, .mode = mode};
    enum pp_status status = open_file(journal, path, err);

    if (status != PP_OK || journal->fd < 0)
        return status;
    status = lock_file(journal, err);
    if (status == PP_OK)
        status = check_file(journal, err);
    if (status == PP_OK && mode == PP_JOURNAL_ANEW) {
        journal->size = 0;
        status = cut(journal, err);
    }
    if (status != PP_OK)
        pp_journal_close(journal);
    return status;
}

/* ---- reading ---- */

/* Read some more behind what is not yet taken; *any is false at the file's end. */
static enum pp_status fill(struct pp_journal *journal, bool *any, struct pp_error *err)
{
    size_t left = journal->end - journal->begin;
    ssize_t got;

    if (!journal->window)
        journal->window = malloc(WINDOW_SIZE);
    if (!journal->window)
        return pp_error_set(err, PP_E_NO_MEMORY, "journal: no memory to read it");
    memmove(journal->window, journal->window + journal->begin, left);
    do {
        got = pread(journal->fd, journal->window + left, WINDOW_SIZE - left,
                    (off_t)(journal->size + left));
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot read the journal");
    journal->begin = 0;
    journal->end = left + (size_t)got;
    *any = got > 0;
    return PP_OK;
}

/* What is no whole record goes, and all behind it. */
static enum pp_status end_reading(struct pp_journal *journal, struct pp_error *err)
{
    free(journal->window);
    journal->window = NULL;
    journal->begin = journal->end = 0;
    return journal->mode == PP_JOURNAL_LOOK ? PP_OK : cut(journal, err);
}

enum pp_status pp_journal_next(struct pp_journal *journal, struct pp_journal_record *record,
                               bool *any, struct pp_error *err)
{
    enum pp_journal_found found = PP_JOURNAL_MORE;
    enum pp_status status = PP_OK;
    bool more = journal->fd >= 0 && journal->size > 0;
    size_t taken = 0;

    *any = false;
    while (status == PP_OK && more) {
        if (journal->end > journal->begin)
            found = pp_journal_parse(journal->window + journal->begin,
                                     journal->end - journal->begin, record, &taken);
        if (found != PP_JOURNAL_MORE)
            break;
        status = fill(journal, &more, err);
    }
    if (status != PP_OK || journal->fd < 0)
        return status;
    if (found != PP_JOURNAL_RECORD)
        return end_reading(journal, err);
    journal->begin += taken;
    journal->size += taken;
    *any = true;
    return PP_OK;
}

/* ---- writing ---- */

enum pp_status pp_journal_add(struct pp_journal *journal, const struct pp_journal_record *record,
                              struct pp_error *err)
{
    if (journal->fd < 0 || journal->mode == PP_JOURNAL_LOOK)
        return PP_OK;
    if (journal->size == 0 && journal->waiting.length == 0) {
        enum pp_status status =
            pp_text_add(&journal->waiting, PP_JOURNAL_MAGIC, PP_JOURNAL_MAGIC_SIZE, err);
        if (status != PP_OK)
            return status;
    }
    journal->used = journal->used || record->kind != PP_JOURNAL_RUN;
    return pp_journal_write(record, &journal->waiting, err);
}

static int write_all(const struct pp_journal *journal)
{
    const struct pp_text *waiting = &journal->waiting;

    for (size_t done = 0; done < waiting->length;) {
        ssize_t put = pwrite(journal->fd, waiting->bytes + done, waiting->length - done,
                             (off_t)(journal->size + done));
        if (put < 0 && errno != EINTR)
            return errno;
        done += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

enum pp_status pp_journal_flush(struct pp_journal *journal, bool durable, struct pp_error *err)
{
    if (journal->fd < 0)
        return PP_OK;
    if (journal->waiting.length > 0) {
        int errnum = write_all(journal);
        if (errnum) {
            (void)!ftruncate(journal->fd, (off_t)journal->size);
            return pp_error_errno(err, PP_E_WRITE, errnum, "cannot write the journal");
        }
        journal->size += journal->waiting.length;
        pp_text_clear(&journal->waiting);
        journal->written = true;
    }
    if (!durable || !journal->written)
        return PP_OK;
    if (fdatasync(journal->fd) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot write the journal to the disk");
    journal->written = false;
    return PP_OK;
}

void pp_journal_close(struct pp_journal *journal)
{
    if (journal->fd >= 0)
        close(journal->fd);
    free(journal->window);
    pp_text_release(&journal->waiting);
    *journal = (struct pp_journal){.fd = -1};
}
