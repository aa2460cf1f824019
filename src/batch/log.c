#include "batch/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/utf8.h"
#include "batch/encode.h"

/* What every record begins with. */
#define RECORD_BEGIN "{\"input\":"

enum pp_status pp_log_open(struct pp_log *log, const char *path, struct pp_error *err)
{
    static const struct pp_lines_kind kind = {.what = "log", .begin = RECORD_BEGIN};
    size_t found;

    return pp_lines_open(&log->lines, path, &kind, &found, err);
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

void pp_log_sandbox(struct pp_log *log, const char *text)
{
    snprintf(log->sandbox, sizeof log->sandbox, "%s", text);
}

static void add_sandbox(struct json_object *record, struct pp_log *log)
{
    if (!*log->sandbox || log->sandbox_told)
        return;
    log->sandbox_told = true;
    json_object_object_add(record, "sandbox", json_object_new_string(log->sandbox));
}

static struct json_object *make_record(struct pp_log *log, const struct pp_file_report *report)
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
        add_sandbox(record, log);
        json_object_object_add(record, "ms_total", new_milliseconds(report->seconds * 1e9));
        add_picture(record, &report->convert);
    }
    return record;
}

enum pp_status pp_log_flush(struct pp_log *log, int wait_ms, struct pp_error *err)
{
    return pp_lines_flush(&log->lines, wait_ms, err);
}

bool pp_log_is_behind(const struct pp_log *log)
{
    return pp_lines_are_behind(&log->lines);
}

enum pp_status pp_log_file(struct pp_log *log, const struct pp_file_report *report,
                           struct pp_error *err)
{
    char *line = NULL;

    if (log->lines.fd < 0)
        return PP_OK;
    struct json_object *record = make_record(log, report);
    const char *text = record ? json_object_to_json_string_ext(
                                    record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
                              : NULL;
    int length = text ? asprintf(&line, "%s\n", text) : -1;
    enum pp_status status = length < 0
                                ? pp_error_set(err, PP_E_NO_MEMORY, "log: no memory for a record")
                                : pp_lines_write(&log->lines, line, (size_t)length, err);
    free(length < 0 ? NULL : line);
    json_object_put(record);
    return status;
}

void pp_log_close(struct pp_log *log)
{
    pp_lines_close(&log->lines);
}
