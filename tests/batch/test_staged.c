#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/staged.h"
#include "support_tree.h"

static void stage(struct pp_staged *staged, const char *path, const char *text)
{
    assert_int_equal(pp_staged_open(staged, path, NULL), PP_OK);
    assert_int_equal(write(staged->fd, text, strlen(text)), strlen(text));
}

static void an_output_has_no_name_before_it_is_published(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged staged;

    stage(&staged, "a.png", "whole");
    assert_int_equal(tree_count("."), 0);
    assert_int_equal(pp_staged_publish(&staged, false, NULL), PP_OK);
    pp_staged_release(&staged);
    assert_true(tree_has("a.png", "whole"));
    assert_int_equal(tree_count("."), 1);
    tree_leave(&tree);
}

static void directories_are_made_when_the_output_is_named_and_not_before(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged given_up, kept;

    stage(&given_up, "x/y/a.png", "lost");
    pp_staged_release(&given_up);
    assert_int_equal(tree_count("."), 0);
    stage(&kept, "x/y/b.png", "kept");
    assert_int_equal(pp_staged_publish(&kept, false, NULL), PP_OK);
    pp_staged_release(&kept);
    assert_true(tree_has("x/y/b.png", "kept"));
    assert_int_equal(tree_count("x/y"), 1);
    tree_leave(&tree);
}

static void an_existing_file_is_replaced_whole_only_when_that_is_wanted(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged refused, wanted;
    struct pp_error err = {0};

    tree_write("a.png", "old");
    stage(&refused, "a.png", "new");
    assert_int_equal(pp_staged_publish(&refused, false, &err), PP_E_CONFLICT);
    pp_staged_release(&refused);
    assert_true(tree_has("a.png", "old"));
    stage(&wanted, "a.png", "new");
    assert_int_equal(pp_staged_publish(&wanted, true, NULL), PP_OK);
    pp_staged_release(&wanted);
    assert_true(tree_has("a.png", "new"));
    assert_int_equal(tree_count("."), 1);
    tree_leave(&tree);
}

static void replacing_gives_a_new_file_to_the_name_and_leaves_hard_links_alone(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged staged;

    tree_write("original.png", "precious");
    assert_int_equal(link("original.png", "a.png"), 0);
    stage(&staged, "a.png", "new");
    assert_int_equal(pp_staged_publish(&staged, true, NULL), PP_OK);
    pp_staged_release(&staged);
    assert_true(tree_has("original.png", "precious"));
    assert_true(tree_has("a.png", "new"));
    tree_leave(&tree);
}

static void what_a_killed_run_left_hidden_is_swept_and_what_is_in_use_is_not(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged staged;
    char *hidden = NULL, *orphan = NULL;

    stage(&staged, "a.png", "whole");
    hidden = pp_staged_hidden_name("a.png", getpid());
    orphan = pp_staged_hidden_name("a.png", INT_MAX);
    tree_write(hidden, "in use");
    tree_write(orphan, "left over");
    tree_write(".pixpool-notes.tmp", "a user's");
    pp_staged_sweep(".");
    assert_true(tree_has(hidden, "in use"));
    assert_true(tree_has(".pixpool-notes.tmp", "a user's"));
    assert_int_equal(tree_count("."), 2);
    pp_staged_release(&staged);
    free(hidden);
    free(orphan);
    tree_leave(&tree);
}

static void an_output_below_a_file_is_refused_with_the_reason(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged staged;
    struct pp_error err = {0};

    tree_write("plain", "file");
    assert_int_equal(pp_staged_open(&staged, "plain/a.png", &err), PP_E_WRITE);
    assert_string_equal(err.text, "cannot create the output: Not a directory");
    pp_staged_release(&staged);
    assert_int_equal(tree_count("."), 1);
    tree_leave(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_has_no_name_before_it_is_published),
        cmocka_unit_test(directories_are_made_when_the_output_is_named_and_not_before),
        cmocka_unit_test(an_existing_file_is_replaced_whole_only_when_that_is_wanted),
        cmocka_unit_test(replacing_gives_a_new_file_to_the_name_and_leaves_hard_links_alone),
        cmocka_unit_test(what_a_killed_run_left_hidden_is_swept_and_what_is_in_use_is_not),
        cmocka_unit_test(an_output_below_a_file_is_refused_with_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
