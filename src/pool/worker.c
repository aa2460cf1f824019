/*
 * The worker's side: attach to the cell, start the service, then one task after the other.
 *
 * For each task, in this order (the supervisor's judgement of a death rests on it):
 *   current = id + 1      from here on a death is this task's fault
 *   run, fill the record
 *   tail                  from here on the result counts
 *   current = 0
 *   doorbell
 */
#include <pixpool/pool.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pool/birth.h"
#include "pool/cell.h"
#include "pool/message.h"
#include "pool/ring.h"
#include "pool/sandbox.h"
#include "pool/spawn.h"
#include "pool/threads.h"

/* Of what a task has given back, so much stays with the process for the next one: little beside
 * what tasks may take without asking. */
#define KEPT_BYTES (16 << 20)
/* What is larger, a whole picture's rows, is given back at once and never lies between smaller
 * pieces that stay. */
#define LARGE_BYTES (4 << 20)
/* The heap grows by this much more than was asked for. */
#define PAD_BYTES (1 << 20)
/* Heaps for threads: as many as glibc makes for 8 cores. With a number given it need not ask the
 * system for its own, which some versions do by reading a file. */
#define HEAPS 64

enum {
    EXIT_NOT_STARTED = 70, /* sysexits.h: EX_SOFTWARE */
    EXIT_BAD_MESSAGE = 71, /* EX_OSERR */
    EXIT_NO_BELL = 74,     /* EX_IOERR */
    EXIT_OVERRUN = 76      /* EX_PROTOCOL: the service wrote more than a record holds */
};

struct pp_worker {
    const struct pp_service *service;
    void *state;
    struct pp_results *results;
    const struct pp_orders *orders;
    struct pp_ring_writer ring;
    struct pp_threads *threads; /* what could be had of them so far */
    uint64_t id;                /* of the task in work */
    bool single;                /* it may use one thread only */
    bool sent_fd;               /* a descriptor goes with its result */
    unsigned wishes;            /* for memory, in this task */
    struct pp_inbox inbox;      /* tasks at hand */
    /* Services lay structs over payloads and this. */
    _Alignas(max_align_t) uint8_t result[PP_RESULT_MAX];
};

/* Unheard, it would be waited for without end. A death is noticed, and costs no result. */
static void ring_doorbell(void)
{
    const uint64_t one = 1;
    ssize_t written;

    do
        written = write(PP_FD_DOORBELL, &one, sizeof one);
    while (written < 0 && errno == EINTR);
    if (written < 0 && errno != EAGAIN) /* which says that it rings already */
        _exit(EXIT_NO_BELL);
}

unsigned pp_worker_threads(const struct pp_worker *worker)
{
    const uint32_t threads = atomic_load_explicit(&worker->orders->threads, memory_order_relaxed);

    return worker->single ? 1 : pp_threads_available(worker->threads, threads);
}

void pp_worker_progress(struct pp_worker *worker, uint64_t units)
{
    atomic_store_explicit(&worker->results->progress, units, memory_order_relaxed);
}

enum pp_status pp_worker_send_fd(struct pp_worker *worker, int fd, struct pp_error *err)
{
    int error;

    if (worker->sent_fd || !worker->orders->sandbox.result_fds)
        return pp_error_set(err, PP_E_USAGE, "cannot send %s descriptor with a result",
                            worker->sent_fd ? "a second" : "a");
    error = pp_message_answer_send(PP_FD_TASKS, worker->id, fd);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot send a descriptor");
    worker->sent_fd = true;
    return PP_OK;
}

/* FUTEX_WAIT only reads the word, so that it works on the read-only mapping. */
static void wait_for_answer(const struct pp_orders *orders, uint32_t seen)
{
    syscall(SYS_futex, &orders->answers, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static enum pp_status wait_for_grant(struct pp_worker *worker, uint64_t bytes, struct pp_error *err)
{
    const struct pp_orders *orders = worker->orders;
    const uint64_t wish = pp_wish_number(worker->id, worker->wishes++);

    atomic_store(&worker->results->wish_bytes, bytes);
    atomic_store(&worker->results->wish, wish);
    ring_doorbell();
    for (;;) {
        const uint32_t seen = atomic_load(&orders->answers);

        if (atomic_load(&orders->granted) == wish)
            return PP_OK;
        if (atomic_load(&orders->stop))
            return pp_error_set(err, PP_E_CANCELLED, "no memory granted: the pool is ending");
        wait_for_answer(orders, seen);
    }
}

enum pp_status pp_worker_need_memory(struct pp_worker *worker, uint64_t bytes, struct pp_error *err)
{
    const uint64_t mib = 1024 * 1024;
    const uint64_t budget = worker->orders->budget;

    if (bytes <= worker->orders->allowance)
        return PP_OK;
    if (worker->wishes >> PP_WISH_BITS)
        return pp_error_set(err, PP_E_INTERNAL, "memory was asked for too often in one task");
    if (bytes > budget)
        return pp_error_set(
            err, PP_E_LIMIT, "memory needed %llu MB exceeds the budget of %llu MB (--memory)",
            (unsigned long long)((bytes - 1) / mib + 1), (unsigned long long)(budget / mib));
    return wait_for_grant(worker, bytes, err);
}

/* False when nothing more is to be begun. */
static bool run_task(struct pp_worker *worker, const struct pp_message *message,
                     const void *payload, const int *fds, struct pp_record *head)
{
    struct pp_work work = {
        .payload = payload, .payload_size = message->payload_size, .attempt = message->attempt};
    size_t size;

    memcpy(work.fds, fds, sizeof work.fds);
    *head = (struct pp_record){.id = message->id,
                               .attempt = message->attempt,
                               .incarnation = worker->orders->incarnation,
                               .kind = PP_RECORD_SKIPPED};
    worker->id = message->id;
    worker->single = message->single != 0;
    worker->sent_fd = false;
    worker->wishes = 0;
    pp_worker_progress(worker, 0);
    /* The supervisor stores cancel_below and then loads current, both sequentially consistent like
     * these two: a task it takes back for not being begun is certain not to be run here. */
    atomic_store(&worker->results->current, message->id + 1);
    if (message->id < atomic_load(&worker->orders->cancel_below))
        return true;
    if (atomic_load(&worker->orders->stop))
        return false;
    size = worker->service->run(worker->state, worker, &work, worker->result);
    if (size > PP_RESULT_MAX)
        _exit(EXIT_OVERRUN);
    head->payload_size = (uint32_t)size;
    head->with_fd = worker->sent_fd;
    head->kind = PP_RECORD_DONE;
    return true;
}

static int work_until_told(struct pp_worker *worker)
{
    struct pp_message message;
    struct pp_record head;
    const void *payload;
    int fds[PP_TASK_FDS];

    for (;;) {
        const enum pp_received received =
            pp_message_receive(PP_FD_TASKS, &worker->inbox, &message, &payload, fds);
        bool begun, wake;

        if (received != PP_RECEIVED_TASK)
            return received == PP_RECEIVED_END ? 0 : EXIT_BAD_MESSAGE;
        begun = run_task(worker, &message, payload, fds, &head);
        for (unsigned i = 0; i < PP_TASK_FDS; i++)
            if (fds[i] >= 0)
                close(fds[i]);
        if (!begun)
            return 0;
        wake = pp_ring_push(&worker->ring, &head, worker->result);
        atomic_store(&worker->results->current, 0);
        if (wake)
            ring_doorbell();
    }
}

/* When memory runs out the kernel is to take a worker, whose task can be done again, rather than
 * anything else of the user's. Raising one's own score needs no privilege. */
static void offer_to_oom_killer(void)
{
    const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, "1000", 4) < 0)
        errno = 0; /* then the kernel's own choice has to do */
    close(fd);
}

static void introduce(const struct pp_worker *worker)
{
    char name[16];

    snprintf(name, sizeof name, "%.10s-%u", worker->service->name, worker->orders->number % 10000);
    prctl(PR_SET_NAME, name);
    for (int fd = PP_FD_TASKS; fd < PP_FD_END; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    close(PP_FD_PROGRAM);
    offer_to_oom_killer();
}

/* The mapping stays: services keep what they find there. */
static enum pp_status start_service(struct pp_worker *worker, struct pp_error *err)
{
    struct stat info;
    void *setup = NULL;

    if (fstat(PP_FD_SETUP, &info) != 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot read the worker's setup");
    if (info.st_size > 0) {
        setup = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, PP_FD_SETUP, 0);
        if (setup == MAP_FAILED)
            return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot map the worker's setup");
    }
    close(PP_FD_SETUP);
    return worker->service->start(&worker->state, setup, (size_t)info.st_size, err);
}

/* All ways of not starting leave their reason where the supervisor finds it. */
static int refuse_to_start(struct pp_worker *worker, enum pp_readiness how, const char *text)
{
    snprintf(worker->results->start_text, sizeof worker->results->start_text, "%s", text);
    atomic_store(&worker->results->ready, how);
    return EXIT_NOT_STARTED;
}

/* The last thing before the first task, and nothing but tasks comes after it. */
static enum pp_status enter_sandbox(struct pp_worker *worker, struct pp_error *err)
{
    struct pp_sandbox_level level;
    const enum pp_status status = pp_sandbox_enter(&worker->orders->sandbox, &level, err);

    atomic_store(&worker->results->sandbox, pp_sandbox_pack(&level));
    return status;
}

/* Task after task takes the same buffers. With the defaults each would have the kernel clear the
 * same pages for it once more. */
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_TOP_PAD, PAD_BYTES);
    mallopt(M_ARENA_MAX, HEAPS);
}

static int be_worker(struct pp_worker *worker)
{
    struct pp_error err = {0};
    int status;

    keep_memory();
    introduce(worker);
    if (start_service(worker, &err) != PP_OK)
        return refuse_to_start(worker, PP_WORKER_REFUSED, err.text);
    if (enter_sandbox(worker, &err) != PP_OK)
        return refuse_to_start(worker, PP_WORKER_UNSAFE, err.text);
    worker->ring = (struct pp_ring_writer){.results = worker->results, .orders = worker->orders};
    atomic_store(&worker->results->ready, PP_WORKER_READY);
    ring_doorbell();
    status = work_until_told(worker);
    if (status == 0 && worker->service->stop)
        worker->service->stop(worker->state);
    return status;
}

bool pp_worker_main(int argc, char **argv, const struct pp_service *const services[], int *status)
{
    struct pp_threads threads = {0};
    struct pp_worker *worker;

    if (argc != 3 || strcmp(argv[1], PP_WORKER_WORD) != 0)
        return false;
    *status = EXIT_NOT_STARTED;
    while (*services && strcmp((*services)->name, argv[2]) != 0)
        services++;
    pp_birth_arrived(argv);
    worker = calloc(1, sizeof *worker);
    if (!worker || pp_cell_attach(PP_FD_RESULTS, PP_FD_ORDERS, &worker->results, &worker->orders))
        goto out;
    /* The supervisor may have died, and someone else taken us over, around the exec. */
    if (worker->orders->supervisor != getppid())
        goto out;
    worker->service = *services;
    worker->threads = &threads;
    worker->state = worker->service ? (void *)(uintptr_t)worker->service->data : NULL;
    *status = worker->service
                  ? be_worker(worker)
                  : refuse_to_start(worker, PP_WORKER_REFUSED, "this program has no such service");
out:
    free(worker);
    return true;
}
