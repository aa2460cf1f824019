#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/jpeg_scan_count.h"

#define BYTES ((size_t)200000)

/* Zeros, with a mark at each place. */
static uint8_t *with_marks(const size_t *places, size_t count)
{
    uint8_t *bytes = calloc(1, BYTES);

    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        bytes[places[i]] = 0xFF;
        bytes[places[i] + 1] = 0xDA;
    }
    return bytes;
}

static uint32_t count_in_memory(const uint8_t *bytes, uint32_t most)
{
    struct pp_jpeg_source source;
    struct pp_input in;

    pp_input_init_memory(&in, bytes, BYTES);
    pp_jpeg_source_init(&source, &in);
    return pp_jpeg_count_scans(&source, most);
}

/* With so many bytes at hand in the stream's buffer. */
static uint32_t count_in_file(const uint8_t *bytes, size_t at_hand)
{
    const int fd = memfd_create("test", MFD_CLOEXEC);
    struct pp_jpeg_source source;
    struct pp_input in;

    assert_int_equal(write(fd, bytes, BYTES), BYTES);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(pp_input_init_fd(&in, fd, NULL), PP_OK);
    assert_int_equal(pp_input_peek(&in, at_hand, NULL), PP_OK);
    const off_t stood = lseek(fd, 0, SEEK_CUR);
    pp_jpeg_source_init(&source, &in);
    const uint32_t count = pp_jpeg_count_scans(&source, 1000);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), stood);
    assert_int_equal(source.base.bytes_in_buffer, in.size);
    pp_input_release(&in);
    close(fd);
    return count;
}

static void marks_are_counted_wherever_the_pieces_end(void **state)
{
    const size_t piece = PP_STREAM_BUFFER;
    const size_t places[] = {0,     2,         100,           piece - 2,    piece,
                             70000, piece * 2, piece * 3 - 1, BYTES - 1002, BYTES - 2};
    const size_t count = sizeof places / sizeof *places;
    uint8_t *bytes = with_marks(places, count);

    (void)state;
    assert_int_equal(count_in_memory(bytes, 1000), count);
    assert_int_equal(count_in_memory(bytes, 3), 3);
    assert_int_equal(count_in_file(bytes, 0), count);
    assert_int_equal(count_in_file(bytes, 1), count);
    assert_int_equal(count_in_file(bytes, piece), count);
    free(bytes);
}

static void a_mark_across_two_pieces_counts_once(void **state)
{
    const size_t places[] = {PP_STREAM_BUFFER - 1, 2 * PP_STREAM_BUFFER - 1};
    uint8_t *bytes = with_marks(places, 2);

    (void)state;
    assert_int_equal(count_in_memory(bytes, 1000), 2);
    assert_int_equal(count_in_file(bytes, 0), 2);
    assert_int_equal(count_in_file(bytes, PP_STREAM_BUFFER), 2);
    free(bytes);
}

static void other_marks_and_stuffed_bytes_do_not_count(void **state)
{
    uint8_t *bytes = calloc(1, BYTES);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i + 1 < BYTES; i += 2) {
        bytes[i] = 0xFF;
        bytes[i + 1] = i % 6 == 0 ? 0x00 : i % 6 == 2 ? 0xC4 : 0xD9;
    }
    bytes[BYTES - 1] = 0xFF;
    assert_int_equal(count_in_memory(bytes, 1000), 0);
    assert_int_equal(count_in_file(bytes, 0), 0);
    free(bytes);
}

static void what_cannot_be_looked_into_is_not_counted(void **state)
{
    static const uint8_t scans[] = {0xFF, 0xDA, 0xFF, 0xDA};
    struct pp_jpeg_source source;
    struct pp_input in;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], scans, sizeof scans), sizeof scans);
    assert_int_equal(pp_input_init_fd(&in, ends[0], NULL), PP_OK);
    assert_int_equal(pp_input_peek(&in, 1, NULL), PP_OK);
    pp_jpeg_source_init(&source, &in);
    assert_int_equal(pp_jpeg_count_scans(&source, 1000), 0);
    pp_input_release(&in);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_counted_wherever_the_pieces_end),
        cmocka_unit_test(a_mark_across_two_pieces_counts_once),
        cmocka_unit_test(other_marks_and_stuffed_bytes_do_not_count),
        cmocka_unit_test(what_cannot_be_looked_into_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
