#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/known.h"
#include "batch/location.h"
#include "batch/roots.h"
#include "batch/walk.h"
#include "support_tree.h"

#define FOUND_MAX 64

struct finds {
    char *lines[FOUND_MAX]; /* "path relative status" */
    size_t count;
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct finds walk_all(const struct pp_batch_inputs *inputs, const char *output)
{
    struct finds finds = {0};
    struct pp_roots roots;
    struct pp_walk walk;
    struct stat skipped = {0};
    bool any = true;

    if (output)
        assert_int_equal(stat(output, &skipped), 0);
    assert_int_equal(pp_roots_init(&roots, inputs, NULL), PP_OK);
    pp_walk_init(&walk, inputs, &roots, &skipped);
    for (;;) {
        struct pp_found found;
        assert_int_equal(pp_walk_next(&walk, &found, &any, NULL), PP_OK);
        if (!any)
            break;
        assert_true(finds.count < FOUND_MAX);
        assert_true(asprintf(&finds.lines[finds.count++], "%s %s %s", found.path, found.relative,
                             pp_status_name(found.error.status)) > 0);
    }
    pp_walk_release(&walk);
    pp_roots_release(&roots);
    qsort(finds.lines, finds.count, sizeof *finds.lines, compare_lines);
    return finds;
}

static void assert_finds(struct finds finds, size_t count, const char *const *expected)
{
    for (size_t i = 0; i < count && i < finds.count; i++)
        assert_string_equal(finds.lines[i], expected[i]);
    assert_int_equal(finds.count, count);
    for (size_t i = 0; i < finds.count; i++)
        free(finds.lines[i]);
}

static void a_directory_gives_its_pictures_and_no_more(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"in"}, *expected[] = {"in/a.jpg a.jpg ok", "in/b.PNG b.PNG ok"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 1};

    tree_write("in/a.jpg", "");
    tree_write("in/b.PNG", "");
    tree_write("in/notes.txt", "");
    tree_write("in/sub/c.jpg", "");
    assert_finds(walk_all(&inputs, NULL), 2, expected);
    tree_leave(&tree);
}

static void recursion_keeps_the_tree_and_leaves_out_the_output(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"in/"};
    const char *expected[] = {"in/a.jpg a.jpg ok", "in/s/t/c.jpg s/t/c.jpg ok"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 1, .recursive = true};

    tree_write("in/a.jpg", "");
    tree_write("in/s/t/c.jpg", "");
    tree_write("in/out/a.jpg", "");
    assert_finds(walk_all(&inputs, "in/out"), 2, expected);
    tree_leave(&tree);
}

static void links_to_files_are_followed_and_loops_of_directories_are_not(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"in"};
    const char *expected[] = {"in/dangling.png dangling.png read", "in/l.jpg l.jpg ok"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 1, .recursive = true};

    tree_write("elsewhere/x.jpg", "");
    tree_write("in/keep", "");
    assert_int_equal(symlink("../elsewhere/x.jpg", "in/l.jpg"), 0);
    assert_int_equal(symlink("..", "in/loop.jpg"), 0);
    assert_int_equal(symlink("nowhere", "in/dangling.png"), 0);
    assert_finds(walk_all(&inputs, NULL), 2, expected);
    tree_leave(&tree);
}

static void what_cannot_be_read_is_found_with_its_reason(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"missing.jpg", "fifo.png", "plain"};
    const char *expected[] = {"fifo.png fifo.png read", "missing.jpg missing.jpg read",
                              "plain plain ok"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 3};

    assert_int_equal(mkfifo("fifo.png", 0600), 0);
    tree_write("plain", "named by the user, whatever its extension");
    assert_finds(walk_all(&inputs, NULL), 3, expected);
    tree_leave(&tree);
}

static void lists_hold_any_name_when_separated_by_nul(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *lines[] = {"a b.jpg a b.jpg ok", "new\nline.jpg new\nline.jpg ok"};
    struct pp_batch_inputs inputs = {.files_from = "list", .null_separated = true};
    FILE *list = fopen("list", "we");

    tree_write("new\nline.jpg", "");
    tree_write("a b.jpg", "");
    assert_int_equal(fwrite("new\nline.jpg\0\0a b.jpg", 1, 21, list), 21);
    fclose(list);
    assert_finds(walk_all(&inputs, NULL), 2, lines);
    tree_leave(&tree);
}

static bool is_input(const struct pp_batch_inputs *inputs, const char *path, const char *output)
{
    struct pp_location location = {0};
    struct pp_known known = {0};
    struct pp_roots roots;
    struct stat found;
    bool answer = false;
    char *real = realpath(output, NULL);

    assert_int_equal(pp_roots_init(&roots, inputs, NULL), PP_OK);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(pp_location_find(&location, path, NULL), PP_OK);
    char *target = realpath(path, NULL);
    struct pp_suspect suspect = {location.path.bytes, target, real, &found};
    assert_int_equal(pp_known_is_input(&known, &roots, &suspect, &answer, NULL), PP_OK);
    free(target);
    pp_known_release(&known);
    pp_location_release(&location);
    pp_roots_release(&roots);
    free(real);
    return answer;
}

static void what_a_link_in_an_input_directory_stands_for_is_an_input(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"in"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 1};

    tree_write("in/plain.jpg", "");
    tree_write("data/behind.jpg", "");
    tree_write("data/other.jpg", "");
    assert_int_equal(symlink("../data/behind.jpg", "in/link.jpg"), 0);
    assert_true(is_input(&inputs, "data/behind.jpg", "data"));
    assert_true(is_input(&inputs, "in/link.jpg", "in"));
    assert_false(is_input(&inputs, "data/other.jpg", "data"));
    tree_leave(&tree);
}

static void an_unreadable_directory_is_found_with_its_name_intact(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"in"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 1, .recursive = true};
    struct pp_text real = {0};
    struct pp_roots roots;
    struct pp_walk walk;
    struct pp_found found;
    bool any = false;

    /* It vanishes between being listed and being entered. */
    tree_write("in/gone/a.jpg", "");
    assert_int_equal(pp_roots_init(&roots, &inputs, NULL), PP_OK);
    pp_walk_init(&walk, &inputs, &roots, NULL);
    assert_int_equal(rename("in/gone/a.jpg", "in/a.jpg"), 0);
    assert_int_equal(pp_walk_next(&walk, &found, &any, NULL), PP_OK);
    assert_string_equal(found.relative, "a.jpg");
    assert_int_equal(rmdir("in/gone"), 0);
    assert_int_equal(pp_walk_next(&walk, &found, &any, NULL), PP_OK);
    assert_true(any);
    assert_int_equal(found.error.status, PP_E_READ);
    assert_string_equal(found.relative, "gone");
    assert_int_equal(pp_walk_real_path(&walk, &found, &real, NULL), PP_OK);
    assert_string_equal(found.path, "in/gone");
    pp_text_release(&real);
    pp_walk_release(&walk);
    pp_roots_release(&roots);
    tree_leave(&tree);
}

static void a_list_with_nul_bytes_is_not_read_by_lines(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_batch_inputs inputs = {.files_from = "list"};
    struct pp_error err = {0};
    struct pp_roots roots;
    FILE *list = fopen("list", "we");

    assert_int_equal(fwrite("a.jpg\0b.jpg", 1, 12, list), 12);
    fclose(list);
    assert_int_equal(pp_roots_init(&roots, &inputs, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "--null"));
    pp_roots_release(&roots);
    tree_leave(&tree);
}

static void a_location_follows_the_directory_and_not_the_last_name(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_location location = {0};
    char expected[128];

    tree_write("real/x", "");
    assert_int_equal(symlink("real", "way"), 0);
    assert_int_equal(symlink("x", "real/link"), 0);
    assert_int_equal(pp_location_find(&location, "way/link", NULL), PP_OK);
    snprintf(expected, sizeof expected, "%s/real/link", tree.path);
    assert_string_equal(location.path.bytes, expected);
    assert_true(location.exists && location.fresh);
    assert_int_equal(pp_location_find(&location, "way/not/yet/a.jpg", NULL), PP_OK);
    snprintf(expected, sizeof expected, "%s/real/not/yet/a.jpg", tree.path);
    assert_string_equal(location.path.bytes, expected);
    assert_false(location.exists);
    assert_int_equal(pp_location_find(&location, "a.jpg", NULL), PP_OK);
    snprintf(expected, sizeof expected, "%s/a.jpg", tree.path);
    assert_string_equal(location.path.bytes, expected);
    pp_location_release(&location);
    tree_leave(&tree);
}

static void an_existing_file_is_known_as_an_input_by_any_way_to_it(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const char *paths[] = {"in", "single.jpg"};
    struct pp_batch_inputs inputs = {.paths = paths, .path_count = 2};

    tree_write("in/a.jpg", "");
    tree_write("in/notes.txt", "");
    tree_write("in/sub/c.jpg", "");
    tree_write("single.jpg", "");
    tree_write("out/a.jpg", "");
    assert_int_equal(link("single.jpg", "out/hard.jpg"), 0);
    assert_int_equal(symlink("../in/a.jpg", "out/soft.jpg"), 0);
    assert_true(is_input(&inputs, "in/a.jpg", "out"));
    assert_true(is_input(&inputs, "out/../in/a.jpg", "out"));
    assert_true(is_input(&inputs, "out/hard.jpg", "out"));
    assert_true(is_input(&inputs, "out/soft.jpg", "out"));
    assert_false(is_input(&inputs, "out/a.jpg", "out"));
    assert_false(is_input(&inputs, "in/notes.txt", "out"));
    assert_false(is_input(&inputs, "in/sub/c.jpg", "out"));
    inputs.recursive = true;
    assert_true(is_input(&inputs, "in/sub/c.jpg", "out"));
    assert_false(is_input(&inputs, "in/sub/c.jpg", "in/sub"));
    assert_true(is_input(&inputs, "in/a.jpg", "in"));
    tree_leave(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_gives_its_pictures_and_no_more),
        cmocka_unit_test(recursion_keeps_the_tree_and_leaves_out_the_output),
        cmocka_unit_test(links_to_files_are_followed_and_loops_of_directories_are_not),
        cmocka_unit_test(what_cannot_be_read_is_found_with_its_reason),
        cmocka_unit_test(lists_hold_any_name_when_separated_by_nul),
        cmocka_unit_test(an_existing_file_is_known_as_an_input_by_any_way_to_it),
        cmocka_unit_test(what_a_link_in_an_input_directory_stands_for_is_an_input),
        cmocka_unit_test(an_unreadable_directory_is_found_with_its_name_intact),
        cmocka_unit_test(a_list_with_nul_bytes_is_not_read_by_lines),
        cmocka_unit_test(a_location_follows_the_directory_and_not_the_last_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
