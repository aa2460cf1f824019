/* Metadata through either format, whole or left out with a warning, never failing the picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

static const uint8_t exif[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                               3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0, 0,    0};
static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
static const char iptc[] = "8BIM\4\4\0\0\0\0\0\0";

static void add(struct pp_metadata *metadata, enum pp_metadata_kind kind, const void *data,
                size_t size)
{
    assert_int_equal(pp_metadata_add(metadata, kind, data, size, NULL), PP_OK);
}

static void set_keyword(struct pp_metadata *metadata, const char *keyword)
{
    char *place = metadata->blocks[0].keyword;

    snprintf(place, sizeof(metadata->blocks[0].keyword), "%s", keyword);
}

/* A profile that libpng takes: a header and a table of no tags (ICC.1:2010, 7.2 and 7.3), then
 * filling. */
static uint8_t *new_profile(size_t size, const char *space)
{
    static const uint8_t d50[] = {0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D};
    uint8_t *profile = calloc(1, size);

    assert_non_null(profile);
    for (unsigned i = 0; i < 4; i++)
        profile[i] = (uint8_t)(size >> (24 - 8 * i));
    profile[8] = 2;
    memcpy(profile + 12, "mntr", 4);
    memcpy(profile + 16, space, 4);
    memcpy(profile + 20, "XYZ ", 4);
    memcpy(profile + 36, "acsp", 4);
    memcpy(profile + 68, d50, sizeof(d50));
    for (size_t i = 132; i < size; i++)
        profile[i] = (uint8_t)(i * 7 + i / 251);
    return profile;
}

static struct test_decoding through(const struct pp_codec *codec, uint8_t channels,
                                    const struct pp_metadata *metadata)
{
    struct test_picture picture = test_picture_new(20, 10, channels, 8);
    struct pp_write_settings settings = {.metadata = metadata};
    struct test_file file = test_encode(codec, &picture, &settings);
    struct test_decoding decoding = test_decode(&file, NULL);

    assert_string_equal(decoding.err.text, "");
    test_file_release(&file);
    test_picture_release(&picture);
    return decoding;
}

static void assert_block(const struct test_decoding *decoding, enum pp_metadata_kind kind,
                         const void *data, size_t size)
{
    const struct pp_metadata_block *block = pp_metadata_find(&decoding->reader->metadata, kind);

    assert_non_null(block);
    assert_int_equal(block->size, size);
    assert_memory_equal(block->data, data, size);
}

static void exif_xmp_and_profile_survive_both_formats(void **state)
{
    const struct pp_codec *codecs[] = {&pp_codec_jpeg, &pp_codec_png};
    struct pp_metadata metadata = {0};
    uint8_t *profile = new_profile(200000, "RGB ");

    (void)state;
    add(&metadata, PP_METADATA_ICC, profile, 200000);
    add(&metadata, PP_METADATA_XMP, xmp, strlen(xmp));
    add(&metadata, PP_METADATA_EXIF, exif, sizeof(exif));
    for (size_t i = 0; i < 2; i++) {
        struct test_decoding decoding = through(codecs[i], 3, &metadata);
        assert_string_equal(decoding.reader->warning, "");
        assert_int_equal(decoding.reader->metadata.count, 3);
        assert_block(&decoding, PP_METADATA_ICC, profile, 200000);
        assert_block(&decoding, PP_METADATA_XMP, xmp, strlen(xmp));
        assert_block(&decoding, PP_METADATA_EXIF, exif, sizeof(exif));
        assert_int_equal(decoding.reader->geometry.orientation, 6);
        test_decoding_release(&decoding);
    }
    free(profile);
    pp_metadata_release(&metadata);
}

static void jpeg_keeps_iptc_and_comments_in_its_own_order(void **state)
{
    static const enum pp_metadata_kind order[] = {PP_METADATA_EXIF, PP_METADATA_IPTC,
                                                  PP_METADATA_COMMENT, PP_METADATA_COMMENT};
    struct pp_metadata metadata = {0};

    (void)state;
    add(&metadata, PP_METADATA_COMMENT, "one", 3);
    add(&metadata, PP_METADATA_IPTC, iptc, sizeof(iptc));
    add(&metadata, PP_METADATA_COMMENT, "", 0);
    add(&metadata, PP_METADATA_EXIF, exif, sizeof(exif));
    struct test_decoding decoding = through(&pp_codec_jpeg, 1, &metadata);
    assert_int_equal(decoding.reader->metadata.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(decoding.reader->metadata.blocks[i].kind, order[i]);
    assert_block(&decoding, PP_METADATA_IPTC, iptc, sizeof(iptc));
    assert_block(&decoding, PP_METADATA_COMMENT, "one", 3);
    test_decoding_release(&decoding);
    pp_metadata_release(&metadata);
}

static void png_text_becomes_a_jpeg_comment_and_back(void **state)
{
    struct pp_metadata metadata = {0};

    (void)state;
    add(&metadata, PP_METADATA_TEXT, "me", 2);
    set_keyword(&metadata, "Author");
    struct test_decoding jpeg = through(&pp_codec_jpeg, 1, &metadata);
    assert_block(&jpeg, PP_METADATA_COMMENT, "Author: me", 10);
    struct test_decoding png = through(&pp_codec_png, 1, &jpeg.reader->metadata);
    assert_block(&png, PP_METADATA_TEXT, "Author: me", 10);
    assert_string_equal(png.reader->metadata.blocks[0].keyword, "Comment");
    assert_true(png.reader->metadata.blocks[0].latin1);
    struct test_decoding again = through(&pp_codec_jpeg, 1, &png.reader->metadata);
    assert_block(&again, PP_METADATA_COMMENT, "Author: me", 10);
    test_decoding_release(&again);
    test_decoding_release(&png);
    test_decoding_release(&jpeg);
    pp_metadata_release(&metadata);
}

static void comments_choose_their_png_chunk_by_their_bytes(void **state)
{
    static const struct {
        const char *text;
        bool latin1;
    } cases[] = {{"plain", true},
                 {"gr\xC3\xBC\xC3\x9F", false},
                 {"gr\xFC\xDF", true},
                 {"\xC0\x80 overlong", true},
                 {"\xED\xA0\x80 surrogate", true}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_metadata metadata = {0};
        add(&metadata, PP_METADATA_COMMENT, cases[i].text, strlen(cases[i].text));
        struct test_decoding decoding = through(&pp_codec_png, 3, &metadata);
        assert_block(&decoding, PP_METADATA_TEXT, cases[i].text, strlen(cases[i].text));
        assert_int_equal(decoding.reader->metadata.blocks[0].latin1, cases[i].latin1);
        test_decoding_release(&decoding);
        pp_metadata_release(&metadata);
    }
}

static void long_texts_survive_compression(void **state)
{
    char text[5000];

    (void)state;
    memset(text, 'a', sizeof(text));
    for (int latin1 = 0; latin1 < 2; latin1++) {
        struct pp_metadata metadata = {0};
        add(&metadata, PP_METADATA_TEXT, text, sizeof(text));
        set_keyword(&metadata, "Description");
        metadata.blocks[0].latin1 = latin1;
        struct test_decoding decoding = through(&pp_codec_png, 1, &metadata);
        assert_block(&decoding, PP_METADATA_TEXT, text, sizeof(text));
        assert_int_equal(decoding.reader->metadata.blocks[0].latin1, latin1);
        test_decoding_release(&decoding);
        pp_metadata_release(&metadata);
    }
}

static void a_texts_language_survives_png(void **state)
{
    static const char language[] = "de\0Verfasser";
    struct pp_metadata metadata = {0};

    (void)state;
    add(&metadata, PP_METADATA_TEXT, "me", 2);
    set_keyword(&metadata, "Author");
    metadata.blocks[0].language = malloc(sizeof(language));
    assert_non_null(metadata.blocks[0].language);
    memcpy(metadata.blocks[0].language, language, sizeof(language));
    struct test_decoding decoding = through(&pp_codec_png, 1, &metadata);
    const struct pp_metadata_block *block =
        pp_metadata_find(&decoding.reader->metadata, PP_METADATA_TEXT);
    assert_non_null(block);
    assert_false(block->latin1);
    assert_memory_equal(block->language, language, sizeof(language));
    test_decoding_release(&decoding);
    pp_metadata_release(&metadata);
}

static void the_time_survives_png(void **state)
{
    const struct pp_metadata metadata = {.has_time = true, .time = {7, 231, 12, 31, 23, 59, 60}};
    struct test_decoding decoding = through(&pp_codec_png, 3, &metadata);

    (void)state;
    assert_true(decoding.reader->metadata.has_time);
    assert_memory_equal(decoding.reader->metadata.time, metadata.time, sizeof(metadata.time));
    test_decoding_release(&decoding);
}

/* Encode with one block and return the writer's warnings; the file must decode, without it. */
static uint32_t warnings_of(const struct pp_codec *codec, const struct pp_metadata *metadata)
{
    struct pp_geometry geometry = {1, 1, 1, 8, 1};
    struct pp_write_settings settings = {.metadata = metadata};
    struct pp_writer *writer = NULL;
    struct pp_output out;

    pp_output_init_memory(&out);
    assert_int_equal(codec->open_writer(&out, &geometry, &settings, &writer, NULL), PP_OK);
    assert_int_equal(codec->write_rows(writer, (const uint8_t *)"x", 1, 1, NULL), PP_OK);
    assert_int_equal(codec->finish_writer(writer, NULL), PP_OK);
    uint32_t warnings = writer->warnings;
    assert_true((warnings > 0) == (writer->warning[0] != '\0'));
    codec->close_writer(writer);
    struct test_file file = {out.buffer, out.used};
    struct test_decoding decoding = test_decode(&file, NULL);
    assert_string_equal(decoding.err.text, "");
    assert_int_equal(decoding.reader->metadata.count, warnings > 0 ? 0 : 1);
    test_decoding_release(&decoding);
    pp_output_release(&out);
    return warnings;
}

static void blocks_too_large_for_a_marker_are_left_out_with_a_warning(void **state)
{
    static const struct {
        enum pp_metadata_kind kind;
        size_t most;
    } cases[] = {{PP_METADATA_EXIF, 65527},
                 {PP_METADATA_XMP, 65502},
                 {PP_METADATA_IPTC, 65519},
                 {PP_METADATA_COMMENT, 65533},
                 {PP_METADATA_ICC, (size_t)255 * 65519}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t *data = calloc(1, cases[i].most + 1);
        assert_non_null(data);
        for (size_t more = 0; more < 2; more++) {
            struct pp_metadata metadata = {0};
            add(&metadata, cases[i].kind, data, cases[i].most + more);
            assert_int_equal(warnings_of(&pp_codec_jpeg, &metadata), more);
            pp_metadata_release(&metadata);
        }
        free(data);
    }
}

static void blocks_png_cannot_hold_are_left_out_with_a_warning(void **state)
{
    uint8_t *rgb = new_profile(132, "RGB ");
    const struct {
        enum pp_metadata_kind kind;
        const char *keyword;
        const void *data;
        size_t size;
    } cases[] = {{PP_METADATA_IPTC, "", iptc, sizeof(iptc)},   {PP_METADATA_EXIF, "", "no", 2},
                 {PP_METADATA_ICC, "", "not a profile", 13},   {PP_METADATA_ICC, "", rgb, 132},
                 {PP_METADATA_COMMENT, "", "nul\0inside", 10}, {PP_METADATA_TEXT, "", "x", 1},
                 {PP_METADATA_TEXT, " lead", "x", 1},          {PP_METADATA_TEXT, "a  b", "x", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_metadata metadata = {0};
        add(&metadata, cases[i].kind, cases[i].data, cases[i].size);
        set_keyword(&metadata, cases[i].keyword);
        if (warnings_of(&pp_codec_png, &metadata) == 0)
            fail_msg("case %zu was written", i);
        pp_metadata_release(&metadata);
    }
    free(rgb);
}

static void density_keeps_its_meaning_across_formats(void **state)
{
    static const struct {
        uint32_t in;
        uint8_t in_unit;
        uint32_t jpeg;
        uint8_t jpeg_unit;
        uint32_t png;
        uint8_t png_unit;
    } cases[] = {{300, 1, 300, 1, 11811, 2},
                 {11811, 2, 300, 1, 11811, 2},
                 {4000, 2, 4000, 2, 4000, 2},
                 {3, 0, 3, 0, 3, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pp_metadata metadata = {
            .density_x = cases[i].in, .density_y = cases[i].in, .density_unit = cases[i].in_unit};
        struct test_decoding jpeg = through(&pp_codec_jpeg, 1, &metadata);
        struct test_decoding png = through(&pp_codec_png, 1, &metadata);
        assert_int_equal(jpeg.reader->metadata.density_x, cases[i].jpeg);
        assert_int_equal(jpeg.reader->metadata.density_unit, cases[i].jpeg_unit);
        assert_int_equal(png.reader->metadata.density_y, cases[i].png);
        assert_int_equal(png.reader->metadata.density_unit, cases[i].png_unit);
        test_decoding_release(&jpeg);
        test_decoding_release(&png);
    }
}

static void colour_chunks_survive_png(void **state)
{
    struct pp_metadata metadata = {
        .has_gamma = true,
        .gamma = 100000,
        .has_chromaticities = true,
        .chromaticities = {31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000}};
    struct pp_metadata srgb = {.has_srgb = true, .srgb_intent = 1};
    struct test_decoding a = through(&pp_codec_png, 3, &metadata);
    struct test_decoding b = through(&pp_codec_png, 3, &srgb);

    (void)state;
    assert_int_equal(a.reader->metadata.gamma, 100000);
    assert_true(a.reader->metadata.has_chromaticities && !a.reader->metadata.has_srgb);
    assert_memory_equal(a.reader->metadata.chromaticities, metadata.chromaticities, 32);
    assert_true(b.reader->metadata.has_srgb);
    assert_int_equal(b.reader->metadata.srgb_intent, 1);
    test_decoding_release(&a);
    test_decoding_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_xmp_and_profile_survive_both_formats),
        cmocka_unit_test(jpeg_keeps_iptc_and_comments_in_its_own_order),
        cmocka_unit_test(png_text_becomes_a_jpeg_comment_and_back),
        cmocka_unit_test(comments_choose_their_png_chunk_by_their_bytes),
        cmocka_unit_test(long_texts_survive_compression),
        cmocka_unit_test(a_texts_language_survives_png),
        cmocka_unit_test(the_time_survives_png),
        cmocka_unit_test(blocks_too_large_for_a_marker_are_left_out_with_a_warning),
        cmocka_unit_test(blocks_png_cannot_hold_are_left_out_with_a_warning),
        cmocka_unit_test(density_keeps_its_meaning_across_formats),
        cmocka_unit_test(colour_chunks_survive_png),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
