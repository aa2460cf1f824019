/*
 * batch/joblog.h - the record of a run in the columns of GNU parallel's --joblog.
 *
 * A line for each input that was tried, separated by tabs: Seq (1 for the first line, and so on),
 * Host (always ":", this machine), Starttime (seconds since 1970), JobRuntime (seconds), Send and
 * Receive (bytes of the input and of the output), Exitval (0 done, 1 failed), Signal (that killed
 * the worker), Command (input and output, quoted for a shell, so that a line is one line whatever
 * the names hold). The supervisor's thread owns it.
 */
#ifndef PP_BATCH_JOBLOG_H
#define PP_BATCH_JOBLOG_H

#include <stdint.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>

#include "batch/lines.h"
#include "batch/text.h"

struct pp_joblog {
    struct pp_lines lines;
    uint64_t sequence; /* of the line written last */
};

/* Open the file as pp_lines_open(), and begin it anew unless `append`. Errors: the same. */
enum pp_status pp_joblog_open(struct pp_joblog *joblog, const char *path, bool append,
                              struct pp_error *err) PP_MUST_CHECK;

/* Write the line of a file, if it was tried. Errors: as pp_lines_write(). */
enum pp_status pp_joblog_file(struct pp_joblog *joblog, const struct pp_file_report *report,
                              struct pp_error *err) PP_MUST_CHECK;

void pp_joblog_close(struct pp_joblog *joblog);

/* Add a word as a shell reads it back: as it is, in '', or in $'' where it holds what would break
 * or disturb a line. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_joblog_quote(struct pp_text *text, const char *word,
                               struct pp_error *err) PP_MUST_CHECK;

#endif
