/* The run in the supervisor answers those who ask, in between its other work. */
#include "batch/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "batch/run.h"

#define CLIENTS     8
#define MESSAGE_MAX ((size_t)8 << 20) /* a path for each of 1024 workers, with much to spare */
#define PATIENCE    5.0               /* seconds */
#define ID_LENGTH   6
#define ID_TRIES    8

static void fill_workers(const struct pp_run *run, struct pp_control_status *status)
{
    struct pp_pool_glance glance;
    const size_t most = pp_pool_alive(run->pool);

    status->workers = calloc(most > 0 ? most : 1, sizeof *status->workers);
    if (!status->workers)
        return;
    for (unsigned from = 0; status->worker_count < most && pp_pool_look(run->pool, from, &glance);
         from = glance.worker + 1) {
        struct pp_control_worker *worker = &status->workers[status->worker_count++];

        *worker = (struct pp_control_worker){.worker = glance.worker, .process = glance.process};
        if (!glance.busy)
            continue;
        worker->input = ((const struct pp_file_job *)(uintptr_t)glance.tag)->input;
        worker->seconds = glance.seconds;
        worker->percent = glance.progress < 100 ? (unsigned)glance.progress : 100;
    }
}

static void tell_status(struct pp_run *run, struct pp_pack *answer)
{
    struct pp_control_status status = {.process = getpid(),
                                       .filters = run->settings->filters,
                                       .progress = run->result->progress,
                                       .stopping = run->phase != PP_RUN_GOING,
                                       .jobs = pp_pool_workers(run->pool)};

    memcpy(status.run, run->control.run, sizeof status.run);
    status.progress.paused = run->paused;
    fill_workers(run, &status);
    pp_control_pack(answer, &status);
    answer->failed |= !status.workers;
    free(status.workers);
}

static enum pp_status obey(struct pp_run *run, uint8_t word, uint32_t jobs, struct pp_error *err)
{
    switch (word) {
    case PP_CONTROL_PAUSE:
        if (run->phase != PP_RUN_GOING)
            return pp_error_set(err, PP_E_USAGE, "the run is being stopped");
        run->paused = true;
        return PP_OK;
    case PP_CONTROL_RESUME:
        run->paused = false;
        return PP_OK;
    case PP_CONTROL_CANCEL:
        run->paused = false;
        pp_run_cancel(run);
        return PP_OK;
    case PP_CONTROL_JOBS:
        return pp_pool_set_workers(run->pool, jobs, err);
    default:
        return pp_error_set(err, PP_E_USAGE, "the run does not know what is asked of it");
    }
}

static void answer_request(void *user, const struct pp_request *request)
{
    struct pp_run *run = user;
    struct pp_unpack unpack = {request->bytes, request->size, false};
    struct pp_pack answer = {0};
    struct pp_error err = {0};
    const uint8_t word = pp_unpack_u8(&unpack);
    const uint32_t jobs = pp_unpack_u32(&unpack);
    enum pp_status status = PP_OK;

    if (!pp_unpack_is_done(&unpack))
        status = pp_error_set(&err, PP_E_USAGE, "the request makes no sense");
    else if (word != PP_CONTROL_ASK)
        status = obey(run, word, jobs, &err);
    pp_pack_u8(&answer, (uint8_t)status);
    if (status != PP_OK)
        pp_pack_bytes(&answer, (struct pp_bytes){err.text, strlen(err.text)});
    else if (word == PP_CONTROL_ASK)
        tell_status(run, &answer);
    if (answer.failed) {
        pp_pack_clear(&answer);
        pp_pack_u8(&answer, PP_E_NO_MEMORY);
        pp_pack_bytes(&answer, (struct pp_bytes){"the run has no memory", 21});
    }
    (void)!pp_server_reply(run->control.server, request->client, answer.bytes, answer.size);
    pp_pack_release(&answer);
}

static void control_ready(void *user, int fd)
{
    struct pp_run *run = user;

    (void)fd;
    (void)!pp_server_step(run->control.server, 0, NULL);
}

/* Easily read out and typed. */
static bool choose_id(char id[PP_BATCH_RUN_ID])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    uint8_t bytes[ID_LENGTH];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return false;
    for (unsigned i = 0; i < ID_LENGTH; i++)
        id[i] = letters[bytes[i] % (sizeof letters - 1)];
    id[ID_LENGTH] = '\0';
    return true;
}

/* PP_E_CONFLICT: another run has that id. */
static enum pp_status listen_as(struct pp_run *run, const char *directory, struct pp_error *err)
{
    char path[PP_ADDRESS_SIZE + PP_BATCH_RUN_ID + 8];
    const struct pp_server_settings settings = {.path = path,
                                                .service = PP_CONTROL_SERVICE,
                                                .clients = CLIENTS,
                                                .message_max = MESSAGE_MAX,
                                                .patience = PATIENCE,
                                                .user = run,
                                                .request = answer_request};

    if (!choose_id(run->control.run))
        return pp_error_errno(err, PP_E_SYSTEM, errno, "no random numbers");
    snprintf(path, sizeof path, "%s/" PP_CONTROL_PREFIX "%s", directory, run->control.run);
    return pp_server_start(&settings, &run->control.server, err);
}

static enum pp_status begin(struct pp_run *run, struct pp_error *err)
{
    char directory[PP_ADDRESS_SIZE];
    enum pp_status status = pp_address_directory(directory, err);

    if (status != PP_OK)
        return status;
    for (unsigned i = 0; i < ID_TRIES; i++) {
        struct pp_error why = {0};

        status = listen_as(run, directory, &why);
        if (status == PP_OK)
            return pp_pool_watch(run->pool, pp_server_fd(run->control.server), control_ready, run,
                                 err);
        if (status != PP_E_CONFLICT || i == ID_TRIES - 1)
            pp_error_set(err, status, "%s", why.text);
        if (status != PP_E_CONFLICT)
            break;
    }
    return status;
}

void pp_run_control_begin(struct pp_run *run)
{
    struct pp_error why = {0};
    bool there = false;

    if (!run->settings->control || !run->pool)
        return;
    there = begin(run, &why) == PP_OK;
    if (there)
        pp_log_run(&run->log, run->control.run);
    else
        pp_run_control_end(run);
    if (run->settings->begun)
        run->settings->begun(run->settings->user, there ? run->control.run : NULL,
                             there ? NULL : why.text);
}

void pp_run_control_end(struct pp_run *run)
{
    if (run->control.server && run->pool)
        (void)!pp_pool_watch(run->pool, pp_server_fd(run->control.server), NULL, NULL, NULL);
    pp_server_free(run->control.server);
    run->control = (struct pp_control){0};
}
