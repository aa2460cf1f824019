#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "batch/in_place.h"
#include "support_forbid.h"
#include "support_tree.h"

#ifdef SYS_link
#define CALL_LINK SYS_link
#else
#define CALL_LINK SYS_linkat
#endif

static const struct forbidden no_links[] = {
    {SYS_openat, 2, O_TMPFILE, EOPNOTSUPP},
    {SYS_linkat, 0, 0, EPERM},
    {CALL_LINK, 0, 0, EPERM},
};

/* Read `path` as a run does and replace it by "new". */
static enum pp_status replace(const char *path, const char *suffix, struct pp_error *err)
{
    struct stat opened;
    struct pp_staged staged;

    assert_int_equal(stat(path, &opened), 0);
    assert_int_equal(pp_staged_open(&staged, path, PP_STAGED_MODE_PRIVATE, NULL), PP_OK);
    assert_int_equal(write(staged.fd, "new", 3), 3);
    enum pp_status status = pp_in_place_publish(&staged, &opened, suffix, err);
    pp_staged_release(&staged);
    return status;
}

static void an_output_takes_the_place_of_its_input(void **state)
{
    (void)state;
    struct tree tree = tree_enter();

    tree_write("a.jpg", "old");
    assert_int_equal(replace("a.jpg", "", NULL), PP_OK);
    assert_true(tree_has("a.jpg", "new"));
    assert_int_equal(tree_count("."), 1);
    tree_leave(&tree);
}

static void the_old_contents_are_kept_under_the_suffix(void **state)
{
    (void)state;
    struct tree tree = tree_enter();

    tree_write("a.jpg", "old");
    assert_int_equal(replace("a.jpg", ".orig", NULL), PP_OK);
    assert_true(tree_has("a.jpg", "new"));
    assert_true(tree_has("a.jpg.orig", "old"));
    assert_int_equal(tree_count("."), 2);
    tree_leave(&tree);
}

static void a_backup_that_exists_is_never_touched(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_error err = {0};

    tree_write("a.jpg", "old");
    tree_write("a.jpg.orig", "older");
    assert_int_equal(replace("a.jpg", ".orig", &err), PP_E_CONFLICT);
    assert_string_equal(err.text, "its backup exists already");
    assert_true(tree_has("a.jpg", "old"));
    assert_true(tree_has("a.jpg.orig", "older"));
    assert_int_equal(tree_count("."), 2);
    tree_leave(&tree);
}

/* What a run leaves that is killed between the backup and the replacement. */
static void a_backup_that_is_the_file_itself_serves(void **state)
{
    (void)state;
    struct tree tree = tree_enter();

    tree_write("a.jpg", "old");
    assert_int_equal(link("a.jpg", "a.jpg.orig"), 0);
    assert_int_equal(pp_in_place_check_backup("a.jpg", ".orig", NULL), PP_OK);
    assert_int_equal(replace("a.jpg", ".orig", NULL), PP_OK);
    assert_true(tree_has("a.jpg", "new"));
    assert_true(tree_has("a.jpg.orig", "old"));
    tree_leave(&tree);
}

static bool replace_with_backup(void)
{
    return replace("a.jpg", ".orig", NULL) == PP_OK;
}

static void the_backup_is_a_copy_where_there_are_no_links(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct stat before, after;
    tree_write("a.jpg", "old");
    assert_int_equal(chmod("a.jpg", 0640), 0);
    assert_int_equal(stat("a.jpg", &before), 0);
    assert_true(holds_without(no_links, sizeof no_links / sizeof *no_links, replace_with_backup));
    assert_true(tree_has("a.jpg", "new"));
    assert_true(tree_has("a.jpg.orig", "old"));
    assert_int_equal(stat("a.jpg.orig", &after), 0);
    assert_int_equal(after.st_mode, before.st_mode);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    assert_int_not_equal(after.st_ino, before.st_ino);
    assert_int_equal(tree_count("."), 2);
    tree_leave(&tree);
}

/* Open `path`, let `change` happen, and see that the output is refused and nothing else is there.
 */
static void assert_refused_after(void (*change)(void), const char *contents)
{
    struct tree tree = tree_enter();
    struct stat opened;
    struct pp_staged staged;
    struct pp_error err = {0};

    tree_write("a.jpg", "old");
    assert_int_equal(stat("a.jpg", &opened), 0);
    assert_int_equal(pp_staged_open(&staged, "a.jpg", PP_STAGED_MODE_PRIVATE, NULL), PP_OK);
    assert_int_equal(write(staged.fd, "new", 3), 3);
    change();
    assert_int_equal(pp_in_place_publish(&staged, &opened, ".orig", &err), PP_E_CONFLICT);
    assert_non_null(strstr(err.text, "it changed meanwhile"));
    pp_staged_release(&staged);
    assert_int_equal(tree_has("a.jpg", contents), *contents != '\0');
    assert_int_equal(tree_count("."), *contents != '\0');
    tree_leave(&tree);
}

static void grow(void)
{
    tree_write("a.jpg", "older");
}

static void touch_it(void)
{
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

    assert_int_equal(utimensat(AT_FDCWD, "a.jpg", times, 0), 0);
}

static void swap_it(void)
{
    tree_write("b", "own");
    assert_int_equal(rename("b", "a.jpg"), 0);
}

static void remove_it(void)
{
    assert_int_equal(unlink("a.jpg"), 0);
}

static void an_input_that_changed_meanwhile_stays_as_it_is(void **state)
{
    (void)state;
    assert_refused_after(grow, "older");
    assert_refused_after(touch_it, "old");
    assert_refused_after(swap_it, "own");
    assert_refused_after(remove_it, "");
}

static bool is_backup(const char *path, const char *suffix)
{
    const struct pp_batch_inputs inputs = {0};
    const struct pp_found found = {.path = path, .relative = path};

    return pp_in_place_is_backup(&inputs, suffix, &found);
}

static void a_backup_is_known_by_the_picture_it_was_made_of(void **state)
{
    (void)state;
    struct tree tree = tree_enter();

    tree_write("a.jpg", "new");
    tree_write("a.jpg.bak.jpg", "old");
    tree_write("b.jpg.bak.jpg", "a picture of its own");
    tree_write("c", "no picture");
    assert_true(is_backup("a.jpg.bak.jpg", ".bak.jpg"));
    assert_false(is_backup("b.jpg.bak.jpg", ".bak.jpg"));
    assert_false(is_backup("a.jpg.bak.jpg", ""));
    assert_false(is_backup("a.jpg", ".jpg"));
    assert_false(is_backup("c.jpg", ".jpg"));
    assert_false(is_backup(".bak.jpg", ".bak.jpg"));
    tree_leave(&tree);
}

static void a_link_stands_for_what_it_leads_to(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_text path = {0};

    tree_write("x/a.jpg", "old");
    assert_int_equal(symlink("x/a.jpg", "link.jpg"), 0);
    assert_int_equal(pp_in_place_path("link.jpg", &path, NULL), PP_OK);
    assert_string_equal(path.bytes + path.length - strlen("/x/a.jpg"), "/x/a.jpg");
    assert_int_equal(pp_in_place_path("x/a.jpg", &path, NULL), PP_OK);
    assert_string_equal(path.bytes, "x/a.jpg");
    pp_text_release(&path);
    tree_leave(&tree);
}

static void settings_that_contradict_are_refused(void **state)
{
    (void)state;
    struct pp_batch_settings slash = {.outputs.in_place = "../x"};
    struct pp_batch_settings format = {.outputs.in_place = "", .encode.format = PP_FORMAT_PNG};
    struct pp_batch_settings path = {.outputs = {.in_place = "", .path = "out"}};
    struct pp_batch_settings update = {.outputs = {.in_place = "", .existing = PP_EXISTING_UPDATE}};
    struct pp_batch_settings good = {.outputs.in_place = ".orig"};

    assert_int_equal(pp_in_place_check(&slash, NULL), PP_E_USAGE);
    assert_int_equal(pp_in_place_check(&format, NULL), PP_E_USAGE);
    assert_int_equal(pp_in_place_check(&path, NULL), PP_E_USAGE);
    assert_int_equal(pp_in_place_check(&update, NULL), PP_E_USAGE);
    assert_int_equal(pp_in_place_check(&good, NULL), PP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_takes_the_place_of_its_input),
        cmocka_unit_test(the_old_contents_are_kept_under_the_suffix),
        cmocka_unit_test(a_backup_that_exists_is_never_touched),
        cmocka_unit_test(a_backup_that_is_the_file_itself_serves),
        cmocka_unit_test(the_backup_is_a_copy_where_there_are_no_links),
        cmocka_unit_test(an_input_that_changed_meanwhile_stays_as_it_is),
        cmocka_unit_test(a_backup_is_known_by_the_picture_it_was_made_of),
        cmocka_unit_test(a_link_stands_for_what_it_leads_to),
        cmocka_unit_test(settings_that_contradict_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
