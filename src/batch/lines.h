/*
 * batch/lines.h - text for machines, one line a file: what the log and the joblog are written by.
 *
 * A line is written with one write(2), so that a file followed or cut off has whole lines. Nobody
 * waits for the reader of a pipe: what he has not taken yet is kept. The supervisor's thread owns
 * it.
 */
#ifndef PP_BATCH_LINES_H
#define PP_BATCH_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/error.h>

struct pp_lines {
    int fd;           /* -1: none are kept */
    const char *what; /* "log", for errors */
    char *waiting;    /* owned: lines the reader has not taken yet */
    size_t waiting_size, waiting_room;
};

/* A file of lines. The strings are static. */
struct pp_lines_kind {
    const char *what;
    const char *begin; /* what each such file begins with */
    bool append;       /* lines that are there already stay */
};

/*
 * Open the file, and empty it unless `append`; a NULL path keeps none. A file that is not empty and
 * does not begin as it should is refused, so that a slip of the finger cannot cost a picture;
 * pipes, terminals and our own standard streams are written to as they are. *found is the size of
 * what stays. Errors: PP_E_WRITE, PP_E_NO_SPACE, PP_E_CONFLICT.
 */
enum pp_status pp_lines_open(struct pp_lines *lines, const char *path,
                             const struct pp_lines_kind *kind, size_t *found,
                             struct pp_error *err) PP_MUST_CHECK;

/* Write a line, its newline included, or keep it while a pipe's reader is slow: this never waits.
 * Errors: PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_lines_write(struct pp_lines *lines, const char *line, size_t size,
                              struct pp_error *err) PP_MUST_CHECK;

/* Write what is kept as far as the reader takes it; with `wait_ms` other than 0 wait for it so
 * long, or for ever when it is -1. Errors: as pp_lines_write(). */
enum pp_status pp_lines_flush(struct pp_lines *lines, int wait_ms,
                              struct pp_error *err) PP_MUST_CHECK;

/* Whether so much is kept that nothing more should be begun. */
bool pp_lines_are_behind(const struct pp_lines *lines);

/* Close it; what is still kept is lost. */
void pp_lines_close(struct pp_lines *lines);

#endif
