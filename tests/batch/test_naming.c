#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "batch/hidden.h"
#include "batch/naming.h"
#include "batch/staged.h"
#include "support_forbid.h"
#include "support_tree.h"

static const struct forbidden no_unnamed = {SYS_openat, 2, O_TMPFILE, EOPNOTSUPP};
static const struct forbidden no_noreplace = {SYS_renameat2, 0, 0, EINVAL};
static const struct forbidden no_linkat = {SYS_linkat, 0, 0, EPERM};
#ifdef SYS_link
static const struct forbidden no_link = {SYS_link, 0, 0, EPERM};
#else
static const struct forbidden no_link = {SYS_linkat, 0, 0, EPERM};
#endif

static bool stage(struct pp_staged *staged, const char *path, const char *text)
{
    return pp_staged_open(staged, path, PP_STAGED_MODE_OPEN, NULL) == PP_OK &&
           write(staged->fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Publish "new" once without and once with leave to replace, and "other" in a directory to make. */
static bool publish_three(void)
{
    struct pp_staged refused, wanted, below;
    struct pp_error err = {0};

    bool held = stage(&refused, "a.png", "new") &&
                pp_staged_publish(&refused, false, &err) == PP_E_CONFLICT &&
                tree_has("a.png", "old");
    pp_staged_release(&refused);
    held =
        held && stage(&wanted, "a.png", "new") && pp_staged_publish(&wanted, true, NULL) == PP_OK;
    pp_staged_release(&wanted);
    held = held && stage(&below, "x/b.png", "other") &&
           pp_staged_publish(&below, false, NULL) == PP_OK;
    pp_staged_release(&below);
    return held && tree_has("a.png", "new") && tree_has("x/b.png", "other") &&
           tree_count(".") == 2 && tree_count("x") == 1;
}

static void assert_publishes_without(const struct forbidden *forbidden, size_t count)
{
    struct tree tree = tree_enter();

    tree_write("a.png", "old");
    assert_true(holds_without(forbidden, count, publish_three));
    tree_leave(&tree);
}

static void outputs_are_named_where_there_are_no_unnamed_files(void **state)
{
    (void)state;
    assert_publishes_without(&no_unnamed, 1);
}

static void outputs_are_named_where_no_rename_keeps_what_is_there(void **state)
{
    (void)state;
    const struct forbidden forbidden[] = {no_unnamed, no_noreplace};

    assert_publishes_without(forbidden, 2);
}

static void outputs_are_named_where_there_are_no_links_either(void **state)
{
    (void)state;
    const struct forbidden forbidden[] = {no_unnamed, no_noreplace, no_link, no_linkat};

    assert_publishes_without(forbidden, 4);
}

static bool stage_and_die(void)
{
    struct pp_staged staged;

    return stage(&staged, "a.png", "half"); /* and never release it */
}

static void a_hidden_output_of_a_run_that_died_is_swept(void **state)
{
    (void)state;
    struct tree tree = tree_enter();

    assert_true(holds_without(&no_unnamed, 1, stage_and_die));
    assert_int_equal(tree_count("."), 1);
    assert_true(pp_hidden_sweep("."));
    assert_int_equal(tree_count("."), 0);
    tree_leave(&tree);
}

/* The number of this process, but a moment before it began: the last run's in a container. */
static void a_hidden_output_of_a_run_with_the_same_number_is_swept(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    char *now = pp_hidden_name("a.png", getpid()), *old = strdup(now);

    char *moment = strrchr(old, '-');
    assert_non_null(moment);
    moment[1] = '0'; /* the first digit of the time: decades ago */
    tree_write(now, "in use");
    tree_write(old, "left over");
    assert_false(pp_hidden_sweep("."));
    assert_true(tree_has(now, "in use"));
    assert_int_equal(tree_count("."), 1);
    free(now);
    free(old);
    tree_leave(&tree);
}

/* As on a network: the answer is lost, the client asks again and is told that the name is taken. */
static void a_name_that_is_the_files_already_is_a_success(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged staged;

    assert_true(stage(&staged, "a.png", "whole"));
    assert_int_equal(pp_name_link(staged.fd, "a.png"), 0);
    assert_int_equal(pp_name_link(staged.fd, "a.png"), 0);
    assert_int_equal(pp_name_move(staged.fd, "gone", "a.png"), 0);
    assert_int_equal(pp_name_replace(staged.fd, "gone", "a.png"), 0);
    assert_int_equal(pp_name_replace(staged.fd, "gone", "b.png"), -1);
    assert_int_equal(errno, ENOENT);
    pp_staged_release(&staged);
    tree_leave(&tree);
}

static void only_what_has_all_the_parts_of_a_hidden_name_is_one(void **state)
{
    (void)state;
    char *name = pp_hidden_name("dir/a.png", 1234);

    assert_true(pp_hidden_is(name + strlen("dir/")));
    assert_false(pp_hidden_is(name));
    assert_false(pp_hidden_is(".pixpool-notes.tmp"));
    assert_false(pp_hidden_is(".pixpool-1-2-3.tmp.jpg"));
    assert_false(pp_hidden_is(".pixpool"));
    free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_named_where_there_are_no_unnamed_files),
        cmocka_unit_test(outputs_are_named_where_no_rename_keeps_what_is_there),
        cmocka_unit_test(outputs_are_named_where_there_are_no_links_either),
        cmocka_unit_test(a_hidden_output_of_a_run_that_died_is_swept),
        cmocka_unit_test(a_hidden_output_of_a_run_with_the_same_number_is_swept),
        cmocka_unit_test(a_name_that_is_the_files_already_is_a_success),
        cmocka_unit_test(only_what_has_all_the_parts_of_a_hidden_name_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
