/* Gray JPEGs of another quality: by coded bits as by samples, and what is damaged by samples alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support_picture.h"

/* Bytes put in between. */
#define MORE 400

static struct encoded jpeg_of(uint32_t width, uint32_t height)
{
    struct picture picture = picture_new(width, height, 3, 8);

    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width * 3; x++)
            picture.rows[(size_t)y * width * 3 + x] =
                (uint8_t)(x * 50 / width + y * 90 / height + x % 3);
    struct encoded jpeg = picture_encode(&picture, PP_FORMAT_JPEG);
    picture_free(&picture);
    return jpeg;
}

static void assert_near(const struct picture *a, const struct picture *b, int most)
{
    const size_t samples = (size_t)a->geometry.width * a->geometry.height;

    assert_memory_equal(&a->geometry, &b->geometry, sizeof a->geometry);
    for (size_t i = 0; i < samples; i++)
        assert_in_range(a->rows[i] - b->rows[i] + most, 0, 2 * most);
}

static struct picture by_quality(const struct encoded *in, enum pp_decode_path path, int quality)
{
    struct pp_convert_settings settings = {.path = path, .encode = {.quality = quality}};
    struct pp_convert_report report;
    struct encoded out = convert("gray", in, &settings, &report);
    struct picture picture = picture_decode(out.bytes, out.size);

    assert_string_equal(report.path, pp_decode_path_name(path));
    free(out.bytes);
    return picture;
}

static void another_quality_looks_the_same_by_bits_as_by_samples(void **state)
{
    static const int qualities[] = {40, 75, 90, 100};
    struct encoded in = jpeg_of(333, 199);

    (void)state;
    for (size_t i = 0; i < sizeof qualities / sizeof *qualities; i++) {
        struct picture bits = by_quality(&in, PP_DECODE_EXTRACT, qualities[i]);
        struct picture samples = by_quality(&in, PP_DECODE_LUMA, qualities[i]);
        assert_near(&bits, &samples, qualities[i] < 50 ? 6 : 3);
        picture_free(&bits);
        picture_free(&samples);
    }
    free(in.bytes);
}

static void damaged_data_fares_the_same_with_another_quality(void **state)
{
    struct encoded in = jpeg_of(320, 240);
    struct pp_convert_settings settings = {.encode = {.quality = 60}}, by_luma = settings;
    size_t size = in.size;

    (void)state;
    by_luma.path = PP_DECODE_LUMA;
    convert_fails("gray", in.bytes, size / 2, &settings, PP_E_CORRUPT);
    convert_fails("gray", in.bytes, size / 2, &by_luma, PP_E_CORRUPT);
    struct encoded odd = {malloc(size + MORE), size + MORE};
    memset(odd.bytes, 0xFE, odd.size); /* in the middle what no table has a code for */
    memcpy(odd.bytes, in.bytes, size / 2);
    memcpy((uint8_t *)odd.bytes + size / 2 + MORE, (uint8_t *)in.bytes + size / 2, size - size / 2);
    struct pp_convert_report report, expected;
    struct encoded out = convert("gray", &odd, &settings, &report);
    struct encoded luma = convert("gray", &odd, &by_luma, &expected);
    assert_string_equal(report.path, "luma");
    assert_true(report.warnings > 0);
    assert_int_equal(report.warnings, expected.warnings);
    assert_int_equal(out.size, luma.size);
    assert_memory_equal(out.bytes, luma.bytes, out.size);
    free(out.bytes);
    free(luma.bytes);
    free(odd.bytes);
    free(in.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_quality_looks_the_same_by_bits_as_by_samples),
        cmocka_unit_test(damaged_data_fares_the_same_with_another_quality),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
