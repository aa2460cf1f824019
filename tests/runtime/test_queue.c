/* Queues as they are when nobody dies: order, limits, waiting, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pixpool/queue.h>
#include <pixpool/shared.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "support_queue.h"

static void put_number(struct pp_queue *queue, int number)
{
    assert_int_equal(pp_queue_put(queue, &number, sizeof number, 0, NULL), PP_OK);
}

static int got_number(struct pp_queue *queue, double seconds)
{
    int number = -1;
    struct pp_queue_item item = {.data = &number, .room = sizeof number};

    assert_int_equal(pp_queue_get(queue, &item, seconds, NULL), PP_OK);
    assert_int_equal(item.size, sizeof number);
    assert_int_equal(item.redelivered, 0);
    return number;
}

static enum pp_status try_get(struct pp_queue *queue, double seconds)
{
    char bytes[64];
    struct pp_queue_item item = {.data = bytes, .room = sizeof bytes};

    return pp_queue_get(queue, &item, seconds, NULL);
}

static void items_come_out_in_the_order_in_which_they_went_in(void **state)
{
    struct pp_queue *queue = new_queue(10, 100);

    (void)state;
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 7; i++)
            put_number(queue, round * 10 + i);
        for (int i = 0; i < 7; i++)
            assert_int_equal(got_number(queue, 0), round * 10 + i);
    }
    assert_null(audit_queue(queue));
    pp_queue_free(queue);
}

static void size_empty_and_full_count_items(void **state)
{
    struct pp_queue *queue = new_queue(2, 100);

    (void)state;
    assert_int_equal(pp_queue_size(queue), 0);
    assert_true(pp_queue_is_empty(queue));
    assert_false(pp_queue_is_full(queue));
    put_number(queue, 1);
    assert_int_equal(pp_queue_size(queue), 1);
    put_number(queue, 5);
    assert_int_equal(pp_queue_size(queue), 2);
    assert_true(pp_queue_is_full(queue));
    assert_false(pp_queue_is_empty(queue));
    got_number(queue, 0);
    assert_int_equal(pp_queue_size(queue), 1);
    assert_false(pp_queue_is_full(queue));
    got_number(queue, 0);
    assert_true(pp_queue_is_empty(queue));
    pp_queue_free(queue);
}

static void a_full_queue_refuses_at_once_or_when_the_time_is_over(void **state)
{
    struct pp_queue *queue = new_queue(6, 100);
    struct pp_error err = {0};
    int seven = 7;
    uint64_t begin;

    (void)state;
    for (int i = 1; i <= 6; i++)
        assert_int_equal(pp_queue_put(queue, &i, sizeof i, i % 2 ? 0 : -1, NULL), PP_OK);
    assert_int_equal(pp_queue_put(queue, &seven, sizeof seven, 0, &err), PP_E_TIMEOUT);
    assert_string_equal(err.text, "cannot put: the queue has had no room for 4 bytes");
    begin = pp_clock_ns();
    assert_int_equal(pp_queue_put(queue, &seven, sizeof seven, 0.25, NULL), PP_E_TIMEOUT);
    assert_true(pp_clock_ns() - begin >= 250 * PP_NS_PER_MS);
    for (int i = 1; i <= 6; i++)
        assert_int_equal(got_number(queue, 0), i);
    assert_null(audit_queue(queue));
    pp_queue_free(queue);
}

static void an_empty_queue_gives_nothing_until_the_time_is_over(void **state)
{
    struct pp_queue *queue = new_queue(6, 100);
    struct pp_queue_item item = {0};
    struct pp_error err = {0};
    uint64_t begin = pp_clock_ns();

    (void)state;
    assert_int_equal(try_get(queue, 0), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_get(queue, &item, 0.25, &err), PP_E_TIMEOUT);
    assert_true(pp_clock_ns() - begin >= 250 * PP_NS_PER_MS);
    assert_string_equal(err.text, "cannot get: nothing has come into the queue");
    assert_int_equal(pp_queue_take(queue, &item, 0.01, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_get_alloc(queue, &item, 0.01, NULL), PP_E_TIMEOUT);
    assert_null(item.data);
    pp_queue_free(queue);
}

static void bytes_are_counted_and_all_of_them_can_be_used(void **state)
{
    struct pp_queue *queue = new_queue(10, 100);
    struct pp_error err = {0};
    char bytes[101] = {0};

    (void)state;
    assert_int_equal(pp_queue_put(queue, bytes, 101, -1, &err), PP_E_LIMIT);
    assert_string_equal(err.text, "cannot put 101 bytes: the queue holds 100");
    assert_int_equal(pp_queue_put(queue, bytes, 100, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_put(queue, bytes, 1, 0, NULL), PP_E_TIMEOUT);
    assert_int_equal(pp_queue_put(queue, bytes, 0, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_size(queue), 2);
    pp_queue_free(queue);
}

static void items_of_all_sizes_go_round_and_round(void **state)
{
    enum { BYTES = 10000 };
    struct pp_queue *queue = new_queue(16, BYTES);
    unsigned char bytes[BYTES];
    struct pp_queue_item item = {.data = bytes, .room = BYTES};
    uint64_t put = 0, got = 0, seed = 1;
    size_t sizes[16], inside = 0;

    (void)state;
    while (got < 5000) {
        size_t size = (seed = seed * 6364136223846793005u + 1442695040888963407u) >> 33;
        size %= seed >> 62 ? 300 : 5000;
        fill_item(bytes, size, put);
        if (inside + size <= BYTES && put - got < 16 &&
            pp_queue_put(queue, bytes, size, 0, NULL) == PP_OK) {
            sizes[put++ % 16] = size;
            inside += size;
            continue;
        }
        assert_int_equal(pp_queue_get(queue, &item, 0, NULL), PP_OK);
        assert_int_equal(item.size, sizes[got % 16]);
        assert_true(is_item(bytes, item.size, got));
        inside -= sizes[got++ % 16];
        if (got % 100 == 0)
            assert_null(audit_queue(queue));
    }
    pp_queue_free(queue);
}

static void an_item_of_no_bytes_is_an_item(void **state)
{
    struct pp_queue *queue = new_queue(3, 0);
    struct pp_queue_item item = {0};

    (void)state;
    assert_int_equal(pp_queue_put(queue, NULL, 0, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_put(queue, NULL, 0, 0, NULL), PP_OK);
    item.size = 9;
    assert_int_equal(pp_queue_get(queue, &item, 0, NULL), PP_OK);
    assert_int_equal(item.size, 0);
    assert_int_equal(pp_queue_get_alloc(queue, &item, 0, NULL), PP_OK);
    assert_int_equal(item.size, 0);
    assert_non_null(item.data);
    free(item.data);
    pp_queue_free(queue);
}

static void an_item_too_large_for_the_buffer_stays(void **state)
{
    static const size_t sizes[] = {20, 1500, 30000};
    struct pp_queue *queue = new_queue(3, 100000);
    unsigned char bytes[30000], small[10];
    struct pp_error err = {0};
    struct pp_queue_item item;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        fill_item(bytes, sizes[i], i);
        assert_int_equal(pp_queue_put(queue, bytes, sizes[i], 0, NULL), PP_OK);
        item = (struct pp_queue_item){.data = small, .room = sizeof small};
        assert_int_equal(pp_queue_get(queue, &item, 0, i == 0 ? &err : NULL), PP_E_LIMIT);
        assert_int_equal(item.size, sizes[i]);
        assert_int_equal(pp_queue_size(queue), 1);
        assert_int_equal(pp_queue_get_alloc(queue, &item, 0, NULL), PP_OK);
        assert_int_equal(item.size, sizes[i]);
        assert_true(is_item(item.data, item.size, i));
        free(item.data);
    }
    assert_string_equal(err.text, "cannot get: the item has 20 bytes, there is room for 10");
    pp_queue_free(queue);
}

static void what_is_taken_keeps_its_room_and_others_go_past_it(void **state)
{
    struct pp_queue *queue = new_queue(5, 10000);
    unsigned char bytes[6000];
    struct pp_queue_item taken, item = {.data = bytes, .room = sizeof bytes};

    (void)state;
    fill_item(bytes, 4000, 1);
    assert_int_equal(pp_queue_put(queue, bytes, 4000, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_take(queue, &taken, 0, NULL), PP_OK);
    assert_int_equal(pp_queue_size(queue), 0);
    assert_int_equal((uintptr_t)taken.data % 8, 0);
    for (uint64_t i = 0; i < 100; i++) {
        fill_item(bytes, 6000, i);
        assert_int_equal(pp_queue_put(queue, bytes, 6000, 0, NULL), PP_OK);
        assert_int_equal(pp_queue_put(queue, bytes, 1, 0, NULL), PP_E_TIMEOUT);
        assert_int_equal(pp_queue_get(queue, &item, 0, NULL), PP_OK);
        assert_true(is_item(bytes, 6000, i));
    }
    assert_int_equal(taken.size, 4000);
    assert_true(is_item(taken.data, 4000, 1));
    assert_null(audit_queue(queue));
    assert_int_equal(pp_queue_done(queue, &taken, NULL), PP_OK);
    assert_int_equal(pp_queue_put(queue, bytes, 6000, 0, NULL), PP_OK);
    pp_queue_free(queue);
}

static void an_item_is_done_once_and_by_who_took_it(void **state)
{
    struct pp_queue *queue = new_queue(5, 100);
    struct pp_queue_item taken, other;
    struct pp_error err = {0};

    (void)state;
    put_number(queue, 1);
    put_number(queue, 2);
    assert_int_equal(pp_queue_take(queue, &taken, 0, NULL), PP_OK);
    other = taken;
    other.slot = 1000;
    assert_int_equal(pp_queue_done(queue, &other, NULL), PP_E_USAGE);
    assert_int_equal(pp_queue_done(queue, &taken, NULL), PP_OK);
    assert_int_equal(pp_queue_done(queue, &taken, &err), PP_E_USAGE);
    assert_string_equal(err.text, "this item is not taken by the calling thread");
    assert_int_equal(pp_queue_take(queue, &other, 0, NULL), PP_OK);
    pid_t child = fork();
    if (child == 0)
        _exit(pp_queue_done(queue, &other, NULL) == PP_E_USAGE ? 0 : 1);
    assert_int_equal(end_of_child(child), 0);
    assert_int_equal(pp_queue_done(queue, &other, NULL), PP_OK);
    pp_queue_free(queue);
}

static void a_closed_queue_gives_what_it_has_and_takes_no_more(void **state)
{
    struct pp_queue *queue = new_queue(5, 100);
    struct pp_error put = {0}, get = {0};
    struct pp_queue_item item = {0};

    (void)state;
    put_number(queue, 1);
    put_number(queue, 2);
    assert_int_equal(pp_queue_close(queue, NULL), PP_OK);
    assert_int_equal(pp_queue_close(queue, NULL), PP_OK);
    assert_int_equal(pp_queue_put(queue, "x", 1, -1, &put), PP_E_CLOSED);
    assert_string_equal(put.text, "cannot put: the queue is closed");
    assert_int_equal(got_number(queue, -1), 1);
    assert_int_equal(pp_queue_take(queue, &item, -1, NULL), PP_OK);
    assert_int_equal(try_get(queue, -1), PP_E_CLOSED);
    assert_int_equal(pp_queue_done(queue, &item, NULL), PP_OK);
    assert_int_equal(pp_queue_take(queue, &item, -1, &get), PP_E_CLOSED);
    assert_string_equal(get.text, "cannot get: the queue is closed and empty");
    assert_int_equal(pp_queue_get_alloc(queue, &item, -1, NULL), PP_E_CLOSED);
    pp_queue_free(queue);
}

static void what_is_no_queue_cannot_be_attached_to(void **state)
{
    struct pp_queue *queue = NULL;
    struct pp_shared *shared = NULL;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_shared_create(100000, &shared, NULL), PP_OK);
    assert_int_equal(pp_queue_attach(-1, &queue, NULL), PP_E_USAGE);
    assert_int_equal(pp_queue_attach(pp_shared_fd(shared), &queue, NULL), PP_E_USAGE);
    assert_int_equal(pp_queue_create(0, 10, &queue, &err), PP_E_USAGE);
    assert_string_equal(err.text, "no queue can have 0 items of 10 bytes");
    assert_int_equal(pp_queue_create(1, SIZE_MAX, &queue, NULL), PP_E_USAGE);
    assert_int_equal(pp_queue_create(SIZE_MAX, 1, &queue, NULL), PP_E_USAGE);
    assert_null(queue);
    pp_queue_free(NULL);
    pp_shared_free(shared);
}

static void two_queues_over_one_descriptor_are_one(void **state)
{
    struct pp_queue *first = new_queue(5, 100), *second = NULL;

    (void)state;
    assert_int_equal(pp_queue_attach(pp_queue_fd(first), &second, NULL), PP_OK);
    assert_int_equal(fcntl(pp_queue_fd(first), F_GETFD), FD_CLOEXEC);
    put_number(first, 42);
    pp_queue_free(first);
    assert_int_equal(got_number(second, 0), 42);
    pp_queue_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_the_order_in_which_they_went_in),
        cmocka_unit_test(size_empty_and_full_count_items),
        cmocka_unit_test(a_full_queue_refuses_at_once_or_when_the_time_is_over),
        cmocka_unit_test(an_empty_queue_gives_nothing_until_the_time_is_over),
        cmocka_unit_test(bytes_are_counted_and_all_of_them_can_be_used),
        cmocka_unit_test(items_of_all_sizes_go_round_and_round),
        cmocka_unit_test(an_item_of_no_bytes_is_an_item),
        cmocka_unit_test(an_item_too_large_for_the_buffer_stays),
        cmocka_unit_test(what_is_taken_keeps_its_room_and_others_go_past_it),
        cmocka_unit_test(an_item_is_done_once_and_by_who_took_it),
        cmocka_unit_test(a_closed_queue_gives_what_it_has_and_takes_no_more),
        cmocka_unit_test(what_is_no_queue_cannot_be_attached_to),
        cmocka_unit_test(two_queues_over_one_descriptor_are_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
