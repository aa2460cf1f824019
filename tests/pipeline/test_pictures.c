/* The pictures that a chain names: loaded, taken to another process, refused. */

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

#include "filter/filter.h"
#include "support_picture.h"

static const struct pp_limits no_limits = {0};

/* A file in memory, by a name that opens it. */
struct named {
    int fd;
    char path[512];
};

static struct named named_new(const void *bytes, size_t size)
{
    struct named file = {.fd = memfd_create("picture", MFD_CLOEXEC)};

    assert_true(file.fd >= 0);
    assert_int_equal(write(file.fd, bytes, size), size);
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static struct named named_picture(const struct picture *picture)
{
    struct encoded bytes = picture_encode(picture, PP_FORMAT_PNG);
    struct named file = named_new(bytes.bytes, bytes.size);

    free(bytes.bytes);
    return file;
}

/* "overlay=FILE" and what follows. */
static struct pp_chain *chain_of(const struct named *file, const char *more)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};
    char text[2048];

    snprintf(text, sizeof text, "overlay=%s%s", file->path, more);
    if (pp_chain_parse(text, &chain, &err) != PP_OK)
        fail_msg("%s", err.text);
    return chain;
}

static enum pp_status try(const struct pp_chain *chain, const struct picture *in,
                          struct picture *out, struct pp_error *err)
{
    const struct pp_convert_settings settings = {.threads = 2};
    struct encoded bytes = picture_encode(in, PP_FORMAT_PNG);
    void *made = NULL;
    size_t size = 0;
    enum pp_status status =
        pp_convert_memory(chain, bytes.bytes, bytes.size, &made, &size, &settings, NULL, err);

    if (status == PP_OK)
        *out = picture_decode(made, size);
    free(made);
    free(bytes.bytes);
    return status;
}

static void an_opaque_picture_over_another_of_its_size_is_the_result(void **state)
{
    struct picture in = picture_new(61, 43, 3, 8), over = picture_new(61, 43, 3, 8), out;
    struct pp_error err = {0};

    (void)state;
    for (size_t i = 0; i < (size_t)61 * 43 * 3; i++)
        over.rows[i] ^= 0x5A;
    struct named file = named_picture(&over);
    struct pp_chain *chain = chain_of(&file, "");
    assert_int_equal(pp_chain_load(chain, &no_limits, &err), PP_OK);
    close(file.fd); /* it is not needed any more */
    assert_int_equal(try(chain, &in, &out, &err), PP_OK);
    picture_assert_equal(&over, &out);
    assert_int_equal(pp_chain_load(chain, &no_limits, &err), PP_OK); /* again: nothing to do */
    picture_free(&out);
    pp_chain_free(chain);
    picture_free(&over);
    picture_free(&in);
}

static void a_chain_that_was_not_loaded_is_a_usage_error(void **state)
{
    struct picture in = picture_new(8, 8, 3, 8), out;
    struct named file = named_picture(&in);
    struct pp_chain *chain = chain_of(&file, ",gray");
    struct pp_error err = {0};
    size_t size = 1;

    (void)state;
    assert_int_equal(try(chain, &in, &out, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "pp_chain_load()"));
    assert_null(pp_chain_pictures(chain, &size));
    assert_int_equal(size, 0);
    pp_chain_free(chain);
    close(file.fd);
    picture_free(&in);
}

/* The block as another process would have it, in two pictures of which one is named twice. */
static void a_block_loads_a_chain_of_the_same_text_alone(void **state)
{
    struct picture in = picture_new(90, 70, 4, 16), over = picture_new(31, 17, 4, 16), a, b;
    struct named file = named_picture(&over);
    struct pp_chain *first = chain_of(&file, ":x=5:opacity=0.5,gray"), *second, *other;
    struct pp_error err = {0};
    size_t size;

    (void)state;
    assert_int_equal(pp_chain_load(first, &no_limits, &err), PP_OK);
    const void *block = pp_chain_pictures(first, &size);
    void *copy = aligned_alloc(PP_PICTURES_ALIGNMENT, size / 64 * 64 + 64);
    assert_non_null(copy);
    memcpy(copy, block, size);
    second = chain_of(&file, ":x=5:opacity=0.5,gray");
    assert_int_equal(pp_chain_attach(second, copy, size, &err), PP_OK);
    assert_int_equal(try(first, &in, &a, &err), PP_OK);
    assert_int_equal(try(second, &in, &b, &err), PP_OK);
    picture_assert_equal(&a, &b);
    assert_int_equal(pp_chain_parse("gray", &other, &err), PP_OK);
    assert_int_equal(pp_chain_attach(other, copy, size, NULL), PP_E_USAGE);
    assert_int_equal(pp_chain_attach(second, copy, size - 1, NULL), PP_E_USAGE);
    memset(copy, 0xFF, 64);
    assert_int_equal(pp_chain_attach(second, copy, size, NULL), PP_E_USAGE);
    pp_chain_free(other);
    pp_chain_free(second);
    pp_chain_free(first);
    free(copy);
    close(file.fd);
    picture_free(&a);
    picture_free(&b);
    picture_free(&over);
    picture_free(&in);
}

static void a_file_named_twice_is_decoded_once(void **state)
{
    struct picture over = picture_new(64, 100, 4, 8);
    struct named file = named_picture(&over);
    char more[600];
    struct pp_error err = {0};
    size_t once, twice;

    (void)state;
    snprintf(more, sizeof more, ",overlay=%s:tile=1", file.path);
    struct pp_chain *a = chain_of(&file, ""), *b = chain_of(&file, more);
    assert_int_equal(pp_chain_load(a, &no_limits, &err), PP_OK);
    assert_int_equal(pp_chain_load(b, &no_limits, &err), PP_OK);
    pp_chain_pictures(a, &once);
    pp_chain_pictures(b, &twice);
    assert_true(twice < once + 1000);
    assert_ptr_equal(pp_chain_item(b, 0).args[0].picture->rows,
                     pp_chain_item(b, 1).args[0].picture->rows);
    pp_chain_free(a);
    pp_chain_free(b);
    close(file.fd);
    picture_free(&over);
}

static struct encoded file_bytes(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct encoded bytes = {.bytes = malloc(1 << 20)};

    assert_true(file && bytes.bytes);
    bytes.size = fread(bytes.bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

/* The same as the filter orient comes to. */
static void check_upright(const char *path)
{
    const struct pp_convert_settings settings = {.encode = {.format = PP_FORMAT_PNG}};
    struct encoded file = file_bytes(path), made = convert("orient", &file, &settings, NULL);
    struct picture upright = picture_decode(made.bytes, made.size);
    struct named name = {.fd = -1};
    struct pp_error err = {0};
    size_t bytes = pp_geometry_row_bytes(&upright.geometry);

    snprintf(name.path, sizeof name.path, "%s", path);
    assert_int_equal(strlen(name.path), strlen(path));
    struct pp_chain *chain = chain_of(&name, "");
    assert_int_equal(pp_chain_load(chain, &no_limits, &err), PP_OK);
    const struct pp_raster *raster = pp_chain_item(chain, 0).args[0].picture;
    assert_int_equal(raster->geometry.width, upright.geometry.width);
    assert_int_equal(raster->geometry.height, upright.geometry.height);
    for (uint32_t y = 0; y < raster->geometry.height; y++)
        assert_memory_equal(raster->rows + y * raster->stride, upright.rows + y * bytes, bytes);
    pp_chain_free(chain);
    picture_free(&upright);
    free(made.bytes);
    free(file.bytes);
}

static void a_picture_is_loaded_as_a_viewer_shows_it(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        char path[512];
        snprintf(path, sizeof path, PP_TESTDATA "/jpeg/orientation-%u.jpg", orientation);
        check_upright(path);
    }
}

static void assert_refused(const struct named *file, const struct pp_limits *limits,
                           enum pp_status status, const char *word)
{
    struct pp_chain *chain = chain_of(file, "");
    struct pp_error err = {0};
    size_t size;

    assert_int_equal(pp_chain_load(chain, limits, &err), status);
    if (strncmp(err.text, "overlay \"", 9) != 0 || !strstr(err.text, file->path) ||
        !strstr(err.text, word))
        fail_msg("%s", err.text);
    assert_null(pp_chain_pictures(chain, &size));
    pp_chain_free(chain);
}

static void what_cannot_be_loaded_is_refused_with_its_name(void **state)
{
    struct picture over = picture_new(100, 100, 3, 8);
    struct encoded bytes = picture_encode(&over, PP_FORMAT_PNG);
    struct named whole = named_new(bytes.bytes, bytes.size);
    struct named half = named_new(bytes.bytes, bytes.size / 2), none = named_new("", 0);
    struct named missing = {.path = "/nowhere/logo.png"};
    const struct pp_limits few_pixels = {.max_pixels = 9999}, few_bytes = {.max_memory = 30000};

    (void)state;
    assert_refused(&missing, &no_limits, PP_E_READ, "No such file");
    assert_refused(&none, &no_limits, PP_E_FORMAT, "empty");
    assert_refused(&half, &no_limits, PP_E_CORRUPT, "");
    assert_refused(&whole, &few_pixels, PP_E_LIMIT, "--max-pixels");
    assert_refused(&whole, &few_bytes, PP_E_LIMIT, "--memory");
    free(bytes.bytes);
    close(whole.fd);
    close(half.fd);
    close(none.fd);
    picture_free(&over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_opaque_picture_over_another_of_its_size_is_the_result),
        cmocka_unit_test(a_chain_that_was_not_loaded_is_a_usage_error),
        cmocka_unit_test(a_block_loads_a_chain_of_the_same_text_alone),
        cmocka_unit_test(a_file_named_twice_is_decoded_once),
        cmocka_unit_test(a_picture_is_loaded_as_a_viewer_shows_it),
        cmocka_unit_test(what_cannot_be_loaded_is_refused_with_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
