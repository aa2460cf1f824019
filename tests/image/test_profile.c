/* Colour profiles: what they are taken for, and those made of PNG's chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/color_cache.h"

struct file {
    uint8_t *data; /* owned */
    size_t size;
};

static struct file load(const char *name)
{
    struct file file = {malloc(1 << 16), 0};
    char path[512];

    snprintf(path, sizeof path, "%s/profiles/%s.icc", PP_TESTDATA, name);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    assert_non_null(file.data);
    file.size = fread(file.data, 1, 1 << 16, stream);
    fclose(stream);
    return file;
}

static enum pp_profile_kind kind_of(const char *name)
{
    struct file file = load(name);
    struct pp_profile profile = {file.data, file.size};
    enum pp_profile_kind kind = pp_profile_kind(&profile);

    free(file.data);
    return kind;
}

static void profiles_are_taken_for_what_they_are(void **state)
{
    (void)state;
    assert_int_equal(kind_of("srgb"), PP_PROFILE_SRGB);
    assert_int_equal(kind_of("adobe-rgb"), PP_PROFILE_RGB);
    assert_int_equal(kind_of("display-p3"), PP_PROFILE_RGB);
    assert_int_equal(kind_of("gray-linear"), PP_PROFILE_GRAY);
    assert_int_equal(kind_of("cmyk"), PP_PROFILE_CMYK);
    assert_int_equal(kind_of("cut-short"), PP_PROFILE_BROKEN);
}

static void no_profile_is_srgb_and_rubbish_is_broken(void **state)
{
    const struct pp_profile none = {0}, rubbish = {"rubbish", 7};

    (void)state;
    assert_int_equal(pp_profile_kind(&none), PP_PROFILE_SRGB);
    assert_int_equal(pp_profile_kind(&rubbish), PP_PROFILE_BROKEN);
}

static void a_profile_damaged_anywhere_does_no_harm(void **state)
{
    struct file file = load("display-p3");

    (void)state;
    for (size_t i = 0; i < file.size; i += 3) {
        struct pp_profile profile = {file.data, file.size};
        struct pp_transform_need need = {
            .from = profile, .from_colors = 3, .to_colors = 3, .depth = 8};
        struct pp_transform *transform = NULL;
        uint8_t in[3] = {1, 2, 3}, out[3];
        file.data[i] ^= 0xff;
        (void)pp_profile_kind(&profile);
        if (pp_transform_new(&transform, &need, NULL) == PP_OK)
            pp_transform_row(transform, in, out, 1);
        pp_transform_free(transform);
        file.data[i] ^= 0xff;
    }
    free(file.data);
}

/* The kind of the profile that is made; PP_PROFILE_SRGB when none is. */
static enum pp_profile_kind made_of(const struct pp_metadata *metadata, bool gray, bool *lost)
{
    void *data = NULL;
    size_t size = 0;

    assert_int_equal(pp_profile_of_chunks(metadata, gray, &data, &size, lost, NULL), PP_OK);
    struct pp_profile profile = {data, size};
    enum pp_profile_kind kind = pp_profile_kind(&profile);
    free(data);
    return kind;
}

static void chunks_that_say_srgb_make_no_profile(void **state)
{
    static const struct pp_metadata says[] = {
        {0},
        {.has_srgb = true, .has_gamma = true, .gamma = 100000},
        {.has_gamma = true, .gamma = 45455},
        {.has_gamma = true,
         .gamma = 45000,
         .has_chromaticities = true,
         .chromaticities = {31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000}},
        {.has_cicp = true, .cicp = {1, 13, 0, 1}, .has_gamma = true, .gamma = 100000},
    };
    bool lost = true;

    (void)state;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        assert_int_equal(made_of(&says[i], false, &lost), PP_PROFILE_SRGB);
        assert_false(lost);
    }
}

static void chunks_that_say_something_else_make_one(void **state)
{
    static const struct pp_metadata says[] = {
        {.has_gamma = true, .gamma = 100000},
        {.has_chromaticities = true,
         .chromaticities = {31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000}},
        {.has_cicp = true, .cicp = {12, 13, 0, 1}},
        {.has_cicp = true, .cicp = {1, 1, 0, 1}, .has_srgb = true},
    };
    bool lost = true;

    (void)state;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        assert_int_equal(made_of(&says[i], false, &lost), PP_PROFILE_RGB);
        assert_false(lost);
    }
    assert_int_equal(made_of(&says[0], true, &lost), PP_PROFILE_GRAY);
}

static void chunks_that_cannot_be_are_lost(void **state)
{
    static const struct pp_metadata says[] = {
        {.has_gamma = true, .gamma = 1},
        {.has_chromaticities = true, .chromaticities = {31270, 0, 1, 2, 3, 4, 5, 6}},
        {.has_chromaticities = true, .chromaticities = {31270, 32900, 1, 1, 1, 1, 1, 1}},
        {.has_cicp = true, .cicp = {9, 16, 0, 1}}, /* PQ */
        {.has_cicp = true, .cicp = {1, 8, 0, 0}},  /* narrow range */
    };
    bool lost = false;

    (void)state;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        assert_int_equal(made_of(&says[i], false, &lost), PP_PROFILE_SRGB);
        assert_true(lost);
    }
}

static void a_profile_is_made_of_the_same_bytes_each_time(void **state)
{
    const struct pp_metadata p3 = {.has_cicp = true, .cicp = {12, 13, 0, 1}};
    void *data[2];
    size_t size[2];
    bool lost;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pp_profile_of_chunks(&p3, false, &data[i], &size[i], &lost, NULL), PP_OK);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(data[0], data[1], size[0]);
    assert_int_equal(((const uint8_t *)data[0])[25], 0xe8); /* the year, 2024 */
    free(data[0]);
    free(data[1]);
}

static void a_cache_makes_a_transform_once_and_forgets_the_oldest(void **state)
{
    struct file file = load("adobe-rgb");
    struct pp_color_cache *cache = pp_color_cache_new();
    struct pp_transform_need need = {
        .from = {file.data, file.size}, .from_colors = 3, .to_colors = 3, .depth = 8};
    const struct pp_transform *first, *again, *other;

    (void)state;
    assert_non_null(cache);
    assert_int_equal(pp_color_cache_transform(cache, &need, &first, NULL), PP_OK);
    assert_int_equal(pp_color_cache_transform(cache, &need, &again, NULL), PP_OK);
    assert_ptr_equal(first, again);
    for (int i = 0; i < 4 * PP_COLOR_CACHE_ENTRIES; i++) {
        file.data[250 + i] ^= 1; /* in the description */
        assert_int_equal(pp_color_cache_kind(cache, &need.from), PP_PROFILE_RGB);
        assert_int_equal(pp_color_cache_transform(cache, &need, &other, NULL), PP_OK);
        assert_non_null(other);
    }
    need.from = (struct pp_profile){"rubbish", 7};
    assert_int_equal(pp_color_cache_transform(cache, &need, &other, NULL), PP_E_UNSUPPORTED);
    assert_null(other);
    pp_color_cache_free(cache);
    free(file.data);
}

static void alpha_is_copied_and_neutral_stays_neutral(void **state)
{
    struct file file = load("display-p3");
    struct pp_transform_need need = {.from = {file.data, file.size},
                                     .from_colors = 3,
                                     .to_colors = 3,
                                     .alpha = true,
                                     .depth = 16};
    const uint16_t in[8] = {65535, 65535, 65535, 7, 0, 0, 0, 65535};
    struct pp_transform *transform = NULL;
    uint16_t out[8];

    (void)state;
    assert_int_equal(pp_transform_new(&transform, &need, NULL), PP_OK);
    pp_transform_row(transform, (const uint8_t *)in, (uint8_t *)out, 2);
    for (int i = 0; i < 3; i++) {
        assert_in_range(out[i], 65535 - 8, 65535);
        assert_in_range(out[4 + i], 0, 8);
    }
    assert_int_equal(out[3], 7);
    assert_int_equal(out[7], 65535);
    pp_transform_free(transform);
    free(file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_are_taken_for_what_they_are),
        cmocka_unit_test(no_profile_is_srgb_and_rubbish_is_broken),
        cmocka_unit_test(a_profile_damaged_anywhere_does_no_harm),
        cmocka_unit_test(chunks_that_say_srgb_make_no_profile),
        cmocka_unit_test(chunks_that_say_something_else_make_one),
        cmocka_unit_test(chunks_that_cannot_be_are_lost),
        cmocka_unit_test(a_profile_is_made_of_the_same_bytes_each_time),
        cmocka_unit_test(a_cache_makes_a_transform_once_and_forgets_the_oldest),
        cmocka_unit_test(alpha_is_copied_and_neutral_stays_neutral),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
