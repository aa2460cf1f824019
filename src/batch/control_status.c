/* How a run stands: as bytes of a message, and as JSON. */
#include "batch/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/json.h"

#define WORKERS_MAX 4096

/* Seconds and costs are told in millionths. */
#define PARTS 1e6

static void pack_decimal(struct pp_pack *pack, double value)
{
    pp_pack_u64(pack, value > 0 && value < 1e13 ? (uint64_t)(value * PARTS) : 0);
}

static double unpack_decimal(struct pp_unpack *unpack)
{
    return (double)pp_unpack_u64(unpack) / PARTS;
}

static void pack_text(struct pp_pack *pack, const char *text)
{
    pp_pack_bytes(pack, (struct pp_bytes){text, strlen(text)});
}

static double share_done(const struct pp_batch_progress *progress)
{
    return progress->cost_total > 0 ? progress->cost_done / progress->cost_total : 0;
}

static void pack_progress(struct pp_pack *pack, const struct pp_batch_progress *progress)
{
    const uint64_t numbers[] = {progress->done,   progress->failed,     progress->skipped,
                                progress->total,  progress->bytes_in,   progress->bytes_out,
                                progress->pixels, progress->warnings,   progress->workers,
                                progress->paused, progress->total_known};

    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        pp_pack_u64(pack, numbers[i]);
    pack_decimal(pack, progress->seconds);
    pack_decimal(pack, progress->seconds_worked);
    /* Of cost only the share means anything to others. */
    pack_decimal(pack, share_done(progress));
}

static void unpack_progress(struct pp_unpack *unpack, struct pp_batch_progress *progress)
{
    progress->done = pp_unpack_u64(unpack);
    progress->failed = pp_unpack_u64(unpack);
    progress->skipped = pp_unpack_u64(unpack);
    progress->total = pp_unpack_u64(unpack);
    progress->bytes_in = pp_unpack_u64(unpack);
    progress->bytes_out = pp_unpack_u64(unpack);
    progress->pixels = pp_unpack_u64(unpack);
    progress->warnings = pp_unpack_u64(unpack);
    progress->workers = (unsigned)pp_unpack_u64(unpack);
    progress->paused = pp_unpack_u64(unpack) != 0;
    progress->total_known = pp_unpack_u64(unpack) != 0;
    progress->seconds = unpack_decimal(unpack);
    progress->seconds_worked = unpack_decimal(unpack);
    progress->cost_done = unpack_decimal(unpack);
    progress->cost_total = progress->cost_done > 0 ? 1 : 0;
}

void pp_control_pack(struct pp_pack *pack, const struct pp_control_status *status)
{
    pack_text(pack, status->run);
    pp_pack_u64(pack, (uint64_t)status->process);
    pack_text(pack, status->filters);
    pack_progress(pack, &status->progress);
    pp_pack_u8(pack, status->stopping);
    pp_pack_u32(pack, status->jobs);
    pp_pack_u32(pack, (uint32_t)status->worker_count);
    for (size_t i = 0; i < status->worker_count; i++) {
        const struct pp_control_worker *worker = &status->workers[i];

        pp_pack_u32(pack, worker->worker);
        pp_pack_u64(pack, (uint64_t)worker->process);
        pp_pack_u8(pack, worker->input != NULL);
        pack_text(pack, worker->input ? worker->input : "");
        pack_decimal(pack, worker->seconds);
        pp_pack_u32(pack, worker->percent);
    }
}

/* NULL when there is none, or no memory for it, which is the unpacking's failure then. */
static char *unpack_text(struct pp_unpack *unpack)
{
    const struct pp_bytes bytes = pp_unpack_bytes(unpack);
    char *text = bytes.data ? strndup(bytes.data, bytes.size) : NULL;

    unpack->failed |= !text;
    return text;
}

static void unpack_worker(struct pp_unpack *unpack, struct pp_control_worker *worker)
{
    bool busy;
    char *input;

    worker->worker = pp_unpack_u32(unpack);
    worker->process = (int64_t)pp_unpack_u64(unpack);
    busy = pp_unpack_u8(unpack) != 0;
    input = unpack_text(unpack);
    if (busy)
        worker->input = input;
    else
        free(input);
    worker->seconds = unpack_decimal(unpack);
    worker->percent = pp_unpack_u32(unpack);
}

static void unpack_workers(struct pp_unpack *unpack, struct pp_control_status *status)
{
    const uint32_t count = pp_unpack_u32(unpack);

    unpack->failed |= count > WORKERS_MAX;
    if (unpack->failed)
        return;
    status->workers = calloc(count > 0 ? count : 1, sizeof *status->workers);
    unpack->failed |= !status->workers;
    while (!unpack->failed && status->worker_count < count)
        unpack_worker(unpack, &status->workers[status->worker_count++]);
}

struct pp_control_status *pp_control_unpack(struct pp_unpack *unpack)
{
    struct pp_control_status *status = calloc(1, sizeof *status);
    const struct pp_bytes run = pp_unpack_bytes(unpack);

    if (!status)
        return NULL;
    unpack->failed |= run.size >= sizeof status->run;
    if (!unpack->failed)
        memcpy(status->run, run.data, run.size);
    status->process = (int64_t)pp_unpack_u64(unpack);
    status->filters = unpack_text(unpack);
    unpack_progress(unpack, &status->progress);
    status->stopping = pp_unpack_u8(unpack) != 0;
    status->jobs = pp_unpack_u32(unpack);
    unpack_workers(unpack, status);
    if (pp_unpack_is_done(unpack))
        return status;
    pp_control_status_free(status);
    return NULL;
}

void pp_control_status_free(struct pp_control_status *status)
{
    if (!status)
        return;
    for (size_t i = 0; i < status->worker_count; i++)
        free((char *)status->workers[i].input);
    free(status->workers);
    free((char *)status->filters);
    free(status);
}

static void add_progress(struct pp_json *json, const struct pp_batch_progress *progress)
{
    const double files = (double)progress->done + (double)progress->failed;

    pp_json_decimal(json, "seconds", progress->seconds);
    pp_json_decimal(json, "seconds_worked", progress->seconds_worked);
    pp_json_number(json, "done", progress->done);
    pp_json_number(json, "failed", progress->failed);
    pp_json_number(json, "skipped", progress->skipped);
    pp_json_number(json, "total", progress->total);
    pp_json_flag(json, "total_known", progress->total_known);
    if (progress->total_known)
        pp_json_decimal(json, "share_done", share_done(progress));
    pp_json_decimal(json, "files_per_second",
                    progress->seconds_worked > 0 ? files / progress->seconds_worked : 0);
    pp_json_number(json, "bytes_in", progress->bytes_in);
    pp_json_number(json, "bytes_out", progress->bytes_out);
    pp_json_number(json, "pixels", progress->pixels);
    pp_json_number(json, "warnings", progress->warnings);
    pp_json_flag(json, "paused", progress->paused);
}

static void add_worker(struct pp_json *json, const struct pp_control_worker *worker)
{
    pp_json_open_item(json);
    pp_json_number(json, "worker", worker->worker);
    pp_json_number(json, "pid", (uint64_t)worker->process);
    if (worker->input) {
        pp_json_name(json, "input", worker->input);
        pp_json_decimal(json, "seconds", worker->seconds);
        pp_json_number(json, "percent", worker->percent);
    }
    pp_json_close(json);
}

char *pp_control_json(const struct pp_control_status *status)
{
    struct pp_json json = {0};

    pp_json_open(&json, NULL);
    pp_json_string(&json, "run", status->run);
    pp_json_number(&json, "pid", (uint64_t)status->process);
    pp_json_string(&json, "filters", status->filters);
    add_progress(&json, &status->progress);
    pp_json_flag(&json, "stopping", status->stopping);
    pp_json_number(&json, "jobs", status->jobs);
    pp_json_open_list(&json, "workers");
    for (size_t i = 0; i < status->worker_count; i++)
        add_worker(&json, &status->workers[i]);
    pp_json_close_list(&json);
    pp_json_close(&json);
    if (json.failed) {
        pp_json_release(&json);
        return NULL;
    }
    return json.text.bytes;
}
