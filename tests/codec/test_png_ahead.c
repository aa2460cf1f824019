/* Rows inflated ahead by other threads, whose number changes on the way: the same pixels, the same
 * errors at the same rows and the same warnings as without them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "codec/codec.h"
#include "codec/png_ahead.h"
#include "support_png.h"

#define THREADS_MAX 4u

/* Rows of nearly 8 KB: 32 of them are a batch, and there are more than a ring of these. */
static const struct test_png_form plain = {2700, 333, 8, PNG_COLOR_TYPE_RGB};
static const struct test_png_form expanded = {7800, 333, 8, PNG_COLOR_TYPE_PALETTE};

/* A picture on its way, read by teams of these many threads in turn, so many rows each. */
struct reading {
    struct pp_team team;
    struct pp_reader *reader;
    const unsigned *threads; /* of the stretches, ended by 0: from the start again */
    uint32_t stretch;        /* rows of each */
    uint32_t row, rows;      /* the next; read no further than these */
    uint32_t portion;        /* rows asked for at once */
    uint8_t *pixels;
    enum pp_status status;
    struct pp_error err;
};

static void read_stretch(void *user)
{
    struct reading *reading = user;
    size_t bytes = pp_geometry_row_bytes(&reading->reader->geometry);
    uint32_t left = reading->rows - reading->row,
             end = reading->row + (left < reading->stretch ? left : reading->stretch);

    while (reading->status == PP_OK && reading->row < end) {
        uint32_t most = end - reading->row,
                 count = most < reading->portion ? most : reading->portion;
        reading->status = pp_codec_png.read_rows(
            reading->reader, reading->pixels + reading->row * bytes, bytes, count, &reading->err);
        reading->row += count;
    }
}

static void open_reading(struct reading *reading, struct pp_input *in, const struct test_file *file,
                         unsigned threads_max)
{
    struct pp_read_settings settings = {
        .limits.max_pixels = 20000000, .threads_max = threads_max, .team = &reading->team};

    pp_team_init(&reading->team);
    pp_input_init_memory(in, file->data, file->size);
    assert_int_equal(pp_codec_png.open_reader(in, &settings, &reading->reader, NULL), PP_OK);
    const struct pp_geometry *geometry = &reading->reader->geometry;
    if (reading->rows == 0)
        reading->rows = geometry->height;
    reading->pixels = calloc(geometry->height, pp_geometry_row_bytes(geometry));
    assert_non_null(reading->pixels);
    assert_int_equal(pp_codec_png.start(reading->reader, NULL), PP_OK);
}

static void read_all(struct reading *reading)
{
    for (unsigned turn = 0; reading->status == PP_OK && reading->row < reading->rows; turn++) {
        if (reading->threads[turn] == 0)
            turn = 0;
        pp_team_lead(&reading->team, reading->threads[turn], read_stretch, reading);
    }
    if (reading->status == PP_OK && reading->rows == reading->reader->geometry.height)
        reading->status = pp_codec_png.finish_reader(reading->reader, &reading->err);
}

static void close_reading(struct reading *reading)
{
    pp_codec_png.close_reader(reading->reader);
    pp_team_release(&reading->team);
    free(reading->pixels);
}

static const unsigned alone[] = {1, 0}, two[] = {2, 0}, many[] = {4, 0},
                      changing[] = {2, 1, 3, 1, 1, 4, 2, 1, 0};

static void assert_same(const struct reading *with, const struct reading *without)
{
    size_t bytes = pp_geometry_row_bytes(&without->reader->geometry);

    assert_int_equal(with->status, without->status);
    assert_string_equal(with->err.text, without->err.text);
    assert_int_equal(with->row, without->row);
    assert_memory_equal(with->pixels, without->pixels, bytes * without->reader->geometry.height);
    assert_int_equal(with->reader->warnings, without->reader->warnings);
    assert_string_equal(with->reader->warning, without->reader->warning);
}

/* What the picture without helpers ended with. */
static enum pp_status compare(const struct test_file *file, const unsigned *threads,
                              uint32_t stretch, uint32_t rows)
{
    struct reading without = {.threads = alone, .stretch = 1000, .rows = rows, .portion = 1};
    struct reading with = {
        .threads = threads, .stretch = stretch, .rows = rows, .portion = 1 + stretch % 9};
    struct pp_input first, second;

    without.portion = with.portion;
    without.stretch = with.stretch;
    open_reading(&without, &first, file, 1);
    open_reading(&with, &second, file, THREADS_MAX);
    read_all(&without);
    read_all(&with);
    assert_same(&with, &without);
    enum pp_status status = without.status;
    close_reading(&with);
    close_reading(&without);
    pp_input_release(&first);
    pp_input_release(&second);
    return status;
}

static void sound_pictures_are_read_alike_by_any_number_of_threads(void **state)
{
    static const unsigned *const teams[] = {two, many, changing};
    static const uint32_t stretches[] = {1, 7, 31, 33, 64, 1000};
    static const struct test_png_form *const forms[] = {&plain, &expanded};

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct test_file raw = test_png_raw(forms[f], 3), stream = test_png_deflate(&raw);
        struct test_file file = test_png_file(forms[f], &stream, 10000);
        for (size_t i = 0; i < 6 * 3; i++)
            assert_int_equal(compare(&file, teams[i % 3], stretches[i / 3], 0), PP_OK);
        test_file_release(&file);
        test_file_release(&stream);
        test_file_release(&raw);
    }
}

static void pictures_need_not_be_read_to_their_end(void **state)
{
    struct test_file raw = test_png_raw(&plain, 3), stream = test_png_deflate(&raw);
    struct test_file file = test_png_file(&plain, &stream, 0);

    (void)state;
    for (uint32_t rows = 1; rows < plain.height; rows += 47)
        assert_int_equal(compare(&file, changing, 20, rows), PP_OK);
    test_file_release(&file);
    test_file_release(&stream);
    test_file_release(&raw);
}

static void faults_are_told_at_their_row(void **state)
{
    struct test_file raw = test_png_raw(&plain, 3), stream = test_png_deflate(&raw);
    unsigned refused = 0;

    (void)state;
    for (size_t i = 0; i < 24; i++) {
        size_t at = stream.size / 24 * i + i % 7;
        uint8_t before = stream.data[at];
        stream.data[at] ^= (uint8_t)(1 << i % 8);
        struct test_file file = test_png_file(&plain, &stream, i % 2 ? 5000 : 0);
        refused += compare(&file, i % 3 ? changing : two, 1 + (uint32_t)i * 5, 0) != PP_OK;
        stream.data[at] = before;
        test_file_release(&file);
    }
    assert_in_range(refused, 12, 24);
    test_file_release(&stream);
    test_file_release(&raw);
}

static void filters_that_there_are_not_are_told_at_their_row(void **state)
{
    struct test_file raw = test_png_raw(&plain, 3);
    size_t row = raw.size / plain.height;

    (void)state;
    for (uint32_t y = 0; y < plain.height; y += 41) {
        uint8_t before = raw.data[y * row];
        raw.data[y * row] = 5;
        struct test_file stream = test_png_deflate(&raw);
        struct test_file file = test_png_file(&plain, &stream, 0);
        assert_int_equal(compare(&file, many, 40, 0), PP_E_CORRUPT);
        raw.data[y * row] = before;
        test_file_release(&file);
        test_file_release(&stream);
    }
    test_file_release(&raw);
}

static void files_may_end_anywhere(void **state)
{
    struct test_file raw = test_png_raw(&plain, 3), stream = test_png_deflate(&raw);
    struct test_file file = test_png_file(&plain, &stream, 0);

    (void)state;
    for (size_t i = 1; i < 12; i++) {
        struct test_file cut = {file.data, file.size / 12 * i};
        assert_int_equal(compare(&cut, changing, 50, 0), PP_E_CORRUPT);
    }
    test_file_release(&file);
    test_file_release(&stream);
    test_file_release(&raw);
}

static void the_memory_for_it_is_counted(void **state)
{
    struct test_file raw = test_png_raw(&plain, 3), stream = test_png_deflate(&raw);
    struct test_file file = test_png_file(&plain, &stream, 0);
    uint64_t memory[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct reading reading = {.threads = two};
        struct pp_input in;
        open_reading(&reading, &in, &file, 1 + i);
        memory[i] = reading.reader->memory;
        close_reading(&reading);
        pp_input_release(&in);
    }
    assert_in_range(memory[1] - memory[0], PP_PNG_BATCHES * 32 * (raw.size / plain.height),
                    PP_PNG_BATCHES << 18);
    test_file_release(&file);
    test_file_release(&stream);
    test_file_release(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_pictures_are_read_alike_by_any_number_of_threads),
        cmocka_unit_test(pictures_need_not_be_read_to_their_end),
        cmocka_unit_test(faults_are_told_at_their_row),
        cmocka_unit_test(filters_that_there_are_not_are_told_at_their_row),
        cmocka_unit_test(files_may_end_anywhere),
        cmocka_unit_test(the_memory_for_it_is_counted),
    };

    return cmocka_run_group_tests_name("png_ahead", tests, NULL, NULL);
}
