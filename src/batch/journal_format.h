/*
 * batch/journal_format.h - the journal's bytes: records to bytes and back.
 *
 * A journal is PP_JOURNAL_MAGIC and then records, each in a frame: the length of its body (4
 * bytes), the CRC-32 of these and of the body (4 bytes; zlib's, ISO 3309), the body. Numbers are
 * little-endian. A body is a byte that says what kind of record it is, its numbers, its strings
 * with their NUL. Whatever does not read as a record ends the journal: what follows it is lost,
 * which costs work done twice and nothing else.
 *
 * The reader is a pure function over bytes and believes none of them. Any process, any thread.
 */
#ifndef PP_BATCH_JOURNAL_FORMAT_H
#define PP_BATCH_JOURNAL_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <pixpool/error.h>

#include "batch/text.h"

#define PP_JOURNAL_MAGIC      "pixpool journal 1\n"
#define PP_JOURNAL_MAGIC_SIZE (sizeof PP_JOURNAL_MAGIC - 1)
/* The first part of it, the same in every version of the format. */
#define PP_JOURNAL_NAME_SIZE (sizeof "pixpool journal " - 1)

/* The longest body: several paths of PATH_MAX, or the words of a very long chain. */
#define PP_JOURNAL_BODY_MAX  ((size_t)1 << 18)
#define PP_JOURNAL_FRAME     ((size_t)8)
#define PP_JOURNAL_FRAME_MAX (PP_JOURNAL_FRAME + PP_JOURNAL_BODY_MAX)

enum pp_journal_kind {
    PP_JOURNAL_RUN = 'R',    /* a run begins: the records up to the next one are of its settings */
    PP_JOURNAL_OUTPUT = 'O', /* `output` is about to be given its name; when a file of that size
                                and time stands there, it was */
    PP_JOURNAL_FAILED = 'F'  /* `input` could not be converted */
};

/* By what a file is known again. */
struct pp_journal_file {
    uint64_t size, inode;
    int64_t seconds; /* when it was written */
    uint32_t nanoseconds;
};

struct pp_journal_record {
    enum pp_journal_kind kind;
    const char *settings;           /* RUN: what makes an output what it is, in words */
    const char *input, *output;     /* OUTPUT: both, without links; FAILED: the input */
    struct pp_journal_file in, out; /* OUTPUT; of `in` the inode is not kept */
    enum pp_status status;          /* FAILED: why */
};

enum pp_journal_found {
    PP_JOURNAL_RECORD, /* a whole one */
    PP_JOURNAL_MORE,   /* the bytes end within one, as far as can be seen */
    PP_JOURNAL_BAD     /* no record begins here */
};

/* What stat(2) says of a file. */
struct pp_journal_file pp_journal_file_of(const struct stat *stat);

/* Add the record with its frame to `bytes`. Errors: PP_E_NO_MEMORY, PP_E_LIMIT for one too long. */
enum pp_status pp_journal_write(const struct pp_journal_record *record, struct pp_text *bytes,
                                struct pp_error *err) PP_MUST_CHECK;

/* Read the record that `bytes` begin with. With PP_JOURNAL_RECORD *taken is the size of its frame,
 * and its strings point into `bytes`; all members that are not of its kind are zeroed. */
enum pp_journal_found pp_journal_parse(const void *bytes, size_t size,
                                       struct pp_journal_record *record,
                                       size_t *taken) PP_MUST_CHECK;

#endif
