/*
 * What those who ask a run how it stands do with the bytes that come back: the greeting of whatever
 * listens there, and a status, which they then write as JSON. What is believed is whole, survives
 * being packed again, and makes a line of JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "batch/control.h"
#include "fuzz.h"
#include "runtime/hello.h"

const struct fuzz_seeds fuzz_seeds = {.noise = 400};

static void read_greeting(const uint8_t *data, size_t size)
{
    uint8_t bytes[PP_HELLO_SIZE] = {0}, again[PP_HELLO_SIZE];
    enum pp_hello answer;
    uint64_t message_max;

    (void)pp_hello_read(data, size, PP_CONTROL_SERVICE, &answer, &message_max);
    /* Most of one that is sound. */
    pp_hello_write(bytes, PP_CONTROL_SERVICE, PP_HELLO_WELCOME, 1000);
    for (size_t i = 0; i + 1 < size && i < 6; i += 2)
        bytes[data[i] % sizeof bytes] = data[i + 1];
    if (!pp_hello_read(bytes, sizeof bytes, PP_CONTROL_SERVICE, &answer, &message_max))
        return;
    fuzz_ensure(answer == PP_HELLO_WELCOME || answer == PP_HELLO_FULL, "another answer");
    pp_hello_write(again, PP_CONTROL_SERVICE, answer, message_max);
    fuzz_ensure(memcmp(bytes, again, sizeof bytes) == 0, "another greeting was believed");
}

static bool is_same_text(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static void check_same(const struct pp_control_status *one, const struct pp_control_status *other)
{
    fuzz_ensure(strcmp(one->run, other->run) == 0 && one->process == other->process &&
                    is_same_text(one->filters, other->filters),
                "another run");
    fuzz_ensure(one->progress.done == other->progress.done &&
                    one->progress.total == other->progress.total &&
                    one->progress.paused == other->progress.paused &&
                    one->stopping == other->stopping && one->jobs == other->jobs,
                "another progress");
    fuzz_ensure(one->worker_count == other->worker_count, "other workers");
    for (size_t i = 0; i < one->worker_count; i++)
        fuzz_ensure(one->workers[i].process == other->workers[i].process &&
                        is_same_text(one->workers[i].input, other->workers[i].input) &&
                        one->workers[i].percent == other->workers[i].percent,
                    "another worker");
}

static void check_json(const struct pp_control_status *status)
{
    char *line = pp_control_json(status);

    fuzz_ensure(line != NULL, "no memory");
    fuzz_ensure(line[0] == '{' && line[strlen(line) - 1] == '}', "no object");
    for (const char *at = line; *at; at++)
        fuzz_ensure((unsigned char)*at >= ' ', "more than a line");
    fuzz_ensure(pp_is_utf8(line, strlen(line)), "JSON that is no UTF-8");
    free(line);
}

static void read_status(const uint8_t *data, size_t size)
{
    struct pp_unpack unpack = {data, size, false};
    struct pp_control_status *status = pp_control_unpack(&unpack), *again;
    struct pp_pack pack = {0};

    if (!status)
        return;
    fuzz_ensure(memchr(status->run, '\0', sizeof status->run) && status->filters,
                "half a status was believed");
    check_json(status);
    pp_control_pack(&pack, status);
    fuzz_ensure(!pack.failed, "no memory");
    again = pp_control_unpack(&(struct pp_unpack){pack.bytes, pack.size, false});
    fuzz_ensure(again != NULL, "it is not understood again");
    check_same(status, again);
    pp_control_status_free(again);
    pp_control_status_free(status);
    pp_pack_release(&pack);
}

static const char *text(struct fuzz_input *input, char *to, size_t size)
{
    to[fuzz_bytes(input, to, fuzz_byte(input) % size)] = '\0';
    return to;
}

/* One that is sound, but for what is written over it or cut off. */
static void read_sound(struct fuzz_input input)
{
    char filters[40], inputs[4][40];
    struct pp_control_worker workers[4];
    struct pp_control_status status = {.workers = workers,
                                       .worker_count = fuzz_byte(&input) % 5,
                                       .filters = text(&input, filters, sizeof filters)};
    struct pp_pack pack = {0};

    text(&input, status.run, sizeof status.run);
    status.process = (int64_t)fuzz_number(&input, 8);
    status.progress.done = fuzz_number(&input, 8);
    status.progress.total = fuzz_number(&input, 8);
    status.progress.total_known = fuzz_byte(&input) % 2 == 1;
    status.progress.paused = fuzz_byte(&input) % 2 == 1;
    status.progress.seconds = (double)fuzz_number(&input, 8) / 1e3;
    for (size_t i = 0; i < status.worker_count; i++)
        workers[i] = (struct pp_control_worker){
            .worker = fuzz_byte(&input),
            .process = (int64_t)fuzz_number(&input, 4),
            .input = fuzz_byte(&input) % 4 ? text(&input, inputs[i], sizeof *inputs) : NULL,
            .seconds = fuzz_byte(&input),
            .percent = (unsigned)fuzz_number(&input, 4)};
    pp_control_pack(&pack, &status);
    fuzz_ensure(!pack.failed, "no memory");
    for (uint32_t n = fuzz_byte(&input) % 4; n > 0; n--) {
        const size_t at = fuzz_number(&input, 2) % pack.size;
        pack.bytes[at] = (uint8_t)fuzz_byte(&input);
    }
    if (fuzz_byte(&input) % 4 == 3)
        pack.size = fuzz_number(&input, 2) % pack.size;
    /* Of its own size, so that a sanitizer sees what is read beyond it. */
    uint8_t *bytes = malloc(pack.size + 1);
    fuzz_ensure(bytes != NULL, "no memory");
    memcpy(bytes, pack.bytes, pack.size);
    read_status(bytes, pack.size);
    free(bytes);
    pp_pack_release(&pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_greeting(data, size);
    read_status(data, size);
    read_sound((struct fuzz_input){data, size});
    return 0;
}
