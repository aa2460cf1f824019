#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "batch/manifest_line.h"

static struct pp_digest digest_of(unsigned seed)
{
    struct pp_digest digest = {.taken = true};

    for (unsigned i = 0; i < PP_DIGEST_BYTES; i++) {
        digest.pixels[i] = (uint8_t)(seed * 17 + i * 7);
        digest.bytes[i] = (uint8_t)(seed * 29 + i * 11 + 1);
    }
    return digest;
}

static void a_line_is_sha256sums_behind_the_pixels(void **state)
{
    const struct pp_digest digest = {.pixels = {0x00, 0x1f}, .bytes = {0xab, 0xcd}};
    struct pp_text text = {0};

    (void)state;
    assert_int_equal(pp_manifest_add_line(&text, "a b/c.png", &digest, NULL), PP_OK);
    assert_string_equal(text.bytes,
                        "001f000000000000000000000000000000000000000000000000000000000000 "
                        "abcd000000000000000000000000000000000000000000000000000000000000"
                        "  a b/c.png\n");
    pp_text_release(&text);
}

static void any_name_comes_back_from_its_line(void **state)
{
    static const char *const names[] = {
        "a.png",     "-",       " two  spaces ", "new\nline.png",    "back\\slash", "\\n",
        "\r\n",      "\\",      "\xff\xfe.jpg",  "\x1b[31m red.png", "a/b/\\\n/c",  "\n",
        "*star.png", "# a.png",
    };
    const struct pp_digest digest = digest_of(3);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pp_text text = {0};
        struct pp_digest found;
        const char *path;
        assert_int_equal(pp_manifest_add_line(&text, names[i], &digest, NULL), PP_OK);
        assert_ptr_equal(strchr(text.bytes, '\n'), text.bytes + text.length - 1);
        text.bytes[text.length - 1] = '\0';
        assert_true(pp_manifest_parse_line(text.bytes, &path, &found));
        assert_string_equal(path, names[i]);
        assert_memory_equal(found.pixels, digest.pixels, PP_DIGEST_BYTES);
        assert_memory_equal(found.bytes, digest.bytes, PP_DIGEST_BYTES);
        pp_text_release(&text);
    }
}

static void a_line_cut_short_or_changed_is_none(void **state)
{
    const struct pp_digest digest = digest_of(3);
    struct pp_text text = {0};
    struct pp_digest found;
    const char *path;
    char line[256];

    (void)state;
    assert_int_equal(pp_manifest_add_line(&text, "x\\y", &digest, NULL), PP_OK);
    for (size_t size = 0; size < text.length - strlen("x\\\\y\n") + 1; size++) {
        snprintf(line, sizeof line, "%.*s", (int)size, text.bytes);
        assert_false(pp_manifest_parse_line(line, &path, &found));
    }
    static const struct {
        size_t at;
        char with;
    } changes[] = {{3, 'g'}, {3, 'A'}, {64, '\t'}, {65, ' '}, {70, ' '}, {130, '*'}, {133, 'z'}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        snprintf(line, sizeof line, "%s", text.bytes);
        line[text.length - 1] = '\0';
        line[changes[i].at] = changes[i].with;
        if (pp_manifest_parse_line(line, &path, &found))
            fail_msg("taken with '%c' at %zu", changes[i].with, changes[i].at);
    }
    pp_text_release(&text);
}

static void titles_tell_what_decides_the_pixels(void **state)
{
    const struct pp_encode_settings plain = {0};
    const struct pp_encode_settings all = {.format = PP_FORMAT_JPEG,
                                           .quality = 80,
                                           .progressive = true,
                                           .subsampling = PP_SUBSAMPLING_422,
                                           .png_level = PP_PNG_STORED,
                                           .strip = PP_STRIP_EXIF | PP_STRIP_GPS};
    const struct pp_encode_settings keep = {.strip = PP_STRIP_ALL & ~(unsigned)PP_STRIP_ICC},
                                    none = {.strip = PP_STRIP_ALL};
    struct pp_text title = {0};

    (void)state;
    assert_int_equal(pp_manifest_title(&title, " gray,\n invert ", &plain, PP_DECODE_AUTO, NULL),
                     PP_OK);
    assert_string_equal(title.bytes, "# pixpool manifest 1: gray,invert");
    assert_int_equal(pp_manifest_title(&title, "gray", &all, PP_DECODE_FULL, NULL), PP_OK);
    assert_string_equal(title.bytes,
                        "# pixpool manifest 1: gray --format jpeg --quality 80 --progressive "
                        "--subsampling 422 --png-level 0 --strip=exif,gps --path full");
    assert_int_equal(pp_manifest_title(&title, "gray", &keep, PP_DECODE_AUTO, NULL), PP_OK);
    assert_string_equal(title.bytes, "# pixpool manifest 1: gray --keep icc");
    assert_int_equal(pp_manifest_title(&title, "gray", &none, PP_DECODE_AUTO, NULL), PP_OK);
    assert_string_equal(title.bytes, "# pixpool manifest 1: gray --strip=all");
    pp_text_release(&title);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_sha256sums_behind_the_pixels),
        cmocka_unit_test(any_name_comes_back_from_its_line),
        cmocka_unit_test(a_line_cut_short_or_changed_is_none),
        cmocka_unit_test(titles_tell_what_decides_the_pixels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
