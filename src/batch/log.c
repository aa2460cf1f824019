#include "batch/log.h"

#include <stdio.h>

/* What every record begins with. */
#define RECORD_BEGIN "{\"input\":"

enum pp_status pp_log_open(struct pp_log *log, const char *path, struct pp_error *err)
{
    static const struct pp_lines_kind kind = {.what = "log", .begin = RECORD_BEGIN};
    size_t found;

    *log = (struct pp_log){0};
    return pp_lines_open(&log->lines, path, &kind, &found, err);
}

static const char *const state_names[] = {
    [PP_FILE_DONE] = "done",
    [PP_FILE_FAILED] = "failed",
    [PP_FILE_SKIPPED] = "skipped",
};

static void add_format(struct pp_json *record, const char *key, enum pp_format format)
{
    if (format != PP_FORMAT_KEEP)
        pp_json_string(record, key, pp_format_name(format));
}

static void add_picture(struct pp_json *record, const struct pp_convert_report *convert)
{
    pp_json_number(record, "bytes_in", convert->bytes_in);
    pp_json_number(record, "bytes_out", convert->bytes_out);
    pp_json_number(record, "width_in", convert->in.width);
    pp_json_number(record, "height_in", convert->in.height);
    pp_json_number(record, "width_out", convert->out.width);
    pp_json_number(record, "height_out", convert->out.height);
    pp_json_number(record, "pixels", (uint64_t)convert->in.width * convert->in.height);
    add_format(record, "format_in", convert->in_format);
    add_format(record, "format_out", convert->out_format);
    if (convert->path[0])
        pp_json_string(record, "path", convert->path);
    pp_json_number(record, "memory", convert->memory);
    pp_json_number(record, "warnings", convert->warnings);
    if (convert->warnings > 0)
        pp_json_string(record, "warning", convert->warning);
    pp_json_open(record, "ms");
    for (int i = 0; i < PP_STAGE_COUNT; i++)
        pp_json_decimal(record, pp_stage_name((enum pp_stage)i),
                        (double)convert->stage_ns[i] / 1e6);
    pp_json_close(record);
}

void pp_log_sandbox(struct pp_log *log, const char *text)
{
    snprintf(log->sandbox, sizeof log->sandbox, "%s", text);
}

void pp_log_run(struct pp_log *log, const char *run)
{
    snprintf(log->run, sizeof log->run, "%s", run);
}

static void add_run(struct pp_json *record, struct pp_log *log)
{
    if (*log->run)
        pp_json_string(record, "run", log->run);
    *log->run = '\0';
}

static void add_sandbox(struct pp_json *record, struct pp_log *log)
{
    if (!*log->sandbox || log->sandbox_told)
        return;
    log->sandbox_told = true;
    pp_json_string(record, "sandbox", log->sandbox);
}

static void make_record(struct pp_log *log, const struct pp_file_report *report)
{
    struct pp_json *record = &log->record;

    pp_json_open(record, NULL);
    pp_json_name(record, "input", report->input);
    if (report->output)
        pp_json_name(record, "output", report->output);
    pp_json_string(record, "status", state_names[report->state]);
    add_run(record, log);
    if (report->error.text[0]) {
        pp_json_string(record, "reason", pp_status_name(report->error.status));
        pp_json_string(record, "error", report->error.text);
    }
    if (report->attempt > 0) {
        pp_json_number(record, "worker", report->worker);
        pp_json_number(record, "attempt", report->attempt);
        add_sandbox(record, log);
        pp_json_decimal(record, "ms_total", report->seconds * 1e3);
        add_picture(record, &report->convert);
    }
    pp_json_close(record);
    pp_json_end(record, "\n");
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
    if (log->lines.fd < 0)
        return PP_OK;
    make_record(log, report);
    if (log->record.failed)
        return pp_error_set(err, PP_E_NO_MEMORY, "log: no memory for a record");
    return pp_lines_write(&log->lines, log->record.text.bytes, log->record.text.length, err);
}

void pp_log_close(struct pp_log *log)
{
    pp_lines_close(&log->lines);
    pp_json_release(&log->record);
}
