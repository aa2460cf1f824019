/* Which pictures are measured: found by the batch itself in a run that writes nothing, and thinned
 * out where they are too many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <pixpool/batch.h>

#include "cli/bench_inputs.h"

/* A directory that cannot be, so that no output is in anybody's way. */
#define NOWHERE "/proc/self/fdinfo/pixpool-bench"
/* Descriptors left to the pool: a few of its own, and some for each worker and each task. */
#define POOL_FDS 2304

struct search {
    struct pp_bench_inputs *inputs;
    bool no_memory;
};

/* An input that cannot be read has its reason from the search; two that would have had the same
 * output are no obstacle here. */
static bool is_fit(const struct pp_file_report *file)
{
    return file->state == PP_FILE_DONE || file->error.status == PP_E_CONFLICT;
}

static void note(void *user, const struct pp_file_report *file)
{
    struct search *search = user;
    struct pp_bench_inputs *inputs = search->inputs;
    struct pp_bench_input input = {.fd = -1};
    struct stat found;

    if (search->no_memory || file->state == PP_FILE_SKIPPED) /* it was named twice */
        return;
    if (inputs->count == inputs->capacity) {
        size_t capacity = inputs->capacity ? 2 * inputs->capacity : 256;
        void *items = reallocarray(inputs->items, capacity, sizeof *inputs->items);
        search->no_memory = !items;
        if (!items)
            return;
        inputs->items = items;
        inputs->capacity = capacity;
    }
    input.path = strdup(file->input);
    if (!is_fit(file))
        input.why =
            strdup(*file->error.text ? file->error.text : pp_status_name(file->error.status));
    if (stat(file->input, &found) == 0 && S_ISREG(found.st_mode))
        input.bytes = (uint64_t)found.st_size;
    search->no_memory = !input.path || (!is_fit(file) && !input.why);
    inputs->items[inputs->count++] = input;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct pp_bench_input *)a)->path,
                  ((const struct pp_bench_input *)b)->path);
}

static int by_size(const void *a, const void *b)
{
    const struct pp_bench_input *x = a, *y = b;

    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    return by_name(a, b);
}

static enum pp_status refuse_nothing(const struct pp_options *options, struct pp_error *err)
{
    const struct pp_batch_inputs *inputs = &options->batch.inputs;

    if (inputs->include_count || inputs->exclude_count)
        return pp_error_set(err, PP_E_USAGE,
                            "no input to bench: none matches --include and --exclude");
    return pp_error_set(err, PP_E_USAGE,
                        "no input to bench: no JPEG or PNG file among those named%s",
                        inputs->recursive ? "" : " (-r looks into directories below them too)");
}

enum pp_status pp_bench_inputs_find(struct pp_bench_inputs *inputs,
                                    const struct pp_options *options, struct pp_error *err)
{
    struct pp_batch_settings settings = options->batch;
    struct pp_batch_result result = {0};
    struct search search = {.inputs = inputs};

    settings.outputs = (struct pp_batch_outputs){.path = NOWHERE};
    settings.dry_run = true;
    settings.handle_signals = false;
    settings.log_path = NULL;
    settings.user = &search;
    settings.file = note;
    settings.tick = NULL;
    enum pp_status status = pp_batch_run(&settings, &result, err);
    if (status != PP_OK)
        return status;
    if (search.no_memory)
        return pp_error_set(err, PP_E_NO_MEMORY, "the list of inputs: out of memory");
    if (inputs->count == 0)
        return refuse_nothing(options, err);
    qsort(inputs->items, inputs->count, sizeof *inputs->items, by_name);
    inputs->found = inputs->count;
    return PP_OK;
}

static bool fits(const struct pp_bench_inputs *inputs, size_t step, uint64_t bytes, size_t files)
{
    uint64_t sum = 0;
    size_t count = 0;

    for (size_t i = step / 2; i < inputs->count; i += step, count++)
        if (__builtin_add_overflow(sum, inputs->items[i].bytes, &sum))
            return false;
    return sum <= bytes && count <= files;
}

bool pp_bench_inputs_sample(struct pp_bench_inputs *inputs, uint64_t bytes, size_t files)
{
    size_t step = 1, kept = 0;

    if (fits(inputs, 1, bytes, files))
        return inputs->count > 0;
    qsort(inputs->items, inputs->count, sizeof *inputs->items, by_size);
    while (step <= inputs->count && !fits(inputs, step, bytes, files))
        step++;
    for (size_t i = 0; i < inputs->count; i++) {
        struct pp_bench_input *input = &inputs->items[i];

        if (step <= inputs->count && i >= step / 2 && (i - step / 2) % step == 0) {
            inputs->items[kept++] = *input;
            continue;
        }
        free(input->path);
        free(input->why);
    }
    inputs->count = kept;
    qsort(inputs->items, inputs->count, sizeof *inputs->items, by_name);
    return kept > 0;
}

size_t pp_bench_inputs_room(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)!setrlimit(RLIMIT_NOFILE, &limit);
        (void)!getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur > 2 * POOL_FDS ? (size_t)limit.rlim_cur - POOL_FDS
                                         : (size_t)limit.rlim_cur / 2;
}
