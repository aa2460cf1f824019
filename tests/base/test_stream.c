#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/stream.h"

/* A pattern whose bytes tell their place, longer than two buffers. */
#define PATTERN_SIZE (2 * PP_STREAM_BUFFER + 12345)

static uint8_t *new_pattern(void)
{
    uint8_t *pattern = malloc(PATTERN_SIZE);

    assert_non_null(pattern);
    for (size_t i = 0; i < PATTERN_SIZE; i++)
        pattern[i] = (uint8_t)(i * 2654435761u >> 11);
    return pattern;
}

static int new_file(const uint8_t *bytes, size_t size)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void input_reads_a_file_longer_than_its_buffer(void **state)
{
    (void)state;
    uint8_t *pattern = new_pattern(), *copy = malloc(PATTERN_SIZE + 1);
    int fd = new_file(pattern, PATTERN_SIZE);
    struct pp_input in;
    size_t got = 0;

    assert_int_equal(pp_input_init_fd(&in, fd, NULL), PP_OK);
    assert_int_equal(pp_input_read(&in, copy, PATTERN_SIZE + 1, &got, NULL), PP_OK);
    assert_int_equal(got, PATTERN_SIZE);
    assert_memory_equal(copy, pattern, PATTERN_SIZE);
    assert_int_equal(in.total, PATTERN_SIZE);
    pp_input_release(&in);
    close(fd);
    free(copy);
    free(pattern);
}

static void peek_consumes_nothing_and_joins_what_lies_across_buffers(void **state)
{
    (void)state;
    uint8_t *pattern = new_pattern(), *copy = malloc(PATTERN_SIZE);
    int fd = new_file(pattern, PATTERN_SIZE);
    struct pp_input in;
    size_t got = 0, before = PP_STREAM_BUFFER - 3;

    assert_int_equal(pp_input_init_fd(&in, fd, NULL), PP_OK);
    assert_int_equal(pp_input_read(&in, copy, before, &got, NULL), PP_OK);
    assert_int_equal(pp_input_peek(&in, 16, NULL), PP_OK);
    assert_true(in.size >= 16);
    assert_memory_equal(in.data, pattern + before, 16);
    assert_int_equal(pp_input_read(&in, copy, PATTERN_SIZE, &got, NULL), PP_OK);
    assert_int_equal(got, PATTERN_SIZE - before);
    assert_memory_equal(copy, pattern + before, got);
    pp_input_release(&in);
    close(fd);
    free(copy);
    free(pattern);
}

static void peek_beyond_the_end_gives_what_there_is(void **state)
{
    (void)state;
    struct pp_input in;

    pp_input_init_memory(&in, "abc", 3);
    assert_int_equal(pp_input_peek(&in, 16, NULL), PP_OK);
    assert_int_equal(in.size, 3);
    assert_int_equal(pp_input_refill(&in, NULL), PP_OK);
    assert_int_equal(in.size, 0);
    pp_input_release(&in);
}

static void reading_a_directory_is_a_read_error_with_its_reason(void **state)
{
    (void)state;
    struct pp_error err = {0};
    struct pp_input in;
    int fd = open("/", O_RDONLY | O_CLOEXEC);

    assert_int_equal(pp_input_init_fd(&in, fd, &err), PP_OK);
    assert_int_equal(pp_input_refill(&in, &err), PP_E_READ);
    assert_string_equal(err.text, "cannot read: Is a directory");
    pp_input_release(&in);
    close(fd);
}

static void write_pattern_in_pieces(struct pp_output *out, const uint8_t *pattern)
{
    size_t at = 0;

    for (size_t step = 1; at < PATTERN_SIZE; at += step, step = step * 3 + 1) {
        if (step > PATTERN_SIZE - at)
            step = PATTERN_SIZE - at;
        assert_int_equal(pp_output_write(out, pattern + at, step, NULL), PP_OK);
    }
    assert_int_equal(pp_output_flush(out, NULL), PP_OK);
    assert_int_equal(out->total, PATTERN_SIZE);
}

static void output_to_a_file_is_what_was_written_in_any_pieces(void **state)
{
    (void)state;
    uint8_t *pattern = new_pattern(), *copy = malloc(PATTERN_SIZE);
    int fd = memfd_create("stream", MFD_CLOEXEC);
    struct pp_output out;

    assert_int_equal(pp_output_init_fd(&out, fd, NULL), PP_OK);
    write_pattern_in_pieces(&out, pattern);
    assert_int_equal(pread(fd, copy, PATTERN_SIZE, 0), PATTERN_SIZE);
    assert_memory_equal(copy, pattern, PATTERN_SIZE);
    pp_output_release(&out);
    close(fd);
    free(copy);
    free(pattern);
}

static void output_into_memory_grows(void **state)
{
    (void)state;
    uint8_t *pattern = new_pattern();
    struct pp_output out;

    pp_output_init_memory(&out);
    write_pattern_in_pieces(&out, pattern);
    assert_int_equal(out.used, PATTERN_SIZE);
    assert_memory_equal(out.buffer, pattern, PATTERN_SIZE);
    pp_output_release(&out);
    free(pattern);
}

static void a_full_device_is_told_apart_from_other_write_errors(void **state)
{
    (void)state;
    struct pp_error full = {0}, bad = {0};
    struct pp_output out;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    assert_int_equal(pp_output_init_fd(&out, fd, NULL), PP_OK);
    assert_int_equal(pp_output_write(&out, "x", 1, &full), PP_OK);
    assert_int_equal(pp_output_flush(&out, &full), PP_E_NO_SPACE);
    assert_string_equal(full.text, "cannot write: No space left on device");
    close(fd);
    assert_int_equal(pp_output_write(&out, "x", 1, &bad), PP_OK);
    assert_int_equal(pp_output_flush(&out, &bad), PP_E_WRITE);
    pp_output_release(&out);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct pp_error err = {0};
    size_t product = 0;
    void *buffer = &product;

    assert_false(pp_size_multiply(SIZE_MAX / 2, 3, &product));
    assert_true(pp_size_multiply(1000, 1000, &product));
    assert_int_equal(product, 1000000);
    assert_int_equal(pp_memory_new(&buffer, SIZE_MAX / 2, 3, "rows", &err), PP_E_NO_MEMORY);
    assert_null(buffer);
    assert_string_equal(err.text, "rows: size overflows");
}

static void the_first_error_wins(void **state)
{
    (void)state;
    struct pp_error err = {0};

    assert_int_equal(pp_error_set(&err, PP_E_CORRUPT, "first %d", 1), PP_E_CORRUPT);
    assert_int_equal(pp_error_set(&err, PP_E_WRITE, "second"), PP_E_WRITE);
    assert_int_equal(err.status, PP_E_CORRUPT);
    assert_string_equal(err.text, "first 1");
}

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < PP_STATUS_COUNT; a++) {
        assert_string_not_equal(pp_status_name((enum pp_status)a), "unknown");
        for (int b = 0; b < a; b++)
            assert_string_not_equal(pp_status_name((enum pp_status)a),
                                    pp_status_name((enum pp_status)b));
    }
    assert_string_equal(pp_status_name((enum pp_status)PP_STATUS_COUNT), "unknown");
}

/* However far it was read, by reading or by dropping what was at hand. */
static void assert_rewinds(struct pp_input *in, const uint8_t *pattern, size_t size, size_t read)
{
    uint8_t *copy = malloc(PATTERN_SIZE + 1);
    size_t got = 0;

    assert_int_equal(pp_input_read(in, copy, read, &got, NULL), PP_OK);
    if (read % 2)
        assert_int_equal(pp_input_refill(in, NULL), PP_OK);
    assert_int_equal(pp_input_rewind(in, NULL), PP_OK);
    assert_int_equal(pp_input_read(in, copy, PATTERN_SIZE + 1, &got, NULL), PP_OK);
    assert_int_equal(got, size);
    assert_memory_equal(copy, pattern, size);
    assert_int_equal(in->total, size);
    assert_int_equal(pp_input_rewind(in, NULL), PP_OK);
    free(copy);
}

static void input_begins_again_wherever_it_was_left(void **state)
{
    static const size_t places[] = {
        0, 1, 100, 9999, PP_STREAM_BUFFER, PP_STREAM_BUFFER + 1, PATTERN_SIZE - 1, PATTERN_SIZE};
    uint8_t *pattern = new_pattern();
    int fd = new_file(pattern, PATTERN_SIZE);
    struct pp_input file, memory;

    (void)state;
    assert_int_equal(pp_input_init_fd(&file, fd, NULL), PP_OK);
    pp_input_init_memory(&memory, pattern, PATTERN_SIZE);
    assert_true(pp_input_can_rewind(&file) && pp_input_can_rewind(&memory));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_rewinds(&file, pattern, PATTERN_SIZE, places[i]);
        assert_rewinds(&memory, pattern, PATTERN_SIZE, places[i]);
    }
    pp_input_release(&file);
    close(fd);
    free(pattern);
}

static void a_pipe_begins_again_only_while_the_buffer_has_all_of_it(void **state)
{
    uint8_t *pattern = new_pattern();
    struct pp_input in;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], pattern, 5000), 5000);
    close(fds[1]);
    assert_int_equal(pp_input_init_fd(&in, fds[0], NULL), PP_OK);
    assert_false(pp_input_can_rewind(&in));
    assert_int_equal(pp_input_peek(&in, 100, NULL), PP_OK);
    in.data += 60;
    in.size -= 60;
    assert_int_equal(pp_input_rewind(&in, NULL), PP_OK);
    assert_int_equal(in.size, 5000);
    assert_memory_equal(in.data, pattern, 5000);
    assert_int_equal(pp_input_refill(&in, NULL), PP_OK);
    assert_int_equal(pp_input_rewind(&in, NULL), PP_E_READ);
    pp_input_release(&in);
    close(fds[0]);
    free(pattern);
}

static void output_forgets_what_was_written_and_cuts_the_file(void **state)
{
    uint8_t *pattern = new_pattern();
    int fd = new_file(pattern, 10);
    struct pp_output out;
    uint8_t bytes[40];

    (void)state;
    assert_int_equal(lseek(fd, 10, SEEK_SET), 10);
    assert_int_equal(pp_output_init_fd(&out, fd, NULL), PP_OK);
    assert_true(pp_output_can_rewind(&out));
    assert_int_equal(pp_output_write(&out, pattern, PATTERN_SIZE, NULL), PP_OK);
    assert_int_equal(pp_output_rewind(&out, NULL), PP_OK);
    assert_int_equal(pp_output_write(&out, pattern, 20, NULL), PP_OK);
    assert_int_equal(pp_output_flush(&out, NULL), PP_OK);
    assert_int_equal(out.total, 20);
    assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 30);
    assert_memory_equal(bytes + 10, pattern, 20);
    pp_output_release(&out);
    close(fd);
    free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(input_reads_a_file_longer_than_its_buffer),
        cmocka_unit_test(peek_consumes_nothing_and_joins_what_lies_across_buffers),
        cmocka_unit_test(peek_beyond_the_end_gives_what_there_is),
        cmocka_unit_test(reading_a_directory_is_a_read_error_with_its_reason),
        cmocka_unit_test(output_to_a_file_is_what_was_written_in_any_pieces),
        cmocka_unit_test(output_into_memory_grows),
        cmocka_unit_test(a_full_device_is_told_apart_from_other_write_errors),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(input_begins_again_wherever_it_was_left),
        cmocka_unit_test(a_pipe_begins_again_only_while_the_buffer_has_all_of_it),
        cmocka_unit_test(output_forgets_what_was_written_and_cuts_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
