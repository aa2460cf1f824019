/* Digests of finished files: of published values, of what differs and of what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "pipeline/digest.h"
#include "support_picture.h"

static int file_of(const void *bytes, size_t size)
{
    const int fd = memfd_create("test", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    return fd;
}

static struct pp_digest digest_of(const struct encoded *file)
{
    const struct pp_convert_settings settings = {0};
    const int fd = file_of(file->bytes, file->size);
    struct pp_digest digest;
    struct pp_error err = {0};

    if (pp_digest_fd(fd, &settings, &digest, &err) != PP_OK)
        fail_msg("%s", err.text);
    assert_true(digest.taken);
    close(fd);
    return digest;
}

static struct pp_error digest_fails(const void *bytes, size_t size,
                                    const struct pp_convert_settings *settings,
                                    enum pp_status status)
{
    const int fd = file_of(bytes, size);
    struct pp_digest digest;
    struct pp_error err = {0};

    assert_int_equal(pp_digest_fd(fd, settings, &digest, &err), status);
    assert_false(digest.taken);
    close(fd);
    return err;
}

static void assert_hex(const uint8_t *digest, const char *expected)
{
    char text[2 * PP_DIGEST_BYTES + 1];

    for (size_t i = 0; i < PP_DIGEST_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, expected);
}

/* The values are hashlib.sha256(struct.pack(">IIBB", ...) + samples) in Python. */
static void pixels_are_hashed_as_the_header_says(void **state)
{
    static const uint8_t gray[] = {1, 2, 3, 4};
    static const uint16_t deep[] = {0x0102, 0xfffe, 0x1000, 0x8001};
    struct picture picture = picture_new(2, 2, 1, 8);

    (void)state;
    memcpy(picture.rows, gray, sizeof gray);
    struct encoded png = picture_encode(&picture, PP_FORMAT_PNG);
    struct pp_digest digest = digest_of(&png);
    assert_hex(digest.pixels, "e4ad73446f26a51ca16a9a362ff8473c8fd3ca834924701d0e015ef6071e44b8");
    free(png.bytes);
    picture_free(&picture);
    picture = picture_new(1, 1, 4, 16);
    memcpy(picture.rows, deep, sizeof deep);
    png = picture_encode(&picture, PP_FORMAT_PNG);
    digest = digest_of(&png);
    assert_hex(digest.pixels, "e7019c35e2471523b33d322773cc979e23af35383c90305bbd4ef6acd70a3498");
    free(png.bytes);
    picture_free(&picture);
}

static void bytes_are_hashed_as_sha256_does(void **state)
{
    struct picture picture = picture_new(1200, 900, 3, 8);
    struct encoded png = picture_encode(&picture, PP_FORMAT_PNG);
    uint8_t expected[PP_DIGEST_BYTES];
    struct sha256_ctx hash;

    (void)state;
    assert_true(png.size > 65536); /* beyond one buffer */
    sha256_init(&hash);
    sha256_update(&hash, png.size, png.bytes);
    sha256_digest(&hash, sizeof expected, expected);
    struct pp_digest digest = digest_of(&png);
    assert_memory_equal(digest.bytes, expected, sizeof expected);
    free(png.bytes);
    picture_free(&picture);
}

static struct encoded at_level(const struct encoded *png, int level)
{
    const struct pp_convert_settings settings = {.encode = {.png_level = level}};
    struct pp_convert_report report;

    return convert("flop,flop,invert,invert", png, &settings, &report);
}

static void pixels_do_not_tell_how_they_are_packed(void **state)
{
    struct picture picture = picture_new(37, 41, 4, 16);
    struct encoded png = picture_encode(&picture, PP_FORMAT_PNG);
    struct encoded fast = at_level(&png, 1), small = at_level(&png, 9);
    struct pp_digest a = digest_of(&fast), b = digest_of(&small);

    (void)state;
    assert_memory_equal(a.pixels, b.pixels, PP_DIGEST_BYTES);
    assert_memory_not_equal(a.bytes, b.bytes, PP_DIGEST_BYTES);
    free(fast.bytes);
    free(small.bytes);
    free(png.bytes);
    picture_free(&picture);
}

static void a_single_sample_or_another_width_is_told(void **state)
{
    struct picture picture = picture_new(32, 50, 3, 8);
    struct encoded one = picture_encode(&picture, PP_FORMAT_PNG);

    (void)state;
    picture.rows[32 * 3 * 49 + 90] ^= 1;
    struct encoded other = picture_encode(&picture, PP_FORMAT_PNG);
    picture.rows[32 * 3 * 49 + 90] ^= 1;
    picture.geometry.width = 16;
    picture.geometry.height = 100;
    struct encoded narrow = picture_encode(&picture, PP_FORMAT_PNG);
    struct pp_digest a = digest_of(&one), b = digest_of(&other), c = digest_of(&narrow);
    assert_memory_not_equal(a.pixels, b.pixels, PP_DIGEST_BYTES);
    assert_memory_not_equal(a.pixels, c.pixels, PP_DIGEST_BYTES);
    free(one.bytes);
    free(other.bytes);
    free(narrow.bytes);
    picture_free(&picture);
}

static void a_jpeg_is_hashed_as_it_decodes(void **state)
{
    struct picture picture = picture_new(75, 53, 3, 8);
    struct encoded jpeg = picture_encode(&picture, PP_FORMAT_JPEG);
    struct picture decoded = picture_decode(jpeg.bytes, jpeg.size);
    struct encoded png = picture_encode(&decoded, PP_FORMAT_PNG);
    struct pp_digest a = digest_of(&jpeg), b = digest_of(&png);

    (void)state;
    assert_memory_equal(a.pixels, b.pixels, PP_DIGEST_BYTES);
    free(png.bytes);
    free(jpeg.bytes);
    picture_free(&decoded);
    picture_free(&picture);
}

static void what_does_not_decode_has_no_digest(void **state)
{
    const struct pp_convert_settings none = {0}, tight = {.limits = {.max_memory = 1000}};
    struct picture picture = picture_new(75, 53, 3, 8);
    struct encoded png = picture_encode(&picture, PP_FORMAT_PNG);

    (void)state;
    struct pp_error err = digest_fails(png.bytes, png.size / 2, &none, PP_E_CORRUPT);
    assert_non_null(strstr(err.text, "cannot hash the output: "));
    digest_fails("", 0, &none, PP_E_FORMAT);
    err = digest_fails(png.bytes, png.size, &tight, PP_E_LIMIT);
    assert_non_null(strstr(err.text, "--memory"));
    free(png.bytes);
    picture_free(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_hashed_as_the_header_says),
        cmocka_unit_test(bytes_are_hashed_as_sha256_does),
        cmocka_unit_test(pixels_do_not_tell_how_they_are_packed),
        cmocka_unit_test(a_single_sample_or_another_width_is_told),
        cmocka_unit_test(a_jpeg_is_hashed_as_it_decodes),
        cmocka_unit_test(what_does_not_decode_has_no_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
