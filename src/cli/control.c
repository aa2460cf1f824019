#include "cli/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <pixpool/control.h>

#include "cli/progress.h"
#include "cli/terminal.h"

#define PATIENCE  5.0 /* seconds a run may take to answer */
#define LINE_SIZE 8192

static void complain(const char *text)
{
    struct pp_terminal terminal;
    char line[PP_ERROR_TEXT + 16];

    fflush(stdout); /* so that the two streams are in order where they are one */
    snprintf(line, sizeof line, "pixpool: %s", text);
    pp_terminal_init(&terminal, stderr);
    pp_terminal_print(&terminal, line);
    pp_terminal_settle(&terminal, -1);
    pp_terminal_release(&terminal);
}

static enum pp_exit fail(const struct pp_error *err)
{
    complain(err->text);
    if (err->status == PP_E_CLOSED)
        return PP_EXIT_NOTHING;
    return err->status == PP_E_TIMEOUT || err->status == PP_E_LIMIT
               ? PP_EXIT_FILES_FAILED
               : pp_exit_of_status(err->status);
}

static void put_escaped(const char *text)
{
    char shown[LINE_SIZE];

    pp_terminal_escape(shown, sizeof shown, text);
    fputs(shown, stdout);
}

static void show_worker(const struct pp_control_worker *worker)
{
    printf("  worker %u, process %" PRId64 ": ", worker->worker, worker->process);
    if (worker->input) {
        put_escaped(worker->input);
        printf(", %.1f s, %u%%\n", worker->seconds, worker->percent);
    } else {
        puts("idle");
    }
}

static const char *state_of(const struct pp_control_status *status)
{
    if (status->stopping)
        return "stopping";
    return status->progress.paused ? "paused" : "running";
}

static void show(const struct pp_control_status *status)
{
    static const struct pp_progress_look plain = {0};
    char line[PP_PROGRESS_LINE];

    printf("%s: %s, process %" PRId64 ", ", status->run, state_of(status), status->process);
    put_escaped(status->filters);
    pp_progress_format(&status->progress, &plain, line);
    printf("\n  %s\n", line);
    printf("  %" PRIu64 " done, %" PRIu64 " failed, %" PRIu64 " skipped of %" PRIu64 "%s, ",
           status->progress.done, status->progress.failed, status->progress.skipped,
           status->progress.total, status->progress.total_known ? "" : "+");
    printf("%.1f MB in, %.1f MB out, %u job%s\n", (double)status->progress.bytes_in / 1e6,
           (double)status->progress.bytes_out / 1e6, status->jobs, status->jobs == 1 ? "" : "s");
    for (size_t i = 0; i < status->worker_count; i++)
        show_worker(&status->workers[i]);
}

static enum pp_exit show_run(const struct pp_options *options, const char *run, bool may_be_gone)
{
    struct pp_control_status *status = NULL;
    struct pp_error err = {0};
    enum pp_status asked = pp_control_ask(run, PATIENCE, &status, &err);

    if (asked == PP_E_CLOSED && may_be_gone)
        return PP_EXIT_OK;
    if (asked != PP_OK)
        return fail(&err);
    if (options->json) {
        char *line = pp_control_json(status);

        if (line)
            puts(line);
        else
            complain("the run's status: out of memory");
        free(line);
    } else {
        show(status);
    }
    pp_control_status_free(status);
    return PP_EXIT_OK;
}

/* All runs there are; one that ends meanwhile is no fault. */
static enum pp_exit show_all(const struct pp_options *options, const struct pp_control_list *list)
{
    enum pp_exit worst = PP_EXIT_OK;

    for (size_t i = 0; i < list->count; i++) {
        const enum pp_exit one = show_run(options, list->runs[i], true);

        worst = one != PP_EXIT_OK ? one : worst;
    }
    return worst;
}

/* The one to tell something where none is named. */
static enum pp_exit tell_only(const struct pp_options *options, const struct pp_control_list *list)
{
    struct pp_error err = {0};

    if (list->count > 1) {
        (void)pp_error_set(&err, PP_E_USAGE,
                           "RUN is missing: %zu runs are going on, \"pixpool status\" lists them",
                           list->count);
        return fail(&err);
    }
    return pp_control_tell(list->runs[0], options->control.word, options->control.jobs, PATIENCE,
                           &err) == PP_OK
               ? PP_EXIT_OK
               : fail(&err);
}

static enum pp_exit run_on_all(const struct pp_options *options)
{
    struct pp_control_list list;
    struct pp_error err = {0};
    enum pp_exit exit_status;

    if (pp_control_list(&list, &err) != PP_OK)
        return fail(&err);
    if (list.count == 0) {
        complain("no run is going on");
        return PP_EXIT_NOTHING;
    }
    exit_status = options->command == PP_COMMAND_STATUS ? show_all(options, &list)
                                                        : tell_only(options, &list);
    pp_control_list_free(&list);
    return exit_status;
}

enum pp_exit pp_control_run(const struct pp_options *options)
{
    const struct pp_control_options *control = &options->control;
    struct pp_error err = {0};

    if (!control->run)
        return run_on_all(options);
    if (options->command == PP_COMMAND_STATUS)
        return show_run(options, control->run, false);
    return pp_control_tell(control->run, control->word, control->jobs, PATIENCE, &err) == PP_OK
               ? PP_EXIT_OK
               : fail(&err);
}
