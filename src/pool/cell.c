#include "pool/cell.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memfile.h"

static int write_guards(struct pp_cell *cell)
{
    const off_t places[] = {
        offsetof(struct pp_results, guard_front),
        (off_t)(pp_results_size(cell->records) - sizeof cell->guard),
    };

    if (getrandom(&cell->guard, sizeof cell->guard, 0) != sizeof cell->guard)
        return errno;
    for (size_t i = 0; i < 2; i++)
        if (pwrite(cell->results_fd, &cell->guard, sizeof cell->guard, places[i]) !=
            sizeof cell->guard)
            return errno;
    return 0;
}

/*
 * A size that is sealed cannot be cut down by a worker, which would be a SIGBUS for the supervisor.
 * The supervisor's own writable mapping of the orders has to exist before the seal that forbids all
 * later ones.
 */
static int map_and_seal(struct pp_cell *cell)
{
    void *results, *orders;
    int error;

    results =
        mmap(NULL, pp_results_size(cell->records), PROT_READ, MAP_SHARED, cell->results_fd, 0);
    if (results == MAP_FAILED)
        return errno;
    cell->results = results;
    orders =
        mmap(NULL, sizeof *cell->orders, PROT_READ | PROT_WRITE, MAP_SHARED, cell->orders_fd, 0);
    if (orders == MAP_FAILED)
        return errno;
    cell->orders = orders;
    cell->orders->records = cell->records;
    error = pp_memfile_seal(cell->results_fd, PP_SEAL_SIZE);
    return error ? error : pp_memfile_seal(cell->orders_fd, PP_SEAL_LATER);
}

int pp_cell_create(struct pp_cell *cell, enum pp_ring_size records)
{
    int error;

    *cell = (struct pp_cell){.records = records, .results_fd = -1, .orders_fd = -1};
    error = pp_memfile_create("pixpool-results", pp_results_size(records), &cell->results_fd);
    if (!error)
        error = pp_memfile_create("pixpool-orders", sizeof *cell->orders, &cell->orders_fd);
    if (!error)
        error = write_guards(cell);
    if (!error)
        error = map_and_seal(cell);
    if (error)
        pp_cell_release(cell);
    return error;
}

void pp_cell_close_fds(struct pp_cell *cell)
{
    if (cell->results_fd >= 0)
        close(cell->results_fd);
    if (cell->orders_fd >= 0)
        close(cell->orders_fd);
    cell->results_fd = cell->orders_fd = -1;
}

void pp_cell_release(struct pp_cell *cell)
{
    pp_cell_close_fds(cell);
    if (cell->results)
        munmap((void *)(uintptr_t)cell->results, pp_results_size(cell->records));
    if (cell->orders)
        munmap(cell->orders, sizeof *cell->orders);
    cell->results = NULL;
    cell->orders = NULL;
}

bool pp_cell_intact(const struct pp_cell *cell)
{
    const volatile uint64_t *front = &cell->results->guard_front;
    const volatile uint64_t *back =
        (const uint64_t *)(const void *)(cell->results->ring + cell->records);

    return *front == cell->guard && *back == cell->guard;
}

static int attach_one(int fd, size_t size, int protection, void **at)
{
    struct stat info;

    if (fstat(fd, &info) != 0)
        return errno;
    if (info.st_size != (off_t)size)
        return EPROTO;
    *at = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
    return *at == MAP_FAILED ? errno : 0;
}

int pp_cell_attach(int results_fd, int orders_fd, struct pp_results **results,
                   const struct pp_orders **orders)
{
    void *at = NULL;
    int error;

    error = attach_one(orders_fd, sizeof **orders, PROT_READ, &at);
    if (error)
        return error;
    *orders = at;
    error =
        attach_one(results_fd, pp_results_size((*orders)->records), PROT_READ | PROT_WRITE, &at);
    if (error) {
        munmap((void *)(uintptr_t)*orders, sizeof **orders);
        return error;
    }
    *results = at;
    return 0;
}
