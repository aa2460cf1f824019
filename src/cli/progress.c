#include "cli/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BAR_LEAST    4    /* columns; a shorter bar says nothing */
#define WIDTH_MAX    1000 /* columns of a line */
#define REDRAW_AFTER 0.1  /* seconds */
#define LINE_AFTER   30.0 /* seconds, while the total is unknown */
#define LINE_STEP    10   /* percent */

/* What the part behind the bar shows; fewer on narrow terminals. */
enum detail { DETAIL_COUNT, DETAIL_FAILED, DETAIL_TIMES, DETAIL_IMAGES, DETAIL_ALL };

static uint64_t files_ended(const struct pp_batch_progress *p)
{
    return p->done + p->failed + p->skipped;
}

/* From 0 to 1. */
static double share_done(const struct pp_batch_progress *p)
{
    double done = p->cost_done, total = p->cost_total;

    if (!(total > 0)) {
        done = (double)files_ended(p);
        total = (double)p->total;
    }
    if (!(total > 0))
        return p->total_known ? 1 : 0;
    return done < total ? done / total : 1;
}

unsigned pp_progress_percent(const struct pp_batch_progress *p)
{
    unsigned percent = (unsigned)(share_done(p) * 100);

    if (percent >= 100 && (!p->total_known || files_ended(p) < p->total))
        return 99;
    return percent < 100 ? percent : 100;
}

void pp_progress_duration(double seconds, char *text, size_t size)
{
    uint64_t s = seconds > 0 && seconds < 1e15 ? (uint64_t)seconds : 0;
    unsigned minute = (unsigned)(s / 60 % 60), second = (unsigned)(s % 60);

    if (s >= 3600)
        snprintf(text, size, "%" PRIu64 ":%02u:%02u", s / 3600, minute, second);
    else
        snprintf(text, size, "%02u:%02u", minute, second);
}

/* A piece of a line: `used` bytes of `text`, `columns` wide. */
struct piece {
    char text[320];
    size_t used;
    unsigned columns;
};

static void PP_PRINTF(2, 3) append(struct piece *piece, const char *format, ...)
{
    size_t room = sizeof piece->text - piece->used;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(piece->text + piece->used, room, format, args);
    va_end(args);
    if (length < 0)
        return;
    length = (size_t)length < room ? length : (int)room - 1;
    piece->used += (size_t)length;
    piece->columns += (unsigned)length;
}

/* Bytes that take no column. */
static void append_colour(struct piece *piece, bool colour, const char *sequence)
{
    unsigned columns = piece->columns;

    if (colour)
        append(piece, "%s", sequence);
    piece->columns = columns;
}

static void append_times(struct piece *piece, const struct pp_batch_progress *p)
{
    double share = share_done(p);
    char elapsed[24], left[24] = "?";

    pp_progress_duration(p->seconds, elapsed, sizeof elapsed);
    if (p->total_known && share > 0)
        pp_progress_duration(p->seconds_worked * (1 - share) / share + 0.5, left, sizeof left);
    append(piece, "%s<%s", elapsed, p->paused ? "paused" : left);
}

/* Slow work is told as the time a picture takes, as tqdm does. */
static void append_rate(struct piece *piece, const struct pp_batch_progress *p)
{
    double rate = p->seconds_worked > 0 ? (double)p->done / p->seconds_worked : 0;

    if (!(rate > 0))
        append(piece, ", ? images/s");
    else if (rate < 1)
        append(piece, ", %.2f s/image", 1 / rate);
    else
        append(piece, ", %.1f images/s", rate);
}

/* All behind the bar: counts, times, rates, failures. */
static void format_tail(const struct pp_batch_progress *p, bool colour, enum detail detail,
                        struct piece *tail)
{
    const char *comma = detail > DETAIL_FAILED ? ", " : "";

    *tail = (struct piece){0};
    append(tail, "%" PRIu64 "/%" PRIu64 "%s", files_ended(p), p->total, p->total_known ? "" : "+");
    if (detail == DETAIL_COUNT || (detail == DETAIL_FAILED && !p->failed))
        return;
    append(tail, " [");
    if (detail >= DETAIL_TIMES)
        append_times(tail, p);
    if (detail >= DETAIL_IMAGES)
        append_rate(tail, p);
    if (detail >= DETAIL_ALL && p->pixels && p->seconds_worked > 0)
        append(tail, ", %.1f MP/s", (double)p->pixels / 1e6 / p->seconds_worked);
    if (p->failed) {
        append(tail, "%s", comma);
        append_colour(tail, colour, "\033[31m");
        append(tail, "%" PRIu64 " failed", p->failed);
        append_colour(tail, colour, "\033[0m");
    }
    append(tail, "]");
}

/* `width` columns, `share` of them filled; UTF-8 has blocks by eighths of a column. */
static void format_bar(double share, unsigned width, bool utf8, char *text)
{
    static const char *const blocks[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    unsigned eighths = (unsigned)(share * width * 8);

    for (unsigned i = 0; i < width; i++) {
        unsigned part = eighths > 8 * i ? eighths - 8 * i : 0;

        if (utf8)
            text = stpcpy(text, blocks[part < 8 ? part : 8]);
        else
            *text++ = part >= 8 ? '#' : ' ';
    }
    *text = '\0';
}

/* Line of head and tail with a bar in between, if there is room for one. */
static bool format_with_bar(const struct pp_batch_progress *p, const struct pp_progress_look *look,
                            const struct piece *tail, char *line)
{
    unsigned frame = 4 + 2 + 1; /* " 45%", "|" twice, " " */
    unsigned width = look->width < WIDTH_MAX ? look->width : WIDTH_MAX;
    char bar[3 * WIDTH_MAX + 1];

    if (!p->total_known || width < frame + tail->columns + BAR_LEAST)
        return false;
    format_bar(share_done(p), width - frame - tail->columns, look->utf8, bar);
    snprintf(line, PP_PROGRESS_LINE, "%3u%%|%s| %s", pp_progress_percent(p), bar, tail->text);
    return true;
}

void pp_progress_format(const struct pp_batch_progress *p, const struct pp_progress_look *look,
                        char line[PP_PROGRESS_LINE])
{
    unsigned width = look->width ? look->width : PP_PROGRESS_LINE;
    unsigned head = p->total_known ? 5 : 0; /* " 45% " */
    int detail = DETAIL_ALL;
    struct piece tail;

    format_tail(p, look->colour, DETAIL_ALL, &tail);
    if (look->width && format_with_bar(p, look, &tail, line))
        return;
    while (head + tail.columns > width && detail > DETAIL_COUNT)
        format_tail(p, look->colour, (enum detail)-- detail, &tail);
    if (head + tail.columns > width) /* half a number would be worse than none */
        tail.text[0] = '\0';
    if (head && width >= head - 1)
        snprintf(line, PP_PROGRESS_LINE, "%3u%%%s%s", pp_progress_percent(p), *tail.text ? " " : "",
                 tail.text);
    else
        snprintf(line, PP_PROGRESS_LINE, "%s", tail.text);
}

bool pp_progress_bar_due(struct pp_progress_pace *pace, const struct pp_batch_progress *p)
{
    if (pace->begun && p->seconds - pace->seconds < REDRAW_AFTER)
        return false;
    pace->begun = true;
    pace->seconds = p->seconds;
    return true;
}

bool pp_progress_line_due(struct pp_progress_pace *pace, const struct pp_batch_progress *p)
{
    unsigned step = pp_progress_percent(p) / LINE_STEP * LINE_STEP;

    if (!p->total_known) {
        if (p->seconds - pace->seconds < LINE_AFTER)
            return false;
        pace->seconds = p->seconds;
        return true;
    }
    if (step <= pace->percent)
        return false;
    pace->percent = step;
    return true;
}
