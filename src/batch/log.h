/*
 * batch/log.h - the machine's record of a run: JSON lines, one a file.
 *
 * A record is written with one write(2), so that a log followed or cut off has whole lines. Names
 * are bytes: where one is not UTF-8, the record has it in base64 too ("input_base64"), and U+FFFD
 * stands for what cannot be shown. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_LOG_H
#define PP_BATCH_LOG_H

#include <pixpool/batch.h>
#include <pixpool/error.h>

struct pp_log {
    int fd; /* -1: no log is kept */
};

/* Open and empty the file; a NULL path keeps no log. A file that is not empty and no log is
 * refused, so that a slip of the finger cannot cost a picture. Errors: PP_E_WRITE, PP_E_NO_SPACE,
 * PP_E_CONFLICT. */
enum pp_status pp_log_open(struct pp_log *log, const char *path,
                           struct pp_error *err) PP_MUST_CHECK;
/* Errors: PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_log_file(struct pp_log *log, const struct pp_file_report *report,
                           struct pp_error *err) PP_MUST_CHECK;
void pp_log_close(struct pp_log *log);

#endif
