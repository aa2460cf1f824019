#include "cli/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"

#define LINE_SIZE (3 * 4096 + PP_ERROR_TEXT) /* two paths and what is to be said */
#define LONG_RUN  120                        /* seconds; longer runs are told in minutes */

static void PP_PRINTF(2, 3) say(struct pp_report *report, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    pp_terminal_print(report->terminal, line);
}

/* Count one more file that ended in `state` for the reason `text`. */
static void count_reason(struct pp_report *report, enum pp_file_state state, const char *text)
{
    struct pp_report_reason *reason = report->reasons;
    struct pp_report_reason *end = reason + report->reason_count;

    while (reason < end && (reason->state != state || strcmp(reason->text, text) != 0))
        reason++;
    if (reason == end) {
        if (report->reason_count == PP_REPORT_REASONS) {
            ++*(state == PP_FILE_FAILED ? &report->other_failed : &report->other_skipped);
            return;
        }
        report->reason_count++;
        reason->state = state;
        reason->count = 0;
        snprintf(reason->text, sizeof reason->text, "%s", text);
    }
    reason->count++;
}

/* Why a file failed or was skipped, never "". */
static const char *reason_of(const struct pp_file_report *file)
{
    return *file->error.text ? file->error.text : pp_status_name(file->error.status);
}

/* A dry run's answer goes to standard output, one line a file whatever its name holds. */
static void list_file(struct pp_report *report, const struct pp_file_report *file)
{
    char input[LINE_SIZE], output[LINE_SIZE];

    pp_terminal_escape(input, sizeof input, file->input);
    pp_terminal_escape(output, sizeof output, file->output ? file->output : "?");
    pp_terminal_clear(report->terminal);
    fprintf(report->listing, "%s -> %s\n", input, output);
}

static void report_warnings(struct pp_report *report, const struct pp_file_report *file)
{
    const struct pp_convert_report *convert = &file->convert;

    if (!convert->warnings)
        return;
    report->warned++;
    if (!report->verbose)
        return;
    if (convert->warnings == 1)
        say(report, "%s: warning: %s", file->input, convert->warning);
    else
        say(report, "%s: warning: %s (%" PRIu32 " warnings)", file->input, convert->warning,
            convert->warnings);
}

void pp_report_file(struct pp_report *report, const struct pp_file_report *file)
{
    report_warnings(report, file);
    switch (file->state) {
    case PP_FILE_DONE:
        if (report->listing)
            list_file(report, file);
        else if (report->verbose)
            say(report, "%s -> %s (path %s, %.0f ms, worker %u)", file->input,
                file->output ? file->output : "?", file->convert.path, file->seconds * 1000,
                file->worker);
        break;
    case PP_FILE_FAILED:
        count_reason(report, file->state, reason_of(file));
        say(report, "%s: %s", file->input, reason_of(file));
        break;
    case PP_FILE_SKIPPED:
        count_reason(report, file->state, reason_of(file));
        if (report->verbose)
            say(report, "%s: skipped: %s", file->input, reason_of(file));
        break;
    }
}

void pp_report_drift(struct pp_report *report, const char *output, const char *how)
{
    say(report, "%s: %s", output, how);
}

/* Most frequent first; equally frequent ones in the order they were met. */
static int by_count(const void *a, const void *b)
{
    const struct pp_report_reason *const *x = a, *const *y = b;

    if ((*x)->count != (*y)->count)
        return (*x)->count > (*y)->count ? -1 : 1;
    return *x < *y ? -1 : 1;
}

static void summarise_reasons(struct pp_report *report, enum pp_file_state state)
{
    bool failed = state == PP_FILE_FAILED;
    uint64_t others = failed ? report->other_failed : report->other_skipped;
    const struct pp_report_reason *sorted[PP_REPORT_REASONS];
    unsigned count = 0;

    for (unsigned i = 0; i < report->reason_count; i++)
        if (report->reasons[i].state == state)
            sorted[count++] = &report->reasons[i];
    if (!count && !others)
        return;
    qsort(sorted, count, sizeof *sorted, by_count);
    say(report, "%s:", failed ? "failed" : "skipped");
    for (unsigned i = 0; i < count; i++)
        say(report, "%8" PRIu64 "  %s", sorted[i]->count, sorted[i]->text);
    if (others)
        say(report, "%8" PRIu64 "  for other reasons", others);
}

/* "1.2 s, 416.7 images/s, 85.1 MP/s" */
static void format_speed(const struct pp_batch_progress *p, char *text, size_t size)
{
    char time[40];

    if (p->seconds < LONG_RUN)
        snprintf(time, sizeof time, "%.1f s", p->seconds);
    else
        pp_progress_duration(p->seconds, time, sizeof time);
    if (p->seconds_worked > 0 && p->done)
        snprintf(text, size, "%s, %.1f images/s, %.1f MP/s", time,
                 (double)p->done / p->seconds_worked, (double)p->pixels / 1e6 / p->seconds_worked);
    else
        snprintf(text, size, "%s", time);
}

void pp_report_summary(struct pp_report *report, const struct pp_batch_result *result)
{
    const struct pp_batch_progress *p = &result->progress;
    uint64_t lost = report->terminal->lost;
    char speed[120];

    if (lost)
        say(report, "%" PRIu64 " message%s could not be shown", lost, lost == 1 ? "" : "s");
    if (report->quiet)
        return;
    format_speed(p, speed, sizeof speed);
    if (report->listing)
        say(report, "%" PRIu64 " to convert, %" PRIu64 " failed, %" PRIu64 " skipped", p->done,
            p->failed, p->skipped);
    else
        say(report,
            "%" PRIu64 " converted, %" PRIu64 " failed, %" PRIu64 " skipped; %.1f MB in, "
            "%.1f MB out; %s",
            p->done, p->failed, p->skipped, (double)p->bytes_in / 1e6, (double)p->bytes_out / 1e6,
            speed);
    if (result->drifted)
        say(report, "%" PRIu64 " differ%s from the manifest", result->drifted,
            result->drifted == 1 ? "s" : "");
    if (report->warned)
        say(report, "%" PRIu64 " with warnings%s", report->warned,
            report->verbose ? "" : " (-v shows them)");
    summarise_reasons(report, PP_FILE_FAILED);
    summarise_reasons(report, PP_FILE_SKIPPED);
}
