/* Parts of the luma extractor by themselves, and real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/jpeg_luma_huffman.h"
#include "codec/jpeg_luma_tables.h"
#include "support.h"
#include "support_luma.h"

/* ---- Huffman tables ------------------------------------------------------------------------- */

static const struct pp_luma_huffman table_k3 = {
    .defined = true,
    .counts = {0, 0, 1, 5, 1, 1, 1, 1, 1, 1},
    .symbols = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
};

static void assert_has_all_categories(const struct pp_luma_huffman *huffman)
{
    struct pp_luma_codes codes;
    struct pp_luma_encoder encoder;

    assert_true(pp_luma_codes_derive(huffman, &codes));
    pp_luma_encoder_derive(huffman, &encoder);
    for (unsigned i = 0; i <= PP_LUMA_DC_MAX; i++) {
        assert_in_range(encoder.length[i], 1, 16);
        unsigned bits = (unsigned)encoder.code[i] << (16 - encoder.length[i]);
        struct pp_luma_symbol found = pp_luma_codes_find(&codes, bits);
        assert_int_equal(found.value, i);
        assert_int_equal(found.length, encoder.length[i]);
    }
}

static void a_table_with_all_categories_stays_as_it_is(void **state)
{
    struct pp_luma_huffman result;

    (void)state;
    assert_true(pp_luma_dc_complete(&table_k3, &result));
    assert_memory_equal(&result, &table_k3, sizeof(result));
    assert_has_all_categories(&result);
}

static void missing_categories_get_codes_and_no_other_code_changes(void **state)
{
    const struct pp_luma_huffman tables[] = {
        {.defined = true, .counts = {0, 1}, .symbols = {4}},
        {.defined = true, .counts = {0, 1, 1, 1}, .symbols = {3, 0, 7}},
        {.defined = true,
         .counts = {0, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1},
         .symbols = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
        {.defined = true, .counts = {0, 0, 0, 2}, .symbols = {11, 10}},
    };
    struct pp_luma_huffman result;
    struct pp_luma_encoder before, after;

    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        assert_true(pp_luma_dc_complete(&tables[i], &result));
        assert_has_all_categories(&result);
        pp_luma_encoder_derive(&tables[i], &before);
        pp_luma_encoder_derive(&result, &after);
        for (unsigned j = 0; j <= PP_LUMA_DC_MAX; j++) {
            if (before.length[j] > 0) {
                assert_int_equal(before.length[j], after.length[j]);
                assert_int_equal(before.code[j], after.code[j]);
            }
        }
    }
}

static void a_table_without_room_is_replaced(void **state)
{
    const struct pp_luma_huffman full = {
        .defined = true,
        .counts = {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 127},
        .symbols = {0, 1, 2, 3, 4, 5, 6, 7, 8}};
    struct pp_luma_huffman result;

    (void)state;
    assert_false(pp_luma_dc_complete(&full, &result));
    assert_memory_equal(&result, &table_k3, sizeof(result));
}

static void codes_of_ones_only_and_too_many_codes_are_refused(void **state)
{
    const struct pp_luma_huffman ones = {.counts = {0, 2}};
    const struct pp_luma_huffman many = {.counts = {0, 1, 3}};
    const struct pp_luma_huffman right = {.counts = {0, 1, 1}};
    struct pp_luma_codes codes;

    (void)state;
    assert_false(pp_luma_codes_derive(&ones, &codes));
    assert_false(pp_luma_codes_derive(&many, &codes));
    assert_true(pp_luma_codes_derive(&right, &codes));
}

/* ---- looks ---------------------------------------------------------------------------------- */

/* Codes of 1 to 9 bits: a coefficient, end of block, 16 zeros, a long run, large ones, and one
 * that the standard does not have. */
static const struct pp_luma_huffman odd_ac = {
    .defined = true,
    .counts = {0, 1, 1, 1, 1, 1, 1, 1, 0, 2},
    .symbols = {0x01, 0x00, 0xF0, 0xF1, 0x5A, 0x02, 0x1B, 0x33, 0x40}};

/* What `entry` says must be what symbols taken one by one say, as far as the bits go. */
static void check_look(const struct pp_luma_codes *codes, unsigned look, unsigned bits,
                       uint16_t entry)
{
    unsigned at = 0, state = 0;
    const unsigned length = entry & 255, advance = entry >> 8;

    if (entry == PP_LUMA_NO_ENTRY) {
        struct pp_luma_symbol one = pp_luma_codes_find(codes, bits << (16 - look) & 0xFFFF);
        assert_true(one.length == 0 || one.length > look ||
                    pp_luma_ac_entry(one.value, one.length) == 0);
        return;
    }
    while (at < length) {
        struct pp_luma_symbol one = pp_luma_codes_find(codes, bits << (16 - look + at) & 0xFFFF);
        uint16_t step = pp_luma_ac_entry(one.value, one.length);
        assert_true(one.length > 0 && one.length <= look - at && step != 0);
        at += step & 255;
        state += step >> 8;
        assert_true(at == length || state < PP_LUMA_ENDED);
    }
    assert_int_equal(at, length);
    assert_int_equal(state, advance);
    assert_true((advance & 127) < 64);
}

static void looks_say_what_symbols_one_by_one_say(void **state)
{
    struct pp_luma_codes codes;
    struct pp_luma_ac_table *table = test_malloc(sizeof(*table));

    (void)state;
    assert_true(pp_luma_codes_derive(&odd_ac, &codes));
    for (unsigned look = 1; look <= PP_LUMA_LOOK_MAX; look++) {
        pp_luma_ac_table_build(table, &codes, look);
        for (unsigned bits = 0; bits < 1u << look; bits++)
            check_look(&codes, look, bits, table->entries[(1u << look) + bits]);
    }
    test_free(table);
}

/* ---- files ---------------------------------------------------------------------------------- */

struct tally {
    size_t extracted, refused;
    bool coefficients, must_succeed;
};

static void compare(const struct test_file *file, const struct luma_file *output, const char *path,
                    bool coefficients)
{
    struct luma_picture (*const read)(const uint8_t *, size_t) =
        coefficients ? luma_read_coefficients : luma_decode;
    struct luma_picture expected = read(file->data, file->size);
    struct luma_picture got = read(output->data, output->size);

    if (!luma_is_same(&expected, &got))
        fail_msg("%s: luma differs", path);
    free(expected.data);
    free(got.data);
}

static void visit(const char *path, void *user)
{
    static const struct pp_jpeg_luma_settings settings = {.limits = {.max_pixels = 50000000}};
    struct tally *tally = user;
    struct test_file file = test_file_load(path);

    if (file.data && pp_codec_jpeg.probe(file.data, file.size)) {
        struct luma_file output = luma_extract_memory(file.data, file.size, &settings);
        if (output.status == PP_OK) {
            compare(&file, &output, path, tally->coefficients);
            tally->extracted++;
        } else if (tally->must_succeed) {
            fail_msg("%s: %s", path, output.err.text);
        } else {
            tally->refused++;
        }
        free(output.data);
    }
    test_file_release(&file);
}

static void every_photo_is_extracted_and_equals_libjpegs_gray(void **state)
{
    struct tally photos = {.must_succeed = true}, web = {.must_succeed = true};

    (void)state;
    if (test_corpus_each("photos", visit, &photos) == 0)
        skip();
    test_corpus_each("web", visit, &web);
    assert_true(photos.extracted > 20);
    assert_true(web.extracted > 100);
}

static void odd_files_are_refused_or_have_libjpegs_coefficients(void **state)
{
    struct tally odd = {.coefficients = true}, corrupt = {0};

    (void)state;
    if (test_corpus_each("conformance", visit, &odd) == 0)
        skip();
    test_corpus_each("corrupt", visit, &corrupt);
    assert_true(odd.extracted > 40);
    assert_true(corrupt.refused > 100);
}

static void kinds_of_the_test_data_are_extracted_or_refused(void **state)
{
    static const struct {
        const char *name;
        enum pp_status status;
    } files[] = {
        {"jpeg/baseline-411.jpg", PP_OK},
        {"jpeg/baseline-440.jpg", PP_OK},
        {"jpeg/baseline-gray.jpg", PP_OK},
        {"jpeg/gray-sampled-2x2.jpg", PP_OK},
        {"jpeg/fill-bytes.jpg", PP_OK},
        {"jpeg/optimised.jpg", PP_OK},
        {"jpeg/progressive-420.jpg", PP_OK},
        {"jpeg/restart-progressive.jpg", PP_OK},
        {"jpeg/separate-scans.jpg", PP_OK},
        {"jpeg/wide-quantisation.jpg", PP_OK},
        {"jpeg/trailing-garbage.jpg", PP_OK},
        {"photos/forest.jpg", PP_OK},
        {"jpeg/rgb.jpg", PP_E_UNSUPPORTED},
        {"jpeg/cmyk.jpg", PP_E_UNSUPPORTED},
        {"jpeg/arithmetic.jpg", PP_E_UNSUPPORTED},
        {"jpeg/no-end-marker.jpg", PP_E_CORRUPT},
        {"hostile/lossless.jpg", PP_E_UNSUPPORTED},
        {"hostile/hierarchical.jpg", PP_E_UNSUPPORTED},
        {"hostile/twelve-bit.jpg", PP_E_UNSUPPORTED},
        {"hostile/two-frames.jpg", PP_E_CORRUPT},
        {"hostile/huffman-overfull.jpg", PP_E_CORRUPT},
        {"hostile/restart-missing.jpg", PP_E_CORRUPT},
        {"hostile/height-after-scan.jpg", PP_E_UNSUPPORTED},
        {"hostile/zero-width.jpg", PP_E_CORRUPT},
        {"hostile/taller-than-data.jpg", PP_E_CORRUPT},
        {"hostile/zeros.jpg", PP_E_CORRUPT},
    };
    const struct pp_jpeg_luma_settings settings = {.headless = false};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", PP_TESTDATA, files[i].name);
        struct test_file file = test_file_load(path);
        assert_non_null(file.data);
        struct luma_file output = luma_extract_memory(file.data, file.size, &settings);
        if (output.status != files[i].status)
            fail_msg("%s: %d %s", files[i].name, output.status, output.err.text);
        if (output.status == PP_OK)
            compare(&file, &output, path, true);
        free(output.data);
        test_file_release(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_with_all_categories_stays_as_it_is),
        cmocka_unit_test(missing_categories_get_codes_and_no_other_code_changes),
        cmocka_unit_test(a_table_without_room_is_replaced),
        cmocka_unit_test(codes_of_ones_only_and_too_many_codes_are_refused),
        cmocka_unit_test(looks_say_what_symbols_one_by_one_say),
        cmocka_unit_test(kinds_of_the_test_data_are_extracted_or_refused),
        cmocka_unit_test(every_photo_is_extracted_and_equals_libjpegs_gray),
        cmocka_unit_test(odd_files_are_refused_or_have_libjpegs_coefficients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
