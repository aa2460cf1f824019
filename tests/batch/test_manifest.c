#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/manifest.h"
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

static char *read_file(const char *path)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void add(struct pp_manifest *manifest, uint64_t order, const char *path, unsigned seed)
{
    const struct pp_digest digest = digest_of(seed);

    assert_int_equal(pp_manifest_add(manifest, order, path, &digest, NULL), PP_OK);
}

static void lines_stand_in_the_order_the_inputs_were_found(void **state)
{
    struct tree tree = tree_enter();
    struct pp_manifest manifest;

    (void)state;
    assert_int_equal(pp_manifest_open(&manifest, "m", NULL), PP_OK);
    add(&manifest, 5000, "last", 1);
    add(&manifest, 0, "first", 2);
    add(&manifest, 7, "second", 3);
    assert_int_not_equal(access("m", F_OK), 0); /* not before it is whole */
    assert_int_equal(pp_manifest_publish(&manifest, TITLE, true, NULL), PP_OK);
    pp_manifest_release(&manifest);
    const char *text = read_file("m");
    const char *first = strstr(text, "  first\n"), *second = strstr(text, "  second\n");
    const char *last = strstr(text, "  last\n");
    assert_memory_equal(text, TITLE "\n", strlen(TITLE "\n"));
    assert_true(first && second && last && first < second && second < last);
    assert_string_equal(last, "  last\n");
    assert_int_equal(tree_count("."), 1);
    tree_leave(&tree);
}

static void an_earlier_manifest_stays_until_the_new_one_is_whole(void **state)
{
    struct tree tree = tree_enter();
    struct pp_manifest manifest;

    (void)state;
    tree_write("m", TITLE "\n");
    assert_int_equal(pp_manifest_open(&manifest, "m", NULL), PP_OK);
    add(&manifest, 0, "a", 1);
    pp_manifest_release(&manifest); /* given up */
    assert_true(tree_has("m", TITLE "\n"));
    assert_int_equal(pp_manifest_open(&manifest, "m", NULL), PP_OK);
    add(&manifest, 0, "a", 1);
    assert_int_equal(pp_manifest_publish(&manifest, TITLE, false, NULL), PP_OK);
    pp_manifest_release(&manifest);
    assert_non_null(strstr(read_file("m"), "  a\n"));
    assert_int_equal(tree_count("."), 1);
    tree_leave(&tree);
}

static void what_is_no_manifest_is_not_replaced(void **state)
{
    static const char *const others[] = {"x", "# pixpool", "\xff\xd8\xff\xe0 a picture"};
    struct tree tree = tree_enter();
    struct pp_manifest manifest;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        tree_write("m", others[i]);
        assert_int_equal(pp_manifest_open(&manifest, "m", NULL), PP_E_CONFLICT);
        pp_manifest_release(&manifest);
        assert_true(tree_has("m", others[i]));
    }
    unlink("m");
    assert_int_equal(mkdir("m", 0777), 0);
    assert_int_equal(pp_manifest_open(&manifest, "m", NULL), PP_E_CONFLICT);
    pp_manifest_release(&manifest);
    tree_leave(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stand_in_the_order_the_inputs_were_found),
        cmocka_unit_test(an_earlier_manifest_stays_until_the_new_one_is_whole),
        cmocka_unit_test(what_is_no_manifest_is_not_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
