#include "cli/bench_inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "cli/write.h"

#define PIECE ((size_t)256 * 1024) /* bytes read at once */

/* FNV-1a, 64 bits (Fowler, Noll, Vo): enough to tell other files, not to withstand anyone. */
#define FNV_BASIS 0xcbf29ce484222325U
#define FNV_PRIME 0x100000001b3U

static uint64_t hash_more(uint64_t hash, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * FNV_PRIME;
    return hash;
}

static double now_seconds(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* One file on its way into memory. */
struct loading {
    struct pp_bench_input *input;
    unsigned char *piece;
    double *read_seconds; /* added to */
    int from;
    bool reading; /* an error came from there */
};

/* Returns 0 or an errno. */
static int copy(struct loading *loading)
{
    struct pp_bench_input *input = loading->input;

    input->bytes = 0;
    input->hash = FNV_BASIS;
    for (;;) {
        double begin = now_seconds();
        ssize_t got = read(loading->from, loading->piece, PIECE);

        *loading->read_seconds += now_seconds() - begin;
        loading->reading = true;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        loading->reading = false;
        if (!pp_cli_write(input->fd, loading->piece, (size_t)got))
            return errno;
        input->bytes += (uint64_t)got;
        input->hash = hash_more(input->hash, loading->piece, (size_t)got);
    }
}

static enum pp_status blame(struct pp_bench_input *input, const char *what, int error,
                            struct pp_error *err)
{
    struct pp_error why = {0};

    (void)pp_error_errno(&why, PP_E_READ, error, what);
    free(input->why);
    input->why = strdup(why.text);
    return input->why ? PP_OK : pp_error_set(err, PP_E_NO_MEMORY, "the inputs: out of memory");
}

static enum pp_status load(struct loading *loading, struct pp_error *err)
{
    struct pp_bench_input *input = loading->input;
    double begin = now_seconds();
    int error;

    /* A name may have become a FIFO since it was found, and must not hang us. */
    loading->from = open(input->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    error = errno;
    *loading->read_seconds += now_seconds() - begin;
    if (loading->from < 0)
        return blame(input, "cannot open", error, err);
    input->fd = memfd_create("pixpool-bench-input", MFD_CLOEXEC);
    error = input->fd < 0 ? errno : copy(loading);
    close(loading->from);
    if (!error)
        return PP_OK;
    if (loading->reading)
        return blame(input, "cannot read", error, err);
    return pp_error_errno(err, PP_E_SYSTEM, error, "cannot hold the inputs in memory");
}

enum pp_status pp_bench_inputs_load(struct pp_bench_inputs *inputs, struct pp_error *err)
{
    struct loading loading = {.piece = malloc(PIECE), .read_seconds = &inputs->read_seconds};
    enum pp_status status = PP_OK;

    if (!loading.piece)
        return pp_error_set(err, PP_E_NO_MEMORY, "the inputs: out of memory");
    for (size_t i = 0; status == PP_OK && i < inputs->count; i++) {
        loading.input = &inputs->items[i];
        loading.reading = false;
        if (!loading.input->why)
            status = load(&loading, err);
    }
    free(loading.piece);
    return status;
}

static void release_input(struct pp_bench_input *input)
{
    if (input->fd >= 0)
        close(input->fd);
    free(input->path);
    free(input->why);
}

static void say(struct pp_terminal *terminal, const struct pp_bench_input *input)
{
    char line[PP_ERROR_TEXT + 4096];

    snprintf(line, sizeof line, "%s: %s", input->path, input->why);
    pp_terminal_print(terminal, line);
}

/* The batch begins with what it thinks the costliest; pixels are most of that. */
static int by_cost(const void *a, const void *b)
{
    const struct pp_bench_input *x = a, *y = b;
    uint64_t p = (uint64_t)x->report.in.width * x->report.in.height;
    uint64_t q = (uint64_t)y->report.in.width * y->report.in.height;

    if (p != q)
        return p > q ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return strcmp(x->path, y->path);
}

void pp_bench_inputs_drop_failed(struct pp_bench_inputs *inputs)
{
    struct pp_terminal terminal;
    size_t kept = 0;

    pp_terminal_init(&terminal, stderr);
    for (size_t i = 0; i < inputs->count; i++) {
        if (!inputs->items[i].why) {
            inputs->items[kept++] = inputs->items[i];
            continue;
        }
        say(&terminal, &inputs->items[i]);
        release_input(&inputs->items[i]);
        inputs->failed++;
    }
    inputs->count = kept;
    pp_terminal_settle(&terminal, -1);
    pp_terminal_release(&terminal);
    if (kept)
        qsort(inputs->items, kept, sizeof *inputs->items, by_cost);
}

static uint64_t pixels_of(const struct pp_bench_input *input)
{
    return (uint64_t)input->report.in.width * input->report.in.height;
}

struct pp_bench_input *pp_bench_inputs_largest(const struct pp_bench_inputs *inputs)
{
    struct pp_bench_input *largest = NULL;

    for (size_t i = 0; i < inputs->count; i++)
        if (!largest || pixels_of(&inputs->items[i]) > pixels_of(largest))
            largest = &inputs->items[i];
    return largest;
}

uint64_t pp_bench_inputs_bytes(const struct pp_bench_inputs *inputs)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < inputs->count; i++)
        sum += inputs->items[i].bytes;
    return sum;
}

uint64_t pp_bench_inputs_pixels(const struct pp_bench_inputs *inputs)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < inputs->count; i++)
        sum += pixels_of(&inputs->items[i]);
    return sum;
}

/* A sum, since names and with them the order may differ where the pictures are the same. */
uint64_t pp_bench_inputs_fingerprint(const struct pp_bench_inputs *inputs)
{
    uint64_t sum = inputs->count;

    for (size_t i = 0; i < inputs->count; i++)
        sum += hash_more(inputs->items[i].hash, (const unsigned char *)&inputs->items[i].bytes,
                         sizeof inputs->items[i].bytes);
    return sum;
}

void pp_bench_inputs_release(struct pp_bench_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        release_input(&inputs->items[i]);
    free(inputs->items);
    *inputs = (struct pp_bench_inputs){0};
}
