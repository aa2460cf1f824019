#include "cli/run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/report.h"
#include "cli/terminal.h"

#define LAST_WAIT 0.5 /* seconds */

/* What the batch's callbacks work on. */
struct session {
    struct pp_terminal terminal;
    struct pp_report report;
    enum pp_progress_style style;
    struct pp_progress_pace pace;
    bool paused; /* and told so */
};

/* A dry run is over at once and its list is what matters. */
static enum pp_progress_style choose_style(const struct pp_options *options,
                                           const struct pp_terminal *terminal)
{
    if (options->quiet)
        return PP_PROGRESS_NONE;
    if (options->progress != PP_PROGRESS_AUTO)
        return options->progress;
    if (options->batch.dry_run)
        return PP_PROGRESS_NONE;
    return terminal->is_tty && pp_terminal_in_foreground(terminal) ? PP_PROGRESS_BAR
                                                                   : PP_PROGRESS_PLAIN;
}

static void on_file(void *user, const struct pp_file_report *file)
{
    struct session *session = user;

    pp_report_file(&session->report, file);
    if (session->report.listing) /* a dry run keeps no worker waiting */
        pp_terminal_settle(&session->terminal, -1);
}

/* The id under which others may ask how the run stands. */
static void on_begun(void *user, const char *run, const char *why)
{
    struct session *session = user;
    char line[PP_ERROR_TEXT + 80];

    if (!session->report.verbose)
        return;
    if (run)
        snprintf(line, sizeof line, "pixpool: run %s", run);
    else
        snprintf(line, sizeof line, "pixpool: nobody can ask how this run stands: %s", why);
    pp_terminal_print(&session->terminal, line);
}

static void on_drift(void *user, const char *output, const char *how)
{
    struct session *session = user;

    pp_report_drift(&session->report, output, how);
}

static void show_bar(struct session *session, const struct pp_batch_progress *progress)
{
    struct pp_progress_look look = {.colour = session->terminal.colour,
                                    .utf8 = session->terminal.utf8};
    char line[PP_PROGRESS_LINE];

    if (!pp_progress_bar_due(&session->pace, progress) ||
        !pp_terminal_in_foreground(&session->terminal))
        return;
    look.width = pp_terminal_width(&session->terminal);
    pp_progress_format(progress, &look, line);
    pp_terminal_draw(&session->terminal, line);
}

/* A bar says it itself. */
static void tell_pause(struct session *session, const struct pp_batch_progress *progress)
{
    if (progress->paused == session->paused)
        return;
    session->paused = progress->paused;
    if (session->style == PP_PROGRESS_PLAIN)
        pp_terminal_remark(&session->terminal, progress->paused ? "paused" : "resumed");
}

static void on_tick(void *user, const struct pp_batch_progress *progress)
{
    static const struct pp_progress_look plain = {0};
    struct session *session = user;
    char line[PP_PROGRESS_LINE];

    pp_terminal_push(&session->terminal);
    tell_pause(session, progress);
    if (session->style == PP_PROGRESS_BAR)
        show_bar(session, progress);
    if (session->style != PP_PROGRESS_PLAIN || progress->total == 0 ||
        !pp_progress_line_due(&session->pace, progress))
        return;
    pp_progress_format(progress, &plain, line);
    pp_terminal_remark(&session->terminal, line);
}

static void die_of_signal(int number)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}

/* What ended or prevented the run, or left it without anything to do. */
static void say_how_it_ended(struct session *session, const struct pp_options *options,
                             const struct pp_batch_result *result, const struct pp_error *err)
{
    const struct pp_batch_inputs *inputs = &options->batch.inputs;
    char line[PP_ERROR_TEXT + 80];

    if (err->status != PP_OK)
        snprintf(line, sizeof line, "pixpool: %s", err->text);
    else if (result->cancelled)
        snprintf(line, sizeof line, "pixpool: ended early: cancelled");
    else if (result->signal)
        snprintf(line, sizeof line, "pixpool: ended early: %s", strsignal(result->signal));
    else if (result->output_full)
        snprintf(line, sizeof line, "pixpool: ended early: the output's disk is full");
    else if (result->progress.total)
        return;
    else if (inputs->include_count || inputs->exclude_count)
        snprintf(line, sizeof line, "pixpool: no input matches --include and --exclude");
    else
        snprintf(line, sizeof line, "pixpool: no JPEG or PNG file among the inputs%s",
                 inputs->recursive ? "" : " (-r looks into directories below them too)");
    pp_terminal_print(&session->terminal, line);
}

static void say_sandbox(struct session *session, const struct pp_options *options,
                        const struct pp_batch_result *result)
{
    char text[PP_SANDBOX_TEXT] = "off", line[PP_SANDBOX_TEXT + 40];

    if (!options->verbose || options->batch.dry_run)
        return;
    if (result->sandboxed)
        pp_sandbox_describe(&result->sandbox, text);
    else if (options->batch.sandbox != PP_SANDBOX_OFF)
        return;
    snprintf(line, sizeof line, "pixpool: the workers' sandbox: %s", text);
    pp_terminal_print(&session->terminal, line);
}

/* The work is over: now its reader may take the time he needs, or be ended by a signal, which has
 * its usual effect again. A run that a signal ended waits only briefly, twice. */
static void say_last_words(struct session *session, const struct pp_options *options,
                           const struct pp_batch_result *result, const struct pp_error *err)
{
    double patience = result->signal ? LAST_WAIT : -1;

    pp_terminal_clear(&session->terminal);
    pp_terminal_settle(&session->terminal, patience);
    say_sandbox(session, options, result);
    if (result->progress.total)
        pp_report_summary(&session->report, result);
    say_how_it_ended(session, options, result, err);
    pp_terminal_settle(&session->terminal, patience);
}

enum pp_exit pp_run_batch(const struct pp_options *options)
{
    struct session session = {0};
    struct pp_batch_settings settings = options->batch;
    struct pp_batch_result result = {0};
    struct pp_error err = {0};
    enum pp_status status;

    pp_terminal_init(&session.terminal, stderr);
    session.style = choose_style(options, &session.terminal);
    session.report.terminal = &session.terminal;
    session.report.listing = settings.dry_run ? stdout : NULL;
    session.report.verbose = options->verbose;
    session.report.quiet = options->quiet;
    settings.user = &session;
    settings.file = on_file;
    settings.tick = on_tick;
    settings.drift = on_drift;
    settings.begun = on_begun;
    status = pp_batch_run(&settings, &result, &err);
    say_last_words(&session, options, &result, &err);
    pp_terminal_release(&session.terminal);
    if (result.signal) {
        fflush(stdout);
        die_of_signal(result.signal);
    }
    return pp_exit_of_batch(status, &result);
}
