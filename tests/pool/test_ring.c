#include "support_pool.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool/cell.h"
#include "pool/ring.h"

/* Both ends of a ring, and the memory between them. */
struct ends {
    struct pp_cell cell;
    struct pp_results *results;
    const struct pp_orders *orders;
    struct pp_ring_writer writer;
    struct pp_ring_reader reader;
    struct pp_record record;
};

static int set_up(void **state)
{
    static struct ends ends;

    ends = (struct ends){0};
    if (pp_cell_create(&ends.cell, PP_RING_MANY) != 0 ||
        pp_cell_attach(ends.cell.results_fd, ends.cell.orders_fd, &ends.results, &ends.orders) != 0)
        return -1;
    ends.writer = (struct pp_ring_writer){.results = ends.results, .orders = ends.orders};
    ends.reader = (struct pp_ring_reader){.cell = &ends.cell, .incarnation = 9};
    *state = &ends;
    return 0;
}

static int tear_down(void **state)
{
    struct ends *ends = *state;

    munmap(ends->results, pp_results_size(PP_RING_MANY));
    munmap((void *)(uintptr_t)ends->orders, sizeof *ends->orders);
    pp_cell_release(&ends->cell);
    return 0;
}

static bool push(struct ends *ends, uint64_t id, const char *text)
{
    const struct pp_record head = {.id = id,
                                   .attempt = 1,
                                   .incarnation = 9,
                                   .kind = PP_RECORD_DONE,
                                   .payload_size = (uint32_t)strlen(text)};

    return pp_ring_push(&ends->writer, &head, text);
}

static enum pp_ring_state take(struct ends *ends, uint64_t id, unsigned outstanding)
{
    const struct pp_ring_expected expected = {.outstanding = outstanding, .id = id, .attempt = 1};

    return pp_ring_take(&ends->reader, &expected, &ends->record);
}

static void an_empty_ring_has_nothing(void **state)
{
    assert_int_equal(take(*state, 1, 2), PP_RING_EMPTY);
    assert_int_equal(take(*state, 1, 0), PP_RING_EMPTY);
}

static void records_come_out_in_push_order(void **state)
{
    struct ends *ends = *state;

    (void)push(ends, 1, "one");
    (void)push(ends, 2, "second");
    assert_int_equal(take(ends, 1, 2), PP_RING_TAKEN);
    assert_int_equal(ends->record.payload_size, 3);
    assert_memory_equal(ends->record.payload, "one", 3);
    assert_int_equal(take(ends, 2, 1), PP_RING_TAKEN);
    assert_memory_equal(ends->record.payload, "second", 6);
    assert_int_equal(take(ends, 3, 0), PP_RING_EMPTY);
}

static void the_ring_goes_round_many_times(void **state)
{
    struct ends *ends = *state;

    for (uint64_t id = 1; id < 10 * PP_RING_MANY; id += 2) {
        (void)push(ends, id, "a");
        (void)push(ends, id + 1, "b");
        assert_int_equal(take(ends, id, 2), PP_RING_TAKEN);
        assert_int_equal(ends->record.payload[0], 'a');
        assert_int_equal(take(ends, id + 1, 1), PP_RING_TAKEN);
        assert_int_equal(ends->record.payload[0], 'b');
    }
}

static void only_the_first_of_waiting_records_rings(void **state)
{
    struct ends *ends = *state;

    assert_true(push(ends, 1, "a"));
    assert_false(push(ends, 2, "b"));
    assert_int_equal(take(ends, 1, 2), PP_RING_TAKEN);
    assert_int_equal(take(ends, 2, 1), PP_RING_TAKEN);
    assert_true(push(ends, 3, "c"));
}

static void the_writer_rings_once_for_as_many_as_it_was_asked_to(void **state)
{
    struct ends *ends = *state;

    pp_ring_hush(&ends->reader, 3);
    pp_ring_hush(&ends->reader, 2); /* never sooner */
    assert_false(push(ends, 1, "a"));
    assert_false(push(ends, 2, "b"));
    assert_false(push(ends, 3, "c"));
    assert_true(push(ends, 4, "d"));
    assert_false(push(ends, 5, "e"));
    for (uint64_t id = 1; id <= 5; id++)
        assert_int_equal(take(ends, id, 5), PP_RING_TAKEN);
    assert_true(push(ends, 6, "f")); /* what was asked for is over */
    assert_int_equal(take(ends, 6, 1), PP_RING_TAKEN);
    pp_ring_hush(&ends->reader, 3);
    pp_ring_listen(&ends->reader);
    assert_true(push(ends, 7, "g"));
}

static void any_changed_byte_of_a_record_is_noticed(void **state)
{
    struct ends *ends = *state;
    uint8_t *bytes = (uint8_t *)&ends->results->ring[0];
    const size_t size = offsetof(struct pp_record, payload) + 5;

    (void)push(ends, 1, "bytes");
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x40;
        assert_int_equal(take(ends, 1, 1), PP_RING_BROKEN);
        bytes[i] ^= 0x40;
    }
    assert_int_equal(take(ends, 1, 1), PP_RING_TAKEN);
}

static void a_record_of_something_else_is_refused(void **state)
{
    struct ends *ends = *state;
    const struct pp_ring_expected other_attempt = {.outstanding = 1, .id = 1, .attempt = 2};

    (void)push(ends, 1, "x");
    assert_int_equal(take(ends, 2, 1), PP_RING_BROKEN);
    assert_int_equal(pp_ring_take(&ends->reader, &other_attempt, &ends->record), PP_RING_BROKEN);
    ends->reader.incarnation = 8;
    assert_int_equal(take(ends, 1, 1), PP_RING_BROKEN);
    ends->reader.incarnation = 9;
    assert_int_equal(take(ends, 1, 1), PP_RING_TAKEN);
}

static void a_tail_that_cannot_be_is_refused(void **state)
{
    struct ends *ends = *state;

    (void)push(ends, 1, "x");
    assert_int_equal(take(ends, 1, 0), PP_RING_BROKEN); /* nothing was handed out */
    assert_int_equal(take(ends, 1, 1), PP_RING_TAKEN);
    atomic_store(&ends->results->tail, 0); /* backwards */
    assert_int_equal(take(ends, 2, 2), PP_RING_BROKEN);
    atomic_store(&ends->results->tail, UINT64_MAX);
    assert_int_equal(take(ends, 2, 2), PP_RING_BROKEN);
    atomic_store(&ends->results->tail, 4);
    assert_int_equal(take(ends, 2, 2), PP_RING_BROKEN);
}

static void a_cell_written_over_is_noticed(void **state)
{
    struct ends *ends = *state;

    ends->results->guard_front++;
    assert_int_equal(take(ends, 1, 1), PP_RING_BROKEN);
    ends->results->guard_front--;
    memset(ends->results->ring + PP_RING_MANY, 0, sizeof ends->cell.guard);
    assert_int_equal(take(ends, 1, 1), PP_RING_BROKEN);
}

static void a_worker_can_neither_resize_nor_write_its_orders(void **state)
{
    struct ends *ends = *state;

    assert_int_equal(ftruncate(ends->cell.results_fd, 0), -1);
    assert_int_equal(ftruncate(ends->cell.orders_fd, 1 << 20), -1);
    assert_int_equal(pwrite(ends->cell.orders_fd, "x", 1, 0), -1);
    assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ends->cell.orders_fd, 0),
                     MAP_FAILED);
    assert_int_equal(fcntl(ends->cell.orders_fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
}

static void a_descriptor_that_is_no_cell_is_not_attached(void **state)
{
    const struct pp_orders *orders;
    struct pp_results *results;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_not_equal(pp_cell_attach(ends[0], ends[1], &results, &orders), 0);
    assert_int_not_equal(pp_cell_attach(-1, -1, &results, &orders), 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_ring_has_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_come_out_in_push_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_ring_goes_round_many_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_first_of_waiting_records_rings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_writer_rings_once_for_as_many_as_it_was_asked_to,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_changed_byte_of_a_record_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_of_something_else_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tail_that_cannot_be_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cell_written_over_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_worker_can_neither_resize_nor_write_its_orders, set_up,
                                        tear_down),
        cmocka_unit_test(a_descriptor_that_is_no_cell_is_not_attached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
