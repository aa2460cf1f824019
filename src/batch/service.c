/*
 * The worker's side of a batch: it parses the chain once, then converts one pair of descriptors
 * after another. It knows no names and opens nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pixpool/version.h>

#include "batch/job.h"

struct converter {
    struct pp_job_setup setup;
    struct pp_color_cache *colors;
    void *profile; /* that setup.color points to; NULL: none */
    struct pp_chain *chain;
};

static void stop(void *state)
{
    struct converter *converter = state;

    pp_chain_free(converter->chain);
    pp_color_cache_free(converter->colors);
    free(converter->profile);
    free(converter);
}

/* The bytes behind the head: text, profile, and at the next boundary the bulk. */
static bool is_setup_sound(const struct pp_job_setup *head, size_t setup_size)
{
    const size_t size = setup_size - sizeof *head;

    return setup_size > sizeof *head && head->text_size > 0 && head->text_size <= size &&
           head->color.profile_size <= size - head->text_size &&
           ((const char *)(head + 1))[head->text_size - 1] == '\0';
}

static enum pp_status take_profile(struct converter *converter, const void *profile,
                                   struct pp_error *err)
{
    struct pp_color_settings *color = &converter->setup.color;

    color->profile = NULL;
    converter->colors = pp_color_cache_new();
    if (color->profile_size > 0)
        color->profile = converter->profile = malloc(color->profile_size);
    if (!converter->colors || (color->profile_size > 0 && !converter->profile))
        return pp_error_set(err, PP_E_NO_MEMORY, "worker: no memory to start");
    if (converter->profile)
        memcpy(converter->profile, profile, color->profile_size);
    return PP_OK;
}

static enum pp_status make_chain(struct converter *converter, const char *setup, size_t setup_size,
                                 struct pp_error *err)
{
    const char *text = setup + sizeof converter->setup,
               *profile = text + converter->setup.text_size;
    const size_t end = (size_t)(profile - setup) + converter->setup.color.profile_size;
    const size_t bulk = (end + PP_SETUP_ALIGNMENT - 1) / PP_SETUP_ALIGNMENT * PP_SETUP_ALIGNMENT;

    enum pp_status status = take_profile(converter, profile, err);
    if (status == PP_OK)
        status = pp_chain_parse(text, &converter->chain, err);
    if (status != PP_OK || bulk >= setup_size)
        return status;
    return pp_chain_attach(converter->chain, setup + bulk, setup_size - bulk, err);
}

static enum pp_status start(void **state, const void *setup, size_t setup_size,
                            struct pp_error *err)
{
    if (!is_setup_sound(setup, setup_size))
        return pp_error_set(err, PP_E_INTERNAL, "worker: its settings are damaged");
    struct converter *converter = calloc(1, sizeof *converter);
    if (!converter)
        return pp_error_set(err, PP_E_NO_MEMORY, "worker: no memory to start");
    memcpy(&converter->setup, setup, sizeof converter->setup);
    *state = converter;
    if (strncmp(converter->setup.version, pp_version(), sizeof converter->setup.version) != 0)
        return pp_error_set(err, PP_E_INTERNAL, "worker: the program was replaced during the run");
    return make_chain(converter, setup, setup_size, err);
}

static unsigned threads_now(void *user)
{
    return pp_worker_threads(user);
}

static enum pp_status ask_for_memory(void *user, uint64_t bytes, struct pp_error *err)
{
    return pp_worker_need_memory(user, bytes, err);
}

/* In percent, which the supervisor understands without knowing the picture. */
static void tell_progress(void *user, uint32_t rows, uint32_t of_rows)
{
    pp_worker_progress(user, of_rows > 0 ? (uint64_t)rows * 100 / of_rows : 0);
}

/* Here, and not in the supervisor, one waits for a disk beside others that compute. */
static enum pp_status bring_to_disk(int fd, struct pp_error *err)
{
    int result;

    do
        result = fdatasync(fd);
    while (result != 0 && errno == EINTR);
    if (result == 0 || errno == EINVAL || errno == EOPNOTSUPP)
        return PP_OK;
    return pp_error_errno(err, PP_E_WRITE, errno, "cannot write the output to the disk");
}

static size_t run(void *state, struct pp_worker *worker, const struct pp_work *work, void *result)
{
    const struct converter *converter = state;
    struct pp_job_result *done = result;
    struct pp_convert_settings settings = {
        .encode = converter->setup.encode,
        .color = converter->setup.color,
        .color_cache = converter->colors,
        .limits = converter->setup.limits,
        .threads = converter->setup.threads_max,
        .path = converter->setup.path,
        .hooks = {.user = worker,
                  .threads = threads_now,
                  .memory = ask_for_memory,
                  .progress = tell_progress},
    };

    *done = (struct pp_job_result){0};
    enum pp_status status =
        pp_convert_fd(converter->chain, work->fds[PP_JOB_INPUT], work->fds[PP_JOB_OUTPUT],
                      &settings, &done->report, &done->error);
    if (status == PP_OK && converter->setup.sync)
        status = bring_to_disk(work->fds[PP_JOB_OUTPUT], &done->error);
    if (status == PP_OK && converter->setup.digest)
        status = pp_digest_fd(work->fds[PP_JOB_OUTPUT], &settings, &done->digest, &done->error);
    if (status != PP_OK && done->error.status == PP_OK)
        pp_error_set(&done->error, status, "cannot convert: %s", pp_status_name(status));
    /* What there is of it takes no room from the next, until the supervisor closes it. */
    if (status != PP_OK)
        (void)!ftruncate(work->fds[PP_JOB_OUTPUT], 0);
    return sizeof *done;
}

const struct pp_service pp_job_service = {
    .name = PP_JOB_SERVICE,
    .start = start,
    .run = run,
    .stop = stop,
};

bool pp_batch_worker_main(int argc, char **argv, int *status)
{
    static const struct pp_service *const services[] = {&pp_job_service, NULL};

    return pp_worker_main(argc, argv, services, status);
}
