/*
 * cli/progress.h - how far a run is, as a line of text in tqdm's layout, and when to show it.
 *
 * Pure: time comes with struct pp_batch_progress, the terminal's properties from the caller.
 */
#ifndef PP_CLI_PROGRESS_H
#define PP_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/batch.h>

struct pp_progress_look {
    unsigned width; /* columns; 0: as long as it gets, without a bar */
    bool colour, utf8;
};

#define PP_PROGRESS_LINE 4096 /* bytes: enough for a line of 1000 columns */

/*
 *  45%|####5     | 225/500 [00:01<00:02, 210.3 images/s, 45.2 MP/s, 2 failed]
 *
 * Percent and remaining time follow the predicted cost, not the count. While the search for inputs
 * goes on there is neither, and the total has a "+"; a paused run has "paused" for the time left.
 * The time elapsed counts pauses, the rates and the time left do not.
 * With a width the bar fills the line exactly; where there is no room for it, bar, megapixels,
 * images a second, times, failures and counts go in this order.
 */
void pp_progress_format(const struct pp_batch_progress *progress,
                        const struct pp_progress_look *look, char line[PP_PROGRESS_LINE]);

/* "00:05", "1:02:03". `text` has at least 24 bytes. */
void pp_progress_duration(double seconds, char *text, size_t size);

/* The share done in whole percent; 100 only at the end. */
unsigned pp_progress_percent(const struct pp_batch_progress *progress);

/* When a line was last shown. Zero it before use. */
struct pp_progress_pace {
    bool begun;
    double seconds;
    unsigned percent;
};

/* Whether the bar is to be redrawn now: at most ten times a second. */
bool pp_progress_bar_due(struct pp_progress_pace *pace, const struct pp_batch_progress *progress);
/* Whether a plain line is to be printed now: each time another tenth is done; while the total is
 * unknown twice a minute. */
bool pp_progress_line_due(struct pp_progress_pace *pace, const struct pp_batch_progress *progress);

#endif
