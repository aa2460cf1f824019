/* The objects of a manager: dicts, lists, numbers, by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_manager.h"

static void set(struct pp_manager *manager, const char *key, const char *value)
{
    assert_int_equal(pp_manager_dict_set(manager, "d", bytes_of(key), bytes_of(value), NULL),
                     PP_OK);
}

static uint64_t dict_length(struct pp_manager *manager)
{
    uint64_t length;

    assert_int_equal(pp_manager_dict_length(manager, "d", &length, NULL), PP_OK);
    return length;
}

static int change_dict(struct pp_manager *manager)
{
    struct pp_bytes value, item[2];

    if (pp_manager_dict_get(manager, "d", bytes_of("foo"), &value, NULL) != PP_OK ||
        !bytes_are(value, "5"))
        return 1;
    if (pp_manager_dict_pop_last(manager, "d", item, NULL) != PP_OK || !bytes_are(item[0], "foo") ||
        !bytes_are(item[1], "5"))
        return 2;
    return pp_manager_dict_set(manager, "d", bytes_of("bar"), bytes_of("6"), NULL) == PP_OK ? 0 : 3;
}

static void a_dict_is_the_same_for_all_processes(void **state)
{
    struct pp_bytes value;

    set(*state, "foo", "5");
    assert_int_equal(manager_client_result(manager_client(*state, change_dict)), 0);
    assert_int_equal(dict_length(*state), 1);
    assert_int_equal(pp_manager_dict_get(*state, "d", bytes_of("bar"), &value, NULL), PP_OK);
    assert_true(bytes_are(value, "6"));
    assert_int_equal(pp_manager_dict_get(*state, "d", bytes_of("foo"), &value, NULL), PP_OK);
    assert_null(value.data);
}

static void a_dict_keeps_the_order_of_its_keys(void **state)
{
    struct pp_manager_items items;
    bool found;

    set(*state, "c", "1");
    set(*state, "a", "2");
    set(*state, "b", "3");
    set(*state, "c", "4");
    assert_int_equal(pp_manager_dict_keys(*state, "d", &items, NULL), PP_OK);
    assert_int_equal(items.count, 3);
    assert_string_equal(items_in_words(items), "c a b");
    assert_int_equal(pp_manager_dict_values(*state, "d", &items, NULL), PP_OK);
    assert_string_equal(items_in_words(items), "4 2 3");
    assert_int_equal(pp_manager_dict_delete(*state, "d", bytes_of("c"), &found, NULL), PP_OK);
    assert_true(found);
    assert_int_equal(pp_manager_dict_delete(*state, "d", bytes_of("c"), &found, NULL), PP_OK);
    assert_false(found);
    set(*state, "c", "5");
    assert_int_equal(pp_manager_dict_items(*state, "d", &items, NULL), PP_OK);
    assert_string_equal(items_in_words(items), "a 2 b 3 c 5");
}

static void what_a_dict_gives_and_keeps(void **state)
{
    const struct pp_bytes first[2] = {bytes_of("k"), bytes_of("first")};
    const struct pp_bytes second[2] = {bytes_of("k"), bytes_of("second")};
    struct pp_bytes value, item[2];
    bool found = true;

    assert_int_equal(pp_manager_dict_contains(*state, "d", bytes_of("k"), &found, NULL), PP_OK);
    assert_false(found);
    assert_int_equal(pp_manager_dict_pop_last(*state, "d", item, NULL), PP_OK);
    assert_null(item[0].data);
    assert_int_equal(pp_manager_dict_set_default(*state, "d", first, &value, NULL), PP_OK);
    assert_true(bytes_are(value, "first"));
    assert_int_equal(pp_manager_dict_set_default(*state, "d", second, &value, NULL), PP_OK);
    assert_true(bytes_are(value, "first"));
    assert_int_equal(pp_manager_dict_contains(*state, "d", bytes_of("k"), &found, NULL), PP_OK);
    assert_true(found);
    assert_int_equal(pp_manager_dict_pop(*state, "d", bytes_of("k"), &value, NULL), PP_OK);
    assert_true(bytes_are(value, "first"));
    assert_int_equal(pp_manager_dict_pop(*state, "d", bytes_of("k"), &value, NULL), PP_OK);
    assert_null(value.data);
    set(*state, "", "");
    assert_int_equal(pp_manager_dict_get(*state, "d", bytes_of(""), &value, NULL), PP_OK);
    assert_true(bytes_are(value, ""));
    assert_int_equal(pp_manager_dict_clear(*state, "d", NULL), PP_OK);
    assert_int_equal(dict_length(*state), 0);
}

static void many_keys_are_set_at_once_and_found_again(void **state)
{
    enum { COUNT = 3000 };
    static char words[COUNT][12];
    static struct pp_bytes pairs[COUNT][2];
    struct pp_bytes value;

    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(words[i], sizeof words[i], "%u", i % 2000);
        pairs[i][0] = bytes_of(words[i]);
        pairs[i][1] = (struct pp_bytes){&words[i], sizeof words[i]};
    }
    assert_int_equal(
        pp_manager_dict_update(*state, "d", (const struct pp_bytes(*)[2])pairs, COUNT, NULL),
        PP_OK);
    assert_int_equal(dict_length(*state), 2000);
    for (unsigned i = 0; i < 2000; i += 7) {
        assert_int_equal(pp_manager_dict_pop(*state, "d", pairs[i][0], &value, NULL), PP_OK);
        assert_int_equal(value.size, sizeof words[i]);
        assert_string_equal(value.data, words[i]);
    }
    assert_int_equal(dict_length(*state), 2000 - 286);
}

static void extend(struct pp_manager *manager, const char *name, const char *letters)
{
    struct pp_bytes items[32];
    size_t count = 0;

    for (const char *c = letters; *c; c++)
        items[count++] = (struct pp_bytes){c, 1};
    assert_int_equal(pp_manager_list_extend(manager, name, items, count, NULL), PP_OK);
}

static int change_list(struct pp_manager *manager)
{
    struct pp_bytes item;
    uint64_t count;
    int64_t index;

    if (pp_manager_list_count(manager, "l", bytes_of("5"), &count, NULL) != PP_OK || count != 1)
        return 1;
    if (pp_manager_list_index(manager, "l", bytes_of("5"), &index, NULL) != PP_OK || index != 0)
        return 2;
    return pp_manager_list_pop(manager, "l", 0, &item, NULL) == PP_OK && bytes_are(item, "5") ? 0
                                                                                              : 3;
}

static void a_list_is_the_same_for_all_processes(void **state)
{
    uint64_t length;

    assert_int_equal(pp_manager_list_append(*state, "l", bytes_of("5"), NULL), PP_OK);
    assert_int_equal(manager_client_result(manager_client(*state, change_list)), 0);
    assert_int_equal(pp_manager_list_length(*state, "l", &length, NULL), PP_OK);
    assert_int_equal(length, 0);
}

static void lists_are_cut_as_the_indices_say(void **state)
{
    const struct {
        int64_t begin_and_end[2];
        const char *expected;
    } cases[] = {{{0, INT64_MAX}, "a b c d e"},
                 {{2, 4}, "c d"},
                 {{2, 10}, "c d e"},
                 {{-2, INT64_MAX}, "d e"},
                 {{1, -1}, "b c d"},
                 {{-99, 1}, "a"},
                 {{4, 2}, ""},
                 {{9, 12}, ""},
                 {{INT64_MIN, INT64_MIN}, ""}};
    struct pp_manager_items items;

    extend(*state, "l", "abcde");
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(pp_manager_list_slice(*state, "l", cases[i].begin_and_end, &items, NULL),
                         PP_OK);
        assert_string_equal(items_in_words(items), cases[i].expected);
    }
    assert_string_equal(list_in_words(*state, "empty"), "");
}

static void items_are_found_put_and_taken_at_their_index(void **state)
{
    struct pp_bytes item;
    struct pp_error err = {0};

    extend(*state, "l", "abc");
    assert_int_equal(pp_manager_list_insert(*state, "l", 0, bytes_of("0"), NULL), PP_OK);
    assert_int_equal(pp_manager_list_insert(*state, "l", -1, bytes_of("1"), NULL), PP_OK);
    assert_int_equal(pp_manager_list_insert(*state, "l", 99, bytes_of("2"), NULL), PP_OK);
    assert_int_equal(pp_manager_list_insert(*state, "l", -99, bytes_of("3"), NULL), PP_OK);
    assert_string_equal(list_in_words(*state, "l"), "3 0 a b 1 c 2");
    assert_int_equal(pp_manager_list_set(*state, "l", -1, bytes_of("z"), NULL), PP_OK);
    assert_int_equal(pp_manager_list_set(*state, "l", 0, bytes_of("y"), NULL), PP_OK);
    assert_int_equal(pp_manager_list_set(*state, "l", -6, bytes_of("x"), NULL), PP_OK);
    assert_string_equal(list_in_words(*state, "l"), "y x a b 1 c z");
    assert_int_equal(pp_manager_list_set(*state, "l", 7, bytes_of("z"), &err), PP_E_USAGE);
    assert_string_equal(err.text, "no item 7 in a list of 7");
    assert_int_equal(pp_manager_list_set(*state, "l", -8, bytes_of("z"), NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_list_get(*state, "l", 7, &item, NULL), PP_OK);
    assert_null(item.data);
    assert_int_equal(pp_manager_list_get(*state, "l", -7, &item, NULL), PP_OK);
    assert_true(bytes_are(item, "y"));
    assert_int_equal(pp_manager_list_pop(*state, "l", -1, &item, NULL), PP_OK);
    assert_true(bytes_are(item, "z"));
    assert_int_equal(pp_manager_list_pop(*state, "l", 2, &item, NULL), PP_OK);
    assert_true(bytes_are(item, "a"));
    assert_int_equal(pp_manager_list_pop(*state, "empty", 0, &item, NULL), PP_OK);
    assert_null(item.data);
    assert_string_equal(list_in_words(*state, "l"), "y x b 1 c");
}

static void a_list_is_sorted_reversed_searched_and_cleared(void **state)
{
    const struct pp_bytes more[] = {bytes_of("ba"), bytes_of(""), {"b\xff", 2}, {"b\0", 2}};
    const int64_t third[2] = {2, 3};
    struct pp_manager_items items;
    struct pp_bytes item;
    uint64_t count;
    int64_t index;
    bool found;

    extend(*state, "l", "cbab");
    assert_int_equal(pp_manager_list_index(*state, "l", bytes_of("b"), &index, NULL), PP_OK);
    assert_int_equal(index, 1);
    assert_int_equal(pp_manager_list_count(*state, "l", bytes_of("b"), &count, NULL), PP_OK);
    assert_int_equal(count, 2);
    assert_int_equal(pp_manager_list_remove(*state, "l", bytes_of("b"), &found, NULL), PP_OK);
    assert_true(found);
    assert_int_equal(pp_manager_list_remove(*state, "l", bytes_of("x"), &found, NULL), PP_OK);
    assert_false(found);
    assert_int_equal(pp_manager_list_index(*state, "l", bytes_of("x"), &index, NULL), PP_OK);
    assert_int_equal(index, -1);
    assert_int_equal(pp_manager_list_reverse(*state, "l", NULL), PP_OK);
    assert_string_equal(list_in_words(*state, "l"), "b a c");
    assert_int_equal(pp_manager_list_extend(*state, "l", more, 4, NULL), PP_OK);
    assert_int_equal(pp_manager_list_sort(*state, "l", NULL), PP_OK);
    assert_string_equal(list_in_words(*state, "l"), "a b b ba b\xff c");
    assert_int_equal(pp_manager_list_slice(*state, "l", third, &items, NULL), PP_OK);
    assert_true(pp_manager_items_next(&items, &item));
    assert_int_equal(item.size, 1);
    assert_int_equal(pp_manager_list_clear(*state, "l", NULL), PP_OK);
    assert_string_equal(list_in_words(*state, "l"), "");
}

static void a_list_of_none_or_one_is_reversed_and_sorted_too(void **state)
{
    static const char *const words[] = {"", "one"};

    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pp_manager_list_reverse(*state, "l", NULL), PP_OK);
        assert_int_equal(pp_manager_list_sort(*state, "l", NULL), PP_OK);
        assert_string_equal(list_in_words(*state, "l"), words[i]);
        assert_int_equal(pp_manager_list_append(*state, "l", bytes_of("one"), NULL), PP_OK);
    }
}

static void a_list_taken_at_its_front_stays_whole(void **state)
{
    unsigned next = 0, taken = 0;

    for (unsigned round = 0; round < 300; round++) {
        struct pp_bytes item;

        for (unsigned i = 0; i < 3; i++, next++)
            assert_int_equal(
                pp_manager_list_append(*state, "l", (struct pp_bytes){&next, sizeof next}, NULL),
                PP_OK);
        for (unsigned i = 0; i < 2 + round % 2; i++, taken++) {
            assert_int_equal(pp_manager_list_pop(*state, "l", 0, &item, NULL), PP_OK);
            assert_int_equal(item.size, sizeof taken);
            assert_memory_equal(item.data, &taken, sizeof taken);
        }
    }
    assert_int_equal(pp_manager_list_clear(*state, "l", NULL), PP_OK);
}

static int change_number(struct pp_manager *manager)
{
    int64_t number;

    if (pp_manager_number_get(manager, "n", &number, NULL) != PP_OK || number != 1)
        return 1;
    return pp_manager_number_set(manager, "n", 2, NULL) == PP_OK ? 0 : 2;
}

static void a_number_is_the_same_for_all_processes(void **state)
{
    const int64_t from_2[2] = {2, -5}, from_3[2] = {3, 7};
    int64_t number;

    assert_int_equal(pp_manager_make(*state, "n", PP_MANAGER_NUMBER, 1, NULL), PP_OK);
    assert_int_equal(manager_client_result(manager_client(*state, change_number)), 0);
    assert_int_equal(pp_manager_number_exchange(*state, "n", from_3, &number, NULL), PP_OK);
    assert_int_equal(number, 2);
    assert_int_equal(pp_manager_number_exchange(*state, "n", from_2, &number, NULL), PP_OK);
    assert_int_equal(number, 2);
    assert_int_equal(pp_manager_number_add(*state, "n", -1, &number, NULL), PP_OK);
    assert_int_equal(number, -6);
    assert_int_equal(pp_manager_number_add(*state, "new", INT64_MAX, NULL, NULL), PP_OK);
    assert_int_equal(pp_manager_number_add(*state, "new", 1, &number, NULL), PP_OK);
    assert_true(number == INT64_MIN);
}

static void names_are_kept_apart_told_and_forgotten(void **state)
{
    char long_name[PP_MANAGER_NAME + 2];
    struct pp_manager_items names;
    struct pp_error err = {0};
    bool found;

    extend(*state, "first", "ab");
    extend(*state, "second", "c");
    assert_int_equal(pp_manager_dict_clear(*state, "first", &err), PP_E_USAGE);
    assert_string_equal(err.text, "the object of that name is a list, no dict");
    assert_int_equal(pp_manager_names(*state, &names, NULL), PP_OK);
    assert_string_equal(items_in_words(names), "first second");
    assert_int_equal(pp_manager_delete(*state, "first", &found, NULL), PP_OK);
    assert_true(found);
    assert_int_equal(pp_manager_delete(*state, "first", &found, NULL), PP_OK);
    assert_false(found);
    assert_string_equal(list_in_words(*state, "first"), "");
    memset(long_name, 'x', sizeof long_name);
    long_name[PP_MANAGER_NAME + 1] = '\0';
    assert_int_equal(pp_manager_list_clear(*state, long_name, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_list_clear(*state, "", NULL), PP_E_USAGE);
    long_name[PP_MANAGER_NAME] = '\0';
    assert_int_equal(pp_manager_list_clear(*state, long_name, NULL), PP_OK);
}

static void making_agrees_with_what_is_there(void **state)
{
    struct pp_error err = {0};

    assert_int_equal(pp_manager_make(*state, "q", PP_MANAGER_QUEUE, 5, NULL), PP_OK);
    assert_int_equal(pp_manager_make(*state, "q", PP_MANAGER_QUEUE, 5, NULL), PP_OK);
    assert_int_equal(pp_manager_make(*state, "q", PP_MANAGER_QUEUE, 6, &err), PP_E_CONFLICT);
    assert_string_equal(err.text, "the queue of that name was made with 5, not 6");
    assert_int_equal(pp_manager_make(*state, "q", PP_MANAGER_LIST, 0, NULL), PP_E_CONFLICT);
    assert_int_equal(pp_manager_make(*state, "l", PP_MANAGER_LIST, 1, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_make(*state, "s", PP_MANAGER_SEMAPHORE, 0, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_make(*state, "b", PP_MANAGER_BARRIER, -1, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_make(*state, "", PP_MANAGER_DICT, 0, NULL), PP_E_USAGE);
    assert_int_equal(pp_manager_make(*state, "x", PP_MANAGER_KINDS, 0, NULL), PP_E_USAGE);
}

#define MANAGER_TEST(test) cmocka_unit_test_setup_teardown(test, manager_begin, manager_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANAGER_TEST(a_dict_is_the_same_for_all_processes),
        MANAGER_TEST(a_dict_keeps_the_order_of_its_keys),
        MANAGER_TEST(what_a_dict_gives_and_keeps),
        MANAGER_TEST(many_keys_are_set_at_once_and_found_again),
        MANAGER_TEST(a_list_is_the_same_for_all_processes),
        MANAGER_TEST(lists_are_cut_as_the_indices_say),
        MANAGER_TEST(items_are_found_put_and_taken_at_their_index),
        MANAGER_TEST(a_list_is_sorted_reversed_searched_and_cleared),
        MANAGER_TEST(a_list_of_none_or_one_is_reversed_and_sorted_too),
        MANAGER_TEST(a_list_taken_at_its_front_stays_whole),
        MANAGER_TEST(a_number_is_the_same_for_all_processes),
        MANAGER_TEST(names_are_kept_apart_told_and_forgotten),
        MANAGER_TEST(making_agrees_with_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
