/* Items as bytes: where they lie, and frames that are not whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/task_frame.h"

#define ITEMS 41 /* of 0, 1, 2 ... bytes */

struct frame {
    _Alignas(PP_FRAME_ALIGNMENT) uint8_t bytes[4096];
    size_t size;
};

static struct frame written(void)
{
    struct frame frame = {.size = sizeof(struct pp_frame_head)};
    uint8_t data[ITEMS];

    memset(frame.bytes, 0x77, sizeof frame.bytes);
    memset(data, 0x55, sizeof data);
    for (uint8_t i = 0; i < ITEMS; i++) {
        const struct pp_frame_item item = {.size = i, .status = i, .attempt = (uint8_t)(255 - i)};
        const size_t end = pp_frame_end(frame.size, i);

        frame.size = pp_frame_put(frame.bytes, frame.size, &item, data);
        assert_int_equal(frame.size, end);
    }
    return frame;
}

static void items_come_out_as_they_were_put_in(void **state)
{
    const struct frame frame = written();
    size_t at = sizeof(struct pp_frame_head);

    (void)state;
    for (unsigned i = 0; i < ITEMS; i++) {
        struct pp_frame_item item;
        const void *data = NULL;

        assert_true(pp_frame_take(frame.bytes, frame.size, &at, &item, &data));
        assert_int_equal(item.size, i);
        assert_int_equal(item.status, i);
        assert_int_equal(item.attempt, 255 - i);
        assert_int_equal((uintptr_t)data % (i <= 8 ? 8 : 16), 0);
        for (unsigned byte = 0; byte < i; byte++)
            assert_int_equal(((const uint8_t *)data)[byte], 0x55);
    }
    assert_int_equal(at, frame.size);
}

/* What is sent to another process, or sums are taken of, has no bytes that nobody wrote. */
static void all_of_a_frame_is_written(void **state)
{
    const struct frame frame = written();

    (void)state;
    for (size_t i = sizeof(struct pp_frame_head); i < frame.size; i++)
        assert_int_not_equal(frame.bytes[i], 0x77);
    assert_int_equal(frame.bytes[frame.size], 0x77);
}

static void a_number_takes_two_words(void **state)
{
    (void)state;
    assert_int_equal(pp_frame_end(16, sizeof(uint64_t)), 32);
    assert_int_equal(pp_frame_end(24, sizeof(uint64_t)), 40);
    assert_int_equal(pp_frame_end(16, 0), 24);
}

static void an_item_that_is_not_whole_is_not_taken(void **state)
{
    const struct pp_frame_item item = {.size = 20};
    struct frame frame = {.size = 0};
    struct pp_frame_item found;
    const void *data = NULL;
    size_t at = 16;

    (void)state;
    frame.size = pp_frame_put(frame.bytes, 16, &item, NULL);
    for (size_t size = 0; size < frame.size; size++) {
        at = 16;
        assert_false(pp_frame_take(frame.bytes, size, &at, &found, &data));
        assert_int_equal(at, 16);
    }
    assert_true(pp_frame_take(frame.bytes, frame.size, &at, &found, &data));
    assert_false(pp_frame_take(frame.bytes, frame.size, &at, &found, &data));
    memset(frame.bytes, 0xff, sizeof frame.bytes);
    at = 16;
    assert_false(pp_frame_take(frame.bytes, sizeof frame.bytes, &at, &found, &data));
}

static void more_than_there_is_has_no_end(void **state)
{
    (void)state;
    assert_int_equal(pp_frame_end(16, SIZE_MAX), SIZE_MAX);
    assert_int_equal(pp_frame_end(PTRDIFF_MAX, PP_FRAME_ITEM_MAX + 1), SIZE_MAX);
    assert_true(pp_frame_end(PTRDIFF_MAX, PP_FRAME_ITEM_MAX) > PTRDIFF_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_as_they_were_put_in),
        cmocka_unit_test(all_of_a_frame_is_written),
        cmocka_unit_test(a_number_takes_two_words),
        cmocka_unit_test(an_item_that_is_not_whole_is_not_taken),
        cmocka_unit_test(more_than_there_is_has_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
