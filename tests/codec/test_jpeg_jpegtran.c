/* What keeps coefficients makes the same of a file as jpegtran does, and nothing larger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support_coefficients.h"
#include "support_transcode.h"

/* jpegtran makes sequential files of progressive ones; of a very small one that is less, since each
 * scan has tables of its own. */
#define TABLES 512

struct pair {
    const char *arguments[7];
    struct pp_transcode what; /* a side of 0: the picture's, or what is left of it */
};

#define GRAY 1 /* the one that no picture's size keeps from being done */
static const struct pair pairs[] = {
    {{"-copy", "all", NULL}, {.placement.move = PP_MOVE_NONE}},
    {{"-copy", "all", "-grayscale", NULL}, {.luma = true, .placement.move = PP_MOVE_NONE}},
    {{"-copy", "all", "-transpose", NULL}, {.placement.move = PP_MOVE_TRANSPOSE}},
    {{"-copy", "all", "-flip", "horizontal", NULL}, {.placement.move = PP_MOVE_FLOP}},
    {{"-copy", "all", "-flip", "vertical", NULL}, {.placement.move = PP_MOVE_FLIP}},
    {{"-copy", "all", "-rotate", "90", NULL}, {.placement.move = PP_MOVE_TURN_RIGHT}},
    {{"-copy", "all", "-rotate", "180", NULL}, {.placement.move = PP_MOVE_HALF_TURN}},
    {{"-copy", "all", "-rotate", "270", NULL}, {.placement.move = PP_MOVE_TURN_LEFT}},
    {{"-copy", "all", "-transverse", NULL}, {.placement.move = PP_MOVE_TRANSVERSE}},
    {{"-copy", "all", "-crop", "53x41+32+16", NULL}, {.placement = {32, 16, 53, 41, PP_MOVE_NONE}}},
    {{"-copy", "all", "-grayscale", "-rotate", "90", NULL},
     {.luma = true, .placement.move = PP_MOVE_TURN_RIGHT}},
};
#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

/* The size in the frame header; false when there is no such picture. */
static bool size_of(const struct test_file *file, uint32_t *width, uint32_t *height)
{
    struct pp_read_settings settings = {.limits = {.max_pixels = 100000000}};
    struct pp_reader *reader = NULL;
    struct pp_input in;

    pp_input_init_memory(&in, file->data, file->size);
    if (pp_codec_jpeg.open_reader(&in, &settings, &reader, NULL) == PP_OK) {
        *width = reader->geometry.width;
        *height = reader->geometry.height;
        pp_codec_jpeg.close_reader(reader);
    }
    pp_input_release(&in);
    return reader != NULL;
}

/* Whether jpegtran did it, without a warning; the result is then the same. It does not refuse what
 * it cannot mirror whole, which is then not compared. */
static bool compare(const struct test_file *file, const struct pair *pair, bool *installed)
{
    struct pp_transcode what = pair->what;
    uint32_t width = 0, height = 0;

    *installed = true;
    if (!size_of(file, &width, &height))
        return false;
    if (what.placement.width == 0)
        what.placement = (struct pp_placement){0, 0, width, height, what.placement.move};
    struct test_transcoding made = test_transcode(file, PP_DECODE_DCT, &what, NULL);
    if (made.status != PP_OK && pair != &pairs[GRAY])
        return false;
    struct test_file expected = test_jpegtran(file, pair->arguments, installed);
    bool both = expected.data != NULL;
    if (both) {
        assert_string_equal(made.err.text, "");
        test_assert_coefficients(&made.file, &expected);
        if (made.file.size > expected.size + TABLES)
            fail_msg("%zu bytes, jpegtran has %zu", made.file.size, expected.size);
    }
    test_file_release(&expected);
    test_file_release(&made.file);
    return both;
}

static void made_files_become_what_jpegtran_makes_of_them(void **state)
{
    static const struct test_jpeg kinds[] = {{JCS_YCbCr, 80, 1, 1, .restart_rows = 0},
                                             {JCS_YCbCr, 85, 2, 1, .restart_rows = 1},
                                             {JCS_YCbCr, 90, 2, 2, .restart_rows = 0},
                                             {JCS_YCbCr, 75, 1, 2, .restart_rows = 0},
                                             {JCS_YCbCr, 80, 2, 2, .progressive = true}};
    bool installed = true;

    (void)state;
    for (size_t i = 0; installed && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct test_picture picture = test_picture_new(96, 64, 3, 8);
        struct test_file file = test_libjpeg_encode(&picture, &kinds[i]);
        for (size_t k = 0; installed && k < PAIRS; k++)
            assert_true(compare(&file, &pairs[k], &installed) || !installed);
        test_file_release(&file);
        test_picture_release(&picture);
    }
    if (!installed)
        skip();
}

struct corpus {
    size_t every, seen, compared; /* one file in so many is compared */
    bool installed;
};

static void compare_file(const char *path, void *user)
{
    struct corpus *corpus = user;

    if (!corpus->installed || corpus->seen++ % corpus->every != 0)
        return;
    struct test_file file = test_file_load(path);
    assert_non_null(file.data);
    if (pp_codec_jpeg.probe(file.data, file.size)) {
        const struct pair *moves = &pairs[GRAY + 1 + corpus->compared % (PAIRS - GRAY - 1)];
        corpus->compared += compare(&file, &pairs[GRAY], &corpus->installed);
        if (corpus->installed)
            compare(&file, moves, &corpus->installed);
    }
    test_file_release(&file);
}

static void real_files_become_what_jpegtran_makes_of_them(void **state)
{
    struct corpus photos = {.every = 11, .installed = true}, web = {.every = 23, .installed = true},
                  odd = {.every = 1, .installed = true};

    (void)state;
    test_corpus_each("photos", compare_file, &photos);
    test_corpus_each("web", compare_file, &web);
    test_corpus_each("conformance", compare_file, &odd);
    if (photos.compared == 0 || !photos.installed)
        skip();
    assert_true(web.compared > 0 && odd.compared > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_files_become_what_jpegtran_makes_of_them),
        cmocka_unit_test(real_files_become_what_jpegtran_makes_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
