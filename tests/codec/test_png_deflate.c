/* Pieces of deflate: joined in any mixture they inflate to what went in, whatever the level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "codec/png_deflate.h"
#include "codec/png_walk.h"

#define ROOM 400000

struct bytes {
    uint8_t data[ROOM];
    size_t size;
};

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Bytes of a kind that libdeflate makes a certain sort of block of, or, 5, of one after the other.
 */
static void fill(uint8_t *data, size_t size, unsigned kind, uint32_t seed)
{
    uint32_t state = seed;

    for (size_t i = 0; i < size; i++) {
        uint32_t number = random_next(&state);
        unsigned now = kind == 5 ? (unsigned)(i / 9973 + seed) % 5 : kind;
        if (now == 0) /* nothing but one value: a code of one symbol */
            data[i] = 7;
        else if (now == 1) /* incompressible: stored */
            data[i] = (uint8_t)number;
        else if (now == 2) /* like filtered rows: most near 0, long codes for the rest */
            data[i] = (uint8_t)(__builtin_ctz(number | 0x8000) * (number & 0x10000 ? 1 : -1));
        else if (now == 3) /* matches of all lengths and distances */
            data[i] =
                (uint8_t)(i > 40 && number % 100 ? data[i - 1 - (number >> 10) % 40] : number);
        else /* one value rare, so that codes become as long as they can */
            data[i] = (uint8_t)(number % 3000 == 0 ? number >> 12 : number & 1);
    }
}

static struct bytes *bytes_new(void)
{
    struct bytes *bytes = calloc(1, sizeof(*bytes));

    assert_non_null(bytes);
    return bytes;
}

static void assert_inflates_to(const struct bytes *deflated, const struct bytes *expected)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    struct bytes *out = bytes_new();
    size_t used = 0;

    enum libdeflate_result status =
        libdeflate_deflate_decompress_ex(decompressor, deflated->data, deflated->size, out->data,
                                         sizeof(out->data), &used, &out->size);
    assert_int_equal(status, LIBDEFLATE_SUCCESS);
    assert_int_equal(used, deflated->size);
    assert_int_equal(out->size, expected->size);
    assert_memory_equal(out->data, expected->data, expected->size);
    free(out);
    libdeflate_free_decompressor(decompressor);
}

/* Deflate `data` in pieces of the sizes given, cut to what is left, and check the whole. */
static void check_pieces(struct libdeflate_compressor *compressor, const struct bytes *data,
                         const size_t *sizes, size_t count)
{
    struct bytes *deflated = bytes_new();
    size_t done = 0;

    for (size_t i = 0; done < data->size; i++) {
        size_t left = data->size - done, wanted = sizes[i % count];
        size_t size = left < wanted ? left : wanted;
        assert_true(deflated->size + pp_png_deflate_bound(size) <= ROOM);
        size_t used = pp_png_deflate(compressor, data->data + done, size, size == left,
                                     deflated->data + deflated->size);
        assert_true(used > 0 && used <= pp_png_deflate_bound(size));
        deflated->size += used;
        done += size;
    }
    assert_inflates_to(deflated, data);
    free(deflated);
}

static void pieces_of_every_level_join_to_one_stream(void **state)
{
    static const size_t sizes[] = {40000, 1, 9000, 70000, 300, 17, 2};
    struct bytes *data = bytes_new();

    (void)state;
    for (int level = 0; level <= 12; level++) {
        struct libdeflate_compressor *compressor =
            level > 0 ? libdeflate_alloc_compressor(level) : NULL;
        for (unsigned kind = 0; kind < 6; kind++) {
            data->size = level < 10 ? 150000 : 60000;
            fill(data->data, data->size, kind, (uint32_t)level);
            check_pieces(compressor, data, sizes, 7);
            check_pieces(compressor, data, &data->size, 1);
        }
        libdeflate_free_compressor(compressor);
    }
    free(data);
}

static void the_smallest_pieces_join_too(void **state)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(3);
    struct bytes *data = bytes_new();

    (void)state;
    data->size = 2000;
    for (size_t size = 1; size < 120; size++) {
        fill(data->data, data->size, (unsigned)size % 6, (uint32_t)size);
        check_pieces(compressor, data, &size, 1);
    }
    libdeflate_free_compressor(compressor);
    free(data);
}

static void stored_pieces_are_hardly_larger_than_the_data(void **state)
{
    struct bytes *data = bytes_new(), *out = bytes_new();

    (void)state;
    data->size = 140000;
    fill(data->data, data->size, 1, 5);
    out->size = pp_png_deflate(NULL, data->data, data->size, true, out->data);
    assert_int_equal(out->size, data->size + 3 * 5);
    assert_inflates_to(out, data);
    free(out);
    free(data);
}

static void the_last_block_is_the_one_marked_as_such(void **state)
{
    /* RFC 1951, 3.2.3: fixed codes, the end alone (7 zeroes); before it a stored block of 1 byte.
     */
    static const uint8_t fixed[] = {0x03, 0x00}, both[] = {0x00, 1, 0, 0xFE, 0xFF, 'x', 0x03, 0x00};
    struct pp_png_last_block last;

    (void)state;
    assert_true(pp_png_find_last_block(fixed, sizeof(fixed), &last));
    assert_int_equal(last.begin, 0);
    assert_int_equal(last.end, 10);
    assert_true(pp_png_find_last_block(both, sizeof(both), &last));
    assert_int_equal(last.begin, 48);
    assert_int_equal(last.end, 58);
}

static void what_is_no_whole_stream_has_no_last_block(void **state)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    struct bytes *data = bytes_new(), *out = bytes_new();
    struct pp_png_last_block last;

    (void)state;
    data->size = 60000;
    fill(data->data, data->size, 5, 1);
    out->size = libdeflate_deflate_compress(compressor, data->data, data->size, out->data, ROOM);
    assert_true(out->size > 0);
    for (size_t size = 0; size < out->size; size += size < 300 ? 1 : 61) {
        uint8_t *part = malloc(size + 1); /* its own, so that a read behind it is seen */
        assert_non_null(part);
        memcpy(part, out->data, size);
        assert_false(pp_png_find_last_block(part, size, &last));
        free(part);
    }
    assert_true(pp_png_find_last_block(out->data, out->size, &last));
    assert_true(last.end <= out->size * 8 && last.end > (out->size - 1) * 8);
    libdeflate_free_compressor(compressor);
    free(out);
    free(data);
}

static void damaged_streams_are_walked_within_their_bounds(void **state)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    struct bytes *data = bytes_new(), *out = bytes_new();
    uint32_t seed = 99;

    (void)state;
    data->size = 12000;
    fill(data->data, data->size, 2, 3);
    size_t size = libdeflate_deflate_compress(compressor, data->data, data->size, out->data, ROOM);
    for (unsigned round = 0; round < 3000; round++) {
        struct pp_png_last_block last = {0};
        size_t part = 1 + random_next(&seed) % size;
        uint8_t *copy = malloc(part);
        assert_non_null(copy);
        memcpy(copy, out->data, part);
        for (unsigned i = 0; i < 3; i++)
            copy[random_next(&seed) % (part < 90 || i ? part : 90)] ^= (uint8_t)random_next(&seed);
        if (pp_png_find_last_block(copy, part, &last))
            assert_true(last.begin < last.end && last.end <= part * 8);
        free(copy);
    }
    libdeflate_free_compressor(compressor);
    free(out);
    free(data);
}

static void joined_sums_are_those_of_the_whole(void **state)
{
    struct bytes *data = bytes_new();

    (void)state;
    data->size = 300000;
    fill(data->data, data->size, 1, 8);
    memset(data->data + 1000, 0xFF, 100000);
    uint32_t whole = libdeflate_adler32(1, data->data, data->size);
    for (size_t cut = 0; cut <= data->size; cut += 4999) {
        uint32_t first = libdeflate_adler32(1, data->data, cut);
        uint32_t second = libdeflate_adler32(1, data->data + cut, data->size - cut);
        assert_int_equal(pp_png_adler_joined(first, second, data->size - cut), whole);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_every_level_join_to_one_stream),
        cmocka_unit_test(the_smallest_pieces_join_too),
        cmocka_unit_test(stored_pieces_are_hardly_larger_than_the_data),
        cmocka_unit_test(the_last_block_is_the_one_marked_as_such),
        cmocka_unit_test(what_is_no_whole_stream_has_no_last_block),
        cmocka_unit_test(damaged_streams_are_walked_within_their_bounds),
        cmocka_unit_test(joined_sums_are_those_of_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
