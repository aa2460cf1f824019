#include "support_exif.h"

#include <string.h>

enum { SHORT = 3, LONG = 4, RATIONAL = 5 };

struct entry {
    unsigned tag, type;
    uint32_t count, value; /* or where it stands */
};

void test_exif_put(struct test_exif *exif, size_t at, unsigned width, uint32_t number)
{
    for (unsigned i = 0; i < width; i++)
        exif->data[at + i] = (uint8_t)(number >> 8 * (exif->big_endian ? width - 1 - i : i));
}

static uint32_t get(const struct test_exif *exif, size_t at, unsigned width)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < width; i++)
        number |= (uint32_t)exif->data[at + i] << 8 * (exif->big_endian ? width - 1 - i : i);
    return number;
}

uint32_t test_exif_get(const struct test_exif *exif, size_t directory, unsigned tag)
{
    for (uint32_t i = 0; i < get(exif, directory, 2); i++) {
        const size_t entry = directory + 2 + 12 * i;
        if (get(exif, entry, 2) == tag)
            return get(exif, entry + 8, get(exif, entry + 2, 2) == SHORT ? 2 : 4);
    }
    return 0;
}

/* Append a directory; where its link stands. */
static size_t add_directory(struct test_exif *exif, const struct entry *entries, size_t count)
{
    test_exif_put(exif, exif->size, 2, (uint32_t)count);
    exif->size += 2;
    for (size_t i = 0; i < count; i++, exif->size += 12) {
        test_exif_put(exif, exif->size, 2, entries[i].tag);
        test_exif_put(exif, exif->size + 2, 2, entries[i].type);
        test_exif_put(exif, exif->size + 4, 4, entries[i].count);
        test_exif_put(exif, exif->size + 8,
                      entries[i].type == SHORT && entries[i].count == 1 ? 2 : 4, entries[i].value);
    }
    exif->size += 4;
    return exif->size - 4;
}

static uint32_t add_numbers(struct test_exif *exif, const uint32_t *numbers, size_t count)
{
    const uint32_t at = (uint32_t)exif->size;

    for (size_t i = 0; i < count; i++, exif->size += 4)
        test_exif_put(exif, exif->size, 4, numbers[i]);
    return at;
}

static void add_below(struct test_exif *exif, uint32_t place, uint32_t area)
{
    const struct entry related[] = {{0x1001, SHORT, 1, 4000}, {0x1002, LONG, 1, 3000}};
    const struct entry gps[] = {{0x0001, 2, 2, 0x4E000000}, {0x0002, RATIONAL, 3, place}};

    exif->related = exif->size;
    add_directory(exif, related, 2);
    const struct entry main[] = {{0x9214, SHORT, 4, area},
                                 {0xA002, SHORT, 1, 4000},
                                 {0xA003, LONG, 1, 3000},
                                 {0xA005, LONG, 1, (uint32_t)exif->related}};
    exif->main = exif->size;
    add_directory(exif, main, 4);
    exif->gps = exif->size;
    add_directory(exif, gps, 2);
}

struct test_exif test_exif_make(bool big_endian)
{
    static const uint32_t latitude[] = {0xBEEF0001, 1, 30, 1, 15, 1}, x[] = {72, 1}, y[] = {36, 1},
                          area[] = {0x00100010, 0x00080008};
    struct test_exif exif = {.size = 8, .big_endian = big_endian};

    memcpy(exif.data, big_endian ? "MM" : "II", 2);
    test_exif_put(&exif, 2, 2, 42);
    exif.place = add_numbers(&exif, latitude, 6);
    const uint32_t x_at = add_numbers(&exif, x, 2), y_at = add_numbers(&exif, y, 2);
    add_below(&exif, (uint32_t)exif.place, add_numbers(&exif, area, 2));
    const struct entry first[] = {{0x0100, LONG, 1, 4000},
                                  {0x0101, LONG, 1, 3000},
                                  {0x0112, SHORT, 1, 6},
                                  {0x011A, RATIONAL, 1, x_at},
                                  {0x011B, RATIONAL, 1, y_at},
                                  {0x8769, LONG, 1, (uint32_t)exif.main},
                                  {0x8825, LONG, 1, (uint32_t)exif.gps}};
    exif.first = exif.size;
    test_exif_put(&exif, 4, 4, (uint32_t)exif.first);
    const size_t link = add_directory(&exif, first, 7);
    exif.thumbnail = exif.size;
    test_exif_put(&exif, link, 4, (uint32_t)exif.thumbnail);
    exif.picture_size = 40;
    exif.picture = exif.thumbnail + 2 + 2 * 12 + 4;
    const struct entry thumbnail[] = {{0x0201, LONG, 1, (uint32_t)exif.picture},
                                      {0x0202, LONG, 1, (uint32_t)exif.picture_size}};
    add_directory(&exif, thumbnail, 2);
    memset(exif.data + exif.picture, 'T', exif.picture_size);
    exif.size += exif.picture_size;
    return exif;
}
