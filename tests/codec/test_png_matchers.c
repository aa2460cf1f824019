/* Our own ways to deflate: whatever the bytes, they come back, alone and in any mixture. */
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
#include "codec/png_look.h"
#include "codec/png_near.h"
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

/* 0 is the one for photographs, any other the depth of the one for drawings. */
#define NEAR 0

/* Deflate with memory that is full of `before`; the stream's size, 0 when the room is too small. */
static size_t deflate(const struct pp_png_filtered *rows, unsigned depth, uint8_t *out, size_t room,
                      int before)
{
    size_t needed = depth == NEAR ? pp_png_near_memory(rows->size) : pp_png_flat_memory(rows->size);
    uint8_t *memory = room_for(needed);

    memset(memory, before, needed);
    size_t used = depth == NEAR ? pp_png_near_deflate(rows, memory, out, room)
                                : pp_png_flat_deflate(rows, depth, memory, out, room);
    free(memory);
    return used;
}

static void check(const struct pp_png_filtered *rows, unsigned depth)
{
    size_t room = pp_png_deflate_bound(rows->size);
    uint8_t *out = room_for(room), *again = room_for(room);

    size_t used = deflate(rows, depth, out, room, 0);
    assert_true(used <= room);
    assert_int_equal(deflate(rows, depth, again, room, 0xA5), used);
    assert_memory_equal(out, again, used);
    if (used > 0) /* noise may not fit */
        assert_inflates_to(out, used, rows->data, rows->size);
    free(again);
    free(out);
}

static void check_all(size_t size, unsigned kind, uint32_t seed, unsigned depth)
{
    uint8_t *data = room_for(size);
    struct pp_png_filtered rows = {.data = data,
                                   .size = size,
                                   .pixel_bytes = 1 + seed % 8,
                                   .row_bytes = seed % 3 ? 301 : 40000,
                                   .final = true};

    fill(data, size, kind, seed);
    check(&rows, depth);
    free(data);
}

static void every_small_size_comes_back(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 600; size++) {
        for (unsigned kind = 0; kind <= KINDS; kind++) {
            check_all(size, kind, (uint32_t)size, 8);
            check_all(size, kind, (uint32_t)size, NEAR);
        }
    }
}

static void large_data_comes_back_at_every_depth(void **state)
{
    static const size_t sizes[] = {1023,  1024,  1025,  4095,  4096,  4100,  4101,  8193,  16383,
                                   16384, 16385, 32767, 32768, 65535, 65536, 70001, 524288};
    static const unsigned depths[] = {8, 16, 256, NEAR};

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned kind = 0; kind <= KINDS; kind++)
            check_all(sizes[i], kind, i + kind, depths[(i + kind) % 4]);
        for (unsigned kind = 0; kind <= KINDS; kind++)
            check_all(sizes[i], kind, i + kind, NEAR);
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
        struct pp_png_filtered rows = {
            .data = data, .size = size, .pixel_bytes = 1, .row_bytes = 301, .final = true};
        if (most[kind] > 0)
            assert_in_range(deflate(&rows, 8, out, size, 0), 1, most[kind]);
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
        struct pp_png_filtered rows = {
            .data = data, .size = size, .pixel_bytes = 1, .row_bytes = 301};
        for (size_t room = 0; room < size + 100; room += room < 60 ? 1 : 97) {
            uint8_t *out = room_for(room);
            assert_true(deflate(&rows, 8, out, room, 0) <= room);
            assert_true(deflate(&rows, NEAR, out, room, 0) <= room);
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
            struct pp_png_filtered rows = {.data = data + done,
                                           .size = size,
                                           .pixel_bytes = 2,
                                           .row_bytes = 301,
                                           .final = size == left};
            unsigned depth = i % 3 == 0 ? NEAR : 8;
            size_t one = i % 3 == 2 ? 0 : deflate(&rows, depth, out + used, room - used, 0);
            if (one == 0)
                one = pp_png_deflate(compressor, rows.data, size, rows.final, out + used);
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

/* Small numbers, the larger the rarer, as filters leave them of a photograph. */
static void fill_like_photograph(uint8_t *data, size_t size)
{
    uint32_t state = 5;

    for (size_t i = 0; i < size; i++) {
        uint32_t number = random_next(&state);
        int magnitude = __builtin_ctz(number | 0x10000) * 3 + (int)(number >> 20) % 3;
        data[i] = (uint8_t)(number & 0x80000 ? magnitude : -magnitude);
    }
}

static void photographs_become_smaller_than_by_a_general_matcher(void **state)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    static const size_t size = 300000;
    uint8_t *data = room_for(size), *out = room_for(2 * size);
    struct pp_png_filtered rows = {
        .data = data, .size = size, .pixel_bytes = 1, .row_bytes = 1001, .final = true};

    (void)state;
    fill_like_photograph(data, size);
    size_t general = pp_png_deflate(compressor, data, size, true, out);
    assert_in_range(deflate(&rows, NEAR, out, 2 * size, 0), 1, general);
    libdeflate_free_compressor(compressor);
    free(out);
    free(data);
}

static void what_repeats_is_told_from_what_does_not(void **state)
{
    static const size_t size = 200000;
    uint8_t *data = room_for(size);

    (void)state;
    fill_like_photograph(data, size);
    assert_in_range(pp_png_repeats(data, size, 1001), 0, 100);
    for (size_t i = 701; i < size; i++)
        data[i] = data[i - 701];
    assert_in_range(pp_png_repeats(data, size, 1001), 900, 1000);
    for (size_t i = 1001; i < size; i++) /* what the row above has is no matter here */
        data[i] = data[i - 1001];
    assert_in_range(pp_png_repeats(data, size, 1001), 0, 100);
    for (size_t part = 0; part < 100; part++) {
        uint8_t *own = room_for(part);
        memcpy(own, data, part);
        assert_in_range(pp_png_repeats(own, part, 1001), 0, 1000);
        free(own);
    }
    free(data);
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
        cmocka_unit_test(photographs_become_smaller_than_by_a_general_matcher),
        cmocka_unit_test(what_repeats_is_told_from_what_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
