#include "support_coefficients.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>

extern char **environ;

static void fail_plainly(j_common_ptr cinfo)
{
    char text[JMSG_LENGTH_MAX];

    cinfo->err->format_message(cinfo, text);
    fail_msg("libjpeg: %s", text);
}

static void say_nothing(j_common_ptr cinfo, int level)
{
    (void)cinfo;
    (void)level;
}

static struct test_plane copy_plane(j_decompress_ptr cinfo, jvirt_barray_ptr array, int index)
{
    const jpeg_component_info *component = &cinfo->comp_info[index];
    struct test_plane plane = {.width = component->width_in_blocks,
                               .height = component->height_in_blocks,
                               .h = component->h_samp_factor,
                               .v = component->v_samp_factor};
    size_t row = (size_t)plane.width * 64;

    plane.blocks = malloc(row * plane.height * sizeof(*plane.blocks));
    assert_non_null(plane.blocks);
    memcpy(plane.quant, component->quant_table->quantval, sizeof(plane.quant));
    for (uint32_t y = 0; y < plane.height; y++)
        memcpy(plane.blocks + row * y,
               cinfo->mem->access_virt_barray((j_common_ptr)cinfo, array, y, 1, FALSE)[0],
               row * sizeof(*plane.blocks));
    return plane;
}

struct test_coefficients test_coefficients_read(const struct test_file *file)
{
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct test_coefficients result = {0};

    cinfo.err = jpeg_std_error(&errors);
    errors.error_exit = fail_plainly;
    errors.emit_message = say_nothing;
    jpeg_create_decompress(&cinfo);
    jpeg_mem_src(&cinfo, file->data, file->size);
    jpeg_read_header(&cinfo, TRUE);
    result.width = cinfo.image_width;
    result.height = cinfo.image_height;
    result.components = cinfo.num_components;
    result.color_space = (int)cinfo.jpeg_color_space;
    result.progressive = cinfo.progressive_mode;
    result.adobe = cinfo.saw_Adobe_marker;
    result.restart_interval = (int)cinfo.restart_interval;
    jvirt_barray_ptr *arrays = jpeg_read_coefficients(&cinfo);
    for (int i = 0; i < cinfo.num_components; i++)
        result.planes[i] = copy_plane(&cinfo, arrays[i], i);
    jpeg_destroy_decompress(&cinfo);
    return result;
}

void test_coefficients_release(struct test_coefficients *coefficients)
{
    for (int i = 0; i < coefficients->components; i++)
        free(coefficients->planes[i].blocks);
    *coefficients = (struct test_coefficients){0};
}

int test_coefficient(const struct test_plane *plane, uint32_t x, uint32_t y, unsigned k)
{
    assert_true(x < plane->width && y < plane->height);
    return plane->blocks[((size_t)y * plane->width + x) * 64 + k];
}

static void compare_planes(const struct test_plane *a, const struct test_plane *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_memory_equal(a->quant, b->quant, sizeof(a->quant));
    assert_memory_equal(a->blocks, b->blocks, (size_t)a->width * a->height * 128);
}

void test_assert_coefficients(const struct test_file *file, const struct test_file *expected)
{
    struct test_coefficients a = test_coefficients_read(file), b = test_coefficients_read(expected);

    assert_int_equal(a.width, b.width);
    assert_int_equal(a.height, b.height);
    assert_int_equal(a.components, b.components);
    assert_int_equal(a.color_space, b.color_space);
    for (int i = 0; i < a.components; i++) {
        compare_planes(&a.planes[i], &b.planes[i]);
        assert_int_equal(a.planes[i].h * b.planes[0].h, b.planes[i].h * a.planes[0].h);
        assert_int_equal(a.planes[i].v * b.planes[0].v, b.planes[i].v * a.planes[0].v);
    }
    test_coefficients_release(&a);
    test_coefficients_release(&b);
}

static void save(int fd, const struct test_file *file)
{
    for (size_t done = 0; done < file->size;) {
        ssize_t count = write(fd, file->data + done, file->size - done);
        assert_true(count > 0);
        done += (size_t)count;
    }
    assert_int_equal(close(fd), 0);
}

/* jpegtran ARGUMENTS -outfile OUT IN; its exit status, -1 when there is no such program. */
static int run_jpegtran(const char *const *arguments, char *out, char *in)
{
    const char *words[16] = {"jpegtran"};
    size_t count = 1;
    pid_t child = 0;
    int status = 0;
    posix_spawn_file_actions_t actions;

    while (*arguments)
        words[count++] = *arguments++;
    words[count++] = "-outfile";
    words[count++] = out;
    words[count] = in;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
    int failure =
        posix_spawnp(&child, words[0], &actions, NULL, (char **)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
        return -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

struct test_file test_jpegtran(const struct test_file *file, const char *const *arguments,
                               bool *installed)
{
    char in[] = "/tmp/pp-jpegtran-in-XXXXXX", out[] = "/tmp/pp-jpegtran-out-XXXXXX";
    struct test_file result = {0};
    int in_fd = mkstemp(in), out_fd = mkstemp(out);

    assert_true(in_fd >= 0 && out_fd >= 0);
    save(in_fd, file);
    assert_int_equal(close(out_fd), 0);
    int status = run_jpegtran(arguments, out, in);
    *installed = status >= 0;
    if (status == 0)
        result = test_file_load(out);
    unlink(in);
    unlink(out);
    return result;
}
