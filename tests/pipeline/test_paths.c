/*
 * The ways through a picture: which one is taken, that each gives what the others give, and that a
 * guess that turns out wrong costs nothing but time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support_picture.h"

/* A smooth picture: what is lost by reducing it is little, so that an error of placement shows. */
static struct picture smooth(uint32_t width, uint32_t height, uint8_t channels)
{
    struct picture picture = picture_new(width, height, channels, 8);

    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < channels; c++)
                picture.rows[((size_t)y * width + x) * channels + c] =
                    (uint8_t)(c == 3 ? 255 : x * 160 / width + y * 90 / height + c);
    return picture;
}

static struct encoded jpeg_of(uint32_t width, uint32_t height)
{
    struct picture picture = smooth(width, height, 3);
    struct encoded jpeg = picture_encode(&picture, PP_FORMAT_JPEG);

    picture_free(&picture);
    return jpeg;
}

static void assert_near(const struct picture *a, const struct picture *b, int most)
{
    size_t samples = (size_t)a->geometry.width * a->geometry.height * a->geometry.channels;

    assert_memory_equal(&a->geometry, &b->geometry, sizeof a->geometry);
    for (size_t i = 0; i < samples; i++)
        assert_in_range(a->rows[i] - b->rows[i] + most, 0, 2 * most);
}

/* What the chain makes of the picture by one path. */
static struct picture by_path(const char *filters, const struct encoded *in,
                              enum pp_decode_path path, const char *reported)
{
    struct pp_convert_settings settings = {.path = path};
    struct pp_convert_report report;
    struct encoded out = convert(filters, in, &settings, &report);
    struct picture picture = picture_decode(out.bytes, out.size);

    assert_string_equal(report.path, reported);
    assert_int_equal(report.bytes_out, out.size);
    assert_int_equal(report.out.width, picture.geometry.width);
    assert_int_equal(report.out.height, picture.geometry.height);
    free(out.bytes);
    return picture;
}

static void the_cheapest_path_that_serves_is_taken_and_told(void **state)
{
    static const struct {
        const char *filters;
        int quality;
        enum pp_format format;
        const char *path;
    } cases[] = {
        {"gray", 0, PP_FORMAT_KEEP, "extract"},
        {"orient,gray", 0, PP_FORMAT_KEEP, "extract"},
        {"gray", 80, PP_FORMAT_KEEP, "extract"},
        {"gray,flip", 80, PP_FORMAT_KEEP, "luma"},
        {"gray", 0, PP_FORMAT_PNG, "luma"},
        {"gray,flip", 0, PP_FORMAT_KEEP, "dct"},
        {"rotate=90", 0, PP_FORMAT_KEEP, "dct"},
        {"gray,crop=64x50:8:16", 0, PP_FORMAT_KEEP, "dct"},
        {"gray,crop=64x50:7:16", 0, PP_FORMAT_KEEP, "luma"},
        {"gray,invert", 0, PP_FORMAT_KEEP, "luma"},
        {"invert", 0, PP_FORMAT_KEEP, "full"},
        {"gray=rec709", 0, PP_FORMAT_KEEP, "full"},
        {"rotate=90", 80, PP_FORMAT_KEEP, "full"},
    };
    struct encoded in = jpeg_of(320, 240);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_convert_settings settings = {
            .encode = {.quality = cases[i].quality, .format = cases[i].format}};
        struct pp_convert_report report;
        struct encoded out = convert(cases[i].filters, &in, &settings, &report);
        assert_string_equal(report.path, cases[i].path);
        free(out.bytes);
    }
    free(in.bytes);
}

static void every_path_leads_to_the_same_picture(void **state)
{
    static const char *const chains[] = {"gray", "gray,rotate=90", "gray,flop",
                                         "gray,flip,rotate=270"};
    struct encoded in = jpeg_of(304, 200);

    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct picture dct = by_path(chains[i], &in, PP_DECODE_DCT, "dct");
        struct picture luma = by_path(chains[i], &in, PP_DECODE_LUMA, "luma");
        struct picture full = by_path(chains[i], &in, PP_DECODE_FULL, "full");
        assert_near(&dct, &luma, 3); /* encoded once more */
        assert_near(&luma, &full, 4);
        picture_free(&dct);
        picture_free(&luma);
        picture_free(&full);
    }
    free(in.bytes);
}

static void extraction_gives_the_samples_that_decoding_luma_gives(void **state)
{
    const struct pp_convert_settings settings = {.path = PP_DECODE_LUMA,
                                                 .encode = {.format = PP_FORMAT_PNG}};
    struct encoded in = jpeg_of(333, 199), png = convert("gray", &in, &settings, NULL);
    struct picture extracted = by_path("gray", &in, PP_DECODE_EXTRACT, "extract");
    struct picture decoded = picture_decode(png.bytes, png.size);

    (void)state;
    picture_assert_equal(&extracted, &decoded);
    picture_free(&extracted);
    picture_free(&decoded);
    free(png.bytes);
    free(in.bytes);
}

static void a_path_that_cannot_serve_the_picture_is_refused_with_the_reason(void **state)
{
    struct picture plain = smooth(40, 30, 3);
    struct encoded png = picture_encode(&plain, PP_FORMAT_PNG), jpeg = jpeg_of(40, 30);
    struct pp_convert_settings settings = {.path = PP_DECODE_EXTRACT};

    (void)state;
    struct pp_error err = convert_fails("gray", png.bytes, png.size, &settings, PP_E_UNSUPPORTED);
    assert_string_equal(err.text, "path extract: a png has no such path");
    settings.path = PP_DECODE_LUMA;
    err = convert_fails("gray", png.bytes, png.size, &settings, PP_E_UNSUPPORTED);
    assert_string_equal(err.text, "path luma: the picture has no luma of its own");
    settings.path = PP_DECODE_DCT;
    err = convert_fails("gray,crop=9x9:3:3", jpeg.bytes, jpeg.size, &settings, PP_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "path dct: "));
    err = convert_fails("gray,blur=2", jpeg.bytes, jpeg.size, &settings, PP_E_USAGE);
    assert_string_equal(err.text, "path dct: filter \"blur\" needs decoded pixels");
    picture_free(&plain);
    free(png.bytes);
    free(jpeg.bytes);
}

static void a_picture_that_shrinks_is_decoded_at_a_fraction_of_its_size(void **state)
{
    static const char *const chains[] = {"resize=100x100",      "gray,resize=100x100",
                                         "resize=100x100,gray", "rotate=90,gray,resize=100x100",
                                         "flop,resize=100x100", "gray,flip,rotate=180,resize=25%"};
    struct encoded in = jpeg_of(1003, 701); /* no whole number of blocks */

    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        const struct pp_convert_settings settings = {.encode = {.format = PP_FORMAT_PNG}};
        struct pp_convert_report report;
        struct encoded out = convert(chains[i], &in, &settings, &report);
        struct picture reduced = picture_decode(out.bytes, out.size);
        struct picture whole = picture_decode(in.bytes, in.size);
        struct encoded png = picture_encode(&whole, PP_FORMAT_PNG);
        struct encoded exact = convert(chains[i], &png, &settings, NULL);
        struct picture expected = picture_decode(exact.bytes, exact.size);
        assert_non_null(strstr(report.path, "/8"));
        assert_int_equal(report.in.width, 1003);
        assert_near(&reduced, &expected, 3);
        picture_free(&reduced);
        picture_free(&whole);
        picture_free(&expected);
        free(out.bytes);
        free(png.bytes);
        free(exact.bytes);
    }
    free(in.bytes);
}

static void what_needs_every_pixel_keeps_the_picture_whole(void **state)
{
    static const char *const chains[] = {"blur=2,resize=100x100", "gray=lightness,resize=100x100",
                                         "crop=500x500:0:0,resize=100x100",
                                         "invert,resize=100x100"};
    struct encoded in = jpeg_of(1003, 701);

    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct pp_convert_report report;
        struct encoded out = convert(chains[i], &in, &(struct pp_convert_settings){0}, &report);
        assert_string_equal(report.path, "full");
        free(out.bytes);
    }
    free(in.bytes);
}

static struct encoded read_file(const char *path)
{
    struct encoded file = {.bytes = malloc(1 << 20)};
    FILE *stream = fopen(path, "rb");

    assert_non_null(stream);
    file.size = fread(file.bytes, 1, 1 << 20, stream);
    fclose(stream);
    return file;
}

static void moves_that_cancel_out_still_leave_the_picture_upright(void **state)
{
    static const enum pp_decode_path paths[] = {PP_DECODE_AUTO, PP_DECODE_DCT, PP_DECODE_FULL};
    struct encoded in = read_file(PP_TESTDATA "/jpeg/orientation-6.jpg");

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct pp_convert_settings settings = {.path = paths[i]};
        struct pp_convert_report report;
        struct encoded out = convert("orient,rotate=270,gray", &in, &settings, &report);
        struct encoded again = convert("gray", &out, &(struct pp_convert_settings){0}, &report);
        assert_int_equal(report.in.orientation, 1);
        free(out.bytes);
        free(again.bytes);
    }
    free(in.bytes);
}

static void a_gray_picture_is_luma_and_a_tiny_one_is_decoded_whole(void **state)
{
    struct picture gray = smooth(100, 80, 1), tiny = smooth(9, 17, 3);
    struct encoded jpeg = picture_encode(&gray, PP_FORMAT_JPEG);
    struct encoded small = picture_encode(&tiny, PP_FORMAT_JPEG);
    struct pp_convert_settings settings = {.path = PP_DECODE_LUMA};
    struct pp_convert_report report;

    (void)state;
    struct encoded out = convert("gray", &jpeg, &settings, &report);
    assert_string_equal(report.path, "luma");
    struct encoded dot = convert("resize=1x1", &small, &(struct pp_convert_settings){0}, &report);
    assert_string_equal(report.path, "full");
    picture_free(&gray);
    picture_free(&tiny);
    free(jpeg.bytes);
    free(small.bytes);
    free(out.bytes);
    free(dot.bytes);
}

/* ---- over descriptors ---------------------------------------------------------------------- */

static int file_of(const void *bytes, size_t size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static struct picture picture_in(int fd, uint64_t size)
{
    struct stat stat;
    uint8_t *bytes = malloc(size);

    assert_int_equal(fstat(fd, &stat), 0);
    assert_int_equal(stat.st_size, size);
    assert_int_equal(pread(fd, bytes, size, 0), (ssize_t)size);
    struct picture picture = picture_decode(bytes, size);
    free(bytes);
    return picture;
}

static void a_wrong_guess_starts_again_and_leaves_nothing_behind(void **state)
{
    struct picture in = smooth(1500, 1000, 4);
    struct pp_chain *chain = NULL;
    struct pp_convert_report report;

    (void)state;
    in.rows[(size_t)1500 * 1000 * 4 - 1] = 7; /* opaque but for the last pixel */
    struct encoded png = picture_encode(&in, PP_FORMAT_PNG);
    int from = file_of(png.bytes, png.size), to = memfd_create("out", MFD_CLOEXEC);
    assert_int_equal(pp_chain_parse("flip,flip", &chain, NULL), PP_OK);
    assert_int_equal(
        pp_convert_fd(chain, from, to, &(struct pp_convert_settings){0}, &report, NULL), PP_OK);
    struct picture out = picture_in(to, report.bytes_out);
    picture_assert_equal(&in, &out);
    pp_chain_free(chain);
    picture_free(&in);
    picture_free(&out);
    free(png.bytes);
    close(from);
    close(to);
}

static void a_pipe_is_read_once_by_a_path_that_needs_no_second_look(void **state)
{
    struct encoded jpeg = jpeg_of(64, 48);
    struct pp_chain *chain = NULL;
    struct pp_convert_report report;
    struct pp_error err = {0};
    int pipe_fds[2], to = memfd_create("out", MFD_CLOEXEC);

    (void)state;
    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(write(pipe_fds[1], jpeg.bytes, jpeg.size), (ssize_t)jpeg.size);
    close(pipe_fds[1]);
    assert_int_equal(pp_chain_parse("gray", &chain, NULL), PP_OK);
    assert_int_equal(
        pp_convert_fd(chain, pipe_fds[0], to, &(struct pp_convert_settings){0}, &report, &err),
        PP_OK);
    assert_string_equal(report.path, "dct");
    struct picture out = picture_in(to, report.bytes_out);
    assert_int_equal(out.geometry.width, 64);
    picture_free(&out);
    pp_chain_free(chain);
    free(jpeg.bytes);
    close(pipe_fds[0]);
    close(to);
}

/* ---- hooks --------------------------------------------------------------------------------- */

#define SEEN_BYTES 200

static void note_filter(void *user, const char *filter, uint64_t ns)
{
    char *seen = user;
    size_t used = strlen(seen);

    assert_true(ns > 0);
    snprintf(seen + used, SEEN_BYTES - used, "%s ", filter);
}

static void each_filter_that_worked_is_told_with_its_time(void **state)
{
    char seen[SEEN_BYTES] = "";
    const struct pp_convert_settings settings = {
        .threads = 2, .hooks = {.user = seen, .filter_time = note_filter}};
    struct encoded in = jpeg_of(300, 200), out;

    (void)state;
    out = convert("gray=rec709,crop=300x200:0:0,blur=1,invert,gamma=2", &in, &settings, NULL);
    assert_string_equal(seen, "gray blur invert+gamma ");
    free(in.bytes);
    free(out.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cheapest_path_that_serves_is_taken_and_told),
        cmocka_unit_test(every_path_leads_to_the_same_picture),
        cmocka_unit_test(extraction_gives_the_samples_that_decoding_luma_gives),
        cmocka_unit_test(a_path_that_cannot_serve_the_picture_is_refused_with_the_reason),
        cmocka_unit_test(a_picture_that_shrinks_is_decoded_at_a_fraction_of_its_size),
        cmocka_unit_test(what_needs_every_pixel_keeps_the_picture_whole),
        cmocka_unit_test(moves_that_cancel_out_still_leave_the_picture_upright),
        cmocka_unit_test(a_gray_picture_is_luma_and_a_tiny_one_is_decoded_whole),
        cmocka_unit_test(a_wrong_guess_starts_again_and_leaves_nothing_behind),
        cmocka_unit_test(a_pipe_is_read_once_by_a_path_that_needs_no_second_look),
        cmocka_unit_test(each_filter_that_worked_is_told_with_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
