/* Numbers and arrays that processes share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pixpool/value.h>
#include <string.h>

#include "support_sync.h"

#define TIMES 20000

/* What somebody might share: numbers of all types, a struct of his own, a lock for it. */
struct own {
    int x;
    double y;
};

struct desk {
    struct pp_value_i32 i32;
    struct pp_value_u32 u32;
    struct pp_value_i64 i64;
    struct pp_value_u64 u64;
    struct pp_value_f64 f64;
    struct pp_lock lock;
    struct own own;
};

static struct desk *desk;

static int set_up(void **state)
{
    desk = sync_lend(state, sizeof *desk);
    return 0;
}

/* ---- values --------------------------------------------------------------------------------- */

static bool set_others(void *user)
{
    (void)user;
    pp_value_i32_set(&desk->i32, 24234);
    pp_value_u32_set(&desk->u32, 4000000001u);
    pp_value_i64_set(&desk->i64, -(INT64_C(1) << 34));
    pp_value_u64_set(&desk->u64, UINT64_C(1) << 63);
    pp_value_f64_set(&desk->f64, -4.25);
    return true;
}

static void a_child_sets_what_its_parent_then_gets(void **state)
{
    (void)state;
    pp_value_i32_set(&desk->i32, -4343);
    pp_value_f64_set(&desk->f64, 3.625);
    assert_int_equal(pp_value_i32_get(&desk->i32), -4343);
    assert_true(pp_value_f64_get(&desk->f64) == 3.625);
    assert_true(sync_ended_well(sync_fork(set_others, NULL)));
    assert_int_equal(pp_value_i32_get(&desk->i32), 24234);
    assert_int_equal(pp_value_u32_get(&desk->u32), 4000000001u);
    assert_true(pp_value_i64_get(&desk->i64) == -(INT64_C(1) << 34));
    assert_true(pp_value_u64_get(&desk->u64) == UINT64_C(1) << 63);
    assert_true(pp_value_f64_get(&desk->f64) == -4.25);
}

static void adding_gives_the_sum_and_wraps_at_the_ends(void **state)
{
    (void)state;
    assert_int_equal(pp_value_i32_add(&desk->i32, -5), -5);
    assert_int_equal(pp_value_i32_add(&desk->i32, 7), 2);
    pp_value_i32_set(&desk->i32, INT32_MAX);
    assert_int_equal(pp_value_i32_add(&desk->i32, 1), INT32_MIN);
    assert_int_equal(pp_value_u32_add(&desk->u32, UINT32_MAX), UINT32_MAX);
    assert_int_equal(pp_value_u32_add(&desk->u32, 2), 1);
    pp_value_i64_set(&desk->i64, INT64_MAX);
    assert_true(pp_value_i64_add(&desk->i64, 1) == INT64_MIN);
    assert_true(pp_value_u64_add(&desk->u64, UINT64_MAX) == UINT64_MAX);
    assert_true(pp_value_u64_add(&desk->u64, 1) == 0);
    assert_true(pp_value_f64_add(&desk->f64, 0.5) == 0.5);
    assert_true(pp_value_f64_add(&desk->f64, -2) == -1.5);
}

static void an_exchange_succeeds_only_from_what_is_expected(void **state)
{
    int32_t i32 = 1;
    uint32_t u32 = 1;
    int64_t i64 = 1;
    uint64_t u64 = 1;
    double f64 = -0.0;

    (void)state;
    assert_false(pp_value_i32_exchange_if(&desk->i32, &i32, 5));
    assert_int_equal(i32, 0);
    assert_true(pp_value_i32_exchange_if(&desk->i32, &i32, 5));
    assert_int_equal(pp_value_i32_get(&desk->i32), 5);
    assert_false(pp_value_u32_exchange_if(&desk->u32, &u32, 6));
    assert_true(pp_value_u32_exchange_if(&desk->u32, &u32, 6));
    assert_int_equal(pp_value_u32_get(&desk->u32), 6);
    assert_false(pp_value_i64_exchange_if(&desk->i64, &i64, -7));
    assert_true(pp_value_i64_exchange_if(&desk->i64, &i64, -7));
    assert_true(pp_value_i64_get(&desk->i64) == -7);
    assert_false(pp_value_u64_exchange_if(&desk->u64, &u64, 8));
    assert_true(pp_value_u64_exchange_if(&desk->u64, &u64, 8));
    assert_true(pp_value_u64_get(&desk->u64) == 8);
    assert_false(pp_value_f64_exchange_if(&desk->f64, &f64, (double)NAN));
    assert_true(pp_value_f64_exchange_if(&desk->f64, &f64, (double)NAN));
    f64 = pp_value_f64_get(&desk->f64);
    assert_true(isnan(f64));
    assert_true(pp_value_f64_exchange_if(&desk->f64, &f64, 9));
}

static bool add_many(void *user)
{
    (void)user;
    for (unsigned i = 0; i < TIMES; i++) {
        pp_value_i32_add(&desk->i32, 1);
        pp_value_u32_add(&desk->u32, 2);
        pp_value_i64_add(&desk->i64, -3);
        pp_value_u64_add(&desk->u64, 4);
        pp_value_f64_add(&desk->f64, 0.5);
    }
    return true;
}

static void nothing_is_lost_that_two_processes_add(void **state)
{
    pid_t child = sync_fork(add_many, NULL);

    (void)state;
    (void)add_many(NULL);
    assert_true(sync_ended_well(child));
    assert_int_equal(pp_value_i32_get(&desk->i32), 2 * TIMES);
    assert_int_equal(pp_value_u32_get(&desk->u32), 4 * TIMES);
    assert_true(pp_value_i64_get(&desk->i64) == -6 * TIMES);
    assert_true(pp_value_u64_get(&desk->u64) == 8 * TIMES);
    assert_true(pp_value_f64_get(&desk->f64) == TIMES);
}

static bool double_all_of_it(void *user)
{
    bool well = pp_lock_acquire(&desk->lock, -1, NULL) == PP_OK;

    (void)user;
    desk->own = (struct own){.x = 2 * desk->own.x, .y = 2 * desk->own.y};
    return well && pp_lock_release(&desk->lock, NULL) == PP_OK;
}

static void a_struct_of_ones_own_is_shared_beside_a_lock(void **state)
{
    struct own copy;

    (void)state;
    desk->own = (struct own){.x = 3, .y = 2};
    copy = desk->own;
    assert_true(sync_ended_well(sync_fork(double_all_of_it, NULL)));
    assert_int_equal(desk->own.x, 6);
    assert_true(desk->own.y == 4);
    assert_int_equal(copy.x, 3);
}

/* ---- arrays --------------------------------------------------------------------------------- */

static struct pp_shared *create(enum pp_element element, size_t count, struct pp_array **array)
{
    struct pp_shared *shared = NULL;

    assert_int_equal(pp_array_create(element, count, &shared, array, NULL), PP_OK);
    return shared;
}

static void a_new_array_is_of_zeros_and_any_part_can_be_read_written_and_filled(void **state)
{
    static const int32_t zeros[10] = {0}, some[10] = {680, 626, -934, 821, 150, 233, 548, 982};
    static const int32_t slice[4] = {1, 2, 3, 4}, seven = 7;
    static const int32_t expected[10] = {680, 626, -934, 7, 1, 2, 3, 4, 0, 0};
    struct pp_array *array;
    struct pp_shared *shared = create(PP_ELEMENT_I32, 10, &array);
    int32_t read[10];

    (void)state;
    assert_int_equal(pp_array_count(array), 10);
    assert_int_equal(pp_array_element(array), PP_ELEMENT_I32);
    assert_int_equal(pp_array_read(array, 0, 10, read, NULL), PP_OK);
    assert_memory_equal(read, zeros, sizeof zeros);
    assert_int_equal(pp_array_write(array, 0, 10, some, NULL), PP_OK);
    assert_int_equal(pp_value_i32_get(pp_array_i32(array, 3)), 821);
    assert_int_equal(pp_array_read(array, 2, 5, read, NULL), PP_OK);
    assert_memory_equal(read, some + 2, 5 * sizeof *read);
    assert_int_equal(pp_array_write(array, 4, 4, slice, NULL), PP_OK);
    assert_int_equal(pp_array_fill(array, 3, 1, &seven, NULL), PP_OK);
    assert_int_equal(pp_array_read(array, 0, 10, read, NULL), PP_OK);
    assert_memory_equal(read, expected, sizeof expected);
    pp_shared_free(shared);
}

static void elements_of_each_type_are_filled_copied_and_added_to(void **state)
{
    static const uint8_t byte = 200;
    static const double half = 0.5;
    static const uint64_t large = UINT64_MAX;
    struct pp_array *bytes, *doubles, *words;
    struct pp_shared *first = create(PP_ELEMENT_BYTE, 5, &bytes);
    struct pp_shared *second = create(PP_ELEMENT_F64, 5, &doubles);
    struct pp_shared *third = create(PP_ELEMENT_U64, 5, &words);
    char text[5];

    (void)state;
    assert_int_equal(pp_array_fill(bytes, 0, 5, &byte, NULL), PP_OK);
    assert_int_equal(pp_array_write(bytes, 1, 3, "abc", NULL), PP_OK);
    assert_int_equal(pp_array_read(bytes, 0, 5, text, NULL), PP_OK);
    assert_memory_equal(text, "\310abc\310", 5);
    assert_int_equal(pp_array_fill(doubles, 1, 4, &half, NULL), PP_OK);
    assert_true(pp_value_f64_add(pp_array_f64(doubles, 4), 1) == 1.5);
    assert_true(pp_value_f64_get(pp_array_f64(doubles, 0)) == 0);
    assert_int_equal(pp_array_fill(words, 2, 2, &large, NULL), PP_OK);
    assert_true(pp_value_u64_add(pp_array_u64(words, 3), 2) == 1);
    assert_true(pp_value_u64_get(pp_array_u64(words, 2)) == large);
    assert_true(pp_value_u64_get(pp_array_u64(words, 4)) == 0);
    pp_shared_free(first);
    pp_shared_free(second);
    pp_shared_free(third);
}

static void what_lies_outside_of_an_array_is_refused_and_nothing_copied(void **state)
{
    struct pp_array *array;
    struct pp_shared *shared = create(PP_ELEMENT_I64, 10, &array);
    int64_t elements[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_array_write(array, 0, 11, elements, &err), PP_E_USAGE);
    assert_string_equal(err.text, "an array of 10 elements has no 11 from 0 on");
    assert_int_equal(pp_array_write(array, 10, 1, elements, NULL), PP_E_USAGE);
    assert_int_equal(pp_array_write(array, 2, SIZE_MAX, elements, NULL), PP_E_USAGE);
    assert_int_equal(pp_array_read(array, SIZE_MAX, 2, elements, NULL), PP_E_USAGE);
    assert_int_equal(pp_array_fill(array, 9, 2, elements, NULL), PP_E_USAGE);
    assert_int_equal(pp_array_write(array, 10, 0, NULL, NULL), PP_OK);
    for (size_t i = 0; i < 10; i++)
        assert_true(pp_value_i64_get(pp_array_i64(array, i)) == 0);
    assert_null(pp_array_i64(array, 10));
    assert_null(pp_array_i32(array, 0));
    assert_null(pp_array_u32(array, 0));
    assert_null(pp_array_u64(array, 0));
    assert_null(pp_array_f64(array, 0));
    pp_shared_free(shared);
}

static void sizes_and_types_that_cannot_be_are_refused(void **state)
{
    struct pp_shared *shared = NULL;
    struct pp_array *array = NULL;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(pp_array_size(PP_ELEMENT_U32, 3), sizeof *array + 12);
    assert_int_equal(pp_array_size((enum pp_element)0, 3), 0);
    assert_int_equal(pp_array_size(PP_ELEMENT_F64, SIZE_MAX / 8), 0);
    assert_int_equal(pp_array_create((enum pp_element)7, 3, &shared, &array, &err), PP_E_USAGE);
    assert_string_equal(err.text, "no array has 3 elements of type 7");
    assert_int_equal(pp_array_create(PP_ELEMENT_F64, SIZE_MAX / 8, &shared, &array, NULL),
                     PP_E_USAGE);
    assert_null(shared);
    shared = create(PP_ELEMENT_I32, 0, &array);
    assert_int_equal(pp_array_count(array), 0);
    pp_shared_free(shared);
}

static void an_array_is_opened_only_where_one_lies(void **state)
{
    struct pp_shared *small = NULL, *other = NULL, *shared;
    struct pp_array *array, *opened = NULL;

    (void)state;
    assert_int_equal(pp_shared_create(8, &small, NULL), PP_OK);
    assert_int_equal(pp_array_open(small, &opened, NULL), PP_E_USAGE);
    shared = create(PP_ELEMENT_U32, 3, &array);
    pp_value_u32_set(pp_array_u32(array, 2), 5);
    assert_int_equal(pp_shared_attach(pp_shared_fd(shared), &other, NULL), PP_OK);
    assert_int_equal(pp_array_open(other, &opened, NULL), PP_OK);
    assert_ptr_not_equal(opened, array);
    assert_int_equal(pp_value_u32_get(pp_array_u32(opened, 2)), 5);
    array->count = 4;
    assert_int_equal(pp_array_open(other, &opened, NULL), PP_E_USAGE);
    array->count = UINT64_MAX;
    assert_int_equal(pp_array_open(other, &opened, NULL), PP_E_USAGE);
    array->count = 3;
    array->element = 0;
    assert_int_equal(pp_array_open(other, &opened, NULL), PP_E_USAGE);
    pp_shared_free(small);
    pp_shared_free(other);
    pp_shared_free(shared);
}

/* Each element becomes the sum of all up to it. */
static bool sum_up(void *user)
{
    struct pp_array *array = user;
    bool well = pp_lock_acquire(pp_array_lock(array), -1, NULL) == PP_OK;

    for (size_t i = 1; well && i < pp_array_count(array); i++)
        pp_value_i32_add(pp_array_i32(array, i), pp_value_i32_get(pp_array_i32(array, i - 1)));
    return well && pp_lock_release(pp_array_lock(array), NULL) == PP_OK;
}

static void a_child_changes_an_array_under_its_lock(void **state)
{
    static const int32_t some[4] = {1, 2, 3, 4}, sums[4] = {1, 3, 6, 10};
    struct pp_array *array;
    struct pp_shared *shared = create(PP_ELEMENT_I32, 4, &array);
    int32_t read[4];

    (void)state;
    assert_ptr_not_equal(pp_array_lock(array), NULL);
    assert_int_equal(pp_array_write(array, 0, 4, some, NULL), PP_OK);
    assert_true(sync_ended_well(sync_fork(sum_up, array)));
    assert_int_equal(pp_array_read(array, 0, 4, read, NULL), PP_OK);
    assert_memory_equal(read, sums, sizeof sums);
    pp_shared_free(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_child_sets_what_its_parent_then_gets, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(adding_gives_the_sum_and_wraps_at_the_ends, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(an_exchange_succeeds_only_from_what_is_expected, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(nothing_is_lost_that_two_processes_add, set_up,
                                        sync_take_back),
        cmocka_unit_test_setup_teardown(a_struct_of_ones_own_is_shared_beside_a_lock, set_up,
                                        sync_take_back),
        cmocka_unit_test(a_new_array_is_of_zeros_and_any_part_can_be_read_written_and_filled),
        cmocka_unit_test(elements_of_each_type_are_filled_copied_and_added_to),
        cmocka_unit_test(what_lies_outside_of_an_array_is_refused_and_nothing_copied),
        cmocka_unit_test(sizes_and_types_that_cannot_be_are_refused),
        cmocka_unit_test(an_array_is_opened_only_where_one_lies),
        cmocka_unit_test(a_child_changes_an_array_under_its_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
