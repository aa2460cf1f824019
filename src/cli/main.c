#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pixpool/batch.h>
#include <pixpool/pool.h>

#include "cli/bench.h"
#include "cli/bench_service.h"
#include "cli/control.h"
#include "cli/exits.h"
#include "cli/filter_list.h"
#include "cli/help.h"
#include "cli/info.h"
#include "cli/manual.h"
#include "cli/options.h"
#include "cli/preset_list.h"
#include "cli/run.h"
#include "cli/terminal.h"

#define WIDTH_MAX 100 /* columns: longer lines are hard to read */

/* A standard stream that was handed over closed must not become the first file opened. It gets
 * /dev/null the wrong way round, so that its use still fails. */
static void guard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void complain(const struct pp_error *err, const struct pp_excerpt *excerpt)
{
    struct pp_terminal terminal;
    char line[PP_ERROR_TEXT + 16];

    snprintf(line, sizeof line, "pixpool: %s", err->text);
    pp_terminal_init(&terminal, stderr);
    pp_terminal_print(&terminal, line);
    if (excerpt)
        pp_excerpt_print(excerpt, &terminal);
    pp_terminal_settle(&terminal, -1);
    pp_terminal_release(&terminal);
}

/* Texts written to standard output count only once they have arrived. A reader that has gone
 * away knows that itself. */
static enum pp_exit finish_output(enum pp_exit status)
{
    struct pp_error err = {0};

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (errno != EPIPE && errno) {
        (void)pp_error_errno(&err, PP_E_WRITE, errno, "standard output");
        complain(&err, NULL);
    }
    return status == PP_EXIT_OK ? PP_EXIT_OUTPUT : status;
}

/* Those that filters name are the command line's own: whatever is wrong with them is wrong with it,
 * and said before any input is looked at. */
static enum pp_status load_pictures(const struct pp_options *options, struct pp_error *err)
{
    const struct pp_batch_settings *batch = &options->batch;
    const struct pp_limits limits = {
        .max_pixels = batch->max_pixels,
        .max_memory = batch->memory ? batch->memory : pp_memory_available() / 4 * 3,
        .max_scans = batch->max_scans,
    };
    struct pp_error problem = {0};
    enum pp_status status = pp_chain_load(options->chain, &limits, &problem);

    if (status == PP_OK)
        return PP_OK;
    return pp_error_set(err, status == PP_E_NO_MEMORY ? status : PP_E_USAGE, "%s", problem.text);
}

static enum pp_exit run_command(const struct pp_options *options, struct pp_error *err)
{
    struct pp_terminal terminal;
    unsigned width;

    pp_terminal_init(&terminal, stdout);
    width = pp_terminal_width(&terminal);
    width = width < WIDTH_MAX ? width : WIDTH_MAX;
    switch (options->command) {
    case PP_COMMAND_HELP:
        pp_help_print(stdout, width);
        break;
    case PP_COMMAND_VERSION:
        pp_help_version(stdout);
        break;
    case PP_COMMAND_MANUAL:
        pp_manual_print(stdout);
        break;
    case PP_COMMAND_FILTERS:
        if (!options->filter_name)
            pp_filter_list_print(stdout, width);
        else
            (void)!pp_filter_explain(stdout, options->filter_name, width, err);
        break;
    case PP_COMMAND_PRESETS:
        (void)!pp_preset_list_print(stdout, err);
        break;
    case PP_COMMAND_INFO_HELP:
        pp_help_print_info(stdout, width);
        break;
    case PP_COMMAND_INFO:
        return pp_info_run(options);
    case PP_COMMAND_CONTROL_HELP:
        pp_help_print_control(stdout, width);
        break;
    case PP_COMMAND_STATUS:
    case PP_COMMAND_CONTROL:
        return pp_control_run(options);
    case PP_COMMAND_BENCH_HELP:
        pp_help_print_bench(stdout, width);
        break;
    case PP_COMMAND_CONVERT:
        return load_pictures(options, err) == PP_OK ? pp_run_batch(options)
                                                    : pp_exit_of_status(err->status);
    case PP_COMMAND_BENCH:
        return load_pictures(options, err) == PP_OK ? pp_bench_run(options)
                                                    : pp_exit_of_status(err->status);
    }
    return pp_exit_of_status(err->status);
}

int main(int argc, char **argv)
{
    struct pp_options options;
    struct pp_error err = {0};
    enum pp_exit exit_status;
    int worker_status;

    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes fails that file; workers inherit this */
    if (pp_bench_worker_main(argc, argv, &worker_status) ||
        pp_batch_worker_main(argc, argv, &worker_status))
        return worker_status;
    guard_streams();
    setlocale(LC_CTYPE, "");  /* numbers keep their point */
    signal(SIGPIPE, SIG_IGN); /* a reader of our messages that leaves does not end the work */
    if (argc < 2) {
        pp_help_usage(stderr);
        fputs("\"pixpool --help\" explains more\n", stderr);
        return PP_EXIT_USAGE;
    }
    exit_status = pp_exit_of_status(pp_options_parse(argc, argv, &options, &err));
    if (exit_status == PP_EXIT_OK)
        exit_status = run_command(&options, &err);
    if (err.status != PP_OK)
        complain(&err, &options.wrong);
    pp_options_release(&options);
    return (int)finish_output(exit_status);
}
