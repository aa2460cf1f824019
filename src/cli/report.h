/*
 * cli/report.h - what a run tells a person: a line for a file where there is something to say, and
 * a closing summary.
 *
 * Memory does not grow with the number of files: a fixed number of different reasons is kept.
 */
#ifndef PP_CLI_REPORT_H
#define PP_CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <pixpool/batch.h>

#include "cli/terminal.h"

#define PP_REPORT_REASONS 16

/* Why files failed or were skipped, and how many for that reason. */
struct pp_report_reason {
    enum pp_file_state state;
    uint64_t count;
    char text[PP_ERROR_TEXT];
};

struct pp_report {
    struct pp_terminal *terminal; /* messages; the caller's */
    FILE *listing;                /* a dry run's "input -> output" lines; NULL for no dry run */
    bool verbose, quiet;
    uint64_t warned; /* files with warnings */
    struct pp_report_reason reasons[PP_REPORT_REASONS];
    unsigned reason_count;
    uint64_t other_failed, other_skipped; /* for reasons beyond those kept */
};

/* Note what became of a file and print what is to be said of it. */
void pp_report_file(struct pp_report *report, const struct pp_file_report *file);

/* Print how an output differs from the manifest it was compared with. */
void pp_report_drift(struct pp_report *report, const char *output, const char *how);

/* The closing summary; when quiet nothing but how many messages were lost. */
void pp_report_summary(struct pp_report *report, const struct pp_batch_result *result);

#endif
