#include "batch/joblog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

#define COLUMNS "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
/* All columns but the command, each with as many digits as there may be. */
#define NUMBERS_SIZE 200
/* The last line is looked for in so many bytes at the end: two names of PATH_MAX, each byte of them
 * in four characters. */
#define TAIL_SIZE ((size_t)1 << 16)

/* ---- quoting ---- */

/* What no shell gives a meaning to, anywhere in a word. */
static bool is_plain(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("_@%+=:,./-", byte) != NULL);
}

enum style { PLAIN, QUOTED, ESCAPED };

static enum style style_of(const char *word, size_t length)
{
    enum style style = length > 0 ? PLAIN : QUOTED;

    if (!pp_is_utf8(word, length))
        return ESCAPED;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)word[i];
        if (byte < ' ' || byte == 0x7f)
            return ESCAPED;
        if (byte < 0x80 && !is_plain(byte))
            style = QUOTED;
    }
    return style;
}

/* In '' nothing has a meaning but the quote itself. */
static enum pp_status add_quoted(struct pp_text *text, const char *word, struct pp_error *err)
{
    enum pp_status status = pp_text_add(text, "'", 1, err);

    for (const char *c = word; status == PP_OK && *c; c++)
        status = *c == '\'' ? pp_text_add_string(text, "'\\''", err) : pp_text_add(text, c, 1, err);
    return status == PP_OK ? pp_text_add(text, "'", 1, err) : status;
}

/* In $'' a backslash and three octal digits are any byte (POSIX.1-2024, 2.2.4). */
static enum pp_status add_escaped(struct pp_text *text, const char *word, struct pp_error *err)
{
    enum pp_status status = pp_text_add_string(text, "$'", err);
    char octal[8];

    for (const char *c = word; status == PP_OK && *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte >= ' ' && byte < 0x7f && byte != '\'' && byte != '\\') {
            status = pp_text_add(text, c, 1, err);
            continue;
        }
        snprintf(octal, sizeof octal, "\\%03o", (unsigned)byte);
        status = pp_text_add_string(text, octal, err);
    }
    return status == PP_OK ? pp_text_add(text, "'", 1, err) : status;
}

enum pp_status pp_joblog_quote(struct pp_text *text, const char *word, struct pp_error *err)
{
    switch (style_of(word, strlen(word))) {
    case PLAIN:
        return pp_text_add_string(text, word, err);
    case QUOTED:
        return add_quoted(text, word, err);
    default:
        return add_escaped(text, word, err);
    }
}

/* ---- the file ---- */

/* The number that the last whole line of `tail` begins with, 0 for the columns' names. */
static uint64_t last_sequence(char *tail, size_t size)
{
    char *end = memrchr(tail, '\n', size);

    if (!end)
        return 0;
    *end = '\0';
    char *begin = memrchr(tail, '\n', (size_t)(end - tail));
    return strtoull(begin ? begin + 1 : tail, NULL, 10);
}

/* Go on counting where an earlier run ended; what it could not write whole is made a line. */
static enum pp_status read_tail(struct pp_joblog *joblog, size_t found, struct pp_error *err)
{
    size_t size = found < TAIL_SIZE ? found : TAIL_SIZE;
    char *tail = malloc(size + 1);

    if (!tail)
        return pp_error_set(err, PP_E_NO_MEMORY, "joblog: no memory");
    ssize_t got = pread(joblog->lines.fd, tail, size, (off_t)(found - size));
    bool cut = got > 0 && tail[got - 1] != '\n';
    joblog->sequence = got > 0 ? last_sequence(tail, (size_t)got) : 0;
    free(tail);
    return cut ? pp_lines_write(&joblog->lines, "\n", 1, err) : PP_OK;
}

enum pp_status pp_joblog_open(struct pp_joblog *joblog, const char *path, bool append,
                              struct pp_error *err)
{
    const struct pp_lines_kind kind = {.what = "joblog", .begin = COLUMNS, .append = append};
    size_t found;

    *joblog = (struct pp_joblog){0};
    enum pp_status status = pp_lines_open(&joblog->lines, path, &kind, &found, err);
    if (status != PP_OK || joblog->lines.fd < 0)
        return status;
    if (found > 0 && append)
        return read_tail(joblog, found, err);
    return pp_lines_write(&joblog->lines, COLUMNS, sizeof COLUMNS - 1, err);
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* parallel pads the run time to ten characters; who reads its joblogs may count on it. */
static enum pp_status make_line(const struct pp_joblog *joblog, struct pp_text *line,
                                const struct pp_file_report *report, struct pp_error *err)
{
    char numbers[NUMBERS_SIZE];
    bool done = report->state == PP_FILE_DONE;

    snprintf(numbers, sizeof numbers,
             "%" PRIu64 "\t:\t%.3f\t%10.3f\t%" PRIu64 "\t%" PRIu64 "\t%d\t%d\t", joblog->sequence,
             seconds_now() - report->seconds, report->seconds, report->convert.bytes_in,
             done ? report->convert.bytes_out : 0, done ? 0 : 1, report->signal);
    enum pp_status status = pp_text_add_string(line, numbers, err);
    if (status == PP_OK)
        status = pp_joblog_quote(line, report->input, err);
    if (status == PP_OK && report->output)
        status = pp_text_add(line, " ", 1, err);
    if (status == PP_OK && report->output)
        status = pp_joblog_quote(line, report->output, err);
    return status == PP_OK ? pp_text_add(line, "\n", 1, err) : status;
}

enum pp_status pp_joblog_file(struct pp_joblog *joblog, const struct pp_file_report *report,
                              struct pp_error *err)
{
    struct pp_text line = {0};

    if (joblog->lines.fd < 0 || report->state == PP_FILE_SKIPPED)
        return PP_OK;
    joblog->sequence++;
    enum pp_status status = make_line(joblog, &line, report, err);
    if (status == PP_OK)
        status = pp_lines_write(&joblog->lines, line.bytes, line.length, err);
    pp_text_release(&line);
    return status;
}

void pp_joblog_close(struct pp_joblog *joblog)
{
    pp_lines_close(&joblog->lines);
}
