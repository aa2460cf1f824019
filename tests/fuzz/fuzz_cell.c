/*
 * A hostile worker: what stands in its cell while the supervisor takes records out of the ring,
 * grants memory and finds out whose fault a death was. An input is a list of steps of the worker
 * and of the supervisor; with an odd first byte another thread writes into the cell meanwhile.
 *
 * An outcome is delivered at most once for each task, in the order of handing out, and only of a
 * record that is right in every field; a death charges no task but the oldest; nothing is lost.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "fuzz.h"
#include "pool/state.h"

#define INCARNATION 7
#define BUDGET      ((uint64_t)64 << 20)
#define TASKS_MAX   64

const struct fuzz_seeds fuzz_seeds = {.noise = 400};

struct scene {
    struct pp_pool pool;
    struct pp_place place;
    struct pp_results *results; /* as the worker sees them */
    const struct pp_orders *orders;
    struct pp_ring_writer writer;
    uint64_t published; /* hand-outs with a record, by an honest worker */
    bool honest;        /* nothing was written but by the protocol */
    bool disturbed;     /* somebody writes at the same time */
    uint64_t handed, outcomes;
    uint8_t payloads[TASKS_MAX][8];
};

/* ---- the supervisor ------------------------------------------------------------------------- */

/* The record that was just taken, looked at where it stands. */
static bool stands_right(const struct scene *scene, uint64_t id)
{
    const struct pp_record *record =
        &scene->results->ring[(scene->place.ring.head - 1) % PP_RING_MANY];
    const size_t from = offsetof(struct pp_record, payload_size);

    return record->payload_size <= PP_RESULT_MAX && record->id == id && record->attempt == 1 &&
           record->incarnation == INCARNATION && record->kind == PP_RECORD_DONE &&
           record->crc ==
               crc32(0, (const Bytef *)record + from,
                     (uInt)(offsetof(struct pp_record, payload) - from) + record->payload_size);
}

static void outcome(void *user, const struct pp_outcome *outcome)
{
    struct scene *scene = user;
    const uLong sum = crc32(0, outcome->payload, (uInt)outcome->payload_size);

    fuzz_ensure(outcome->status == PP_OK || outcome->status == PP_E_CANCELLED ||
                    outcome->status == PP_E_CRASHED,
                "an outcome nobody caused");
    fuzz_ensure(outcome->tag == scene->outcomes, "an outcome twice or out of turn");
    fuzz_ensure(outcome->payload_size <= PP_RESULT_MAX, "a payload of any size");
    if (outcome->status == PP_OK && !scene->disturbed)
        fuzz_ensure(stands_right(scene, outcome->tag + 1), "a wrong record was believed");
    if (outcome->status == PP_OK && scene->honest)
        fuzz_ensure(memcmp(outcome->payload, scene->payloads[outcome->tag], 8) == 0, "other bytes");
    usleep(0);
    fuzz_ensure(crc32(0, outcome->payload, (uInt)outcome->payload_size) == sum,
                "the payload changes while it is looked at");
    scene->outcomes++;
}

static void hand_out(struct scene *scene)
{
    struct pp_place *place = &scene->place;
    struct pp_job *job;

    if (place->state != PP_PLACE_READY || place->load == PP_SLOTS || scene->handed == TASKS_MAX)
        return;
    job = calloc(1, sizeof *job);
    fuzz_ensure(job != NULL, "no memory");
    *job = (struct pp_job){.tag = scene->handed++, .fds = {-1, -1}, .handed = 1, .weight = 1};
    pp_link_init(&job->link, job);
    place->slots[place->load++] = (struct pp_slot){job->tag + 1, 1, 1, job};
    place->weight++;
    scene->pool.weight++;
    scene->pool.pending++;
    scene->pool.busy = 1;
}

static void drain(struct scene *scene)
{
    pp_results_drain(&scene->pool, &scene->place);
    fuzz_ensure(scene->pool.granted <= BUDGET, "more memory than there is");
    if (!scene->honest)
        return;
    fuzz_ensure(scene->place.state == PP_PLACE_READY, "an honest worker is killed");
    fuzz_ensure(scene->outcomes == scene->published, "what was published is not taken");
}

/* ---- the worker ----------------------------------------------------------------------------- */

/* While somebody writes into it, a record is made elsewhere first: what a worker does to its own
 * memory is not what this is about. */
static void push(struct scene *scene, const struct pp_record *head, const uint8_t *payload)
{
    const size_t from = offsetof(struct pp_record, payload_size);
    struct pp_record record = *head;

    if (!scene->disturbed) {
        (void)!pp_ring_push(&scene->writer, head, payload);
        return;
    }
    memcpy(record.payload, payload, head->payload_size);
    record.crc =
        (uint32_t)crc32(0, (const Bytef *)&record + from,
                        (uInt)(offsetof(struct pp_record, payload) - from) + head->payload_size);
    memcpy(&scene->results->ring[scene->writer.tail++ % PP_RING_MANY], &record, sizeof record);
    atomic_store(&scene->results->tail, scene->writer.tail);
}

static void publish(struct scene *scene, struct fuzz_input *input)
{
    const uint64_t id = scene->published + 1;
    const struct pp_record head = {.payload_size = 8,
                                   .id = id,
                                   .attempt = 1,
                                   .incarnation = INCARNATION,
                                   .kind = PP_RECORD_DONE};

    if (scene->published == scene->handed)
        return;
    atomic_store(&scene->results->current, id + 1);
    fuzz_bytes(input, scene->payloads[scene->published], 8);
    push(scene, &head, scene->payloads[scene->published]);
    scene->published++;
    if (fuzz_byte(input) & 1)
        atomic_store(&scene->results->current, 0);
}

static void publish_lies(struct scene *scene, struct fuzz_input *input)
{
    static const uint8_t payload[PP_RESULT_MAX];
    struct pp_record head = {.payload_size = (uint32_t)fuzz_number(input, 2) % (PP_RESULT_MAX + 1),
                             .id = scene->published + 1 + fuzz_byte(input) % 3,
                             .attempt = fuzz_byte(input) % 3,
                             .incarnation = INCARNATION - fuzz_byte(input) % 2,
                             .kind = fuzz_byte(input) % 4};

    scene->honest = false;
    push(scene, &head, payload);
}

static void scribble(struct scene *scene, struct fuzz_input *input)
{
    volatile uint8_t *bytes = (volatile uint8_t *)scene->results;
    size_t at = fuzz_number(input, 2) % pp_results_size(PP_RING_MANY);

    scene->honest = false;
    for (uint32_t count = fuzz_byte(input); count > 0 && at < pp_results_size(PP_RING_MANY);
         count--)
        bytes[at++] = (uint8_t)fuzz_byte(input);
}

static void set_word(struct scene *scene, struct fuzz_input *input)
{
    struct pp_results *results = scene->results;
    _Atomic uint64_t *const words[] = {&results->tail, &results->current, &results->progress,
                                       &results->wish_bytes, &results->wish};
    const uint32_t which = fuzz_byte(input) % 6;
    uint64_t value = fuzz_number(input, 1 + fuzz_byte(input) % 8);

    scene->honest = false;
    if (which == 5) {
        /* A wish that is believed: it names the oldest task. */
        atomic_store(&results->wish_bytes, fuzz_number(input, 8));
        atomic_store(&results->wish, pp_wish_number(scene->outcomes + 1, (unsigned)value % 16));
        return;
    }
    atomic_store(words[which], value);
}

struct vandal {
    struct pp_results *results;
    struct fuzz_input input;
    _Atomic bool end;
};

/* Mostly where the supervisor looks: the words, and the records' heads. */
static void *vandalise(void *user)
{
    struct vandal *vandal = user;
    volatile uint8_t *bytes = (volatile uint8_t *)vandal->results;
    const struct fuzz_input all = vandal->input;

    while (!atomic_load(&vandal->end)) {
        struct fuzz_input *input = &vandal->input;
        const uint32_t where = fuzz_byte(input);
        size_t at = offsetof(struct pp_results, tail) + fuzz_byte(input) % 40;
        if (where % 2)
            at = offsetof(struct pp_results, ring) +
                 where / 2 % PP_RING_MANY * sizeof(struct pp_record) + fuzz_byte(input) % 64;
        bytes[at] = (uint8_t)fuzz_byte(input);
        if (input->left == 0)
            *input = all;
    }
    return NULL;
}

/* ---- from beginning to end ------------------------------------------------------------------ */

static void set_up(struct scene *scene)
{
    struct pp_pool *pool = &scene->pool;
    struct pp_place *place = &scene->place;
    struct pp_link *const lists[] = {&pool->idle,   &pool->partial, &pool->starting, &pool->running,
                                     &pool->wishes, &pool->queue,   &pool->retries,  &pool->hushed};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        pp_link_init(lists[i], NULL);
    pool->settings = (struct pp_pool_settings){
        .user = scene, .outcome = outcome, .memory = BUDGET, .retries = 1};
    pool->allowance = BUDGET / 2;
    pool->epoll = -1;
    pool->places = place;
    pool->limit = pool->occupied = 1;
    pp_link_init(&place->room, place);
    pp_link_init(&place->clock, place);
    pp_link_init(&place->wishing, place);
    pp_link_init(&place->hush, place);
    fuzz_ensure(pp_child_prepare(&place->child, PP_RING_MANY) == 0, "no cell");
    /* No process is behind it: to kill it and to wait for it both fail at once. */
    place->child.pidfd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    place->ring = (struct pp_ring_reader){.cell = &place->child.cell, .incarnation = INCARNATION};
    place->state = PP_PLACE_READY;
    place->ready = true;
    pp_schedule_rank(pool, place);
    fuzz_ensure(pp_cell_attach(place->child.cell.results_fd, place->child.cell.orders_fd,
                               &scene->results, &scene->orders) == 0,
                "no cell");
    scene->writer = (struct pp_ring_writer){.results = scene->results, .orders = scene->orders};
}

/* What was neither published nor failed waits to be handed out again, and is charged only if it was
 * the oldest. */
static void check_rest(struct scene *scene)
{
    struct pp_link *const lists[] = {&scene->pool.queue, &scene->pool.retries};
    struct pp_job *job;
    uint64_t rest = 0;

    for (size_t i = 0; i < 2; i++)
        while ((job = pp_list_first(lists[i])) != NULL) {
            fuzz_ensure(job->charged == 0 || job->tag == scene->outcomes,
                        "a task was charged for another's death");
            pp_list_remove(&job->link);
            free(job);
            rest++;
        }
    fuzz_ensure(scene->outcomes + rest == scene->handed, "a task was lost");
}

static void tear_down(struct scene *scene)
{
    pp_death(&scene->pool, &scene->place, false);
    fuzz_ensure(scene->place.state == PP_PLACE_EMPTY && scene->pool.granted == 0,
                "something is left of the dead");
    if (scene->honest)
        fuzz_ensure(scene->outcomes == scene->published, "what was published is lost");
    munmap(scene->results, pp_results_size(PP_RING_MANY));
    munmap((void *)(uintptr_t)scene->orders, sizeof *scene->orders);
    pp_reserve_hold(&scene->pool.reserve, -1, 0);
    check_rest(scene);
}

static void take_steps(struct scene *scene, struct fuzz_input *input)
{
    while (input->left > 0) {
        switch (fuzz_byte(input) % 8) {
        case 0:
        case 1:
            hand_out(scene);
            break;
        case 2:
        case 3:
            publish(scene, input);
            break;
        case 4:
            drain(scene);
            break;
        case 5:
            publish_lies(scene, input);
            break;
        case 6:
            scribble(scene, input);
            break;
        default:
            set_word(scene, input);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct scene *scene = calloc(1, sizeof *scene);
    struct vandal vandal = {0};
    pthread_t thread;

    fuzz_ensure(scene != NULL, "no memory");
    scene->disturbed = fuzz_byte(&input) % 2;
    scene->honest = !scene->disturbed;
    set_up(scene);
    vandal.results = scene->results;
    vandal.input = input;
    if (scene->disturbed)
        fuzz_ensure(pthread_create(&thread, NULL, vandalise, &vandal) == 0, "no thread");
    take_steps(scene, &input);
    drain(scene);
    if (scene->disturbed) {
        atomic_store(&vandal.end, true);
        pthread_join(thread, NULL);
    }
    tear_down(scene);
    free(scene);
    return 0;
}
