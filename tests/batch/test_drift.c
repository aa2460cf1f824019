#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/drift.h"
#include "batch/manifest_line.h"
#include "support_tree.h"

#define TITLE PP_MANIFEST_MARK "gray"

static struct pp_digest digest_of(unsigned seed)
{
    struct pp_digest digest = {.taken = true};

    for (unsigned i = 0; i < PP_DIGEST_BYTES; i++) {
        digest.pixels[i] = (uint8_t)(seed * 17 + i * 7);
        digest.bytes[i] = (uint8_t)(seed * 29 + i * 11 + 1);
    }
    return digest;
}

/* A manifest with a line for each name up to NULL, whose digests are of 0, 1, 2 ... */
static void write_manifest(const char *const *names)
{
    struct pp_text text = {0};

    assert_int_equal(pp_text_add_string(&text, TITLE "\n", NULL), PP_OK);
    for (unsigned i = 0; names[i]; i++) {
        const struct pp_digest digest = digest_of(i);
        assert_int_equal(pp_manifest_add_line(&text, names[i], &digest, NULL), PP_OK);
    }
    tree_write("m", text.bytes);
    pp_text_release(&text);
}

static const char *drift_of(struct pp_drift *drift, const char *path, unsigned seed)
{
    const struct pp_digest digest = digest_of(seed);

    return pp_drift_of(drift, path, &digest);
}

#define NOTES 64 /* bytes */

/* Append the path and a slash, which is in no test's name. */
static void note(void *user, const char *path)
{
    char *seen = user;
    size_t length = strlen(seen);

    assert_in_range(snprintf(seen + length, NOTES - length, "%s/", path), 1, NOTES - length - 1);
}

static void each_way_to_differ_is_told_apart(void **state)
{
    static const char *const names[] = {"a", "b\n", "c", "d", NULL};
    struct tree tree = tree_enter();
    struct pp_digest other = digest_of(2);
    struct pp_drift drift;
    char missing[NOTES] = "";

    (void)state;
    write_manifest(names);
    assert_int_equal(pp_drift_open(&drift, "m", TITLE, NULL), PP_OK);
    assert_null(drift_of(&drift, "b\n", 1));
    assert_string_equal(drift_of(&drift, "d", 9), "pixels differ from the manifest");
    other.bytes[31] ^= 1;
    assert_string_equal(pp_drift_of(&drift, "c", &other),
                        "bytes differ from the manifest, pixels are the same");
    assert_string_equal(drift_of(&drift, "e", 0), "not in the manifest");
    assert_int_equal(pp_drift_missing(&drift, note, missing, NULL), PP_OK);
    assert_string_equal(missing, "a/");
    pp_drift_release(&drift);
    tree_leave(&tree);
}

static void what_is_missing_is_told_in_the_manifests_order(void **state)
{
    static const char *const names[] = {"z", "a", "m", "b", "y", NULL};
    struct tree tree = tree_enter();
    struct pp_drift drift;
    char missing[NOTES] = "";

    (void)state;
    write_manifest(names);
    assert_int_equal(pp_drift_open(&drift, "m", TITLE, NULL), PP_OK);
    assert_null(drift_of(&drift, "m", 2));
    assert_int_equal(pp_drift_missing(&drift, note, missing, NULL), PP_OK);
    assert_string_equal(missing, "z/a/b/y/");
    pp_drift_release(&drift);
    tree_leave(&tree);
}

static void thousands_of_lines_are_found_again(void **state)
{
    enum { LINES = 20000 };
    static char names[LINES][12];
    static const char *list[LINES + 1];
    struct tree tree = tree_enter();
    struct pp_drift drift;
    char missing[NOTES] = "";

    (void)state;
    for (unsigned i = 0; i < LINES; i++) {
        snprintf(names[i], sizeof names[i], "%u.png", i);
        list[i] = names[i];
    }
    write_manifest(list);
    assert_int_equal(pp_drift_open(&drift, "m", TITLE, NULL), PP_OK);
    for (unsigned i = LINES; i-- > 0;)
        if (i != 12345)
            assert_null(drift_of(&drift, names[i], i));
    assert_true(drift.size * sizeof *drift.slots <= (size_t)LINES * 11);
    assert_int_equal(pp_drift_missing(&drift, note, missing, NULL), PP_OK);
    assert_string_equal(missing, "12345.png/");
    pp_drift_release(&drift);
    tree_leave(&tree);
}

static void refuses(const char *text, enum pp_status status, const char *why)
{
    struct pp_error err = {0};
    struct pp_drift drift;

    tree_write("m", text);
    assert_int_equal(pp_drift_open(&drift, "m", TITLE, &err), status);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    pp_drift_release(&drift);
}

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void what_is_no_manifest_of_this_kind_is_refused(void **state)
{
    struct tree tree = tree_enter();
    struct pp_drift drift;

    (void)state;
    refuses("", PP_E_USAGE, "not a manifest");
    refuses("\xff\xd8\xff", PP_E_USAGE, "not a manifest");
    refuses("# pixpool manifest 2: gray\n", PP_E_USAGE, "not a manifest");
    refuses("# pixpool manifest 1: gray --quality 80\n", PP_E_USAGE, "options: gray --quality 80");
    refuses(TITLE "\nsome text\n", PP_E_USAGE, "line 2 ");
    refuses(TITLE "\n" HASH " " HASH "  a\n\n", PP_E_USAGE, "line 3 ");
    refuses(TITLE "\n" HASH " " HASH "  a\n" HASH " " HASH "  a\n", PP_E_USAGE, "line 3 lists");
    assert_int_equal(pp_drift_open(&drift, "none", TITLE, NULL), PP_E_READ);
    pp_drift_release(&drift);
    tree_leave(&tree);
}

static void a_last_line_without_its_end_counts(void **state)
{
    struct tree tree = tree_enter();
    struct pp_drift drift;

    (void)state;
    tree_write("m", TITLE "\n" HASH " " HASH "  a");
    assert_int_equal(pp_drift_open(&drift, "m", TITLE, NULL), PP_OK);
    assert_int_equal(drift.count, 1);
    assert_string_equal(drift_of(&drift, "a", 0), "pixels differ from the manifest");
    pp_drift_release(&drift);
    tree_leave(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_differ_is_told_apart),
        cmocka_unit_test(what_is_missing_is_told_in_the_manifests_order),
        cmocka_unit_test(thousands_of_lines_are_found_again),
        cmocka_unit_test(what_is_no_manifest_of_this_kind_is_refused),
        cmocka_unit_test(a_last_line_without_its_end_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
