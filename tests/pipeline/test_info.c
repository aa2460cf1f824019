/* What headers are said to hold, of the project's own pictures, which say so by their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixpool/info.h>

static enum pp_status look(const char *name, struct pp_info *info, struct pp_error *err)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/%s", PP_TESTDATA, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("%s: %s", path, strerror(errno));
    enum pp_status status = pp_info_fd(fd, info, err);
    close(fd);
    return status;
}

static struct pp_info info_of(const char *name)
{
    struct pp_info info;
    struct pp_error err = {0};

    if (look(name, &info, &err) != PP_OK)
        fail_msg("%s: %s", name, err.text);
    return info;
}

static void assert_refused(const char *name, enum pp_status status, const char *text)
{
    struct pp_info info;
    struct pp_error err = {0};

    assert_int_equal(look(name, &info, &err), status);
    assert_string_equal(err.text, text);
    assert_int_equal(info.width, 0);
}

static void size_and_samples_of_a_jpeg_are_told(void **state)
{
    struct pp_info info = info_of("jpeg/baseline-420.jpg");

    (void)state;
    assert_int_equal(info.format, PP_FORMAT_JPEG);
    assert_int_equal(info.width, 97);
    assert_int_equal(info.height, 61);
    assert_int_equal(info.depth, 8);
    assert_int_equal(info.channels, 3);
    assert_string_equal(info.colour, "YCbCr");
    assert_false(info.progressive || info.has_profile);
    assert_int_equal(info.orientation, 1);
    assert_int_equal(info.density_x, 1);
    assert_int_equal(info.density_unit, 0);
}

static void subsampling_has_its_usual_name(void **state)
{
    static const char *const files[][2] = {
        {"jpeg/baseline-444.jpg", "4:4:4"}, {"jpeg/baseline-422.jpg", "4:2:2"},
        {"jpeg/baseline-420.jpg", "4:2:0"}, {"jpeg/baseline-440.jpg", "4:4:0"},
        {"jpeg/baseline-411.jpg", "4:1:1"}, {"jpeg/ycck-420.jpg", "4:2:0"},
        {"jpeg/baseline-gray.jpg", ""},     {"png/rgb-8.png", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_string_equal(info_of(files[i][0]).subsampling, files[i][1]);
}

static void colours_are_told_as_they_are_stored(void **state)
{
    static const char *const files[][2] = {
        {"jpeg/baseline-gray.jpg", "gray"}, {"jpeg/rgb.jpg", "RGB"},
        {"jpeg/cmyk.jpg", "CMYK"},          {"jpeg/ycck.jpg", "YCCK"},
        {"png/gray-16.png", "gray"},        {"png/gray-alpha-8.png", "gray+alpha"},
        {"png/palette-4.png", "palette"},   {"png/rgb-8.png", "RGB"},
        {"png/rgba-16.png", "RGBA"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_string_equal(info_of(files[i][0]).colour, files[i][1]);
    assert_int_equal(info_of("png/gray-alpha-8.png").channels, 2);
    assert_int_equal(info_of("png/palette-4.png").depth, 4);
    assert_int_equal(info_of("png/gray-1.png").depth, 1);
    assert_int_equal(info_of("png/rgba-16.png").depth, 16);
}

static void progressive_and_interlaced_files_are_told_apart(void **state)
{
    (void)state;
    assert_true(info_of("jpeg/progressive-420.jpg").progressive);
    assert_true(info_of("jpeg/arithmetic-progressive.jpg").progressive);
    assert_true(info_of("png/rgb-8-interlaced.png").progressive);
    assert_false(info_of("jpeg/separate-scans.jpg").progressive);
    assert_false(info_of("png/rgb-8.png").progressive);
}

static void quality_is_that_of_the_tables(void **state)
{
    static const struct {
        const char *file;
        int quality;
    } files[] = {
        {"jpeg/quality-5.jpg", 5},     {"jpeg/baseline-420.jpg", 85},
        {"jpeg/quality-100.jpg", 100}, {"jpeg/baseline-gray.jpg", 85},
        {"jpeg/rgb.jpg", 85},          {"jpeg/wide-quantisation.jpg", 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct pp_info info = info_of(files[i].file);

        assert_int_equal(info.quality, files[i].quality);
        assert_true(info.quality_is_exact);
    }
    assert_int_equal(info_of("png/rgb-8.png").quality, 0);
}

static void profiles_have_their_names(void **state)
{
    static const char *const files[] = {"jpeg/icc.jpg", "jpeg/icc-in-pieces.jpg", "png/icc.png"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct pp_info info = info_of(files[i]);

        assert_true(info.has_profile);
        assert_string_equal(info.profile, "RGB with the primaries of IEC 61966-2-1");
        assert_true(info.metadata[PP_INFO_ICC] > 0);
    }
}

static void a_profile_that_inflates_without_end_costs_its_name(void **state)
{
    struct pp_info info = info_of("hostile/bomb-profile.png");

    (void)state;
    assert_true(info.has_profile);
    assert_string_equal(info.profile, "");
}

static void exif_tells_orientation_and_camera(void **state)
{
    (void)state;
    for (int i = 1; i <= 8; i++) {
        char name[40];

        snprintf(name, sizeof name, "jpeg/orientation-%d.jpg", i);
        assert_int_equal(info_of(name).orientation, i);
    }
    assert_int_equal(info_of("png/exif-orientation-6.png").orientation, 6);
    assert_string_equal(info_of("png/exif-orientation-6.png").camera, "Procedural One");
    assert_string_equal(info_of("jpeg/exif-thumbnail-big-endian.jpg").camera, "Procedural One");
    assert_string_equal(info_of("jpeg/baseline-420.jpg").camera, "");
}

static void metadata_is_counted_by_kind(void **state)
{
    (void)state;
    assert_int_equal(info_of("jpeg/comment.jpg").metadata[PP_INFO_COMMENT], 52);
    assert_int_equal(info_of("jpeg/iptc.jpg").metadata[PP_INFO_IPTC], 88);
    assert_int_equal(info_of("jpeg/xmp.jpg").metadata[PP_INFO_XMP], 386);
    assert_int_equal(info_of("jpeg/exif-thumbnail.jpg").metadata[PP_INFO_EXIF], 1738);
    assert_int_equal(info_of("jpeg/icc-in-pieces.jpg").metadata[PP_INFO_ICC], 1004);
    assert_true(info_of("png/other-chunks.png").metadata[PP_INFO_OTHER] > 0);
    assert_string_equal(pp_info_kind_name(PP_INFO_MPF), "mpf");
}

static void density_has_its_unit(void **state)
{
    struct pp_info info = info_of("png/density.png");

    (void)state;
    assert_int_equal(info.density_x, 11811);
    assert_int_equal(info.density_y, 11811);
    assert_int_equal(info.density_unit, 2);
}

static void the_size_of_a_bomb_is_told_without_harm(void **state)
{
    (void)state;
    assert_int_equal(info_of("hostile/bomb.png").width, 50000);
    assert_int_equal(info_of("hostile/bomb-progressive.jpg").height, 65500);
}

static void broken_headers_are_refused(void **state)
{
    (void)state;
    assert_refused("hostile/empty.jpg", PP_E_FORMAT,
                   "cannot recognise the format: the file is empty");
    assert_refused("hostile/gif.jpg", PP_E_FORMAT,
                   "cannot recognise the format: not a JPEG or PNG");
    assert_refused("hostile/baseline-cut-header.jpg", PP_E_CORRUPT,
                   "JPEG header: the file ends within it");
    assert_refused("hostile/zero-width.jpg", PP_E_CORRUPT, "JPEG header: 0 x 61 samples of 8 bits");
    assert_refused("hostile/two-frames.jpg", PP_E_CORRUPT, "JPEG header: more than one frame");
    assert_refused("hostile/crc-header.png", PP_E_CORRUPT, "PNG header: its checksum is wrong");
    assert_refused("hostile/depth-illegal.png", PP_E_CORRUPT,
                   "PNG header: an unknown kind of picture");
    assert_refused("hostile/no-data.png", PP_E_CORRUPT, "PNG header: it ends without pixels");
}

/* Comments of 64 KiB without end. */
static void a_header_without_end_is_refused(void **state)
{
    static const uint8_t start[] = {0xFF, 0xD8};
    static uint8_t comment[2 + 65535] = {0xFF, 0xFE, 0xFF, 0xFF};
    const int fd = memfd_create("test", MFD_CLOEXEC);
    struct pp_info info;
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(write(fd, start, sizeof start), sizeof start);
    for (int i = 0; i < 1030; i++)
        assert_int_equal(write(fd, comment, sizeof comment), sizeof comment);
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(pp_info_fd(fd, &info, &err), PP_E_LIMIT);
    assert_string_equal(err.text, "JPEG header: longer than 64 MiB");
    close(fd);
}

static void a_pipe_will_do(void **state)
{
    static const uint8_t jpeg[] = {0xFF, 0xD8, 0xFF, 0xC0, 0, 11,   8,    0, 5, 0,
                                   7,    1,    1,    0x11, 0, 0xFF, 0xDA, 0, 8};
    struct pp_info info;
    struct pp_error err = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], jpeg, sizeof jpeg), sizeof jpeg);
    close(ends[1]);
    assert_int_equal(pp_info_fd(ends[0], &info, &err), PP_OK);
    assert_int_equal(info.width, 7);
    assert_int_equal(info.height, 5);
    assert_int_equal(info.quality, 0);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_and_samples_of_a_jpeg_are_told),
        cmocka_unit_test(subsampling_has_its_usual_name),
        cmocka_unit_test(colours_are_told_as_they_are_stored),
        cmocka_unit_test(progressive_and_interlaced_files_are_told_apart),
        cmocka_unit_test(quality_is_that_of_the_tables),
        cmocka_unit_test(profiles_have_their_names),
        cmocka_unit_test(a_profile_that_inflates_without_end_costs_its_name),
        cmocka_unit_test(exif_tells_orientation_and_camera),
        cmocka_unit_test(metadata_is_counted_by_kind),
        cmocka_unit_test(density_has_its_unit),
        cmocka_unit_test(the_size_of_a_bomb_is_told_without_harm),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(a_header_without_end_is_refused),
        cmocka_unit_test(a_pipe_will_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
