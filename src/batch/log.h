/*
 * batch/log.h - the machine's record of a run: JSON lines, one a file.
 *
 * Names are bytes: where one is not UTF-8, the record has it in base64 too ("input_base64"), and
 * U+FFFD stands for what cannot be shown. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_LOG_H
#define PP_BATCH_LOG_H

#include <stdbool.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>
#include <pixpool/sandbox.h>

#include "batch/json.h"
#include "batch/lines.h"

struct pp_log {
    struct pp_lines lines;
    struct pp_json record;         /* the one being written; its memory serves for the next */
    char sandbox[PP_SANDBOX_TEXT]; /* "" until it is known */
    bool sandbox_told;
    char run[PP_BATCH_RUN_ID]; /* "" once it was told, or where there is none */
};

/* Open and empty the file, as pp_lines_open(); a NULL path keeps no log. */
enum pp_status pp_log_open(struct pp_log *log, const char *path,
                           struct pp_error *err) PP_MUST_CHECK;

/* The first record will have the run's id. */
void pp_log_run(struct pp_log *log, const char *run);

/* The first record of a file that was handed to a worker will say that the workers have this around
 * them. */
void pp_log_sandbox(struct pp_log *log, const char *text);

/* Write a record, or keep it while a pipe's reader is slow: this never waits.
 * Errors: PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_log_file(struct pp_log *log, const struct pp_file_report *report,
                           struct pp_error *err) PP_MUST_CHECK;

/* Write what is kept as far as the reader takes it; with `wait_ms` other than 0 wait for it so
 * long, or for ever when it is -1. Errors: as pp_log_file(). */
enum pp_status pp_log_flush(struct pp_log *log, int wait_ms, struct pp_error *err) PP_MUST_CHECK;

/* Whether so much is kept that nothing more should be begun. */
bool pp_log_is_behind(const struct pp_log *log);

/* Close it; what is still kept is lost. */
void pp_log_close(struct pp_log *log);

#endif
