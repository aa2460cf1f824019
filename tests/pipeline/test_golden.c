/*
 * Gray of real PNG files, to the bit, against libpng read by itself: every file that libpng takes
 * must be converted, and come out as the formula says; every file that it refuses must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <png.h>

#include <pixpool/convert.h>

struct decoded {
    png_uint_32 width, height;
    int channels, depth;
    uint16_t *samples; /* owned; NULL when libpng refused */
};

static void quiet(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static uint16_t big_endian(const png_byte *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Rows as libpng gives them: expanded, nothing else. */
static void take_rows(png_structp png, png_infop info, struct decoded *out)
{
    png_bytepp rows = png_get_rows(png, info);

    out->width = png_get_image_width(png, info);
    out->height = png_get_image_height(png, info);
    out->channels = png_get_channels(png, info);
    out->depth = png_get_bit_depth(png, info);
    size_t count = (size_t)out->width * (size_t)out->channels;
    out->samples = malloc(count * out->height * sizeof *out->samples);
    for (png_uint_32 y = 0; y < out->height; y++) {
        for (size_t i = 0; i < count; i++)
            out->samples[y * count + i] =
                out->depth == 8 ? rows[y][i] : big_endian(rows[y] + 2 * i);
    }
}

static struct decoded decode(int fd)
{
    struct decoded out = {0};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, quiet);
    png_infop info = png_create_info_struct(png);
    FILE *file = fdopen(dup(fd), "rb");

    assert_non_null(file);
    rewind(file);
    if (setjmp(png_jmpbuf(png)) == 0) {
        png_init_io(png, file);
        png_read_png(png, info, PNG_TRANSFORM_EXPAND, NULL);
        take_rows(png, info, &out);
    }
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
    return out;
}

static unsigned gray_of(const struct decoded *in, const uint16_t *pixel)
{
    if (in->channels < 3)
        return pixel[0];
    return (unsigned)((19595u * pixel[0] + 38470u * pixel[1] + 7471u * pixel[2] + 32768u) >> 16);
}

static bool is_opaque(const struct decoded *in)
{
    size_t channels = (size_t)in->channels, samples = channels * in->width * in->height;

    for (size_t i = channels - 1; i < samples; i += channels) {
        if (in->samples[i] != (in->depth == 8 ? 255 : 65535))
            return false;
    }
    return true;
}

/* Alpha is kept, unless all of it is opaque: then it may be left out. */
static void assert_is_gray_of(const struct decoded *in, const struct decoded *out, const char *path)
{
    int alpha = in->channels % 2 == 0;
    size_t pixels = (size_t)in->width * in->height;

    if (alpha && out->channels == 1)
        alpha = !is_opaque(in);
    if (out->width != in->width || out->height != in->height || out->depth != in->depth ||
        out->channels != 1 + alpha)
        fail_msg("%s: came out with another shape", path);
    for (size_t i = 0; i < pixels; i++) {
        const uint16_t *from = in->samples + i * (size_t)in->channels;
        const uint16_t *to = out->samples + i * (size_t)out->channels;
        if (to[0] != gray_of(in, from) || (alpha && to[1] != from[in->channels - 1]))
            fail_msg("%s: pixel %zu is wrong", path, i);
    }
}

/* 1 when the file was converted, 0 when both refused it. */
static int check_file(const struct pp_chain *chain, const char *path)
{
    struct pp_convert_settings settings = {.encode = {.png_level = 1}};
    struct pp_error err = {0};
    int in_fd = open(path, O_RDONLY | O_CLOEXEC), out_fd = memfd_create("out", MFD_CLOEXEC);
    struct decoded in = decode(in_fd), out = {0};

    lseek(in_fd, 0, SEEK_SET);
    enum pp_status status = pp_convert_fd(chain, in_fd, out_fd, &settings, NULL, &err);
    int converted = status == PP_OK;
    if (converted != (in.samples != NULL))
        fail_msg("%s: %s, unlike libpng: %s", path, converted ? "converted" : "refused", err.text);
    if (converted) {
        out = decode(out_fd);
        assert_non_null(out.samples);
        assert_is_gray_of(&in, &out, path);
    } else {
        assert_true(strlen(err.text) > 0);
    }
    free(in.samples);
    free(out.samples);
    close(in_fd);
    close(out_fd);
    return converted;
}

static void check_tree(const char *root, int least)
{
    char *paths[] = {strdup(root), NULL};
    struct pp_chain *chain = NULL;
    int converted = 0, refused = 0;

    assert_int_equal(pp_chain_parse("gray=rec601", &chain, NULL), PP_OK);
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; (entry = fts_read(walk)) != NULL;) {
        const char *dot = strrchr(entry->fts_name, '.');
        if (entry->fts_info != FTS_F || !dot || strcasecmp(dot, ".png") != 0)
            continue;
        int done = check_file(chain, entry->fts_path);
        converted += done;
        refused += !done;
    }
    fts_close(walk);
    pp_chain_free(chain);
    free(paths[0]);
    print_message("%s: %d files equal the formula, %d refused\n", root, converted, refused);
    assert_true(converted >= least);
}

static void check_corpus(const char *name, int least)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", PP_CORPUS, name);
    if (access(path, R_OK) != 0) {
        print_message("%s is not here: not tested on it\n", name);
        skip();
    }
    check_tree(path, least);
}

static void every_png_of_the_test_data_turns_gray_by_the_formula(void **state)
{
    (void)state;
    check_tree(PP_TESTDATA "/png", 20);
}

static void every_png_of_the_pictures_turns_gray_by_the_formula(void **state)
{
    (void)state;
    check_corpus("png", 10);
}

static void every_icon_turns_gray_by_the_formula(void **state)
{
    (void)state;
    check_corpus("icons", 1000);
}

static void every_png_made_to_be_odd_turns_gray_by_the_formula(void **state)
{
    (void)state;
    check_corpus("conformance", 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_png_of_the_test_data_turns_gray_by_the_formula),
        cmocka_unit_test(every_png_of_the_pictures_turns_gray_by_the_formula),
        cmocka_unit_test(every_icon_turns_gray_by_the_formula),
        cmocka_unit_test(every_png_made_to_be_odd_turns_gray_by_the_formula),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
