#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch/hidden.h"
#include "batch/staged.h"
#include "support_tree.h"

static void stage(struct pp_staged *staged, const char *path, const char *text)
{
    assert_int_equal(pp_staged_open(staged, path, PP_STAGED_MODE_OPEN, NULL), PP_OK);
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
    hidden = pp_hidden_name("a.png", getpid());
    orphan = pp_hidden_name("a.png", INT_MAX);
    tree_write(hidden, "in use");
    tree_write(orphan, "left over");
    tree_write(".pixpool-notes.tmp", "a user's");
    assert_false(pp_hidden_sweep("."));
    assert_true(tree_has(hidden, "in use"));
    assert_true(tree_has(".pixpool-notes.tmp", "a user's"));
    assert_int_equal(tree_count("."), 2);
    pp_staged_release(&staged);
    free(hidden);
    free(orphan);
    tree_leave(&tree);
}

static void a_sweep_tells_whether_anything_is_left(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    char *orphan = pp_hidden_name("a.png", INT_MAX);

    assert_true(pp_hidden_sweep("."));
    tree_write(orphan, "left over");
    assert_true(pp_hidden_sweep("."));
    assert_int_equal(tree_count("."), 0);
    tree_write("a", "kept");
    assert_false(pp_hidden_sweep("."));
    assert_false(pp_hidden_sweep("missing"));
    free(orphan);
    tree_leave(&tree);
}

/* As before Linux 6.10 without a capability: ENOENT for whoever links by the descriptor itself. */
static bool forbid_linking_by_descriptor(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AT_EMPTY_PATH, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOENT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool publish_one(const char *path)
{
    struct pp_staged staged;
    bool published = pp_staged_open(&staged, path, PP_STAGED_MODE_OPEN, NULL) == PP_OK &&
                     write(staged.fd, "whole", 5) == 5 &&
                     pp_staged_publish(&staged, false, NULL) == PP_OK;

    pp_staged_release(&staged);
    return published;
}

static void outputs_are_named_where_descriptors_cannot_be_linked_themselves(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    int status = 0;

    const pid_t child = fork();
    if (child == 0) {
        if (!forbid_linking_by_descriptor())
            _exit(2);
        _exit(publish_one("a.png") && publish_one("x/b.png") && !publish_one("a.png") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
        tree_leave(&tree);
        print_message("skipped: no seccomp filters here\n");
        skip();
    }
    assert_int_equal(status, 0);
    assert_true(tree_has("a.png", "whole"));
    assert_true(tree_has("x/b.png", "whole"));
    tree_leave(&tree);
}

static void an_output_below_a_file_is_refused_with_the_reason(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_staged staged;
    struct pp_error err = {0};

    tree_write("plain", "file");
    assert_int_equal(pp_staged_open(&staged, "plain/a.png", PP_STAGED_MODE_OPEN, &err), PP_E_WRITE);
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
        cmocka_unit_test(a_sweep_tells_whether_anything_is_left),
        cmocka_unit_test(outputs_are_named_where_descriptors_cannot_be_linked_themselves),
        cmocka_unit_test(an_output_below_a_file_is_refused_with_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
