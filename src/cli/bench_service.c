#include "cli/bench_service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <pixpool/version.h>

#include "cli/bench_record.h"

_Static_assert(sizeof(struct pp_bench_record) <= PP_RESULT_MAX, "a record is one result");

struct bench {
    struct pp_bench_setup setup;
    struct pp_chain *chain;
    struct pp_color_cache *colors;
    void *profile; /* that setup.color points to; NULL: none */
    int sink;      /* a file in memory, emptied before each picture */
};

/* What the conversion's hooks work on. */
struct watch {
    struct pp_worker *worker;
    struct pp_bench_record *record;
};

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void stop(void *state)
{
    struct bench *bench = state;

    if (bench->sink >= 0)
        close(bench->sink);
    pp_chain_free(bench->chain);
    pp_color_cache_free(bench->colors);
    free(bench->profile);
    free(bench);
}

/* The bytes behind the head: text, profile, and at the next boundary the bulk. */
static bool is_setup_sound(const struct pp_bench_setup *head, size_t setup_size)
{
    const size_t size = setup_size - sizeof *head;

    return setup_size > sizeof *head && head->text_size > 0 && head->text_size <= size &&
           head->color.profile_size <= size - head->text_size &&
           ((const char *)(head + 1))[head->text_size - 1] == '\0';
}

static enum pp_status take_profile(struct bench *bench, const void *profile, struct pp_error *err)
{
    struct pp_color_settings *color = &bench->setup.color;

    color->profile = NULL;
    bench->colors = pp_color_cache_new();
    if (color->profile_size > 0)
        color->profile = bench->profile = malloc(color->profile_size);
    if (!bench->colors || (color->profile_size > 0 && !bench->profile))
        return pp_error_set(err, PP_E_NO_MEMORY, "worker: no memory to start");
    if (bench->profile)
        memcpy(bench->profile, profile, color->profile_size);
    return PP_OK;
}

static enum pp_status make_chain(struct bench *bench, const char *setup, size_t setup_size,
                                 struct pp_error *err)
{
    const char *text = setup + sizeof bench->setup, *profile = text + bench->setup.text_size;
    const size_t end = (size_t)(profile - setup) + bench->setup.color.profile_size;
    const size_t bulk = (end + PP_SETUP_ALIGNMENT - 1) / PP_SETUP_ALIGNMENT * PP_SETUP_ALIGNMENT;

    enum pp_status status = take_profile(bench, profile, err);
    if (status == PP_OK)
        status = pp_chain_parse(text, &bench->chain, err);
    if (status != PP_OK || bulk >= setup_size)
        return status;
    return pp_chain_attach(bench->chain, setup + bulk, setup_size - bulk, err);
}

static enum pp_status start(void **state, const void *setup, size_t setup_size,
                            struct pp_error *err)
{
    if (!is_setup_sound(setup, setup_size))
        return pp_error_set(err, PP_E_INTERNAL, "worker: its settings are damaged");
    struct bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return pp_error_set(err, PP_E_NO_MEMORY, "worker: no memory to start");
    memcpy(&bench->setup, setup, sizeof bench->setup);
    *state = bench;
    bench->sink = memfd_create("pixpool-bench-output", MFD_CLOEXEC);
    if (bench->sink < 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "worker: no file in memory");
    if (strncmp(bench->setup.version, pp_version(), sizeof bench->setup.version) != 0)
        return pp_error_set(err, PP_E_INTERNAL, "worker: the program was replaced during the run");
    return make_chain(bench, setup, setup_size, err);
}

static unsigned threads_now(void *user)
{
    return pp_worker_threads(((struct watch *)user)->worker);
}

static enum pp_status ask_for_memory(void *user, uint64_t bytes, struct pp_error *err)
{
    return pp_worker_need_memory(((struct watch *)user)->worker, bytes, err);
}

static void tell_progress(void *user, uint32_t rows, uint32_t of_rows)
{
    (void)of_rows;
    pp_worker_progress(((struct watch *)user)->worker, rows);
}

static void add_filter_time(void *user, const char *filter, uint64_t ns)
{
    struct pp_bench_record *record = ((struct watch *)user)->record;

    pp_bench_filters_add(record->filters, &record->filter_count, filter, ns);
}

static bool empty_sink(int sink)
{
    return ftruncate(sink, 0) == 0 && lseek(sink, 0, SEEK_SET) == 0;
}

static void convert(const struct bench *bench, const struct pp_work *work, struct watch *watch)
{
    struct pp_bench_record *record = watch->record;
    const struct pp_bench_task *task = work->payload;
    struct pp_error err = {0};
    struct pp_convert_settings settings = {
        .encode = bench->setup.encode,
        .color = bench->setup.color,
        .color_cache = bench->colors,
        .limits = bench->setup.limits,
        .threads = bench->setup.threads_max,
        .path = bench->setup.path,
        .hooks = {.user = watch,
                  .threads = threads_now,
                  .memory = ask_for_memory,
                  .progress = tell_progress,
                  .filter_time = task->detailed ? add_filter_time : NULL},
    };
    uint64_t wall = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);

    record->status =
        pp_convert_fd(bench->chain, work->fds[0], bench->sink, &settings, &record->report, &err);
    record->cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    record->wall_ns = now_ns(CLOCK_MONOTONIC) - wall;
    if (record->status != PP_OK)
        snprintf(record->why, sizeof record->why, "%s",
                 *err.text ? err.text : pp_status_name(record->status));
}

static size_t run(void *state, struct pp_worker *worker, const struct pp_work *work, void *result)
{
    const struct bench *bench = state;
    struct pp_bench_record *record = result;
    struct watch watch = {.worker = worker, .record = record};

    *record = (struct pp_bench_record){.status = PP_E_INTERNAL, .why = "the task is damaged"};
    if (work->payload_size != sizeof(struct pp_bench_task))
        return sizeof *record;
    snprintf(record->why, sizeof record->why, "the output in memory cannot be emptied");
    if (!empty_sink(bench->sink))
        return sizeof *record;
    record->why[0] = '\0';
    convert(bench, work, &watch);
    return sizeof *record;
}

static const struct pp_service service = {
    .name = PP_BENCH_SERVICE,
    .start = start,
    .run = run,
    .stop = stop,
};

bool pp_bench_worker_main(int argc, char **argv, int *status)
{
    static const struct pp_service *const services[] = {&service, NULL};

    return argc == 3 && !strcmp(argv[2], PP_BENCH_SERVICE) &&
           pp_worker_main(argc, argv, services, status);
}
