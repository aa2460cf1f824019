/* Colours by their profiles, from file to file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>

#include "codec/codec.h"
#include "image/profile.h"
#include "support_picture.h"

static struct encoded load(const char *name)
{
    struct encoded file = {malloc(1 << 20), 0};
    char path[512];

    snprintf(path, sizeof path, "%s/%s", PP_TESTDATA, name);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    assert_non_null(file.bytes);
    file.size = fread(file.bytes, 1, 1 << 20, stream);
    fclose(stream);
    return file;
}

/* What a file says of its colours: the reader's metadata. */
static struct pp_metadata says(const struct encoded *file)
{
    const struct pp_codec *codec = NULL;
    const struct pp_read_settings settings = {0};
    struct pp_reader *reader = NULL;
    struct pp_input in;

    pp_input_init_memory(&in, file->bytes, file->size);
    assert_int_equal(pp_codec_sniff(&in, &codec, NULL), PP_OK);
    assert_int_equal(codec->open_reader(&in, &settings, &reader, NULL), PP_OK);
    struct pp_metadata metadata = reader->metadata;
    reader->metadata = (struct pp_metadata){0};
    codec->close_reader(reader);
    pp_input_release(&in);
    return metadata;
}

static enum pp_profile_kind profile_of(const struct encoded *file)
{
    struct pp_metadata metadata = says(file);
    const struct pp_metadata_block *icc = pp_metadata_find(&metadata, PP_METADATA_ICC);
    struct pp_profile profile = {icc ? icc->data : NULL, icc ? icc->size : 0};
    enum pp_profile_kind kind = icc ? pp_profile_kind(&profile) : PP_PROFILE_OTHER;

    pp_metadata_release(&metadata);
    return kind; /* PP_PROFILE_OTHER: none */
}

/* The decoded file through its own profile, `profile`, to sRGB by lcms2 itself, in floats. */
static struct picture reference(const struct encoded *file, const char *profile)
{
    struct picture picture = picture_decode(file->bytes, file->size);
    struct encoded icc = load(profile);
    cmsUInt32Number format = picture.geometry.depth == 16 ? TYPE_RGB_16 : TYPE_RGB_8;
    cmsHPROFILE from = cmsOpenProfileFromMem(icc.bytes, (cmsUInt32Number)icc.size);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM exact = cmsCreateTransform(from, format, to, format, INTENT_RELATIVE_COLORIMETRIC,
                                             cmsFLAGS_NOOPTIMIZE | cmsFLAGS_BLACKPOINTCOMPENSATION);

    assert_non_null(exact);
    cmsDoTransform(exact, picture.rows, picture.rows,
                   picture.geometry.width * picture.geometry.height);
    cmsDeleteTransform(exact);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
    free(icc.bytes);
    return picture;
}

static unsigned luma(const struct picture *picture, uint32_t x, uint32_t y)
{
    return (19595 * picture_sample(picture, x, y, 0) + 38470 * picture_sample(picture, x, y, 1) +
            7471 * picture_sample(picture, x, y, 2) + 32768) >>
           16;
}

/* Both are of the same geometry but for colours: of gray `expected` is the luma. */
static void assert_near(const struct picture *got, const struct picture *expected, int most)
{
    const unsigned channels = got->geometry.channels;

    for (uint32_t y = 0; y < got->geometry.height; y++)
        for (uint32_t x = 0; x < got->geometry.width; x++)
            for (unsigned c = 0; c < channels; c++) {
                unsigned wanted =
                    channels == 1 ? luma(expected, x, y) : picture_sample(expected, x, y, c);
                int far = (int)picture_sample(got, x, y, c) - (int)wanted;
                assert_in_range(abs(far), 0, most);
            }
}

static const struct {
    const char *file, *profile;
} wide[] = {
    {"jpeg/icc-adobe-rgb.jpg", "profiles/adobe-rgb.icc"},
    {"jpeg/icc-display-p3.jpg", "profiles/display-p3.icc"},
    {"png/icc-adobe-rgb-16.png", "profiles/adobe-rgb.icc"},
    {"png/cicp-display-p3.png", "profiles/display-p3.icc"},
};
#define WIDE (sizeof wide / sizeof *wide)

static void gray_without_a_formula_is_that_of_the_colours_in_srgb(void **state)
{
    const struct pp_convert_settings to_png = {.encode = {.format = PP_FORMAT_PNG}};

    (void)state;
    for (size_t i = 0; i < WIDE; i++) {
        struct encoded in = load(wide[i].file);
        struct encoded out = convert("gray", &in, &to_png, NULL);
        struct picture got = picture_decode(out.bytes, out.size);
        struct picture expected = reference(&in, wide[i].profile);
        assert_int_equal(got.geometry.channels, 1);
        assert_near(&got, &expected, got.geometry.depth == 16 ? 16 : 1);
        assert_int_equal(profile_of(&out), PP_PROFILE_OTHER);
        picture_free(&expected);
        picture_free(&got);
        free(out.bytes);
        free(in.bytes);
    }
}

static void gray_by_a_formula_is_that_of_the_numbers(void **state)
{
    const struct pp_convert_settings full = {.encode = {.format = PP_FORMAT_PNG},
                                             .path = PP_DECODE_FULL};

    (void)state;
    for (size_t i = 0; i < WIDE; i++) {
        struct encoded in = load(wide[i].file);
        struct encoded out = convert("gray=rec601", &in, &full, NULL);
        struct picture got = picture_decode(out.bytes, out.size);
        struct picture raw = picture_decode(in.bytes, in.size);
        assert_near(&got, &raw, 0);
        assert_int_equal(profile_of(&out), PP_PROFILE_OTHER);
        picture_free(&raw);
        picture_free(&got);
        free(out.bytes);
        free(in.bytes);
    }
}

static void only_numbers_that_are_not_srgbs_cost_the_cheap_path(void **state)
{
    static const struct {
        const char *file, *filters, *path;
        bool to_srgb;
    } cases[] = {
        {"jpeg/icc.jpg", "gray", "extract", false},
        {"jpeg/icc.jpg", "gray", "extract", true},
        {"jpeg/baseline-420.jpg", "gray", "extract", true},
        {"jpeg/icc-adobe-rgb.jpg", "gray", "full", false},
        {"jpeg/icc-adobe-rgb.jpg", "gray=rec601", "extract", false},
        {"jpeg/icc-adobe-rgb.jpg", "gray=rec601", "full", true},
        {"jpeg/icc-display-p3.jpg", "gray=rec601", "extract", false},
        {"jpeg/icc-gray.jpg", "gray", "extract", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct pp_convert_settings settings = {.color = {.to_srgb = cases[i].to_srgb}};
        struct encoded in = load(cases[i].file);
        struct pp_convert_report report;
        struct encoded out = convert(cases[i].filters, &in, &settings, &report);
        assert_string_equal(report.path, cases[i].path);
        free(out.bytes);
        free(in.bytes);
    }
}

static void to_srgb_converts_the_colours_and_says_so(void **state)
{
    const struct pp_convert_settings to_srgb = {.encode = {.format = PP_FORMAT_PNG},
                                                .color = {.to_srgb = true}};

    (void)state;
    for (size_t i = 0; i < WIDE; i++) {
        struct encoded in = load(wide[i].file);
        struct encoded out = convert("flip,flip", &in, &to_srgb, NULL);
        struct picture got = picture_decode(out.bytes, out.size);
        struct picture expected = reference(&in, wide[i].profile);
        struct pp_metadata metadata = says(&out);
        assert_near(&got, &expected, got.geometry.depth == 16 ? 16 : 1);
        assert_true(metadata.has_srgb);
        assert_false(metadata.has_cicp);
        assert_null(pp_metadata_find(&metadata, PP_METADATA_ICC));
        pp_metadata_release(&metadata);
        picture_free(&expected);
        picture_free(&got);
        free(out.bytes);
        free(in.bytes);
    }
}

static void a_profile_is_converted_to_and_embedded(void **state)
{
    struct encoded p3 = load("profiles/display-p3.icc"), linear = load("profiles/gray-linear.icc");
    struct encoded in = load("jpeg/baseline-444.jpg");
    struct pp_convert_settings settings = {.encode = {.format = PP_FORMAT_PNG},
                                           .color = {.profile = p3.bytes, .profile_size = p3.size}};
    struct pp_convert_report report;

    (void)state;
    struct encoded out = convert("flip,flip", &in, &settings, NULL);
    assert_int_equal(profile_of(&out), PP_PROFILE_RGB);
    /* and back */
    struct encoded back =
        convert("flip,flip", &out, &(struct pp_convert_settings){.color = {.to_srgb = true}}, NULL);
    struct picture got = picture_decode(back.bytes, back.size);
    struct picture expected = picture_decode(in.bytes, in.size);
    assert_near(&got, &expected, 3);
    picture_free(&got);
    picture_free(&expected);
    free(out.bytes);
    free(back.bytes);
    /* gray has no place for it */
    out = convert("gray", &in, &settings, &report);
    assert_int_equal(profile_of(&out), PP_PROFILE_OTHER);
    assert_int_equal(report.warnings, 1);
    free(out.bytes);
    /* colours become gray for one of gray */
    settings.color.profile = linear.bytes;
    settings.color.profile_size = linear.size;
    out = convert("flip,flip", &in, &settings, &report);
    assert_int_equal(profile_of(&out), PP_PROFILE_GRAY);
    assert_int_equal(report.out.channels, 1);
    free(out.bytes);
    free(in.bytes);
    free(p3.bytes);
    free(linear.bytes);
}

static void a_profile_of_inks_is_refused_to_convert_to(void **state)
{
    struct encoded inks = load("profiles/cmyk.icc"), in = load("jpeg/baseline-444.jpg");
    const struct pp_convert_settings settings = {
        .color = {.profile = inks.bytes, .profile_size = inks.size}};

    (void)state;
    convert_fails("gray", in.bytes, in.size, &settings, PP_E_USAGE);
    free(inks.bytes);
    free(in.bytes);
}

static void inks_become_rgb_by_their_profile(void **state)
{
    static const char *const files[] = {"jpeg/cmyk-icc.jpg", "jpeg/ycck-icc.jpg"};
    const struct pp_convert_settings png = {.encode = {.format = PP_FORMAT_PNG}};
    struct pp_convert_report report;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct encoded in = load(files[i]);
        struct encoded out = convert("flip,flip", &in, &png, &report);
        struct picture got = picture_decode(out.bytes, out.size);
        struct picture naive = picture_decode(in.bytes, in.size);
        uint64_t far = 0;
        for (size_t k = 0; k < (size_t)97 * 61 * 3; k++)
            far += (uint64_t)abs(got.rows[k] - naive.rows[k]);
        assert_int_equal(report.warnings, 0);
        assert_true(far > (uint64_t)97 * 61 * 3); /* the formula's colours are others */
        picture_free(&naive);
        picture_free(&got);
        free(out.bytes);
        free(in.bytes);
    }
    struct encoded bare = load("jpeg/cmyk.jpg"), out = convert("gray", &bare, &png, &report);
    assert_int_equal(report.warnings, 1);
    free(out.bytes);
    free(bare.bytes);
}

static void colours_left_as_they_are_keep_what_is_said_of_them(void **state)
{
    const struct pp_convert_settings keep = {0}, to_jpeg = {.encode = {.format = PP_FORMAT_JPEG}};
    struct encoded in = load("png/cicp-display-p3.png");
    struct encoded out = convert("flip", &in, &keep, NULL);
    struct pp_metadata metadata = says(&out);

    (void)state;
    assert_true(metadata.has_cicp);
    assert_memory_equal(metadata.cicp, "\x0c\x0d\x00\x01", 4);
    pp_metadata_release(&metadata);
    free(out.bytes);
    /* A JPEG has a profile for it. */
    out = convert("flip", &in, &to_jpeg, NULL);
    assert_int_equal(profile_of(&out), PP_PROFILE_RGB);
    free(out.bytes);
    free(in.bytes);
}

static void the_bytes_are_the_same_for_any_threads(void **state)
{
    struct encoded in = load("png/icc-adobe-rgb-16.png"), outs[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct pp_convert_settings settings = {.threads = 1 + 2 * i,
                                                     .color = {.to_srgb = true}};
        outs[i] = convert("resize=900x700,blur=1,gray", &in, &settings, NULL);
    }
    assert_int_equal(outs[0].size, outs[1].size);
    assert_memory_equal(outs[0].bytes, outs[1].bytes, outs[0].size);
    free(outs[0].bytes);
    free(outs[1].bytes);
    free(in.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gray_without_a_formula_is_that_of_the_colours_in_srgb),
        cmocka_unit_test(gray_by_a_formula_is_that_of_the_numbers),
        cmocka_unit_test(only_numbers_that_are_not_srgbs_cost_the_cheap_path),
        cmocka_unit_test(to_srgb_converts_the_colours_and_says_so),
        cmocka_unit_test(a_profile_is_converted_to_and_embedded),
        cmocka_unit_test(a_profile_of_inks_is_refused_to_convert_to),
        cmocka_unit_test(inks_become_rgb_by_their_profile),
        cmocka_unit_test(colours_left_as_they_are_keep_what_is_said_of_them),
        cmocka_unit_test(the_bytes_are_the_same_for_any_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
