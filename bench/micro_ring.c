/*
 * micro_ring - what a result record and an empty task cost.
 *
 * Standard output gets a line for each figure: name, unit, value, tabs between. The ring is run
 * with both of its ends in this process, so that its work is measured and not the scheduler's; the
 * pool with real workers, whose tasks do nothing.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <pixpool/pool.h>

#include "base/clock.h"
#include "pool/cell.h"
#include "pool/ring.h"

#define RECORDS 400000u
#define TASKS   20000u

/* ---- the ring ------------------------------------------------------------------------------- */

struct ends {
    struct pp_cell cell;
    struct pp_results *results;
    const struct pp_orders *orders;
    struct pp_ring_writer writer;
    struct pp_ring_reader reader;
};

static int open_ends(struct ends *ends)
{
    int error = pp_cell_create(&ends->cell, PP_RING_FEW);

    if (error == 0)
        error = pp_cell_attach(ends->cell.results_fd, ends->cell.orders_fd, &ends->results,
                               &ends->orders);
    ends->writer = (struct pp_ring_writer){.results = ends->results, .orders = ends->orders};
    ends->reader = (struct pp_ring_reader){.cell = &ends->cell, .incarnation = 1};
    return error;
}

static void close_ends(struct ends *ends)
{
    munmap(ends->results, pp_results_size(PP_RING_FEW));
    munmap((void *)(uintptr_t)ends->orders, sizeof *ends->orders);
    pp_cell_release(&ends->cell);
}

/* RECORDS records with a payload of `size` bytes in and out again. Returns how many came out. */
static unsigned pass_records(struct ends *ends, uint64_t first, uint32_t size)
{
    static const uint8_t payload[PP_RESULT_MAX] = {1};
    struct pp_record head = {.attempt = 1, .incarnation = 1, .kind = PP_RECORD_DONE};
    struct pp_record taken;
    unsigned count = 0;

    head.payload_size = size;
    for (uint64_t id = first; id < first + RECORDS; id++) {
        const struct pp_ring_expected expected = {.outstanding = 1, .id = id, .attempt = 1};
        head.id = id;
        (void)!pp_ring_push(&ends->writer, &head, payload);
        if (pp_ring_take(&ends->reader, &expected, &taken) == PP_RING_TAKEN)
            count++;
        ends->cell.orders->quiet = ends->reader.head;
    }
    return count;
}

static int measure_ring(void)
{
    static const uint32_t sizes[] = {0, 256, PP_RESULT_MAX};
    struct ends ends = {0};
    unsigned lost = 0;

    if (open_ends(&ends) != 0) {
        fprintf(stderr, "micro_ring: no shared memory\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t begin = pp_clock_ns();
        lost += RECORDS - pass_records(&ends, i * RECORDS, sizes[i]);
        printf("record of %u bytes through the ring\tns\t%.1f\n", sizes[i],
               (double)(pp_clock_ns() - begin) / RECORDS);
    }
    close_ends(&ends);
    if (lost > 0)
        fprintf(stderr, "micro_ring: %u records were lost\n", lost);
    return lost > 0;
}

/* ---- the pool ------------------------------------------------------------------------------- */

static enum pp_status start(void **state, const void *setup, size_t setup_size,
                            struct pp_error *err)
{
    (void)setup;
    (void)setup_size;
    (void)err;
    *state = NULL;
    return PP_OK;
}

static size_t run(void *state, struct pp_worker *worker, const struct pp_work *work, void *result)
{
    (void)state;
    (void)worker;
    memcpy(result, work->payload, work->payload_size);
    return work->payload_size;
}

static const struct pp_service empty_service = {.name = "empty", .start = start, .run = run};
static const struct pp_service *const services[] = {&empty_service, NULL};

static void count_outcome(void *user, const struct pp_outcome *outcome)
{
    if (outcome->status == PP_OK)
        ++*(unsigned *)user;
}

/* `count` tasks from the first submit to the last outcome. */
static enum pp_status run_tasks(struct pp_pool *pool, unsigned count, struct pp_error *err)
{
    static const uint8_t payload[64] = {1};
    enum pp_status status = PP_OK;

    for (unsigned given = 0; status == PP_OK && (given < count || pp_pool_pending(pool) > 0);) {
        while (status == PP_OK && given < count && pp_pool_has_room(pool)) {
            const struct pp_task task = {.tag = given++,
                                         .payload = payload,
                                         .payload_size = sizeof payload,
                                         .fds = {-1, -1}};
            status = pp_pool_submit(pool, &task, err);
        }
        if (status == PP_OK)
            status = pp_pool_step(pool, -1, err);
    }
    return status;
}

/* The workers are started by tasks that are not counted. */
static int measure_pool(unsigned workers)
{
    unsigned done = 0;
    struct pp_error err = {0};
    struct pp_pool *pool = NULL;
    const struct pp_pool_settings settings = {
        .service = "empty", .workers = workers, .user = &done, .outcome = count_outcome};
    enum pp_status status = pp_pool_start(&settings, &pool, &err);

    if (status == PP_OK)
        status = run_tasks(pool, 100 * workers, &err);
    uint64_t begin = pp_clock_ns();
    if (status == PP_OK)
        status = run_tasks(pool, TASKS, &err);
    double seconds = (double)(pp_clock_ns() - begin) / (double)PP_NS_PER_S;
    pp_pool_free(pool);
    if (status != PP_OK || done != TASKS + 100 * workers) {
        fprintf(stderr, "micro_ring: %u workers: %s\n", workers,
                status == PP_OK ? "tasks were lost" : err.text);
        return 1;
    }
    printf("empty tasks, %u %s\ttasks/s\t%.0f\n", workers, workers == 1 ? "worker" : "workers",
           TASKS / seconds);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;

    if (pp_worker_main(argc, argv, services, &status))
        return status;
    return measure_ring() | measure_pool(1) | measure_pool(2);
}
