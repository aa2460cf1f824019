#include "batch/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/utf8.h"
#include "batch/encode.h"

/* What every record begins with. */
#define RECORD_BEGIN "{\"input\":"
/* With more than this kept, the reader is behind. */
#define WAITING_MAX ((size_t)1 << 20)

static enum pp_status check_old_log(int fd, struct pp_error *err)
{
    char first[sizeof RECORD_BEGIN - 1];
    ssize_t got = pread(fd, first, sizeof first, 0);

    if (got != 0 && (got != sizeof first || memcmp(first, RECORD_BEGIN, sizeof first) != 0))
        return pp_error_set(err, PP_E_CONFLICT,
                            "cannot write the log: the file exists and is no log");
    if (ftruncate(fd, 0) != 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot write the log");
    return PP_OK;
}

/* Whether the path leads to our own standard output or error, as /dev/stdout does. */
static bool is_standard(const struct stat *file)
{
    struct stat own;

    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fstat(fd, &own) == 0 && own.st_dev == file->st_dev && own.st_ino == file->st_ino)
            return true;
    }
    return false;
}

enum pp_status pp_log_open(struct pp_log *log, const char *path, struct pp_error *err)
{
    struct stat found;

    *log = (struct pp_log){.fd = -1};
    if (!path)
        return PP_OK;
    bool exists = stat(path, &found) == 0;
    bool is_file = !exists || (S_ISREG(found.st_mode) && !is_standard(&found));
    /* Reading, too, only where an old log is to be looked at: who can read a pipe is its reader. */
    int flags = is_file ? O_RDWR | O_CREAT : O_WRONLY;
    int fd = open(path, flags | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot open the log");
    enum pp_status status = is_file ? check_old_log(fd, err) : PP_OK;
    if (status != PP_OK) {
        close(fd);
        return status;
    }
    if (!is_file)
        fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
    log->fd = fd;
    return PP_OK;
}

static void add_name(struct json_object *record, const char *key, const char *key_base64,
                     const char *name)
{
    size_t length = strlen(name);

    if (pp_is_utf8(name, length)) {
        json_object_object_add(record, key, json_object_new_string_len(name, (int)length));
        return;
    }
    char *shown = pp_encode_lossy(name, length), *exact = pp_encode_base64(name, length);
    json_object_object_add(record, key, json_object_new_string(shown ? shown : ""));
    json_object_object_add(record, key_base64, json_object_new_string(exact ? exact : ""));
    free(shown);
    free(exact);
}

static const char *const state_names[] = {
    [PP_FILE_DONE] = "done",
    [PP_FILE_FAILED] = "failed",
    [PP_FILE_SKIPPED] = "skipped",
};

static void add_text(struct json_object *record, const char *key, const char *text)
{
    char *shown = pp_encode_lossy(text, strlen(text));

    json_object_object_add(record, key, json_object_new_string(shown ? shown : ""));
    free(shown);
}

static void add_number(struct json_object *record, const char *key, uint64_t number)
{
    json_object_object_add(record, key, json_object_new_uint64(number));
}

/* Milliseconds with three decimals: json-c would print all digits of a binary fraction. */
static struct json_object *new_milliseconds(double ns)
{
    char text[40];

    snprintf(text, sizeof text, "%.3f", ns / 1e6);
    return json_object_new_double_s(ns / 1e6, text);
}

static void add_format(struct json_object *record, const char *key, enum pp_format format)
{
    if (format != PP_FORMAT_KEEP)
        json_object_object_add(record, key, json_object_new_string(pp_format_name(format)));
}

static void add_picture(struct json_object *record, const struct pp_convert_report *convert)
{
    struct json_object *stages = json_object_new_object();

    add_number(record, "bytes_in", convert->bytes_in);
    add_number(record, "bytes_out", convert->bytes_out);
    add_number(record, "width_in", convert->in.width);
    add_number(record, "height_in", convert->in.height);
    add_number(record, "width_out", convert->out.width);
    add_number(record, "height_out", convert->out.height);
    add_number(record, "pixels", (uint64_t)convert->in.width * convert->in.height);
    add_format(record, "format_in", convert->in_format);
    add_format(record, "format_out", convert->out_format);
    if (convert->path[0])
        json_object_object_add(record, "path", json_object_new_string(convert->path));
    add_number(record, "memory", convert->memory);
    add_number(record, "warnings", convert->warnings);
    if (convert->warnings > 0)
        add_text(record, "warning", convert->warning);
    for (int i = 0; i < PP_STAGE_COUNT; i++)
        json_object_object_add(stages, pp_stage_name((enum pp_stage)i),
                               new_milliseconds((double)convert->stage_ns[i]));
    json_object_object_add(record, "ms", stages);
}

static struct json_object *make_record(const struct pp_file_report *report)
{
    struct json_object *record = json_object_new_object();

    if (!record)
        return NULL;
    add_name(record, "input", "input_base64", report->input);
    if (report->output)
        add_name(record, "output", "output_base64", report->output);
    json_object_object_add(record, "status", json_object_new_string(state_names[report->state]));
    if (report->error.text[0]) {
        json_object_object_add(record, "reason",
                               json_object_new_string(pp_status_name(report->error.status)));
        add_text(record, "error", report->error.text);
    }
    if (report->attempt > 0) {
        json_object_object_add(record, "worker", json_object_new_int64(report->worker));
        json_object_object_add(record, "attempt", json_object_new_int64(report->attempt));
        json_object_object_add(record, "ms_total", new_milliseconds(report->seconds * 1e9));
        add_picture(record, &report->convert);
    }
    return record;
}

/* Write until all is gone or the reader takes no more; *left says how much. */
static enum pp_status write_some(int fd, const char *bytes, size_t size, size_t *left,
                                 struct pp_error *err)
{
    *left = size;
    while (*left > 0) {
        ssize_t put = write(fd, bytes + (size - *left), *left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return PP_OK;
        if (put < 0)
            return pp_error_errno(err, PP_E_WRITE, errno, "cannot write the log");
        *left -= (size_t)put;
    }
    return PP_OK;
}

static enum pp_status keep(struct pp_log *log, const char *bytes, size_t size, struct pp_error *err)
{
    if (size > log->waiting_room - log->waiting_size) {
        size_t room = 2 * (log->waiting_size + size);
        char *grown = realloc(log->waiting, room);
        if (!grown)
            return pp_error_set(err, PP_E_NO_MEMORY, "log: no memory for its records");
        log->waiting = grown;
        log->waiting_room = room;
    }
    memcpy(log->waiting + log->waiting_size, bytes, size);
    log->waiting_size += size;
    return PP_OK;
}

enum pp_status pp_log_flush(struct pp_log *log, int wait_ms, struct pp_error *err)
{
    size_t left = 0;
    enum pp_status status = PP_OK;

    while (status == PP_OK && log->fd >= 0 && log->waiting_size > 0) {
        status = write_some(log->fd, log->waiting, log->waiting_size, &left, err);
        memmove(log->waiting, log->waiting + (log->waiting_size - left), left);
        log->waiting_size = left;
        struct pollfd reader = {.fd = log->fd, .events = POLLOUT};
        if (left > 0 && (wait_ms == 0 || poll(&reader, 1, wait_ms) <= 0))
            break;
    }
    return status;
}

bool pp_log_is_behind(const struct pp_log *log)
{
    return log->waiting_size > WAITING_MAX;
}

static enum pp_status write_line(struct pp_log *log, const char *line, size_t size,
                                 struct pp_error *err)
{
    size_t left = size;
    enum pp_status status = pp_log_flush(log, 0, err);

    if (status == PP_OK && log->waiting_size == 0)
        status = write_some(log->fd, line, size, &left, err);
    if (status != PP_OK || left == 0)
        return status;
    return keep(log, line + (size - left), left, err);
}

enum pp_status pp_log_file(struct pp_log *log, const struct pp_file_report *report,
                           struct pp_error *err)
{
    char *line = NULL;

    if (log->fd < 0)
        return PP_OK;
    struct json_object *record = make_record(report);
    const char *text = record ? json_object_to_json_string_ext(
                                    record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
                              : NULL;
    int length = text ? asprintf(&line, "%s\n", text) : -1;
    enum pp_status status = length < 0
                                ? pp_error_set(err, PP_E_NO_MEMORY, "log: no memory for a record")
                                : write_line(log, line, (size_t)length, err);
    free(length < 0 ? NULL : line);
    json_object_put(record);
    return status;
}

void pp_log_close(struct pp_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    free(log->waiting);
    *log = (struct pp_log){.fd = -1};
}
