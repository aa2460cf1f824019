/* Deflate for flat data: whatever the bytes, they come back, alone and in any mixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "codec/png_deflate.h"
#include "codec/png_flat.h"
#include "codec/png_flat_code.h"
#include "support.h"

#define KINDS 9

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* One byte of a kind, that may look back at those before it. */
static uint8_t byte_of(unsigned kind, const uint8_t *data, size_t i, uint32_t number)
{
    static const char text[] = "the quick brown fox jumps over the lazy dog, ";
    size_t period = 1 + number % 8, row = 301;

    switch (kind) {
    case 0:
        return 0;
    case 1: /* noise */
        return (uint8_t)(number >> 4);
    case 2: /* runs of a period that changes now and then */
        return i < 8 || number % 97 == 0 ? (uint8_t)number : data[i - 1 - i / 500 % 8];
    case 3: /* rows like the one above but for a few bytes */
        return i < row || number % 211 == 0 ? (uint8_t)(number >> 3) : data[i - row];
    case 4: /* words */
        return (uint8_t)text[(i + (number % 53 == 0 ? number % 40 : 0)) % (sizeof(text) - 1)];
    case 5: /* zeroes, and edges of the same shape here and there */
        return i % 640 < 600 ? 0 : (uint8_t)(i % 640 * 7 + (number % 301 == 0));
    case 6: /* frequencies that make the longest codes */
        return (uint8_t)__builtin_ctz(number | 0x40000);
    case 7: /* copies from far, just within the window and just out of it */
        return i < 32800 ? (uint8_t)(number >> 5) : data[i - 32766 - i / 3000 % 4];
    default: /* copies from random places near */
        return i > 40 && number % 100 ? data[i - period * 5] : (uint8_t)number;
    }
}

/* Kind 9 is one after the other. */
static void fill(uint8_t *data, size_t size, unsigned kind, uint32_t seed)
{
    uint32_t state = seed;

    for (size_t i = 0; i < size; i++) {
        unsigned now = kind == KINDS ? (unsigned)(i / 7919 + seed) % KINDS : kind;
        data[i] = byte_of(now, data, i, random_next(&state));
    }
}

/* Its own block, so that a read or write beyond either end is seen. */
static uint8_t *room_for(size_t size)
{
    uint8_t *room = malloc(size ? size : 1);

    assert_non_null(room);
    return room;
}

static void assert_inflates_to(const uint8_t *stream, size_t size, const uint8_t *data,
                               size_t data_size)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    uint8_t *out = room_for(data_size + 1);
    size_t read = 0, written = 0;

    enum libdeflate_result status = libdeflate_deflate_decompress_ex(
        decompressor, stream, size, out, data_size + 1, &read, &written);
    assert_int_equal(status, LIBDEFLATE_SUCCESS);
    assert_int_equal(read, size);
    assert_int_equal(written, data_size);
    assert_memory_equal(out, data, data_size);
    free(out);
    libdeflate_free_decompressor(decompressor);
}

/* Deflate with memory that is full of `before`; the stream's size, 0 when the room is too small. */
static size_t deflate_flat(const struct pp_png_flat_piece *piece, uint8_t *out, size_t room,
                           int before)
{
    size_t needed = pp_png_flat_memory(piece->size);
    uint8_t *memory = room_for(needed);

    memset(memory, before, needed);
    size_t used = pp_png_flat_deflate(piece, memory, out, room);
    free(memory);
    return used;
}

static void check(const struct pp_png_flat_piece *piece)
{
    size_t room = pp_png_deflate_bound(piece->size);
    uint8_t *out = room_for(room), *again = room_for(room);

    size_t used = deflate_flat(piece, out, room, 0);
    assert_true(used <= room);
    assert_int_equal(deflate_flat(piece, again, room, 0xA5), used);
    assert_memory_equal(out, again, used);
    if (used > 0) /* noise may not fit */
        assert_inflates_to(out, used, piece->data, piece->size);
    free(again);
    free(out);
}

static void check_all(size_t size, unsigned kind, uint32_t seed, unsigned depth)
{
    uint8_t *data = room_for(size);

    fill(data, size, kind, seed);
    check(&(struct pp_png_flat_piece){.data = data,
                                      .size = size,
                                      .pixel_bytes = 1 + seed % 8,
                                      .row_bytes = seed % 3 ? 301 : 40000,
                                      .depth = depth,
                                      .final = true});
    free(data);
}

static void every_small_size_comes_back(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 600; size++) {
        for (unsigned kind = 0; kind <= KINDS; kind++)
            check_all(size, kind, (uint32_t)size, 8);
    }
}

static void large_data_comes_back_at_every_depth(void **state)
{
    static const size_t sizes[] = {1023,  1024,  1025,  16383, 16384, 16385,
                                   32767, 32768, 65535, 65536, 70001, 524288};
    static const unsigned depths[] = {8, 16, 256, 0};

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned kind = 0; kind <= KINDS; kind++)
            check_all(sizes[i], kind, i + kind, depths[(i + kind) % 4]);
    }
}

static void what_is_flat_becomes_small(void **state)
{
    static const size_t size = 300000;
    static const size_t most[] = {400, 0, 0, 12000, 0, 4000};
    uint8_t *data = room_for(size), *out = room_for(size);

    (void)state;
    for (unsigned kind = 0; kind < 6; kind++) {
        fill(data, size, kind, 1);
        struct pp_png_flat_piece piece = {.data = data,
                                          .size = size,
                                          .pixel_bytes = 1,
                                          .row_bytes = 301,
                                          .depth = 8,
                                          .final = true};
        if (most[kind] > 0)
            assert_in_range(deflate_flat(&piece, out, size, 0), 1, most[kind]);
    }
    free(out);
    free(data);
}

/* A room of any size ends in a whole stream or in 0; the room is its own, so none is overrun. */
static void too_little_room_is_told(void **state)
{
    static const size_t size = 5000;
    uint8_t *data = room_for(size);

    (void)state;
    for (unsigned kind = 0; kind <= KINDS; kind++) {
        fill(data, size, kind, 3);
        struct pp_png_flat_piece piece = {
            .data = data, .size = size, .pixel_bytes = 1, .row_bytes = 301, .depth = 8};
        for (size_t room = 0; room < size + 100; room += room < 60 ? 1 : 97) {
            uint8_t *out = room_for(room);
            assert_true(deflate_flat(&piece, out, room, 0) <= room);
            free(out);
        }
    }
    free(data);
}

/* Pieces of all kinds by turns, some by libdeflate, make one stream. */
static void pieces_join_with_each_other_and_with_others(void **state)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(3);
    static const size_t sizes[] = {40000, 1, 9000, 70000, 300, 17, 2, 5};
    size_t total = 400000, room = 2 * total;
    uint8_t *data = room_for(total), *out = room_for(room);

    (void)state;
    for (unsigned kind = 0; kind <= KINDS; kind++) {
        size_t done = 0, used = 0;
        fill(data, total, kind, kind);
        for (unsigned i = 0; done < total; i++) {
            size_t left = total - done, size = left < sizes[i % 8] ? left : sizes[i % 8];
            struct pp_png_flat_piece piece = {.data = data + done,
                                              .size = size,
                                              .pixel_bytes = 2,
                                              .row_bytes = 301,
                                              .depth = 8,
                                              .final = size == left};
            size_t one = i % 3 == 2 ? 0 : deflate_flat(&piece, out + used, room - used, 0);
            if (one == 0)
                one = pp_png_deflate(compressor, piece.data, size, piece.final, out + used);
            used += one;
            done += size;
        }
        assert_inflates_to(out, used, data, total);
    }
    free(out);
    free(data);
    libdeflate_free_compressor(compressor);
}

static void flat_data_is_told_from_noise(void **state)
{
    static const bool flat[] = {true, false, false, false, false, true};
    uint8_t *data = room_for(100000);

    (void)state;
    for (unsigned kind = 0; kind < 6; kind++) {
        fill(data, 100000, kind, 1);
        if (kind != 2 && kind != 3)
            assert_int_equal(pp_png_flatness(data, 100000) >= 500, flat[kind]);
    }
    for (size_t size = 2; size < 300; size++) {
        uint8_t *part = room_for(size);
        memset(part, 0xFF, size);
        assert_true(pp_png_flatness(part, size) >= 500);
        free(part);
    }
    free(data);
}

/* Kraft: a code of more than one symbol that is neither too full nor wasteful sums to one. */
static void codes_are_complete_and_within_their_limit(void **state)
{
    uint32_t seed = 4, frequencies[PP_PNG_CODE_SYMBOLS];

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        static const unsigned counts[] = {19, 30, 286}, limits[] = {7, 15, 15};
        unsigned count = counts[round % 3], limit = limits[round % 3], sum = 0;
        struct pp_png_code code;
        for (unsigned i = 0; i < count; i++) { /* some double each time: the deepest tree */
            unsigned steep = i < 20 ? 1u << i : 1;
            frequencies[i] = round % 4 == 0 ? steep : random_next(&seed) % (1 + round % 1000);
        }
        pp_png_code_make(&code, frequencies, count, limit);
        for (unsigned i = 0; i < count; i++) {
            assert_true(code.lengths[i] <= limit);
            assert_true(frequencies[i] == 0 || code.lengths[i] > 0);
            sum += code.lengths[i] > 0 ? 1u << (limit - code.lengths[i]) : 0;
        }
        assert_int_equal(sum, 1u << limit);
    }
}

/* Pieces that are flat and pieces that are not, in a file of several. */
static struct test_picture mixed_picture(void)
{
    struct test_picture picture = test_picture_new(700, 3000, 2, 8);

    memset(picture.pixels + picture.size / 5, 0, picture.size / 4);
    memset(picture.pixels + picture.size / 2, 0xFF, picture.size / 3);
    return picture;
}

static void files_are_the_same_with_any_number_of_threads(void **state)
{
    struct test_picture picture = mixed_picture();

    (void)state;
    for (int level = 1; level <= 9; level += 2) {
        struct pp_write_settings settings = {.encode = {.png_level = level}, .threads_max = 1};
        struct test_file one = test_encode(&pp_codec_png, &picture, &settings);
        struct test_file decoded = test_libpng_decode(&one);
        assert_int_equal(decoded.size, picture.size);
        assert_memory_equal(decoded.data, picture.pixels, picture.size);
        for (settings.threads_max = 2; settings.threads_max <= 5; settings.threads_max++) {
            struct test_file many = test_encode(&pp_codec_png, &picture, &settings);
            assert_int_equal(many.size, one.size);
            assert_memory_equal(many.data, one.data, one.size);
            test_file_release(&many);
        }
        test_file_release(&decoded);
        test_file_release(&one);
    }
    test_picture_release(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_size_comes_back),
        cmocka_unit_test(large_data_comes_back_at_every_depth),
        cmocka_unit_test(what_is_flat_becomes_small),
        cmocka_unit_test(too_little_room_is_told),
        cmocka_unit_test(pieces_join_with_each_other_and_with_others),
        cmocka_unit_test(flat_data_is_told_from_noise),
        cmocka_unit_test(codes_are_complete_and_within_their_limit),
        cmocka_unit_test(files_are_the_same_with_any_number_of_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
