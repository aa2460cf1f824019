/*
 * batch/journal.h - the file that outlives a run that was killed.
 *
 * Records are kept in memory until they are flushed, with one write. What a record announces must
 * happen after it was flushed: then whatever bears a name is known to the journal, and what the
 * journal knows is looked up under its name. One run at a time has the file: it is locked. The
 * supervisor's thread owns it.
 *
 *     open, next, next, ... until there is none; then add, flush, add, flush ..., close
 */
#ifndef PP_BATCH_JOURNAL_H
#define PP_BATCH_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "batch/journal_format.h"
#include "batch/text.h"

enum pp_journal_mode {
    PP_JOURNAL_ANEW, /* what it held is forgotten */
    PP_JOURNAL_GO_ON,
    PP_JOURNAL_LOOK /* nothing is written, made or locked; a missing one is empty */
};

struct pp_journal {
    int fd; /* -1: none is kept */
    enum pp_journal_mode mode;
    bool made;              /* the file was not there before */
    uint64_t size;          /* bytes of it that are whole records */
    uint8_t *window;        /* owned while reading: bytes of the file */
    size_t begin, end;      /* what of it is not yet taken */
    struct pp_text waiting; /* records not yet written */
    bool written;           /* the file has something that may not be on the disk */
    bool used;              /* a record other than that of the run's beginning was added */
};

/*
 * Open and lock the file, making it if need be, but no directory. Errors: PP_E_USAGE for a file
 * that is no journal, which stays as it is, and for one that another run has; PP_E_WRITE,
 * PP_E_NO_SPACE, PP_E_READ, PP_E_NO_MEMORY.
 */
enum pp_status pp_journal_open(struct pp_journal *journal, const char *path,
                               enum pp_journal_mode mode, struct pp_error *err) PP_MUST_CHECK;

/* The next record of an earlier run, valid until the next call; *any is false past the last that is
 * whole, and the file is cut there. Errors: PP_E_READ, PP_E_WRITE, PP_E_NO_MEMORY. */
enum pp_status pp_journal_next(struct pp_journal *journal, struct pp_journal_record *record,
                               bool *any, struct pp_error *err) PP_MUST_CHECK;

/* Keep a record for the next flush. Errors: PP_E_NO_MEMORY, PP_E_LIMIT. */
enum pp_status pp_journal_add(struct pp_journal *journal, const struct pp_journal_record *record,
                              struct pp_error *err) PP_MUST_CHECK;

/* Write what is kept, and with `durable` wait until it is on the disk. After an error nothing more
 * must be flushed; the file ends with its last whole record. Errors: PP_E_WRITE, PP_E_NO_SPACE. */
enum pp_status pp_journal_flush(struct pp_journal *journal, bool durable,
                                struct pp_error *err) PP_MUST_CHECK;

/* Close it; what was not flushed is lost. A zeroed struct with fd -1 is allowed. */
void pp_journal_close(struct pp_journal *journal);

#endif
