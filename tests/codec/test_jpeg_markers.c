/* Markers as other programs write them: profiles in pieces, broken blocks, floods of comments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "support.h"

/* Where markers are put in: after SOI and the JFIF header. */
#define AFTER_JFIF 20u

static struct test_file plain_file(void)
{
    struct test_picture picture = test_picture_new(16, 16, 1, 8);
    struct test_file file =
        test_libjpeg_encode(&picture, &(struct test_jpeg){JCS_GRAYSCALE, 90, .h = 1, .v = 1});

    test_picture_release(&picture);
    return file;
}

static void put_marker(struct test_file *file, int marker, const void *payload, size_t size)
{
    uint8_t header[] = {0xFF, (uint8_t)marker, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2)};
    struct test_file with_payload = test_file_insert(file, AFTER_JFIF, payload, size);
    struct test_file whole = test_file_insert(&with_payload, AFTER_JFIF, header, sizeof(header));

    test_file_release(&with_payload);
    test_file_release(file);
    *file = whole;
}

/* One chunk of a profile whose bytes are the chunk's number. Later puts stand earlier. */
static void put_chunk(struct test_file *file, uint8_t number, uint8_t total)
{
    uint8_t payload[14 + 5] = "ICC_PROFILE";

    payload[12] = number;
    payload[13] = total;
    memset(payload + 14, number, 5);
    put_marker(file, 0xE2, payload, sizeof(payload));
}

static void a_profile_is_put_together_from_any_order(void **state)
{
    static const uint8_t expected[] = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3};
    struct test_file file = plain_file();

    (void)state;
    put_chunk(&file, 2, 3);
    put_chunk(&file, 3, 3);
    put_chunk(&file, 1, 3);
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_int_equal(decoding.reader->warnings, 0);
    assert_int_equal(decoding.reader->metadata.count, 1);
    assert_int_equal(decoding.reader->metadata.blocks[0].kind, PP_METADATA_ICC);
    assert_int_equal(decoding.reader->metadata.blocks[0].size, sizeof(expected));
    assert_memory_equal(decoding.reader->metadata.blocks[0].data, expected, sizeof(expected));
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void a_bad_set_of_chunks_is_left_out_with_a_warning(void **state)
{
    static const uint8_t sets[][2][2] = {{{1, 3}, {3, 3}}, {{1, 2}, {1, 2}}, {{1, 2}, {2, 3}},
                                         {{0, 2}, {1, 2}}, {{2, 1}, {1, 1}}, {{0, 0}, {0, 0}}};

    (void)state;
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        struct test_file file = plain_file();
        put_chunk(&file, sets[i][0][0], sets[i][0][1]);
        put_chunk(&file, sets[i][1][0], sets[i][1][1]);
        struct test_decoding decoding = test_decode(&file, NULL);
        assert_string_equal(decoding.err.text, "");
        assert_int_equal(decoding.reader->metadata.count, 0);
        assert_string_equal(decoding.reader->warning, "incomplete colour profile is left out");
        test_decoding_release(&decoding);
        test_file_release(&file);
    }
}

static void broken_blocks_never_fail_the_picture(void **state)
{
    static const struct {
        int marker;
        const char *payload;
        size_t size;
    } cases[] = {{0xE1, "", 0},
                 {0xE1, "Exif", 4},
                 {0xE1, "Exif\0\0", 6},
                 {0xE1, "Exif\0\0MM\0*\xFF\xFF\xFF\xFF", 14},
                 {0xE2, "ICC_PROFILE", 12},
                 {0xED, "Photoshop", 9},
                 {0xE1, "http://ns.adobe.com/xap/1.0/", 28},
                 {0xFE, "", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct test_file file = plain_file();
        put_marker(&file, cases[i].marker, cases[i].payload, cases[i].size);
        struct test_decoding decoding = test_decode(&file, NULL);
        assert_string_equal(decoding.err.text, "");
        assert_int_equal(decoding.reader->geometry.orientation, 1);
        test_decoding_release(&decoding);
        test_file_release(&file);
    }
}

static void a_second_exif_block_is_warned_of_and_extended_xmp_is_kept(void **state)
{
    static const char extension[] = "http://ns.adobe.com/xmp/extension/\0GUID";
    struct test_file file = plain_file();

    (void)state;
    put_marker(&file, 0xE1, extension, sizeof(extension));
    put_marker(&file, 0xE1, "Exif\0\0second", 12);
    put_marker(&file, 0xE1, "Exif\0\0first", 11);
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_int_equal(decoding.reader->warnings, 1);
    assert_int_equal(decoding.reader->metadata.count, 2);
    assert_int_equal(decoding.reader->metadata.blocks[1].kind, PP_METADATA_XMP_MORE);
    assert_memory_equal(decoding.reader->metadata.blocks[0].data, "first", 5);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void other_segments_are_kept_but_for_the_index_of_pictures(void **state)
{
    struct test_file file = plain_file();

    (void)state;
    put_marker(&file, 0xE2, "MPF\0index", 9);
    put_marker(&file, 0xE2, "FPXR\0flash", 10);
    put_marker(&file, 0xEC, "Ducky", 5);
    struct test_decoding decoding = test_decode(&file, NULL);
    const struct pp_metadata *metadata = &decoding.reader->metadata;
    assert_int_equal(decoding.reader->warnings, 0);
    assert_int_equal(metadata->count, 2);
    assert_int_equal(metadata->blocks[0].marker, 0xEC);
    assert_int_equal(metadata->blocks[1].marker, 0xE2);
    assert_memory_equal(metadata->blocks[1].data, "FPXR\0flash", 10);
    test_decoding_release(&decoding);
    test_file_release(&file);
}

static void a_flood_of_comments_is_cut_at_the_limit(void **state)
{
    size_t count = 300, size = 4 + 65533;
    uint8_t *flood = calloc(count, size);
    struct test_file file = plain_file();

    (void)state;
    assert_non_null(flood);
    for (size_t i = 0; i < count; i++)
        memcpy(flood + i * size, "\xFF\xFE\xFF\xFF", 4);
    struct test_file flooded = test_file_insert(&file, AFTER_JFIF, flood, count * size);
    struct test_decoding decoding = test_decode(&flooded, NULL);
    assert_string_equal(decoding.err.text, "");
    assert_in_range(decoding.reader->metadata.count, 200, 256);
    assert_true(decoding.reader->warnings > 0);
    test_decoding_release(&decoding);
    test_file_release(&flooded);
    test_file_release(&file);
    free(flood);
}

/* The whole test of streaming: the same file through a pipe-like descriptor of small reads. */
static void a_marker_across_the_buffers_end_is_read_whole(void **state)
{
    struct test_file file = plain_file();
    uint8_t comment[60000];
    FILE *stream = tmpfile();
    struct pp_input in;
    struct pp_reader *reader = NULL;
    struct pp_read_settings settings = {0};

    (void)state;
    assert_non_null(stream);
    for (size_t i = 0; i < sizeof(comment); i++)
        comment[i] = (uint8_t)(i / 3);
    put_marker(&file, 0xFE, comment, sizeof(comment));
    put_marker(&file, 0xE5, comment, sizeof(comment)); /* one that is skipped */
    fwrite(file.data, 1, file.size, stream);
    rewind(stream);
    assert_int_equal(pp_input_init_fd(&in, fileno(stream), NULL), PP_OK);
    assert_int_equal(pp_codec_jpeg.open_reader(&in, &settings, &reader, NULL), PP_OK);
    assert_int_equal(reader->metadata.blocks[0].size, sizeof(comment));
    assert_memory_equal(reader->metadata.blocks[0].data, comment, sizeof(comment));
    pp_codec_jpeg.close_reader(reader);
    pp_input_release(&in);
    fclose(stream);
    test_file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_is_put_together_from_any_order),
        cmocka_unit_test(a_bad_set_of_chunks_is_left_out_with_a_warning),
        cmocka_unit_test(broken_blocks_never_fail_the_picture),
        cmocka_unit_test(a_second_exif_block_is_warned_of_and_extended_xmp_is_kept),
        cmocka_unit_test(other_segments_are_kept_but_for_the_index_of_pictures),
        cmocka_unit_test(a_flood_of_comments_is_cut_at_the_limit),
        cmocka_unit_test(a_marker_across_the_buffers_end_is_read_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
