/*
 * A benchmark from beginning to end: look at what it is to be compared with, find the pictures and
 * hold them in memory, warm up, measure, show, compare, write.
 */
#include "cli/bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixpool/pool.h>

#include "cli/bench_baseline.h"
#include "cli/bench_file.h"
#include "cli/bench_json.h"
#include "cli/bench_machine.h"
#include "cli/bench_measure.h"
#include "cli/bench_table.h"

/* All that is to be released at the end. */
struct session {
    struct pp_terminal terminal;
    struct pp_bench bench;
    struct pp_bench_machine machine;
    struct pp_bench_identity identity;
    struct pp_bench_baseline baseline;
    uint64_t room; /* bytes for the inputs in memory */
};

static void say(struct session *session, const char *text)
{
    char line[PP_ERROR_TEXT + 128];

    snprintf(line, sizeof line, "pixpool: %s", text);
    pp_terminal_print(&session->terminal, line);
}

/* As a batch would have them; half the memory is for the inputs. */
static void set_up(struct session *session, const struct pp_options *options)
{
    struct pp_bench *bench = &session->bench;
    const struct pp_batch_settings *batch = &options->batch;
    unsigned cores, threads = batch->threads ? batch->threads : 1;
    uint64_t memory = batch->memory ? batch->memory : pp_memory_available() / 4 * 3;

    pp_terminal_init(&session->terminal, stderr);
    pp_bench_machine_look(&session->machine);
    cores = session->machine.cores;
    bench->options = options;
    bench->terminal = &session->terminal;
    bench->jobs = cores / threads ? cores / threads : 1;
    if (batch->jobs)
        bench->jobs = batch->jobs;
    bench->threads_max = batch->threads ? batch->threads : cores;
    bench->memory = memory / 2;
    session->room = memory ? memory / 2 : UINT64_MAX;
    bench->results.repeats = options->bench.repeat;
}

static enum pp_status read_baseline(struct session *session, struct pp_error *err)
{
    const char *path = session->bench.options->bench.baseline;
    struct pp_error problem = {0};
    char *text = NULL;

    if (!path)
        return PP_OK;
    enum pp_status status = pp_bench_file_read(path, &text, err);
    if (status != PP_OK)
        return status;
    status = pp_bench_baseline_parse(&session->baseline, text, &problem);
    free(text);
    if (status == PP_OK)
        status = pp_bench_identity_match(&session->identity, &session->baseline.identity, &problem);
    if (status == PP_OK)
        return PP_OK;
    return pp_error_set(err, status, "%s: %s", path, problem.text);
}

static enum pp_status take_sample(struct session *session, struct pp_error *err)
{
    struct pp_bench_inputs *inputs = &session->bench.inputs;
    bool too_large = pp_bench_inputs_bytes(inputs) > session->room;
    char text[160];

    if (!pp_bench_inputs_sample(inputs, session->room, pp_bench_inputs_room()))
        return pp_error_set(err, PP_E_USAGE,
                            "no input to bench: none fits into %llu bytes, half of --memory",
                            (unsigned long long)session->room);
    if (inputs->count == inputs->found)
        return PP_OK;
    snprintf(text, sizeof text,
             "a sample: %zu of %zu inputs are held in memory, evenly taken by size (%s)",
             inputs->count, inputs->found, too_large ? "--memory" : "ulimit -n");
    say(session, text);
    return PP_OK;
}

/* Find and load the inputs, and leave out those that cannot be measured. */
static enum pp_status prepare(struct session *session, struct pp_error *err)
{
    struct pp_bench *bench = &session->bench;
    struct pp_bench_inputs *inputs = &bench->inputs;
    enum pp_status status = pp_bench_inputs_find(inputs, bench->options, err);

    if (status == PP_OK)
        status = take_sample(session, err);
    if (status == PP_OK)
        status = pp_bench_inputs_load(inputs, err);
    if (status != PP_OK)
        return status;
    pp_bench_inputs_drop_failed(inputs);
    if (inputs->count > 0)
        status = pp_bench_warm_up(bench, err);
    if (status != PP_OK)
        return status;
    pp_bench_inputs_drop_failed(inputs);
    if (inputs->count == 0)
        return pp_error_set(err, PP_E_USAGE, "nothing measured: every input failed");
    return PP_OK;
}

static enum pp_status identify(struct session *session, struct pp_error *err)
{
    const char *path = session->bench.options->bench.baseline;
    struct pp_error problem = {0};
    enum pp_status status = pp_bench_identity_complete(&session->identity, &session->bench, err);

    if (status != PP_OK || !path)
        return status;
    status = pp_bench_identity_match(&session->identity, &session->baseline.identity, &problem);
    if (status == PP_OK)
        return PP_OK;
    return pp_error_set(err, status, "%s: %s", path, problem.text);
}

static enum pp_status write_json(const struct session *session, struct pp_error *err)
{
    const char *path = session->bench.options->bench.json;

    if (!path)
        return PP_OK;
    char *text = pp_bench_json(&session->bench.results, &session->identity, &session->machine);
    if (!text)
        return pp_error_set(err, PP_E_NO_MEMORY, "%s: out of memory", path);
    enum pp_status status = pp_bench_file_write(path, text, err);
    free(text);
    return status;
}

static enum pp_status run(struct session *session, struct pp_error *err)
{
    struct pp_bench *bench = &session->bench;
    const char *json = bench->options->bench.json;
    enum pp_status status =
        pp_bench_identity_begin(&session->identity, bench, &session->machine, err);

    if (status == PP_OK && json)
        status = pp_bench_file_check(json, err);
    if (status == PP_OK)
        status = read_baseline(session, err);
    if (status == PP_OK)
        status = prepare(session, err);
    if (status == PP_OK)
        status = identify(session, err);
    return status == PP_OK ? pp_bench_measure(bench, err) : status;
}

/* Returns the exit status of a benchmark that was measured. */
static enum pp_exit show(struct session *session)
{
    const struct pp_bench *bench = &session->bench;
    const struct pp_bench_settings *settings = &bench->options->bench;
    bool json_on_stdout = settings->json && !strcmp(settings->json, "-");
    FILE *out = json_on_stdout ? stderr : stdout;
    size_t slower = 0;
    char text[80];

    pp_bench_table_print(out, bench, &session->machine);
    if (settings->baseline)
        slower = pp_bench_table_compare(out, &bench->results, &session->baseline,
                                        settings->max_slowdown);
    fflush(out);
    if (bench->inputs.failed) {
        snprintf(text, sizeof text, "%zu failed and not measured", bench->inputs.failed);
        say(session, text);
    }
    return slower || bench->inputs.failed ? PP_EXIT_FILES_FAILED : PP_EXIT_OK;
}

enum pp_exit pp_bench_run(const struct pp_options *options)
{
    struct session session = {0};
    struct pp_error err = {0};
    enum pp_exit code;

    set_up(&session, options);
    enum pp_status status = run(&session, &err);
    code = status == PP_OK ? show(&session) : PP_EXIT_FILES_FAILED;
    if (status == PP_OK)
        status = write_json(&session, &err);
    if (status != PP_OK && status != PP_E_CRASHED) /* that is a file's failure */
        code = pp_exit_of_status(status);
    if (status != PP_OK)
        say(&session, err.text);
    pp_terminal_settle(&session.terminal, -1);
    pp_terminal_release(&session.terminal);
    pp_bench_inputs_release(&session.bench.inputs);
    pp_bench_results_release(&session.bench.results);
    pp_bench_identity_release(&session.identity);
    pp_bench_baseline_release(&session.baseline);
    return code;
}
